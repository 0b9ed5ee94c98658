"""After a change of the settings, what is still to come goes into the other calendar: for one user and for all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from unittest import mock

from django.test import TestCase
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.factories import configure, make_activity, make_settings, make_superuser, make_user
from tests.users.admin_pages import AdminPage
from tests.users.exporting import ExportCase
from tests.users.views.browser import Browser, Page
from users import export_moves, export_runs, exports, tasks
from users.models import Activity, ActivityExport, EmailSettings, SystemSettings, User


class OneUserTests(ExportCase):
    def test_what_is_still_to_come_moves_and_the_rest_stays(self) -> None:
        now = timezone.now()
        self.exported(subject="past", starts_at=now - timedelta(days=2), ends_at=now - timedelta(days=1))
        self.exported(subject="to come")
        self.leave_calendar()
        export_runs.run_owner(self.alice.pk)
        assert set(ActivityExport.objects.values_list("state", flat=True)) == {"left"}
        self.use_calendar(address="alice.new@example.com")
        export_runs.run_owner(self.alice.pk)
        (moved,) = ActivityExport.objects.exclude(state="left")
        assert moved.activity is not None
        assert (moved.activity.subject, moved.state) == ("to come", "written")

    def test_back_in_the_old_one_it_is_the_same_appointment(self) -> None:
        self.exported()
        self.leave_calendar()
        export_runs.run_owner(self.alice.pk)
        self.use_calendar()
        export_runs.run_owner(self.alice.pk)
        assert len(self.stored()) == 1
        assert self.row().state == "written"

    def test_a_check_that_passes_brings_it_about(self) -> None:
        self.leave_calendar()
        self.add(in_calendar=True)
        assert not ActivityExport.objects.exists()
        DBTaskResult.objects.all().delete()
        self.use_calendar()
        (knock,) = DBTaskResult.objects.values_list("args_kwargs", flat=True)
        assert tasks.export_owner.call(*knock["args"]) == 1
        assert len(self.stored()) == 1

    def test_pages_and_the_admin_tell_the_worker(self) -> None:
        self.add()
        root, path = Browser(make_superuser()), f"/admin/users/emailsettings/{self.alice.pk}/change/"
        own = Browser(self.alice).open("/profile/")
        assert self.knocks_after(partial(own.press, changes={"copy_mode": "cc"})) == 1
        of_staff = root.open(f"/users/{self.alice.uid}/")
        assert self.knocks_after(partial(of_staff.press, changes={"copy_mode": "none"})) == 1
        assert self.knocks_after(partial(AdminPage(root, root.open(path).response).save, copy_mode="bcc")) == 1

    def knocks_after(self, act: Callable[[], Page]) -> int:
        DBTaskResult.objects.all().delete()
        assert act().status == 302
        knocks = DBTaskResult.objects.values_list("args_kwargs", flat=True)
        return sum(knock["args"] == [self.alice.pk] for knock in knocks)


class EverybodyTests(TestCase):
    def setUp(self) -> None:
        configure(sending_method="smtp")
        self.users = [make_user(f"user{number}") for number in range(5)]
        for user in self.users:
            make_settings(user, method="")
            make_activity(user, in_calendar=True)

    def change(self, **fields: str) -> None:
        configure(**fields)
        exports.go_on_everywhere()

    def calendars(self) -> dict[int, str]:
        rows = ActivityExport.objects.exclude(state="left")
        return dict(rows.values_list("owner_id", "calendar"))

    def expected(self) -> dict[int, str]:
        return {user.pk: exports.calendar_of(EmailSettings.of(user)) for user in self.users}

    def test_another_method_moves_those_who_have_nothing_to_do(self) -> None:
        assert not ActivityExport.objects.exists()
        self.change(sending_method="exchange")
        export_runs.run_due()
        assert self.calendars() == self.expected()

    def test_another_server_does(self) -> None:
        self.change(sending_method="exchange")
        export_runs.run_due()
        before = self.calendars()
        self.change(exchange_url="https://new.example.com/EWS/Exchange.asmx")
        export_runs.run_due()
        assert self.calendars() == self.expected()
        assert set(before.values()).isdisjoint(self.calendars().values())
        assert ActivityExport.objects.filter(state="left").count() == 5

    def test_back_again_too(self) -> None:
        self.change(sending_method="exchange")
        export_runs.run_due()
        ActivityExport.objects.update(state="written", try_at=None)
        self.change(sending_method="smtp")
        export_runs.run_due()
        self.change(sending_method="exchange")
        ActivityExport.objects.update(state="left", try_at=None)
        export_runs.run_due()
        assert self.calendars() == self.expected()
        assert ActivityExport.objects.filter(try_at__isnull=False).count() == 5

    def test_whoever_has_an_own_method_stays(self) -> None:
        make_settings(self.users[0], method="smtp")
        self.change(sending_method="exchange")
        export_runs.run_due()
        assert self.users[0].pk not in self.calendars()

    def test_whoever_has_stored_no_settings_moves(self) -> None:
        EmailSettings.objects.all().delete()
        self.change(sending_method="exchange")
        export_runs.run_due()
        assert self.calendars().keys() == {user.pk for user in self.users}

    def test_what_is_over_stays(self) -> None:
        now = timezone.now()
        Activity.objects.update(starts_at=now - timedelta(days=2), ends_at=now - timedelta(days=1))
        self.change(sending_method="exchange")
        export_runs.run_due()
        assert not ActivityExport.objects.exists()

    def test_it_is_done_once(self) -> None:
        self.change(sending_method="exchange")
        assert exports.next_due() is not None
        export_runs.run_due()
        assert SystemSettings.load().calendars_seen_to is None
        with mock.patch.object(export_moves, "move_future") as again:
            export_moves.move_everybody()
        again.assert_not_called()

    def test_a_killed_worker_leaves_a_mark(self) -> None:
        self.change(sending_method="exchange")
        moves = [None, KeyboardInterrupt]
        with (
            mock.patch.object(export_moves, "BATCH", 2),
            mock.patch.object(export_moves, "move_future", side_effect=moves),
            self.assertRaises(KeyboardInterrupt),
        ):
            export_moves.move_everybody()
        assert SystemSettings.load().calendars_seen_to == self.users[1].pk
        export_moves.move_everybody()
        assert self.calendars().keys() == {user.pk for user in self.users[2:]}

    def test_a_change_in_the_middle_of_it_begins_it_anew(self) -> None:
        self.change(sending_method="exchange")
        move = export_moves.move_future

        def change_first(calendars: dict[int, str]) -> None:
            with mock.patch.object(export_moves, "move_future", move):
                self.change(exchange_url="https://new.example.com/EWS/Exchange.asmx")
            move(calendars)

        with mock.patch.object(export_moves, "move_future", change_first):
            export_moves.move_everybody()
        assert self.calendars() != self.expected()
        export_moves.move_everybody()
        assert self.calendars() == self.expected()

    def test_it_takes_as_many_queries_for_five_as_for_many(self) -> None:
        for number in range(40):
            user = make_user(f"more{number}")
            make_settings(user, method="")
            make_activity(user, in_calendar=True)
        self.change(sending_method="exchange")
        # The mark, both system-wide rows, the owners twice, their settings, four to move them, and the mark twice.
        with self.assertNumQueries(12):
            export_moves.move_everybody()
        assert ActivityExport.objects.count() == 45

    def test_the_system_page_and_the_admin_ask_for_it(self) -> None:
        root = Browser(make_superuser())
        root.open("/system/").press(changes={"users_may_edit_address": None})
        assert SystemSettings.load().calendars_seen_to is not None
        SystemSettings.objects.update(calendars_seen_to=None)
        AdminPage(root, root.open("/admin/users/systemsettings/1/change/").response).save(users_may_edit_address="on")
        assert SystemSettings.load().calendars_seen_to is not None

    def test_those_who_may_not_sign_in_move_as_well(self) -> None:
        User.objects.update(is_active=False)
        self.change(sending_method="exchange")
        export_runs.run_due()
        assert self.calendars() == self.expected()

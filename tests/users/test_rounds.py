"""Rounds of checks: whom they are of, that there is one at a time, and how far they are."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import configure, make_settings, make_staff, make_superuser, make_user
from tests.users.rounds import make_people, results, select, start
from users import rounds
from users.models import CheckRound, RoundMember, User


class SelectionTests(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice, self.bob, self.charlie = make_people()
        self.root = make_superuser()
        make_settings(self.bob, method="outlook")

    def test_it_is_the_users_of_the_list(self) -> None:
        for filters, names in (
            ({}, ["alice", "bob", "charlie", "root"]),
            ({"q": "ali"}, ["alice"]),
            ({"method": "smtp"}, ["alice", "charlie", "root"]),
            ({"ready": "yes"}, ["bob"]),
            ({"q": "nobody"}, []),
        ):
            with self.subTest(filters):
                chosen = select(self.root, **filters)
                found = User.objects.filter(pk__in=chosen.listings.values("pk")).order_by("username")
                assert [user.username for user in found] == names
                assert chosen.users == len(names)

    def test_superusers_are_left_to_superusers(self) -> None:
        assert select(make_staff()).users == select().users - 1

    def test_users_are_counted_by_the_method_in_force(self) -> None:
        make_user("dora")
        counts = {method.value: number for method, number in select().by_method}
        assert counts == {"outlook": 1, "smtp": 4}
        assert select().checked == 4

    def test_the_same_users_are_the_same_however_they_are_asked_for(self) -> None:
        subject = select(q="Alice  ARCHER").subject
        assert select(q=" alice archer", sort="-name").subject == subject
        others = (select(q="alice"), select(q="alice archer", method="smtp"), select(make_staff(), q="alice archer"))
        for other in others:
            assert other.subject != subject


class StartTests(TestCase):
    def setUp(self) -> None:
        configure()
        make_people()
        make_settings(User.objects.get(username="bob"), method="outlook")

    def test_everybody_is_written_down_and_whoever_has_nothing_to_check_is_skipped(self) -> None:
        started = start()
        assert results(started) == {"alice": "waiting", "bob": "skipped", "charlie": "waiting"}
        assert (started.users, started.selection) == (3, {"q": "example.com"})
        assert list(started.servers.values_list("method", "state")) == [("smtp", "unproven")]

    def test_the_same_users_are_not_checked_twice_at_a_time(self) -> None:
        first, is_new = rounds.start(select(q="example.com"))
        assert is_new
        assert rounds.start(select(q=" EXAMPLE.com ")) == (first, False)
        assert rounds.start(select(q="alice"))[1]
        CheckRound.objects.update(finished_at=timezone.now())
        assert rounds.start(select(q="example.com"))[1]

    def test_without_anybody_to_check_it_is_done_at_once(self) -> None:
        for q, method, users in (("nobody", "", 0), ("example.com", "outlook", 1)):
            started = start(q=q, method=method)
            with self.subTest(q):
                assert (started.users, started.is_under_way) == (users, False)

    def test_many_take_no_more_queries_than_few(self) -> None:
        make_superuser()
        numbers = []
        for q in ("alice", "example.com"):
            chosen = select(q=q)
            with CaptureQueriesContext(connection) as queries:
                rounds.start(chosen)
            numbers.append(len(queries))
        assert numbers[0] == numbers[1]

    def test_workers_are_told_after_the_commit(self) -> None:
        with self.captureOnCommitCallbacks() as callbacks:
            start()
        assert callbacks == [rounds.wake]

    def test_old_ones_are_forgotten_with_what_came_out(self) -> None:
        long_ago = timezone.now() - rounds.KEPT_FOR - timedelta(minutes=1)
        for finished_at, left in ((timezone.now(), True), (None, True), (long_ago, False)):
            started = start()
            CheckRound.objects.filter(pk=started.pk).update(started_at=long_ago, finished_at=finished_at)
            rounds.forget_old()
            with self.subTest(finished_at):
                assert CheckRound.objects.filter(pk=started.pk).exists() == left
            CheckRound.objects.all().delete()
        assert not RoundMember.objects.exists()

    def test_a_user_who_is_deleted_leaves_it(self) -> None:
        started = start()
        User.objects.get(username="alice").delete()
        assert set(results(started)) == {"bob", "charlie"}

    def test_it_outlives_whoever_started_it(self) -> None:
        started = start(make_staff())
        User.objects.get(username="sam").delete()
        started.refresh_from_db()
        assert started.started_by is None


class StopTests(TestCase):
    def setUp(self) -> None:
        configure()
        make_people()

    def test_those_who_wait_are_left(self) -> None:
        started = start()
        rounds.stop(started)
        started.refresh_from_db()
        assert set(results(started).values()) == {"left"}
        assert not started.is_under_way

    def test_whoever_is_being_checked_is_finished(self) -> None:
        started = start()
        claim = {"claim": started.uid, "claimed_until": timezone.now() + timedelta(minutes=1)}
        started.members.filter(user__username="bob").update(**claim)
        rounds.stop(started)
        started.refresh_from_db()
        assert (results(started)["bob"], started.is_under_way) == ("waiting", True)

    def test_stopping_again_changes_nothing(self) -> None:
        started = start()
        rounds.stop(started)
        before = CheckRound.objects.values().get()
        rounds.stop(started)
        assert CheckRound.objects.values().get() == before


class ProgressTests(TestCase):
    def setUp(self) -> None:
        configure()
        make_people("alice", "bob", "charlie", "dora")
        self.started = start()

    def set(self, name: str, **fields: str) -> None:
        self.started.members.filter(user__username=name).update(**fields)

    def test_it_counts_states_and_reasons(self) -> None:
        self.set("alice", state="passed")
        for name in ("bob", "charlie"):
            self.set(name, state="failed", problem="own_address_refused", sentence="It takes nothing.")
        progress = rounds.Progress(self.started)
        assert (progress.users, progress.done, progress.percent, progress.tenths) == (4, 3, 75, 70)
        assert (progress.counts["failed"], progress.counts["passed"], progress.counts["waiting"]) == (2, 1, 1)
        assert (progress.reasons[0].number, progress.reasons[0].sentence) == (2, "It takes nothing.")

    def test_it_takes_one_query(self) -> None:
        with self.assertNumQueries(1):
            progress = rounds.Progress(self.started)
            assert (progress.percent, progress.done, progress.is_idle, len(progress.reasons)) == (0, 0, False, 1)

    def test_without_a_worker_that_is_told_after_a_while(self) -> None:
        self.started.started_at -= rounds.TAKEN_UP_AFTER
        assert rounds.Progress(self.started).is_idle
        self.set("alice", state="failed")
        assert not rounds.Progress(self.started).is_idle

    def test_without_anybody_it_is_done(self) -> None:
        self.started.members.all().delete()
        assert rounds.Progress(self.started).percent == 100

"""Who may do what: every address of the site, for everybody, with every HTTP method, in one table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client, TestCase
from django.urls import URLResolver, get_resolver, reverse
from django_tasks_db.models import DBTaskResult

from tests.factories import (
    configure,
    make_activity,
    make_settings,
    make_staff,
    make_superuser,
    make_template,
    make_user,
)
from tests.users.permission_table import (
    ANONYMOUS,
    AWAY,
    KEYLESS,
    METHODS,
    OLD_ADMIN_ADDRESS,
    OTHER,
    OWNER,
    STAFF,
    STAFF_WITHOUT,
    SUPERUSER,
    TABLE,
)
from users.models import (
    ActivityExport,
    CalendarFeed,
    CheckRound,
    CheckRun,
    ExportQueue,
    MicrosoftConnection,
    OutgoingMessage,
    SignatureImage,
    User,
)
from users.tasks import export_due


@pytest.mark.untraced
class EveryAddressTests(TestCase):
    """The people and rows are the same for all; whatever a request does is undone."""

    alice: User
    people: dict[str, User | None]
    keys: dict[str, Any]

    @classmethod
    def setUpTestData(cls) -> None:
        configure(smtp_host="mail.invalid")
        cls.alice = make_user("alice")
        make_settings(cls.alice)
        cls.people = {
            ANONYMOUS: None,
            OWNER: cls.alice,
            OTHER: make_user("bob"),
            STAFF_WITHOUT: make_user("charlie", is_staff=True),
            STAFF: make_staff("sam"),
            SUPERUSER: make_superuser("root"),
        }
        cls.keys = cls.make_keys()

    @classmethod
    def make_keys(cls) -> dict[str, Any]:
        """What stands in the addresses, by the beginning of their names."""
        template = make_template()
        image = SignatureImage.objects.create(
            owner=cls.alice, content=b"x", media_type="image/png", size=1, sha256="0" * 64, content_id="logo"
        )
        sent = OutgoingMessage.objects.create(user=cls.alice, state="done", outcome="sent", method="smtp")
        activity = make_activity(cls.alice)
        export = ActivityExport.objects.create(owner=cls.alice, activity=activity, activity_uid=activity.uid)
        ExportQueue.objects.create(owner=cls.alice)
        CalendarFeed.renew(cls.alice)
        return {
            "users:activity": activity.uid,
            "users:user-activity-add": cls.alice.uid,
            "users:user-activity": (cls.alice.uid, activity.uid),
            "users:user-activities": cls.alice.uid,
            "users:feed": "wrong",
            "admin:users_activityexport": export.pk,
            "admin:users_exportqueue": cls.alice.pk,
            "admin:users_activity": activity.pk,
            "admin:users_calendarfeed": cls.alice.pk,
            "users:check-round": CheckRound.objects.create(subject="x").uid,
            "users:check": CheckRun.objects.create(subject=str(cls.alice.uid), started_by=cls.alice).uid,
            "users:edit": cls.alice.uid,
            "users:message-": sent.uid,
            "users:message": sent.uid,
            "admin:users_microsoftconnection": MicrosoftConnection.objects.create(user=cls.alice).pk,
            "admin:users_outgoingmessage": sent.pk,
            "admin:users_outgoingattachment": sent.attachments.create(name="a", size=0, content=b"").pk,
            "users:signature-template": template.pk,
            "users:signature-image": image.content_id,
            "admin:users_user": cls.alice.pk,
            "admin:auth_user": cls.alice.pk,
            "admin:users_emailsettings": cls.alice.pk,
            "admin:users_systemsettings": 1,
            "admin:users_entraappregistration": 1,
            "admin:users_signaturetemplate": template.pk,
            "admin:users_signatureimage": image.pk,
            "admin:auth_group": Group.objects.create(name="Somebody").pk,
            "admin:django_tasks_database_dbtaskresult": cls.make_task(),
            "admin:axes_accessattempt": AccessAttempt.objects.create(username="x", failures_since_start=1).pk,
            "admin:axes_accesslog": AccessLog.objects.create(username="x").pk,
            "admin:axes_accessfailurelog": AccessFailureLog.objects.create(username="x").pk,
        }

    @staticmethod
    def make_task() -> Any:
        export_due.enqueue()
        return DBTaskResult.objects.get().pk

    def address(self, name: str) -> str:
        special = {
            "admin:view_on_site": f"/admin/r/{ContentType.objects.get_for_model(User).pk}/{self.alice.pk}/",
            "admin:app_list": "/admin/users/",
            "admin:(?P<url>.*)$": "/admin/nothing/",
        }
        if name in special:
            return special[name]
        if name in KEYLESS or name.endswith(("_changelist", "_add", "-templates", "-previews", "messages")):
            return reverse(name)
        keys = next((key for start, key in self.keys.items() if name.startswith(start)), ())
        return reverse(name, args=keys if isinstance(keys, tuple) else [keys])

    def answers(self, role: str, address: str) -> str:
        user = self.people[role]
        signed_in = Client()
        if user is not None:
            signed_in.force_login(user)
        return " ".join(self.answer(signed_in, method, address) for method in METHODS)

    @staticmethod
    def answer(signed_in: Client, method: str, address: str) -> str:
        client = Client()
        client.cookies.load(signed_in.cookies.output(header="", sep=";"))
        with transaction.atomic():
            response = client.generic(method, address)
            transaction.set_rollback(True)
        return str(response.status_code)

    def check(self, role: str) -> None:
        for name, row in TABLE.items():
            with self.subTest(name, role=role):
                assert self.answers(role, self.address(name)) == row.answers()[role]

    def test_anonymous(self) -> None:
        self.check(ANONYMOUS)

    def test_the_user(self) -> None:
        self.check(OWNER)

    def test_another_user(self) -> None:
        self.check(OTHER)

    def test_staff_without_permissions(self) -> None:
        self.check(STAFF_WITHOUT)

    def test_staff_with_permissions(self) -> None:
        self.check(STAFF)

    def test_superuser(self) -> None:
        self.check(SUPERUSER)

    def test_no_address_is_missing_in_the_table(self) -> None:
        assert set(names_of_all_addresses()) - {OLD_ADMIN_ADDRESS} == set(TABLE)

    def test_only_signing_in_the_health_page_and_secret_addresses_are_open(self) -> None:
        names = [name for name, row in TABLE.items() if row.anonymous != AWAY]
        assert names == ["users:feed", "login", "healthz", "admin:login"]

    def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page(self) -> None:
        response = self.client.get("/users/?q=x")
        self.assertRedirects(response, "/accounts/login/?next=/users/%3Fq%3Dx")


def names_of_all_addresses(patterns: Any = None, namespace: str = "") -> Iterator[str]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else namespace
            yield from names_of_all_addresses(pattern.url_patterns, inner)
        else:
            yield f"{namespace}{pattern.name or pattern.pattern}"

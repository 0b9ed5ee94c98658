"""What the database itself refuses, by the constraints' names: also what comes past all forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.test import TestCase
from django.utils import timezone

from tests.factories import configure, make_activity, make_settings, make_template, make_user, register
from users.models import (
    Activity,
    ActivityExport,
    CheckRound,
    CheckRun,
    EmailSettings,
    EntraAppRegistration,
    ListingKind,
    MicrosoftConnection,
    OutgoingMessage,
    RoundMember,
    RoundServer,
    SignatureImage,
    SignatureTemplate,
    SystemSettings,
    User,
)


def change(model: type[models.Model], **fields: Any) -> Callable[[], Any]:
    return lambda: model._default_manager.update(**fields)


def add_image(**fields: Any) -> Callable[[], Any]:
    values = {"content": b"x", "media_type": "image/png", "size": 1, "sha256": "0", "content_id": "new"}
    return lambda: SignatureImage.objects.create(**{"owner": User.objects.get(username="alice")} | values | fields)


def add_image_of_template(**fields: Any) -> None:
    add_image(owner=None, template=SignatureTemplate.objects.get(), **fields)()


def add_image_of_template_twice() -> None:
    add_image_of_template()
    add_image_of_template()


def add_message(**fields: Any) -> Callable[[], Any]:
    return lambda: OutgoingMessage.objects.create(user=User.objects.get(username="alice"), **fields)


def add_activity(**fields: Any) -> Callable[[], Any]:
    return lambda: make_activity(User.objects.get(username="alice"), **fields)


def change_activity(**fields: Any) -> Callable[[], Any]:
    """Past what saving works out."""
    return lambda: Activity.objects.filter(pk=add_activity()().pk).update(**fields)


def add_export(**fields: Any) -> Callable[[], Any]:
    def add() -> None:
        activity = make_activity(User.objects.get(username="alice"))
        rows = {"owner": activity.owner, "activity_uid": activity.uid, "calendar": "one"} | fields
        ActivityExport.objects.create(**rows)
        ActivityExport.objects.create(**rows)

    return add


def add_same_address() -> None:
    EmailSettings.objects.create(user=make_user("bob"), address="ALICE@EXAMPLE.COM")


def add_kind_twice() -> None:
    kind = ListingKind.objects.values().first()
    assert kind is not None
    ListingKind.objects.create(**{name: value for name, value in kind.items() if name != "id"})


def add_second_run() -> None:
    for _number in range(2):
        CheckRun.objects.create(subject="x", started_by=EmailSettings.objects.earliest("pk").user)


def add_second_round() -> None:
    for _number in range(2):
        CheckRound.objects.create(subject="x")


def add_server_twice() -> None:
    one = CheckRound.objects.create(subject="x")
    for _number in range(2):
        RoundServer.objects.create(round=one, method="smtp")


def add_members(*claims: dict[str, Any]) -> Callable[[], Any]:
    """The same user in as many rounds."""

    def add() -> None:
        for number, claim in enumerate(claims):
            one = CheckRound.objects.create(subject=str(number))
            RoundMember.objects.create(round=one, user=User.objects.get(username="alice"), method="smtp", **claim)

    return add


def claim() -> dict[str, Any]:
    return {"claim": uuid4(), "claimed_until": timezone.now()}


BREACHES: dict[str, Callable[[], Any]] = {
    "users_emailsettings_method_known": change(EmailSettings, method="pigeon"),
    "users_emailsettings_copy_mode_known": change(EmailSettings, copy_mode="all"),
    "users_emailsettings_copy_needs_server": change(EmailSettings, method="outlook", copy_mode="cc"),
    "users_emailsettings_password_has_date": change(
        EmailSettings, exchange_password="x", exchange_password_set_at=None
    ),
    "users_emailsettings_address_unique": add_same_address,
    "users_systemsettings_single_row": change(SystemSettings, id=2),
    "users_systemsettings_sending_method_known": change(SystemSettings, sending_method=""),
    "users_systemsettings_exchange_auth_known": change(SystemSettings, exchange_auth="x"),
    "users_systemsettings_smtp_security_known": change(SystemSettings, smtp_security="x"),
    "users_systemsettings_smtp_port_range": change(SystemSettings, smtp_port=65536),
    "users_systemsettings_password_has_date": change(SystemSettings, smtp_password="x"),
    "users_entraappregistration_single_row": change(EntraAppRegistration, id=2),
    "users_entraappregistration_cloud_known": change(EntraAppRegistration, cloud="x"),
    "users_entraappregistration_flow_known": change(EntraAppRegistration, flow="x"),
    "users_entraappregistration_secret_has_date": change(EntraAppRegistration, client_secret_set_at=None),
    "users_entraappregistration_key_has_date": change(EntraAppRegistration, private_key="x"),
    "users_microsoftconnection_has_date": change(MicrosoftConnection, token_cache_set_at=None),
    "users_listingkind_unique": add_kind_twice,
    "users_signaturetemplate_use_known": change(SignatureTemplate, use="x"),
    "users_signaturetemplate_one_mandatory": lambda: make_template(name="Second", use="mandatory"),
    "users_outgoingmessage_state_known": add_message(state="x"),
    "users_outgoingmessage_outcome_when_done": add_message(state="done", outcome=""),
    "users_activity_ends_after_start": change_activity(ends_at=F("starts_at")),
    "users_activity_both_days_or_none": change_activity(first_day=date(2026, 7, 1)),
    "users_activity_link_is_https": add_activity(link="http://example.com"),
    "users_activityexport_once_a_calendar": add_export(),
    "users_activityexport_state_known": add_export(state="x"),
    "users_signatureimage_media_type_known": add_image(media_type="image/svg+xml"),
    "users_signatureimage_not_empty": add_image(size=0),
    "users_signatureimage_content_id_unique": add_image(content_id="taken"),
    "users_signatureimage_of_user_or_template": add_image(owner=None),
    "users_signatureimage_of_template_unique": add_image_of_template_twice,
    "users_checkrun_one_at_a_time": add_second_run,
    "users_checkround_one_at_a_time": add_second_round,
    "users_roundserver_unique": add_server_twice,
    "users_roundmember_checked_once_at_a_time": add_members(claim(), claim()),
    "users_roundmember_claim_ends": add_members({"claim": uuid4()}),
}


class ConstraintTests(TestCase):
    def setUp(self) -> None:
        configure()
        register()
        make_settings(make_user("alice"))
        make_settings(make_user("charlie"), method="exchange_online")
        make_template(use="mandatory")
        add_image(content_id="taken")()

    def test_the_table_names_every_constraint_of_the_models(self) -> None:
        named = {each.name for model in apps.get_app_config("users").get_models() for each in model._meta.constraints}
        assert named == set(BREACHES)

    def test_each_refuses_what_breaks_it(self) -> None:
        for name, breach in BREACHES.items():
            with self.subTest(name), pytest.raises(IntegrityError), transaction.atomic():
                breach()

    def test_each_names_itself(self) -> None:
        # SQLite names the columns instead where there is nothing but columns.
        silent = {
            "users_listingkind_unique",
            "users_signaturetemplate_one_mandatory",
            "users_signatureimage_content_id_unique",
            "users_signatureimage_of_template_unique",
            "users_activityexport_once_a_calendar",
            "users_checkrun_one_at_a_time",
            "users_checkround_one_at_a_time",
            "users_roundserver_unique",
            "users_roundmember_checked_once_at_a_time",
        }
        for name in BREACHES.keys() - silent:
            with self.subTest(name), pytest.raises(IntegrityError, match=name), transaction.atomic():
                BREACHES[name]()

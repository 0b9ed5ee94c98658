"""A user's settings as a form: what belongs to which method, what policies lock, and what the padlock takes in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crispy_forms.utils import render_crispy_form
from django.test import TestCase

from tests.factories import (
    EXCHANGE_PASSWORD,
    checked,
    configure,
    make_settings,
    make_staff,
    make_superuser,
    make_user,
    register,
)
from users.forms import EmailSettingsForm
from users.forms.padlock import PadlockMode
from users.models import EmailSettings, User
from users.vault import Secret, new_key

OPEN = {"exchange_password": PadlockMode.OPEN}
REMOVED = {"exchange_password-remove": "1"}
REMOVING = {"exchange_password": PadlockMode.REMOVING}


class FormTests(TestCase):
    def setUp(self) -> None:
        configure(sending_method="smtp")
        register(flow="password")
        self.alice = make_user("alice")

    def form(
        self, editor: User | None = None, padlocks: Any = None, changes: Mapping[str, str] | None = None, **more: str
    ) -> EmailSettingsForm:
        settings = EmailSettings.of(self.alice)
        posted = {name: getattr(settings, name) for name in ("method", "address", "exchange_username", "copy_mode")}
        posted |= {"version": str(settings.version), **(changes or {}), **more}
        return EmailSettingsForm(posted, instance=settings, editor=editor or self.alice, padlocks=padlocks)

    def saved(self, form: EmailSettingsForm) -> EmailSettings:
        assert form.is_valid(), form.errors
        form.save_unless_changed()
        return EmailSettings.of(self.alice)

    def codes(self, form: EmailSettingsForm) -> dict[str, list[str]]:
        return {field: [error["code"] for error in errors] for field, errors in form.errors.get_json_data().items()}


class SavingTests(FormTests):
    def test_the_first_saving_makes_the_row(self) -> None:
        settings = self.saved(self.form(method="smtp", address="alice@example.com", copy_mode="cc"))
        assert (settings.method, settings.address, settings.copy_mode) == ("smtp", "alice@example.com", "cc")

    def test_an_address_loses_blanks_around_it(self) -> None:
        assert self.saved(self.form(method="smtp", address=" a@Example.COM \r\n")).address == "a@example.com"

    def test_a_disabled_choice_of_copies_is_not_posted_and_means_none(self) -> None:
        make_settings(self.alice, method="smtp", copy_mode="bcc")
        form = self.form(method="outlook")
        form.data = {name: value for name, value in form.data.items() if name != "copy_mode"}
        assert self.saved(form).copy_mode == "none"

    def test_a_value_that_its_field_refuses_is_not_told_to_be_missing(self) -> None:
        for value, code in (("a" * 300, "max_length"), ("a\0", "null_characters_not_allowed")):
            form = self.form(method="exchange", address=value, exchange_username=value, exchange_password="x")
            with self.subTest(code):
                told = {"address": [code], "exchange_username": [code], "exchange_password": ["locked"]}
                assert self.codes(form) == told

    def test_what_is_not_on_the_form_stays(self) -> None:
        make_settings(self.alice, signature_html="<p>A</p>", signature_text="A", export_activities=True)
        settings = self.saved(self.form(address="new@example.com"))
        assert (settings.signature_html, settings.signature_text, settings.export_activities) == ("<p>A</p>", "A", True)


class CalendarTests(FormTests):
    def exports(self) -> bool:
        return bool(self.saved(self.form(changes={"export_activities": "on"})).export_activities)

    def test_it_is_offered_when_the_settings_lead_to_a_calendar_and_are_ready(self) -> None:
        checked(make_settings(self.alice, method="exchange"))
        assert self.exports()

    def test_being_ready_with_another_method_does_not_open_it(self) -> None:
        posted = {
            "exchange_username": "FIRM\\alice",
            "exchange_password": EXCHANGE_PASSWORD,
            "export_activities": "on",
        }
        for method in ("smtp", "outlook"):
            checked(make_settings(self.alice, method=method, export_activities=False))
            form = self.form(method="exchange", padlocks=OPEN, changes=posted)
            with self.subTest(method):
                assert "until this method is saved" in str(form["export_activities"].help_text)
                assert not self.saved(form).export_activities

    def test_a_check_that_is_not_good_any_more_closes_it(self) -> None:
        make_settings(self.alice, method="exchange", export_activities=False)
        assert not self.exports()


class FieldOfAnotherMethodTests(FormTests):
    def test_a_copy_posted_for_outlook_is_an_error_at_its_field(self) -> None:
        assert self.codes(self.form(method="outlook", copy_mode="cc")) == {"copy_mode": ["copy_needs_server"]}

    def test_an_account_posted_for_a_method_without_one_is_an_error_at_its_fields(self) -> None:
        for method in ("outlook", "smtp"):
            form = self.form(
                method=method, address="a@b.de", exchange_username="x", exchange_password="secret", padlocks=OPEN
            )
            with self.subTest(method):
                assert self.codes(form) == {"exchange_username": ["not_used"], "exchange_password": ["not_used"]}

    def test_a_password_posted_in_a_flow_without_one_is_refused_as_locked(self) -> None:
        register(flow="sign_in")
        form = self.form(method="exchange_online", address="a@b.de", exchange_password="secret", padlocks=OPEN)
        assert self.codes(form) == {"exchange_password": ["locked"]}

    def test_changing_to_a_method_without_an_account_removes_it(self) -> None:
        make_settings(self.alice, method="exchange")
        settings = self.saved(self.form(method="smtp"))
        assert (settings.exchange_username, settings.exchange_password) == ("", "")

    def test_a_superuser_is_led_to_the_registration_that_is_missing(self) -> None:
        register(client_id="")
        for editor, link_is_there in ((self.alice, False), (make_superuser(), True)):
            form = self.form(editor=editor, method="exchange_online", address="a@b.de")
            with self.subTest(editor.username):
                assert "registration_incomplete" in self.codes(form)["method"]
                assert ("/system/entra/" in str(form.errors["method"])) == link_is_there


class PadlockTests(FormTests):
    def test_a_password_posted_while_locked_is_refused_and_nothing_is_changed(self) -> None:
        make_settings(self.alice, method="exchange")
        for mode in set(PadlockMode) - {PadlockMode.OPEN}:
            form = self.form(exchange_password="other", padlocks={"exchange_password": mode})
            with self.subTest(mode):
                assert self.codes(form) == {"exchange_password": ["locked"]}
                assert form.instance.open_secret("exchange_password") == Secret(EXCHANGE_PASSWORD)

    def test_a_password_keeps_its_blanks_and_its_letters(self) -> None:
        for text in ("  both ends  ", " ", "pässwörd 密码 🔑", "\u200fright to left", "x" * 1_024, "<b>&amp;"):
            make_settings(self.alice, method="exchange")
            settings = self.saved(self.form(exchange_password=text, padlocks=OPEN))
            with self.subTest(text[:20]):
                assert settings.open_secret("exchange_password") == Secret(text)
            EmailSettings.objects.all().delete()

    def test_a_password_nobody_can_type_is_refused_in_plain_words(self) -> None:
        make_settings(self.alice, method="exchange")
        for text, code in (("x" * 10_000, "too_long"), ("a\nb", "control"), ("a\0b", "control"), ("\ud800", "control")):
            form = self.form(exchange_password=text, padlocks=OPEN)
            with self.subTest(ascii(text[:9])):
                assert self.codes(form) == {"exchange_password": [code]}
                assert text not in str(form.errors)

    def test_an_empty_field_never_erases(self) -> None:
        make_settings(self.alice, method="exchange")
        settings = self.saved(self.form(address="new@example.com", exchange_password="", padlocks=OPEN))
        assert settings.open_secret("exchange_password") == Secret(EXCHANGE_PASSWORD)

    def test_who_set_it_is_kept(self) -> None:
        root = make_superuser()
        make_settings(self.alice, method="exchange")
        settings = self.saved(self.form(editor=root, exchange_password="new", padlocks=OPEN))
        assert settings.exchange_password_set_by == root

    def test_removes_a_password_that_somebody_wants_gone_also_while_the_method_needs_it(self) -> None:
        make_settings(self.alice, method="exchange")
        assert self.saved(self.form(changes=REMOVED, padlocks=REMOVING)).exchange_password == ""

    def test_removes_nothing_where_the_padlock_is_locked_for_good(self) -> None:
        make_settings(self.alice, method="exchange")
        form = self.form(changes=REMOVED, padlocks={"exchange_password": PadlockMode.VIEW_ONLY})
        assert self.saved(form).open_secret("exchange_password") == Secret(EXCHANGE_PASSWORD)

    def test_a_new_password_goes_before_removing(self) -> None:
        make_settings(self.alice, method="exchange")
        form = self.form(changes=REMOVED | {"exchange_password": "new"}, padlocks=OPEN)
        assert self.saved(form).open_secret("exchange_password") == Secret("new")

    def test_a_new_user_name_needs_the_password_again(self) -> None:
        make_settings(self.alice, method="exchange")
        assert self.codes(self.form(exchange_username="other")) == {
            "exchange_password": ["password_for_another_account"]
        }
        settings = self.saved(self.form(exchange_username="other", exchange_password="new", padlocks=OPEN))
        assert settings.open_secret("exchange_password") == Secret("new")

    def test_neither_a_typed_nor_a_stored_password_is_in_the_page(self) -> None:
        token = make_settings(self.alice, method="exchange").exchange_password
        for mode in PadlockMode:
            form = self.form(address="", exchange_password="typed-canary", padlocks={"exchange_password": mode})
            form.is_valid()
            page = render_crispy_form(form)
            with self.subTest(mode):
                assert not any(text in page for text in ("typed-canary", EXCHANGE_PASSWORD, token))

    def test_only_an_open_padlock_has_an_input_and_it_is_empty(self) -> None:
        make_settings(self.alice, method="exchange")
        for mode in PadlockMode:
            page = render_crispy_form(self.form(padlocks={"exchange_password": mode}))
            with self.subTest(mode):
                assert ('name="exchange_password"' in page) == (mode == PadlockMode.OPEN)
        page = render_crispy_form(self.form(padlocks=OPEN))
        assert 'autocomplete="new-password"' in page

    def test_without_its_key_the_form_still_shows_and_saves(self) -> None:
        make_settings(self.alice, method="exchange")
        with self.settings(MAILSETTINGS_KEYS=new_key()):
            assert render_crispy_form(self.form())
            assert self.saved(self.form(address="new@example.com")).address == "new@example.com"
        with self.settings(MAILSETTINGS_KEYS="", MAILSETTINGS_KEYS_FILE=None):
            assert render_crispy_form(self.form())
            assert self.codes(self.form(exchange_password="x", padlocks=OPEN)) == {"exchange_password": ["no_key"]}


class PolicyTests(FormTests):
    def setUp(self) -> None:
        super().setUp()
        configure(users_may_choose_method=False, users_may_edit_address=False)
        make_settings(self.alice, method="smtp")

    def test_what_a_policy_locks_keeps_its_value_whatever_is_posted(self) -> None:
        settings = self.saved(self.form(method="outlook", address="other@example.com", copy_mode="bcc"))
        assert (settings.method, settings.address, settings.copy_mode) == ("smtp", "alice@example.com", "bcc")

    def test_it_says_who_sets_it(self) -> None:
        form = self.form()
        for field in ("method", "address"):
            assert form.fields[field].disabled
            assert str(form.fields[field].help_text) == "Your administrator sets this."

    def test_administrators_may_do_it_for_users(self) -> None:
        for editor in (make_staff("sam"), make_superuser()):
            with self.subTest(editor.username):
                assert not self.form(editor=editor).fields["method"].disabled

    def test_administrators_may_do_it_for_themselves(self) -> None:
        root = make_superuser()
        form = EmailSettingsForm(instance=EmailSettings.of(root), editor=root)
        assert not form.fields["method"].disabled

    def test_the_permission_alone_does_not_make_an_administrator(self) -> None:
        self.alice.user_permissions.set(make_staff("sam").user_permissions.all())
        assert self.form(editor=User.objects.get(username="alice")).fields["method"].disabled


class ShownTests(FormTests):
    def test_the_first_choice_names_the_inherited_method(self) -> None:
        field: Any = self.form().fields["method"]
        (value, label), *others = field.choices
        assert (value, str(label)) == ("", "As the system setting (now: Server based, via SMTP)")
        assert len(others) == 4

    def test_every_choice_carries_the_parts_it_uses(self) -> None:
        page = render_crispy_form(self.form())
        assert page.count("data-uses=") == 5
        for uses in ('data-uses=""', 'data-uses="account copy signature calendar"', 'data-uses="copy signature"'):
            with self.subTest(uses):
                assert uses in page

    def test_the_labels_read_word_for_word(self) -> None:
        labels = {name: str(field.label) for name, field in self.form().fields.items()}
        assert labels["method"] == "E-mail method"
        assert labels["address"] == "E-mail address"
        assert labels["exchange_username"] == "User name (Exchange)"
        assert labels["exchange_password"] == "Password (Exchange)"
        assert labels["copy_mode"] == "Send copy to own e-mail address"


class LockedAddressTests(TestCase):
    """Where the application itself opens mailboxes, nobody but administrators chooses which."""

    def setUp(self) -> None:
        configure()
        register(flow="application")
        self.alice = make_user("alice")
        make_settings(self.alice, method="exchange_online")

    def save(self, editor: User, **posted: str) -> EmailSettingsForm:
        settings = EmailSettings.of(self.alice)
        posted = {"method": "exchange_online", "address": "boss@example.com", "version": str(settings.version)} | posted
        form = EmailSettingsForm(posted, instance=settings, editor=editor)
        if form.is_valid():
            form.save_unless_changed()
        return form

    def address(self) -> str:
        return str(EmailSettings.of(self.alice).address)

    def test_the_own_one_is_shown_read_only_with_the_reason(self) -> None:
        form = EmailSettingsForm(instance=EmailSettings.of(self.alice), editor=self.alice)
        assert form.fields["address"].disabled
        assert "the address decides which" in str(form.fields["address"].help_text)

    def test_what_is_posted_all_the_same_changes_nothing(self) -> None:
        self.save(self.alice)
        assert self.address() == "alice@example.com"

    def test_neither_does_a_detour_over_another_method(self) -> None:
        self.save(self.alice, method="smtp")
        assert (EmailSettings.of(self.alice).method, self.address()) == ("smtp", "alice@example.com")

    def test_a_form_that_forgets_to_lock_is_stopped_by_the_rule(self) -> None:
        settings = EmailSettings.of(self.alice)
        form = EmailSettingsForm(
            {"method": "smtp", "address": "boss@example.com"}, instance=settings, editor=self.alice
        )
        form.fields["address"].disabled = False
        assert [error.code for error in form.errors.as_data()["address"]] == ["address_locked"]

    def test_an_administrator_changes_it(self) -> None:
        for editor in (make_staff("sam"), make_superuser()):
            with self.subTest(editor.username):
                assert self.save(editor, address=f"{editor.username}@example.com").is_valid()
                assert self.address() == f"{editor.username}@example.com"

    def test_an_administrator_changes_the_own_one(self) -> None:
        sam = make_staff("sam")
        form = EmailSettingsForm(instance=EmailSettings.of(sam), editor=sam)
        assert not form.fields["address"].disabled

    def test_staff_without_the_permission_are_users_here(self) -> None:
        User.objects.filter(pk=self.alice.pk).update(is_staff=True)
        self.alice.refresh_from_db()
        self.save(self.alice)
        assert self.address() == "alice@example.com"

    def test_programs_may_do_everything(self) -> None:
        settings = EmailSettings.of(self.alice)
        settings.address = "boss@example.com"
        settings.full_clean()

    def test_with_the_other_flows_users_enter_their_own(self) -> None:
        for flow in ("password", "sign_in"):
            register(flow=flow)
            with self.subTest(flow):
                form = EmailSettingsForm(instance=EmailSettings.of(self.alice), editor=self.alice)
                assert not form.fields["address"].disabled


class ConnectionNoticeTests(TestCase):
    def setUp(self) -> None:
        configure()
        register(flow="sign_in")
        self.alice = make_user("alice")

    def html(self) -> str:
        form = EmailSettingsForm(instance=EmailSettings.of(self.alice), editor=self.alice)
        return str(render_crispy_form(form))

    def test_a_connection_that_would_go_is_told_before(self) -> None:
        make_settings(self.alice, method="exchange_online")
        assert 'data-unless-part="connection" hidden' in self.html()
        assert "it is removed when you save" in self.html()

    def test_without_one_there_is_nothing_to_tell(self) -> None:
        make_settings(self.alice, method="exchange_online", connected=False)
        assert "it is removed when you save" not in self.html()

    def test_where_no_password_is_entered_it_says_what_to_do_instead(self) -> None:
        make_settings(self.alice, method="exchange_online", connected=False)
        assert "connect to Microsoft 365 with the button on this page" in self.html()

    def test_who_is_connected_has_nothing_left_to_do(self) -> None:
        make_settings(self.alice, method="exchange_online")
        assert "connect to Microsoft 365 with the button on this page" not in self.html()

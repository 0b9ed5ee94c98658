"""Signatures as forms: what is stored is always sanitised."""

from __future__ import annotations

from typing import Any

from django.test import TestCase

from tests.factories import make_settings, make_superuser, make_template, make_user
from users.forms import SignatureForm, SignatureTemplateForm
from users.models import EmailSettings, SignatureTemplate
from users.signatures import sanitize_html


def codes(form: Any) -> dict[str, list[str]]:
    return {field: [error["code"] for error in errors] for field, errors in form.errors.get_json_data().items()}


class SignatureFormTests(TestCase):
    def setUp(self) -> None:
        self.alice = make_user("alice")

    def form(self, html: str) -> SignatureForm:
        settings = EmailSettings.of(self.alice)
        posted = {"version": str(settings.version), "signature_html": html}
        return SignatureForm(posted, instance=settings, editor=self.alice)

    def saved(self, html: str) -> EmailSettings:
        form = self.form(html)
        assert form.is_valid(), form.errors
        form.save_unless_changed()
        return EmailSettings.of(self.alice)

    def test_html_is_stored_sanitised_with_its_plain_text_twin(self) -> None:
        settings = self.saved('<p onclick="x()">Alice<script>alert(1)</script><br><a href="https://a.de">A</a></p>')
        assert settings.signature_html == '<p>Alice<br><a href="https://a.de">A</a></p>'
        assert settings.signature_text == "Alice\n[A](https://a.de)"

    def test_no_signature_is_one_too(self) -> None:
        make_settings(self.alice, signature_html="<p>A</p>", signature_text="A")
        settings = self.saved("  ")
        assert (settings.signature_html, settings.signature_text) == ("", "")

    def test_one_that_can_not_be_kept_is_an_error_with_the_reason(self) -> None:
        for html in ("x" * 100_001, "<div>" * 200, "<p " + "a " * 50 + ">", "&" * 50_000):
            form = self.form(html)
            with self.subTest(html[:9]):
                assert codes(form) == {"signature_html": ["signature_refused"]}
                assert str(form.errors["signature_html"][0]).endswith(".")

    def test_control_characters_are_taken_out(self) -> None:
        settings = self.saved("a\x01b&#2;c&#x1b;d&#xD800;e\x7ff\x85g")
        assert settings.signature_html == settings.signature_text == "abcdefg"

    def test_the_rules_for_other_settings_do_not_hold_a_signature_up(self) -> None:
        make_settings(self.alice, method="exchange", address="", exchange_password="")
        assert self.saved("<p>A</p>").signature_html == "<p>A</p>"

    def test_what_is_stored_can_be_saved_again(self) -> None:
        stored = self.saved('<p style="color:red; font-family:&quot;A&quot;">a & b<br>c</p>').signature_html
        assert self.saved(stored).signature_html == stored


class SignatureTemplateFormTests(TestCase):
    def setUp(self) -> None:
        self.root = make_superuser()

    def form(self, **changes: str) -> SignatureTemplateForm:
        posted = {"version": "0", "name": "Standard", "use": "offered", "html": "<p>{{ name }}</p>"} | changes
        return SignatureTemplateForm(posted, instance=SignatureTemplate(), editor=self.root)

    def test_it_is_stored_sanitised_with_its_placeholders(self) -> None:
        form = self.form(html='<p onclick="x">{{ name }}, {{job_title}} <a href="mailto:{{email}}">m</a></p>')
        assert form.is_valid(), form.errors
        form.save_unless_changed()
        html = SignatureTemplate.objects.get().html
        assert html == '<p>{{ name }}, {{job_title}} <a href="mailto:{{email}}">m</a></p>'
        assert sanitize_html(html) == html

    def test_an_unknown_placeholder_is_named(self) -> None:
        form = self.form(html="<p>{{ name }} {{ password }}</p>")
        assert codes(form) == {"html": ["unknown_placeholder"]}
        assert "“password”" in str(form.errors["html"][0])

    def test_nothing_left_after_sanitising_is_an_error(self) -> None:
        assert codes(self.form(html="<script>x</script>")) == {"html": ["blank"]}

    def test_a_second_mandatory_one_is_an_error(self) -> None:
        make_template(use="mandatory")
        assert codes(self.form(name="Second", use="mandatory")) == {"__all__": ["one_mandatory"]}

    def test_a_taken_name_is_an_error_at_its_field(self) -> None:
        make_template(name="Standard")
        assert codes(self.form()) == {"name": ["unique"]}

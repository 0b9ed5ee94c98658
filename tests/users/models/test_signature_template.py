"""Company signatures and the pictures of signatures."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import TestCase

from tests.factories import make_template, make_user
from users.models import SignatureImage, SignatureTemplate


class SignatureTemplateTests(TestCase):
    def codes(self, template: SignatureTemplate) -> dict[str, list[str | None]]:
        with pytest.raises(ValidationError) as caught:
            template.full_clean()
        return {field: [error.code for error in errors] for field, errors in caught.value.error_dict.items()}

    def test_they_are_in_the_order_of_their_names(self) -> None:
        for name in ("b", "a", "c"):
            make_template(name=name)
        assert [str(template) for template in SignatureTemplate.objects.all()] == ["a", "b", "c"]

    def test_a_name_is_given_once(self) -> None:
        make_template(name="Standard")
        assert self.codes(SignatureTemplate(name="Standard", html="x")) == {"name": ["unique"]}

    def test_name_and_html_are_required(self) -> None:
        assert self.codes(SignatureTemplate()) == {"name": ["blank"], "html": ["blank"]}

    def test_what_is_stored_is_safe(self) -> None:
        template = make_template(html="<p onclick='x()'>{{ name }}</p>")
        assert SignatureTemplate.objects.get().html == "<p>{{ name }}</p>"
        template.html = "<div>" * 2_000
        assert self.codes(template) == {"html": ["signature_refused"]}

    def test_a_name_is_one_line_of_visible_characters(self) -> None:
        for name in ("a\nb", "a\0b", "a\u202eb"):
            with self.subTest(ascii(name)):
                assert self.codes(SignatureTemplate(name=name, html="x")) == {"name": ["invisible_character"]}

    def test_one_alone_is_mandatory(self) -> None:
        make_template(name="first", use="mandatory")
        make_template(name="second", use="offered")
        assert self.codes(SignatureTemplate(name="third", html="x", use="mandatory")) == {"__all__": ["one_mandatory"]}

    def test_it_has_an_address(self) -> None:
        template = make_template()
        assert template.get_absolute_url() == f"/system/signatures/{template.pk}/"


class SignatureImageTests(TestCase):
    def test_it_describes_itself_without_its_content(self) -> None:
        image = SignatureImage(
            owner=make_user("alice"),
            content=b"x" * 9,
            media_type="image/png",
            size=9,
            sha256="0" * 64,
            content_id="logo",
        )
        image.full_clean()
        assert str(image) == "logo (image/png, 9 bytes)"

    def test_svg_is_not_a_picture_here(self) -> None:
        image = SignatureImage(content=b"x", media_type="image/svg+xml", size=1, sha256="0", content_id="x")
        with pytest.raises(ValidationError) as caught:
            image.full_clean()
        assert "media_type" in caught.value.error_dict

"""The people who sign in."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import TestCase

from tests.factories import make_user
from users.models import User


class UserTests(TestCase):
    def test_everybody_has_an_id_that_stays(self) -> None:
        alice, bob = make_user("alice"), make_user("bob")
        assert alice.uid != bob.uid
        assert User.objects.get(username="alice").uid == alice.uid
        assert not User._meta.get_field("uid").editable

    def test_the_name_to_show_is_the_full_name_or_else_the_user_name(self) -> None:
        assert str(make_user("alice")) == "Alice Archer"
        assert str(make_user("bob", first_name="", last_name="")) == "bob"

    def test_every_line_of_text_is_visible_and_one_line(self) -> None:
        for field in ("first_name", "last_name", "job_title", "department", "phone", "mobile"):
            for text in ("a\nb", "a\r\nb", "a\0b", "a\x1bb", "a\u202eb", "a\u2028b", "a\ud800b"):
                with self.subTest(field, text=ascii(text)), pytest.raises(ValidationError) as caught:
                    make_unsaved(**{field: text}).full_clean()
                assert {error.code for error in caught.value.error_dict[field]} == {"invisible_character"}

    def test_names_of_many_kinds_are_fine(self) -> None:
        for name in ("Ärmel", "O'Neil-Müller", "密码", "Ana María", "Ǎ", ""):
            with self.subTest(name):
                make_unsaved(first_name=name, last_name=name, job_title=name).full_clean()


def make_unsaved(**fields: str) -> User:
    return User(username="someone", password="x", **fields)

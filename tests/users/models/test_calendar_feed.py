"""Secret addresses: shown once, stored as a hash, and revocable."""

from __future__ import annotations

from base64 import urlsafe_b64decode

from django.test import TestCase

from tests.factories import make_user
from users.models import CalendarFeed, User


class CalendarFeedTests(TestCase):
    def setUp(self) -> None:
        self.alice = make_user("alice")

    def test_the_token_has_256_bits_and_is_stored_nowhere(self) -> None:
        token = CalendarFeed.renew(self.alice)
        assert len(urlsafe_b64decode(token + "=")) == 32
        row = CalendarFeed.objects.values().get()
        assert token not in str(row)

    def test_it_finds_its_owner(self) -> None:
        CalendarFeed.renew(make_user("bob"))
        found = CalendarFeed.find(CalendarFeed.renew(self.alice))
        assert found is not None
        assert found.user == self.alice

    def test_a_new_one_replaces_the_old_one(self) -> None:
        old = CalendarFeed.renew(self.alice)
        new = CalendarFeed.renew(self.alice)
        assert CalendarFeed.find(old) is None
        assert CalendarFeed.find(new) is not None

    def test_what_is_no_token_finds_nothing(self) -> None:
        token = CalendarFeed.renew(self.alice)
        for wrong in ("", "x", token[:-1], token + "=", token.swapcase(), CalendarFeed.objects.get().token_hash, "ü\0"):
            with self.subTest(wrong):
                assert CalendarFeed.find(wrong) is None

    def test_whoever_may_not_sign_in_has_none(self) -> None:
        token = CalendarFeed.renew(self.alice)
        User.objects.update(is_active=False)
        assert CalendarFeed.find(token) is None

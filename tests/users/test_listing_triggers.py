"""A migration that makes a table anew does not cost the user list its triggers."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection
from django.test import TestCase

from tests.factories import make_user
from users.models import Listing, User

LOSE = {
    "sqlite": ["DROP TRIGGER users_user_added", "DROP TRIGGER users_user_removed"],
    "postgresql": ["DROP FUNCTION users_keep_listing CASCADE", "DROP FUNCTION users_remove_listing CASCADE"],
}


class LostTriggersTests(TestCase):
    def test_migrating_puts_them_back_and_catches_up(self) -> None:
        with connection.cursor() as cursor:
            for statement in LOSE[connection.vendor]:
                cursor.execute(statement)
        alice = make_user("alice")
        call_command("migrate", verbosity=0)
        bob = make_user("bob")
        self.assertEqual(set(Listing.objects.values_list("username", flat=True)), {"alice", "bob"})
        User.objects.filter(pk__in=[alice.pk, bob.pk]).delete()
        self.assertFalse(Listing.objects.exists())

"""Who has signed in, and whether it is the one whose address stands in the settings."""

from __future__ import annotations

import time

from django.test import SimpleTestCase

from users.entra.application import Application
from users.entra.client import SignedIn
from users.entra.identity import check_owner
from users.vault import Secret

APPLICATION = Application(
    authority="https://login.invalid", tenant="tenant", client_id="client", graph="https://graph.invalid"
)


class OwnerTests(SimpleTestCase):
    def test_a_domain_in_another_script_is_the_same_in_its_ascii_form(self) -> None:
        for told in ("alice@xn--bcher-kva.example", "Alice@Bücher.example"):
            claims = {"aud": "client", "exp": time.time() + 60, "tid": "tenant", "preferred_username": told}
            signed_in = SignedIn(claims, "tenant", "account", Secret("cache"), Secret("token"))
            with self.subTest(told):
                # Nobody else is asked: there is no such server.
                check_owner(signed_in, APPLICATION, "alice@bücher.example")

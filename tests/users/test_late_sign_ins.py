"""A sign-in at Microsoft that ends when what it was for is not there any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.factories import register
from tests.users.test_microsoft_sign_in import ALICE, SignInCase
from users.microsoft_sign_in import SettingsChanged, finish
from users.models import EmailSettings


class LateSignInTests(SignInCase):
    """While Microsoft's answer is under way, somebody else saves other settings."""

    def test_nothing_is_connected_for_settings_that_are_gone(self) -> None:
        changes: tuple[Callable[[], Any], ...] = (
            lambda: EmailSettings.objects.update(address="other@example.com"),
            lambda: register(client_id="3f0c4a52-93b8-4d0f-8f0e-5b6f7a2d9c33"),
        )
        for change in changes:
            answer = dict(parse_qsl(urlsplit(self.answer(self.go())).query))
            settings = EmailSettings.of(self.alice)
            assert settings.asks_for_connection
            change()
            with pytest.raises(SettingsChanged):
                finish(settings, self.browser.client.session, answer)
            assert self.nothing_is_stored()
            EmailSettings.objects.update(address=ALICE.username)

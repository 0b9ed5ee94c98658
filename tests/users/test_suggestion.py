"""*Find my settings*: what is offered, and what stands in the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import time_machine
from django.test import TestCase
from django.utils import timezone

from tests.factories import CLIENT_SECRET, configure, make_settings, make_user, register
from tests.servers.name_server import NameServer
from users.models import DomainLookUps, EmailSettings
from users.models.domain_look_ups import MOST
from users.suggestion import Suggestion, suggest

RECORDS = {
    "example.com": {"MX": ["1 example-com.mail.protection.outlook.com."]},
    "example.net": {"MX": ["1 mx.example.net."]},
    "example.org": {"MX": ["1 smtp.example.com."]},
    "example.cn": {"MX": ["1 example-cn.mail.protection.partner.outlook.cn."]},
}


class SuggestionCase(TestCase):
    def setUp(self) -> None:
        self.server = self.enterContext(NameServer(RECORDS))
        self.enterContext(self.settings(MAILSETTINGS_NAME_SERVERS=[self.server.address]))
        configure()
        self.alice = make_user("alice")
        make_settings(self.alice)

    def suggest(self, address: str = "alice@example.com", **changes: Any) -> Suggestion:
        settings = EmailSettings.of(self.alice)
        for name, value in changes.items():
            setattr(settings, name, value)
        return suggest(settings, address, by=self.alice)


class OfferTests(SuggestionCase):
    def test_what_is_set_up_can_be_chosen(self) -> None:
        register()
        suggestion = self.suggest()
        assert "Microsoft 365 (example-com.mail.protection.outlook.com)" in suggestion.text
        (offer,) = suggestion.offers
        assert (offer.method.value, offer.obstacle, offer.is_in_use) == ("exchange_online", "", False)

    def test_what_is_not_set_up_says_whose_turn_it_is(self) -> None:
        (offer,) = self.suggest().offers
        assert offer.obstacle == "An administrator has to complete the app registration."
        configure(exchange_url="")
        obstacles = {str(offer.method.value): offer.obstacle for offer in self.suggest("a@example.net").offers}
        assert obstacles["exchange"] == "An administrator has to complete the mail server in the system settings."

    def test_what_is_in_use_is_told(self) -> None:
        assert [offer.is_in_use for offer in self.suggest("a@example.org").offers] == [True]
        assert [offer.is_in_use for offer in self.suggest("a@example.org", method="").offers] == [True]
        assert [offer.is_in_use for offer in self.suggest("a@example.org", method="outlook").offers] == [False]

    def test_another_cloud_than_that_of_the_registration_is_the_administrator_s_turn(self) -> None:
        register()
        (offer,) = self.suggest("a@example.cn").offers
        assert "for another cloud (Global)" in offer.obstacle
        register(cloud="china", client_secret=CLIENT_SECRET)
        (offer,) = self.suggest("a@example.cn").offers
        assert offer.obstacle == ""

    def test_nothing_changes_by_it(self) -> None:
        before = EmailSettings.objects.values().get()
        self.suggest()
        assert EmailSettings.objects.values().get() == before


class AddressTests(SuggestionCase):
    def test_without_a_whole_address_nothing_is_asked(self) -> None:
        for address in ("", "alice", "@", "alice@", "a@b@example.com", "alice@exa mple.com", "a@x\0y.com", "a" * 9999):
            with self.subTest(address[:20]):
                suggestion = self.suggest(address)
                assert suggestion.problem.endswith(".")
                assert not suggestion.text
        assert self.server.questions == []
        assert not DomainLookUps.objects.exists()

    def test_a_domain_that_is_not_allowed_is_not_looked_up(self) -> None:
        configure(allowed_domains="example.com")
        assert "ends in @example.com" in self.suggest("a@example.net").problem
        assert self.server.questions == []
        assert self.suggest("a@EXAMPLE.com").text

    def test_the_name_of_the_user_is_told_nobody(self) -> None:
        self.suggest("a.secret.name@example.com")
        assert not any("secret" in name for name, _kind in self.server.questions)


class LimitTests(SuggestionCase):
    def test_after_some_one_has_to_wait(self) -> None:
        for _number in range(MOST):
            assert self.suggest().text
        asked = len(self.server.questions)
        assert "Wait 10 minutes" in self.suggest().problem
        assert len(self.server.questions) == asked
        bob = make_user("bob")
        assert suggest(EmailSettings.of(bob), "bob@example.com", by=bob).text
        with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=True):
            assert self.suggest().text

"""What will be switched off is told to those whom it concerns, with its day."""

from __future__ import annotations

from datetime import UTC, datetime

import time_machine
from django.test import SimpleTestCase, TestCase

from tests.factories import configure, make_superuser
from tests.users.views.browser import Browser
from users.models import EntraAppRegistration, Installation, SystemSettings
from users.retirements import RETIREMENTS, retirements_for


def codes(**fields: str) -> list[str]:
    return [each.code for each in retirements_for(Installation(SystemSettings(**fields), EntraAppRegistration()))]


class RetirementTests(SimpleTestCase):
    def test_the_settings_decide_whom_it_concerns(self) -> None:
        cases: tuple[tuple[dict[str, str], list[str]], ...] = (
            ({"exchange_url": "https://outlook.office365.com/EWS/Exchange.asmx"}, ["ews_of_exchange_online"]),
            ({"exchange_url": "https://mail.example.com/EWS/Exchange.asmx"}, []),
            ({"smtp_host": "smtp.office365.com", "smtp_username": "x"}, ["smtp_password_at_microsoft"]),
            ({"smtp_host": "SMTP.Office365.us", "smtp_username": "x"}, ["smtp_password_at_microsoft"]),
            ({"smtp_host": "smtp.office365.com"}, []),
            ({"smtp_host": "smtp.notoffice365.com", "smtp_username": "x"}, []),
        )
        for fields, expected in cases:
            with self.subTest(fields):
                assert codes(**fields) == expected

    def test_each_says_when_and_what_to_do(self) -> None:
        for year, has_ended in ((2026, False), (2028, True)):
            with time_machine.travel(datetime(year, 11, 1, tzinfo=UTC), tick=False):
                for each in RETIREMENTS:
                    assert each.has_ended == has_ended
                    assert str(each.ends_on.year) in str(each)
                    assert str(each).endswith(".")


class PageTests(TestCase):
    @time_machine.travel(datetime(2026, 11, 1, tzinfo=UTC), tick=False)
    def test_the_system_page_and_the_list_tell(self) -> None:
        configure(smtp_host="smtp.office365.com", smtp_username="site@example.com")
        browser = Browser(make_superuser())
        for address in ("/system/", "/users/"):
            with self.subTest(address):
                assert "by SMTP with a password on 31 December 2026" in browser.open(address).text

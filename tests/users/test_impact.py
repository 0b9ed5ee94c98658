"""What a change of the system-wide settings does to users, counted before it is done."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.test import TestCase

from tests.factories import checked, configure, make_settings, make_user, register
from users.impact import Impact, impact_of
from users.models import EmailSettings, Installation, SystemSettings, User


class ImpactTests(TestCase):
    def setUp(self) -> None:
        configure(sending_method="smtp")
        register(flow="sign_in")
        make_settings(make_user("alice"), method="")
        make_settings(make_user("bob"), method="smtp")
        make_settings(make_user("charlie"), method="exchange")
        make_user("dora")

    def impact(self, **changes: Any) -> Impact:
        system = SystemSettings.load()
        for name, value in changes.items():
            setattr(system, name, value)
        before = Installation.load()
        return impact_of(before=before, after=Installation(system, before.registration))

    def test_no_change_has_no_impact(self) -> None:
        impact = self.impact()
        assert not impact
        assert impact.counts == (0, 0, 0, 0)

    def test_a_new_sending_method_changes_those_who_inherit_it(self) -> None:
        impact = self.impact(sending_method="outlook")
        assert (impact.changes_method, impact.becomes_incomplete, impact.becomes_complete) == (2, 0, 1)
        assert impact.new_method == "Client based, via Microsoft Outlook"

    def test_those_who_become_incomplete_are_counted(self) -> None:
        impact = self.impact(sending_method="exchange")
        assert (impact.changes_method, impact.becomes_incomplete, impact.becomes_complete) == (2, 1, 0)

    def test_a_missing_server_makes_its_users_incomplete(self) -> None:
        assert self.impact(smtp_host="").counts == (0, 2, 0, 0)

    def test_another_exchange_server_makes_passwords_unusable(self) -> None:
        assert self.impact(exchange_url="https://other.example.com/EWS/Exchange.asmx").counts == (0, 1, 0, 0)

    def test_those_whose_check_does_not_count_any_more_are_counted(self) -> None:
        settings = [EmailSettings.of(user) for user in User.objects.filter(email_settings__method="smtp")]
        for row in settings:
            checked(row)
        assert self.impact(smtp_port=2525).has_to_be_checked == len(settings) > 0
        assert not self.impact(exchange_auth="basic")

    def test_those_who_become_complete_are_counted(self) -> None:
        configure(smtp_host="")
        assert self.impact(smtp_host="smtp.example.com").counts == (0, 0, 2, 0)

    def test_a_change_of_the_registration_counts_as_well(self) -> None:
        make_settings(make_user("erik"), method="exchange_online")
        before = Installation.load()
        registration = copy(before.registration)
        registration.client_id = ""
        assert impact_of(before=before, after=Installation(before.system, registration)).counts == (0, 1, 0, 0)

    def test_its_code_stands_for_exactly_this_effect(self) -> None:
        codes = {self.impact(**change).code for change in ({}, {"smtp_host": ""}, {"sending_method": "outlook"})}
        assert len(codes) == 3
        assert self.impact(smtp_host="").code == self.impact(smtp_host="").code

    def test_nothing_is_stored_by_asking(self) -> None:
        self.impact(sending_method="outlook")
        assert SystemSettings.load().sending_method == "smtp"

    def test_it_takes_a_handful_of_queries_whatever_the_number_of_users(self) -> None:
        installation = Installation.load()
        other = Installation(SystemSettings(sending_method="outlook"), installation.registration)
        with self.assertNumQueries(5):
            impact_of(before=installation, after=other)

"""The values that other programs store and compare, and the words on the page."""

from __future__ import annotations

from django.test import SimpleTestCase

from users.choices import STANDARD_SMTP_PORTS, Cloud, CopyMode, EmailMethod, ExchangeAuth, Flow, Outcome, SmtpSecurity


class ValueTests(SimpleTestCase):
    def test_values_stay_as_other_programs_know_them(self) -> None:
        table = {
            EmailMethod: "outlook exchange smtp exchange_online",
            CopyMode: "none cc bcc",
            SmtpSecurity: "starttls tls none",
            ExchangeAuth: "ntlm basic",
            Cloud: "global us_gov_l4 us_gov_l5 china custom",
            Flow: "password application sign_in",
            Outcome: "sent handed_over failed unknown",
        }
        for choices, values in table.items():
            with self.subTest(choices.__name__):
                assert choices.values == values.split()

    def test_methods_and_copy_modes_read_word_for_word(self) -> None:
        assert [str(label) for label in EmailMethod.labels] == [
            "Client based, via Microsoft Outlook",
            "Server based, via Microsoft Exchange",
            "Server based, via SMTP",
            "Server based, via Microsoft Exchange Online",
        ]
        assert [str(label) for label in CopyMode.labels] == ["No copy", "Copy (CC)", "Bcc"]

    def test_flows_read_word_for_word(self) -> None:
        labels = ["User name and password", "Client secret or certificate", "Microsoft sign-in"]
        assert [str(label) for label in Flow.labels] == labels

    def test_every_encryption_has_its_standard_port(self) -> None:
        assert {each.value: STANDARD_SMTP_PORTS[each] for each in SmtpSecurity} == {
            "starttls": 587,
            "tls": 465,
            "none": 25,
        }

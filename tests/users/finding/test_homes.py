"""From records to a method, with the reason: one row for each way in which the mail of a domain can be received."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.test import SimpleTestCase

from users.choices import Cloud
from users.finding.homes import Home, home_of
from users.finding.providers import PROVIDERS, Kind, provider_of
from users.finding.records import Records, Standing

ONLINE, EXCHANGE, SMTP, OUTLOOK = "exchange_online", "exchange", "smtp", "outlook"
OWN = {"exchange.example.com": EXCHANGE, "relay.example.com": SMTP}
MICROSOFT = "example-com.mail.protection.outlook.com"
TO_MICROSOFT = "autodiscover.outlook.com"


@dataclass(frozen=True)
class Case:
    """What stands in the DNS, and what it has to come to."""

    name: str
    methods: tuple[str, ...]
    words: str
    mail: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()


CASES = (
    Case("Microsoft 365", (ONLINE,), f"received by Microsoft 365 ({MICROSOFT}), so", (MICROSOFT,)),
    Case("its newer names", (ONLINE,), "received by Microsoft 365", ("example-com.o-v1.mx.microsoft",)),
    Case("with Autodiscover", (ONLINE,), f"led to Microsoft 365 ({TO_MICROSOFT})", (MICROSOFT,), (TO_MICROSOFT,)),
    Case("GCC High", (ONLINE,), "US Government", ("example-com.mail.protection.office365.us",)),
    Case("21Vianet", (ONLINE,), "21Vianet", ("example-cn.mail.protection.partner.outlook.cn",)),
    Case("a filter before it", (ONLINE,), "passes through Mimecast", ("eu-smtp-1.mimecast.com",), (TO_MICROSOFT,)),
    Case("a filter alone", (), "can't be seen from outside", ("mx1-eu1.ppe-hosted.com",)),
    Case("a filter before an own server", (), "can't be seen", ("mx1.iphmx.com",), ("autodiscover.example.com",)),
    Case("a hybrid", (ONLINE, EXCHANGE), "can lie in both", (MICROSOFT,), ("autodiscover.example.com",)),
    Case("the own Exchange", (EXCHANGE,), "system settings", ("mx.example.com",), ("exchange.example.com",)),
    Case("the own SMTP server", (SMTP,), "which the system settings name", ("relay.example.com",)),
    Case("some own server", (EXCHANGE, SMTP), "a server of its own", ("mx.example.com",)),
    Case("the domain itself", (EXCHANGE, SMTP), "a server of its own", ("example.com",)),
    Case("one that is not known", (), "is not known here", ("mx.example.net",)),
    Case("one that only sounds like it", (), "is not known here", ("notmail.protection.outlook.com.example.net",)),
    Case("one that only ends like it", (), "is not known here", ("evilgoogle.com",)),
    Case("Google", (SMTP, OUTLOOK), "received by Google", ("aspmx.l.google.com", "alt1.aspmx.l.google.com")),
    Case("a personal mailbox", (OUTLOOK,), "personal ones at Outlook.com", ("x.olc.protection.outlook.com",)),
    Case("several services", (), "several services", (MICROSOFT, "aspmx.l.google.com")),
    Case("one service and an own server", (), "several services", (MICROSOFT, "mx.example.com")),
    Case("nothing", (), "No server is named"),
    Case("Autodiscover alone", (ONLINE,), "led to Microsoft 365", (), (TO_MICROSOFT,)),
)


def home(mail: tuple[str, ...] = (), programs: tuple[str, ...] = (), **more: Any) -> Home:
    return home_of("example.com", Records(receivers=mail, autodiscover=programs, **more), OWN)


class HomeTests(SimpleTestCase):
    def test_every_case_has_its_methods_and_its_reason(self) -> None:
        for case in CASES:
            with self.subTest(case.name):
                found = home(case.mail, case.programs)
                assert found.methods == case.methods
                assert case.words in found.text

    def test_every_sentence_is_whole_and_names_the_domain(self) -> None:
        for case in CASES:
            with self.subTest(case.name):
                found = home(case.mail, case.programs)
                assert all(sentence.endswith(".") for sentence in found.sentences)
                assert "%(" not in found.text
                assert "example.com" in found.text

    def test_where_it_can_t_be_known_the_administrator_is_named(self) -> None:
        for case in CASES:
            if len(case.methods) != 1 and OUTLOOK not in case.methods:
                with self.subTest(case.name):
                    assert "Ask your administrator" in home(case.mail, case.programs).text

    def test_a_backup_elsewhere_changes_nothing(self) -> None:
        assert home((MICROSOFT,), others=("mx.example.net",)).methods == (ONLINE,)

    def test_a_domain_that_takes_no_mail_fits_nothing(self) -> None:
        found = home(takes_no_mail=True)
        assert (found.methods, "takes no mail" in found.text) == ((), True)

    def test_no_domain_and_no_answer_are_told_apart(self) -> None:
        for standing, words in ((Standing.NO_DOMAIN, "There is no domain"), (Standing.SILENT, "Try again")):
            found = home(standing=standing)
            with self.subTest(standing):
                assert (found.methods, words in found.text) == ((), True)

    def test_of_many_servers_a_few_are_named(self) -> None:
        text = home(tuple(f"mx{number}.example.com" for number in range(5))).text
        assert "(mx0.example.com, mx1.example.com, mx2.example.com and 2 more)" in text

    def test_the_cloud_is_told_along(self) -> None:
        assert home((MICROSOFT,)).clouds == (Cloud.GLOBAL,)
        assert home(("x.mail.protection.partner.outlook.cn",)).clouds == (Cloud.CHINA,)


class ProviderTests(SimpleTestCase):
    def test_no_name_belongs_to_two(self) -> None:
        domains = Counter(domain for provider in PROVIDERS for domain in provider.domains)
        assert [domain for domain, times in domains.items() if times > 1] == []
        for provider in PROVIDERS:
            for domain in provider.domains:
                assert provider_of(f"mx.{domain}") == provider

    def test_names_are_as_they_are_compared(self) -> None:
        for provider in PROVIDERS:
            assert provider.name
            assert all(domain == domain.lower().strip(".") for domain in provider.domains)

    def test_those_of_microsoft_are_in_a_cloud(self) -> None:
        assert all(bool(provider.clouds) == (provider.kind == Kind.MICROSOFT_365) for provider in PROVIDERS)

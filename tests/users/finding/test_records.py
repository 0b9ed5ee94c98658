"""What the domain name system says of a domain: every way in which it can, and can't."""

from __future__ import annotations

import time
from typing import Any

from django.test import SimpleTestCase

from tests.servers.name_server import NameServer
from users.finding.records import MOST_SERVERS, SECONDS, Records, Standing, records_of

MAIL = {"example.com": {"MX": ["1 mx.example.com."]}}
SERVER = {"CNAME": ["autodiscover.outlook.com."]}


class RecordsCase(SimpleTestCase):
    def ask(self, domain: str = "example.com", **options: Any) -> Records:
        with NameServer(**options) as self.server:
            return records_of(domain, [self.server.address])

    def receivers(self, *records: str) -> tuple[str, ...]:
        return self.ask(records={"example.com": {"MX": records}}).receivers


class MailTests(RecordsCase):
    def test_those_with_the_lowest_preference_come_first(self) -> None:
        texts = ["20 backup.example.net.", "5 B.example.com.", "5 a.example.com."]
        records = self.ask(records={"example.com": {"MX": texts}})
        assert records.receivers == ("a.example.com", "b.example.com")
        assert records.others == ("backup.example.net",)

    def test_a_domain_without_a_record_has_no_receivers(self) -> None:
        assert self.ask(records={"example.com": {"A": ["192.0.2.1"]}}) == Records()

    def test_a_domain_that_takes_no_mail_says_so(self) -> None:
        records = self.ask(records={"example.com": {"MX": ["0 ."]}, "autodiscover.example.com": SERVER})
        assert records == Records(takes_no_mail=True)

    def test_a_domain_that_is_none_is_told(self) -> None:
        assert self.ask().standing == Standing.NO_DOMAIN

    def test_an_alias_is_followed(self) -> None:
        records = self.ask(records={"example.com": {"CNAME": ["b.example."]}, "b.example": {"MX": ["1 mx.b.example."]}})
        assert records.receivers == ("mx.b.example",)

    def test_an_international_domain_is_asked_for_in_ascii(self) -> None:
        for domain in ("bücher.example", "BÜCHER.example", "xn--bcher-kva.example"):
            records = self.ask(domain, records={"xn--bcher-kva.example": {"MX": ["1 mx.example."]}})
            with self.subTest(domain):
                assert records.receivers == ("mx.example",)
                assert self.server.questions[0] == ("xn--bcher-kva.example", "MX")

    def test_what_is_no_host_name_is_left_out(self) -> None:
        assert self.receivers(r"1 <script>.example.", r"1 a\.b\010c.example.", "1 mx.example.", r"1 \255\000.x.") == (
            "mx.example",
        )

    def test_of_many_a_few_are_taken_in(self) -> None:
        many = [f"7 a-rather-long-name-of-a-server-{number:03}.example.com." for number in range(90)]
        assert len(self.receivers(*many)) == MOST_SERVERS
        assert self.server.by_tcp == 1


class AutodiscoverTests(RecordsCase):
    def hosts(self, **records: Any) -> tuple[str, ...]:
        return self.ask(records=MAIL | records).autodiscover

    def test_the_end_of_the_aliases_counts(self) -> None:
        records = {
            "autodiscover.example.com": {"CNAME": ["mail.example.net."]},
            "mail.example.net": {"CNAME": ["autodiscover.outlook.com."]},
        }
        assert self.hosts(**records) == ("autodiscover.outlook.com",)

    def test_a_host_of_its_own_counts(self) -> None:
        assert self.hosts(**{"autodiscover.example.com": {"A": ["192.0.2.7"]}}) == ("autodiscover.example.com",)

    def test_a_name_without_an_address_does_not(self) -> None:
        assert self.hosts(**{"autodiscover.example.com": {"TXT": ['"x"']}}) == ()

    def test_a_service_counts_as_well(self) -> None:
        records = {"_autodiscover._tcp.example.com": {"SRV": ["0 0 443 mail.example.com."]}}
        assert self.hosts(**records) == ("mail.example.com",)

    def test_without_any_there_is_none(self) -> None:
        assert self.hosts() == ()

    def test_trouble_there_leaves_what_is_known(self) -> None:
        troubles: list[dict[str, Any]] = [{name: ["autodiscover.example.com"]} for name in ("failing", "silent")]
        for trouble in troubles:
            with self.subTest(**trouble):
                records = self.ask(records=MAIL, **trouble)
                assert (records.standing, records.receivers) == (Standing.KNOWN, ("mx.example.com",))

    def test_nobody_else_is_asked_for_anything(self) -> None:
        self.hosts(**{"autodiscover.example.com": SERVER})
        assert self.server.questions == [
            ("example.com", "MX"),
            ("autodiscover.example.com", "A"),
            ("_autodiscover._tcp.example.com", "SRV"),
        ]


class TroubleTests(RecordsCase):
    def test_a_server_in_trouble_tells_nothing(self) -> None:
        assert self.ask(failing=["example.com"]).standing == Standing.SILENT

    def test_a_server_that_does_not_answer_is_not_waited_for(self) -> None:
        began = time.monotonic()
        assert self.ask(silent=["example.com"]).standing == Standing.SILENT
        assert time.monotonic() - began < SECONDS + 1

    def test_where_nobody_listens_nothing_is_learnt(self) -> None:
        with NameServer() as server:
            address = server.address
        assert records_of("example.com", [address]).standing == Standing.SILENT

    def test_names_that_can_t_be_asked_for_are_no_error(self) -> None:
        for domain in ("a" * 64 + ".example", "a..example", "\u2e3a.example", f"{'a.' * 140}example", "-a.example", ""):
            with self.subTest(domain[:20]):
                assert self.ask(domain).standing in {Standing.SILENT, Standing.NO_DOMAIN}

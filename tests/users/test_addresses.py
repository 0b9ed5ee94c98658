"""One address, host or domain: what is taken, in which form, and what is refused with which words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from users.addresses import (
    is_same_address,
    normalise_address,
    normalise_domain,
    refuse_invisible,
    validate_address,
    validate_host_name,
)

INVISIBLE = ["\0", "\x01", "\t", "\n", "\r", "\x0b", "\x1b", "\x7f", "\x85", "\u200b", "\u200f", "\u202e", "\u2066"]
INVISIBLE += ["\u2028", "\u2029", "\ufeff", "\ud800", "\ue000", "\xad"]


def refusal(check: Callable[[str], Any], text: str) -> str:
    """The code of the refusal, whose message is a full sentence."""
    with pytest.raises(ValidationError) as caught:
        check(text)
    (message,) = caught.value.messages
    assert message[0].isupper() or message[0] == "“"
    assert message.endswith(".")
    return str(caught.value.code)


class AddressTests(SimpleTestCase):
    def test_takes_an_address_and_writes_its_domain_in_lower_case(self) -> None:
        table = {
            "anna@example.com": "anna@example.com",
            "Anna.O'Neil+x_y@Example.COM": "Anna.O'Neil+x_y@example.com",
            "anna@EXÄMPLE.de": "anna@exämple.de",
            "anna@xn--exmple-cua.de": "anna@exämple.de",
            "anna@exa\u0308mple.de": "anna@exämple.de",
            "anna@例え.jp": "anna@例え.jp",
            "a@b.co": "a@b.co",
            "anna@firm.local": "anna@firm.local",
            "a" * 64 + "@example.com": "a" * 64 + "@example.com",
        }
        for text, address in table.items():
            with self.subTest(text):
                assert normalise_address(text) == address

    def test_one_address_has_several_forms(self) -> None:
        for one, other in (
            ("Anna@EXÄMPLE.de", "anna@xn--exmple-cua.de"),
            ("anna@exa\u0308mple.de", "ANNA@exämple.de"),
            ("None", "none"),
        ):
            assert is_same_address(one, other)
        for other in ("ben@example.com", "anna@example.org", "anna", ""):
            assert not is_same_address("anna@example.com", other)

    def test_its_normal_form_is_stable(self) -> None:
        address = normalise_address("Anna@EXÄMPLE.de")
        assert normalise_address(address) == address

    def test_says_why_an_address_is_refused(self) -> None:
        table = {
            "display_name": [
                "Anna <anna@example.com>",
                "<anna@example.com>",
                '"Anna" anna@example.com',
                '"a b"@example.com',
            ],
            "one_address": [
                "a@example.com,b@example.com",
                "a@example.com;b@example.com",
                "a@example.com b@example.com",
                "a@b@c.de",
                "anna @example.com",
                "an na@example.com",
                "anna@example.com,",
            ],
            "invalid": [
                "",
                "anna",
                "anna@",
                "@example.com",
                "anna@example",
                "anna@.com",
                "anna@example..com",
                "anna@-example.com",
                "anna@example.com.",
                "anna@[127.0.0.1]",
                ".anna@example.com",
                "an..na@example.com",
                "ännä@example.com",
                "anna@exam_ple.com",
                "anna(x)@example.com",
                "a" * 65 + "@example.com",
                "anna@" + "a" * 64 + ".com",
                "anna@" + "a." * 130 + "com",
                "anna@xn--a.com",
                "anna@" + "a" * 60 + ".b" * 95,
                "anna@a.localhost",
            ],
        }
        for code, texts in table.items():
            for text in texts:
                with self.subTest(text[:40]):
                    assert refusal(validate_address, text) == code

    def test_refuses_what_nobody_can_see(self) -> None:
        for character in INVISIBLE:
            for text in (
                f"an{character}na@example.com",
                f"anna@exam{character}ple.com",
                f"anna@example.com{character}",
            ):
                with self.subTest(ascii(text)):
                    assert refusal(validate_address, text) == "invisible_character"

    @pytest.mark.untraced
    def test_refuses_a_very_long_text_at_once(self) -> None:
        assert refusal(validate_address, "a" * 1_000_000) == "invalid"

    @given(st.text())
    def test_takes_or_refuses_every_text(self, text: str) -> None:
        try:
            address = normalise_address(text)
        except ValidationError:
            return
        assert address.count("@") == 1
        assert address.isprintable()

    def test_visible_text_is_never_invisible(self) -> None:
        for text in ("", "Anna", "Ärmel & Söhne", "密码", "🔑", "a b", "a\u00a0b"):
            with self.subTest(text):
                refuse_invisible(text)


class HostNameTests(SimpleTestCase):
    def test_takes_names_and_addresses_of_hosts(self) -> None:
        for text in ("smtp.example.com", "localhost", "MAIL", "127.0.0.1", "a-b.c", "x" * 63, "1.example"):
            with self.subTest(text):
                validate_host_name(text)

    def test_refuses_everything_else(self) -> None:
        for text in (
            "",
            " ",
            "https://smtp.example.com",
            "smtp.example.com:587",
            "smtp.example.com/",
            "smtp example.com",
            "smtp.example.com\n",
            "-a.example.com",
            "a-.example.com",
            "a..example.com",
            ".example.com",
            "example.com.",
            "a_b.example.com",
            "smtp.exämple.com",
            "::1",
            "[::1]",
            "user@smtp.example.com",
            "x" * 64,
            "a." * 127 + "com",
            "smtp.example.com\0",
        ):
            with self.subTest(ascii(text[:40])):
                assert refusal(validate_host_name, text) == "host_name"


class DomainTests(SimpleTestCase):
    def test_writes_a_domain_in_lower_case(self) -> None:
        for text, domain in {"Example.COM": "example.com", "EXÄMPLE.de": "exämple.de", "a.b.co": "a.b.co"}.items():
            with self.subTest(text):
                assert normalise_domain(text) == domain

    def test_names_the_text_that_is_no_domain(self) -> None:
        for text in ("", "com", "a@b.de", "a b.de", "-a.de", "http://a.de", "a.de,", "\u202ea.de", "x" * 300):
            with self.subTest(ascii(text[:40])):
                assert refusal(normalise_domain, text) == "domain"

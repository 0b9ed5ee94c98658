"""What every calendar shows of an appointment."""

from __future__ import annotations

import unicodedata

import pytest

from tests.users.calendars.appointments import HARD_TEXTS, appointment
from users.calendars.appointment import in_one_line, without_controls


def test_what_is_done_has_a_tick_in_front() -> None:
    assert appointment(is_done=True).title == "✓ Call the buyer"


def test_reference_and_link_stand_below_the_text() -> None:
    whole = appointment(text="Bring the offer.", reference="Offer 2041", link="https://erp.example.com/2041")
    assert whole.body == "Bring the offer.\n\nOffer 2041\nhttps://erp.example.com/2041"
    assert appointment(reference="Offer 2041").body == "Offer 2041"
    assert appointment().body == ""


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS.keys())
def test_nothing_is_left_that_a_calendar_can_not_carry(text: str) -> None:
    left = {character for character in without_controls(text) if unicodedata.category(character) in {"Cc", "Cs"}}
    assert left <= {"\n", "\t"}


def test_a_line_is_one_line() -> None:
    assert in_one_line(" a\r\nb\x0bc\u2028d \t e ") == "a b c d e"

"""Names of draft files: safe on every system, and still readable."""

from __future__ import annotations

import pytest

from users.mail.drafts import draft_filename


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("Offer 2041", "Offer 2041.eml"),
        ("Grüße aus 東京", "Grüße aus 東京.eml"),
        ("", "Message.eml"),
        ("...", "Message.eml"),
        ("../../etc/passwd", "etc passwd.eml"),
        ("C:\\Windows\\win.ini", "C Windows win.ini.eml"),
        ("Re: what?", "Re what.eml"),
        ("line\r\nbreak\x00", "line break.eml"),
        ("\u202egpj.exe", "gpj.exe.eml"),
        ("CON", "Message.eml"),
        ("lpt1.txt", "Message.eml"),
        ("x" * 500, "x" * 80 + ".eml"),
    ],
)
def test_makes_a_safe_name_of_the_subject(subject: str, name: str) -> None:
    assert draft_filename(subject) == name

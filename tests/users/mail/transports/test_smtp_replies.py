"""What servers say in words alone, because no code of theirs says it."""

from __future__ import annotations

import pytest

from users.mail.transports.smtp_replies import CONTENT, OWN_ADDRESS, RECIPIENTS, SENDER, Reply, Table, error_class


@pytest.mark.parametrize(
    ("table", "code", "text", "kind"),
    [
        (SENDER, 554, "5.7.1 Client host [192.0.2.1] blocked using zen.example", "ServerRefused"),
        (RECIPIENTS, 554, "5.7.1 Service unavailable; your address is in a DNSBL", "ServerRefused"),
        (OWN_ADDRESS, 550, "5.7.1 Blacklisted", "ServerRefused"),
        (CONTENT, 550, "5.7.1 Your address is on our block list", "ServerRefused"),
        (CONTENT, 554, "5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException", "SenderRefused"),
        (RECIPIENTS, 550, "5.1.1 <bob@blocklist.example>: unknown", "RecipientsRefused"),
        (RECIPIENTS, 451, "4.7.1 Greylisted, you are on no block list", "TryLater"),
        (RECIPIENTS, 530, "5.7.57 Sign in, or be blocked using lists", "SignInNeeded"),
    ],
)
def test_words_tell_where_codes_do_not(table: Table, code: int, text: str, kind: str) -> None:
    assert error_class(table, Reply(code, text)).__name__ == kind

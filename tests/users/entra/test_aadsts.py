"""The table of Entra's error codes, and the errors that are made with it."""

from __future__ import annotations

from collections import Counter

from django.test import SimpleTestCase

from tests.servers.entra_tokens import CORRELATION, described
from users.choices import Turn
from users.entra import errors
from users.entra.aadsts import BY_CODE, MEANINGS, Trouble
from users.entra.errors import EntraError, error_of
from users.mail.transports.errors import TransportError

SERVER = "login.microsoftonline.com"
WRONG_PASSWORD = error_of(described("invalid_grant", 50126), server=SERVER)
IMPORTANT = (50034, 50126, 50053, 50055, 50057, 50173, 50076, 53003, 50105, 65001, 65004, 50011, 50020, 700016, 7000215)


def told(error: EntraError) -> tuple[object, ...]:
    """All that a user may read of an error, and what the site does about it."""
    return (
        *(type(error), error.code, str(error), str(error.hint), error.detail, error.part, error.refused),
        *(error.is_refusal, error.is_locked, str(error.for_administrator)),
    )


class TableTests(SimpleTestCase):
    def test_every_code_has_one_meaning(self) -> None:
        codes = Counter(code for meaning in MEANINGS for code in meaning.codes)
        assert [code for code, times in codes.items() if times > 1] == []
        assert set(IMPORTANT) <= set(codes)

    def test_every_text_is_a_full_sentence(self) -> None:
        for meaning in MEANINGS:
            with self.subTest(meaning.codes):
                for text in (meaning.message, meaning.hint, meaning.for_administrator):
                    assert str(text).endswith(".")
                    assert "AADSTS" not in str(text)

    def test_every_kind_of_trouble_is_an_error(self) -> None:
        assert set(errors.KINDS) == set(Trouble)

    def test_every_error_has_a_code_of_its_own_and_speaks_in_sentences(self) -> None:
        kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, EntraError)]
        kinds.remove(EntraError)
        assert len({kind.code for kind in kinds}) == len(kinds) > 10
        for kind in kinds:
            with self.subTest(kind.code):
                error = kind(server=SERVER)
                assert str(error).endswith(".")
                assert "%(" not in str(error)
                assert str(error.hint).endswith(".")
                assert str(error.for_administrator).endswith(".")


class ErrorTests(SimpleTestCase):
    def test_every_known_code_is_told_in_the_words_of_the_table(self) -> None:
        for code, meaning in BY_CODE.items():
            with self.subTest(code):
                error = error_of(described("invalid_grant", code), server=SERVER)
                assert isinstance(error, TransportError)
                assert (str(error), error.hint) == (str(meaning.message), meaning.hint)
                assert error.for_administrator == meaning.for_administrator
                assert error.aadsts == code
                assert f"correlation id {CORRELATION}" in error.detail
                if not meaning.hides_its_code:
                    assert error.detail == f"AADSTS{code}, invalid_grant, correlation id {CORRELATION}"

    def test_nobody_learns_which_user_names_exist(self) -> None:
        for number, oauth in ((50034, "invalid_grant"), (50056, "invalid_grant"), (51004, "invalid_request")):
            with self.subTest(number):
                assert told(error_of(described(oauth, number), server=SERVER)) == told(WRONG_PASSWORD)
        assert WRONG_PASSWORD.is_refusal
        assert not WRONG_PASSWORD.is_locked

    def test_an_unknown_code_speaks_of_a_connection_only_where_there_can_be_one(self) -> None:
        for kinds, oauth, code in (
            (errors.OAUTH_KINDS, "invalid_grant", "connection_ended"),
            (errors.WITH_PASSWORDS, "invalid_grant", "entra_account_refused"),
            (errors.WITH_PASSWORDS, "interaction_required", "sign_in_blocked"),
            (errors.WITH_PASSWORDS, "slow_down", "entra_unavailable"),
            (errors.WITHOUT_USERS, "invalid_grant", "registration_refused"),
            (errors.WITHOUT_USERS, "server_error", "entra_unavailable"),
        ):
            with self.subTest(oauth, code=code):
                assert error_of(described(oauth, 999999), server=SERVER, kinds=kinds).code == code

    def test_the_administrator_finds_the_code_in_the_log(self) -> None:
        with self.assertLogs("users.entra.errors", "INFO") as logged:
            error_of(described("invalid_grant", 50034), server=SERVER)
        assert logged.output == [
            f"INFO:users.entra.errors:Microsoft Entra says no: AADSTS50034, invalid_grant, correlation id {CORRELATION}"
        ]

    def test_whoever_can_mend_it_is_told(self) -> None:
        turns = {50126: Turn.USER, 50057: Turn.ADMINISTRATOR, 65001: Turn.ADMINISTRATOR, 65004: Turn.USER}
        for code, turn in turns.items():
            with self.subTest(code):
                assert error_of(described("invalid_grant", code), server=SERVER).whose_turn == turn

    def test_a_locked_account_is_left_alone(self) -> None:
        for code, is_locked in ((50053, True), (50055, False), (50057, False)):
            with self.subTest(code):
                error = error_of(described("invalid_grant", code), server=SERVER)
                assert (error.is_refusal, error.is_locked) == (True, is_locked)

    def test_an_unknown_code_has_a_general_sentence_and_stands_in_the_details(self) -> None:
        error = error_of(described("invalid_grant", 999999), server=SERVER)
        assert error.code == "connection_ended"
        assert error.detail.startswith("AADSTS999999, ")

    def test_without_any_code_the_standard_s_own_error_counts(self) -> None:
        for oauth, code in (
            ("access_denied", "sign_in_cancelled"),
            ("temporarily_unavailable", "entra_unavailable"),
            ("invalid_client", "registration_refused"),
            ("something_new", "sign_in_astray"),
        ):
            with self.subTest(oauth):
                error = error_of({"error": oauth}, server=SERVER)
                assert (error.code, error.detail) == (code, oauth)

    def test_a_text_brought_by_the_browser_is_never_repeated(self) -> None:
        text = "AADSTS65004: <script>x</script> Correlation ID: not-an-id Call 0190 666"
        error = error_of({"error": "x" * 99, "error_description": text}, server=SERVER)
        assert error.detail == "AADSTS65004"
        assert "Call" not in f"{error} {error.hint}"

    def test_odd_answers_are_no_error_of_their_own(self) -> None:
        odd: list[dict[str, object]] = [
            {"error": None},
            {"error": ["x"], "error_codes": "7"},
            {"error": "x", "error_codes": [None]},
            {"error": "x", "error_description": "AADSTS" + "9" * 5000},
            {"error": "x", "error_description": 7, "correlation_id": {}},
        ]
        for answer in odd:
            with self.subTest(answer=str(answer)[:60]):
                assert error_of(answer, server=SERVER).code == "sign_in_astray"

    def test_only_some_can_be_helped_by_the_user_alone(self) -> None:
        needs = {oauth: error_of({"error": oauth}, server=SERVER).needs_the_user for oauth in errors.OAUTH_KINDS}
        assert {oauth for oauth, is_needed in needs.items() if is_needed} == errors.NEEDS_THE_USER

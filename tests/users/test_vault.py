"""Secrets at rest: what opens, what does not, and that nothing shows a secret by accident."""

from __future__ import annotations

import base64
import copy
import json
import os
import pickle
import re
import stat
import tempfile
from hashlib import sha256
from itertools import permutations, product
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import SimpleTestCase, override_settings
from hypothesis import given
from hypothesis import strategies as st

from users import vault
from users.vault import KeyringError, Secret, UnreadableSecret

OLD, NEW = base64.b64encode(b"o" * 32).decode(), base64.b64encode(b"n" * 32).decode()
OWNER = UUID("c56a4180-65aa-42ec-a945-5fd21dec0538")
PLACE: dict[str, Any] = {
    "field": "exchange_password",
    "owner": OWNER,
    "destination": ("https://mail.example.com", "anna"),
}


def id_of(key: str) -> str:
    return sha256(base64.b64decode(key)).hexdigest()[:8]


def reason_of(token: str) -> str:
    with pytest.raises(UnreadableSecret) as caught:
        vault.unseal(token, **PLACE)
    return caught.value.reason


def box_of(token: str) -> tuple[str, bytes]:
    """The part in front of the box, and the box itself."""
    head, _dot, text = token.rpartition(".")
    return head, base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def token_of(head: str, box: bytes) -> str:
    return f"{head}.{base64.urlsafe_b64encode(box).decode().rstrip('=')}"


@override_settings(MAILSETTINGS_KEYS=OLD, MAILSETTINGS_KEYS_FILE=None)
class SealingTests(SimpleTestCase):
    def test_writes_version_key_id_and_box(self) -> None:
        token = vault.seal("secret", **PLACE)
        assert re.fullmatch(r"v1\.[0-9a-f]{8}\.[A-Za-z0-9_-]+", token)
        assert token.split(".")[1] == id_of(OLD) == vault.key_id_of(token)

    def test_gives_back_what_was_sealed(self) -> None:
        for text in ("", " ", " blanks at both ends ", "pässwörd 密码 🔑", "\t\r\n\0", "lone \ud800", "x" * 100_000):
            with self.subTest(text[:20].encode(errors="replace")):
                assert vault.unseal(vault.seal(text, **PLACE), **PLACE).reveal() == text

    @given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
    def test_gives_back_any_text(self, text: str) -> None:
        assert vault.unseal(vault.seal(text, **PLACE), **PLACE).reveal() == text

    def test_seals_a_secret_as_well_as_a_text(self) -> None:
        assert vault.unseal(vault.seal(Secret("x"), **PLACE), **PLACE) == Secret("x")

    def test_the_same_text_never_looks_the_same(self) -> None:
        assert len({vault.seal("secret", **PLACE) for _ in range(50)}) == 50

    def test_does_not_hold_the_text(self) -> None:
        _head, box = box_of(vault.seal("canary-password", **PLACE))
        assert b"canary" not in box

    def test_an_owner_may_be_given_as_uuid_or_text(self) -> None:
        token = vault.seal("secret", **PLACE)
        assert vault.unseal(token, **PLACE | {"owner": str(OWNER)}).reveal() == "secret"

    def test_a_destination_with_lone_surrogates_is_only_another_destination(self) -> None:
        odd = PLACE | {"destination": "a\ud800"}
        assert vault.unseal(vault.seal("secret", **odd), **odd).reveal() == "secret"


@override_settings(MAILSETTINGS_KEYS=OLD, MAILSETTINGS_KEYS_FILE=None)
class WrongPlaceTests(SimpleTestCase):
    def test_no_value_opens_in_the_place_of_another(self) -> None:
        owners: tuple[UUID | str, ...] = (uuid4(), "system")
        places: tuple[vault.Destination, ...] = ("x", ("x", "y"), ("xy",), ("", "x"))
        contexts = list(product(("a", "b"), owners, places))
        tokens = [vault.seal("s", field=f, owner=o, destination=d) for f, o, d in contexts]
        for (token, _own), (_other, (field, owner, place)) in permutations(zip(tokens, contexts, strict=True), 2):
            with pytest.raises(UnreadableSecret, match="belongs to another row"):
                vault.unseal(token, field=field, owner=owner, destination=place)

    def test_parts_do_not_run_into_each_other(self) -> None:
        token = vault.seal("s", field="ab", owner="c", destination=("d", "e"))
        for field, owner, places in (("a", "bc", ("d", "e")), ("ab", "c", ("de",)), ("ab", "c", ("d", "e", ""))):
            with self.subTest(field=field, owner=owner, places=places), pytest.raises(UnreadableSecret):
                vault.unseal(token, field=field, owner=owner, destination=places)

    def test_a_changed_bit_anywhere_in_the_box_does_not_open(self) -> None:
        head, box = box_of(vault.seal("secret", **PLACE))
        for position, bit in product(range(len(box)), range(8)):
            changed = bytearray(box)
            changed[position] ^= 1 << bit
            assert reason_of(token_of(head, bytes(changed))) == "not_yours"

    def test_a_changed_character_anywhere_does_not_open(self) -> None:
        token = vault.seal("secret", **PLACE)
        for position in range(len(token)):
            changed = f"{token[:position]}{chr(ord(token[position]) ^ 1)}{token[position + 1 :]}"
            assert reason_of(changed) in {"not_yours", "damaged", "key_missing"}

    def test_a_shortened_value_does_not_open(self) -> None:
        head, box = box_of(vault.seal("secret", **PLACE))
        for length in range(len(box)):
            assert reason_of(token_of(head, box[:length])) in {"not_yours", "damaged"}


@override_settings(MAILSETTINGS_KEYS=OLD, MAILSETTINGS_KEYS_FILE=None)
class DamagedValueTests(SimpleTestCase):
    def test_what_is_no_sealed_value_is_damaged(self) -> None:
        for token in (
            "",
            "plain",
            "v1.",
            "v1..",
            "v1.00000000.",
            "v2.00000000.AAAA",
            "v1.0000000G.AAAA",
            "v1.00000000.é",
        ):
            with self.subTest(token):
                assert reason_of(token) == "damaged"
                assert vault.key_id_of(token) == ""

    def test_only_the_canonical_form_opens(self) -> None:
        token = vault.seal("secret...", **PLACE)
        assert len(token.split(".")[2]) % 4 != 0
        last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".index(token[-1])
        sibling = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[last ^ 1]
        spoilt = [token[:-1] + sibling, token + "=", token + "==", token + "\n", " " + token, token + " "]
        for each in spoilt:
            with self.subTest(repr(each[-4:])):
                assert reason_of(each) == "damaged"

    def test_the_other_alphabet_is_refused(self) -> None:
        head, box = box_of(vault.seal("secret", **PLACE))
        text = base64.b64encode(b"\xfb\xff" + box).decode().rstrip("=")
        assert "+" in text
        assert reason_of(f"{head}.{text}") == "damaged"

    def test_white_space_within_is_refused(self) -> None:
        token = vault.seal("secret", **PLACE)
        assert reason_of(token[:20] + "\n" + token[20:]) == "damaged"


class KeyTests(SimpleTestCase):
    def test_the_newest_key_seals_and_older_ones_still_open(self) -> None:
        with self.settings(MAILSETTINGS_KEYS=OLD):
            token = vault.seal("secret", **PLACE)
        with self.settings(MAILSETTINGS_KEYS=f"{NEW},{OLD}"):
            assert vault.key_id_of(vault.seal("secret", **PLACE)) == id_of(NEW)
            assert vault.unseal(token, **PLACE).reveal() == "secret"
            assert vault.key_ids() == [id_of(NEW), id_of(OLD)]

    def test_a_value_tells_which_key_is_missing(self) -> None:
        with self.settings(MAILSETTINGS_KEYS=OLD):
            token = vault.seal("secret", **PLACE)
        with self.settings(MAILSETTINGS_KEYS=NEW), pytest.raises(UnreadableSecret) as caught:
            vault.unseal(token, **PLACE)
        assert (caught.value.reason, caught.value.key_id) == ("key_missing", id_of(OLD))

    def test_missing_or_malformed_keys_never_seal_and_never_open(self) -> None:
        with self.settings(MAILSETTINGS_KEYS=OLD):
            token = vault.seal("secret", **PLACE)
        short = base64.b64encode(b"short").decode()
        for keys in ("", " , ", "not base64!", short, f"{OLD},{short}", OLD[:-1], f"x{OLD}", "é"):
            with self.subTest(keys), self.settings(MAILSETTINGS_KEYS=keys, MAILSETTINGS_KEYS_FILE=None):
                assert reason_of(token) == "key_missing"
                assert vault.usable_key_ids() == []
                with pytest.raises(KeyringError):
                    vault.seal("secret", **PLACE)
                with pytest.raises(KeyringError):
                    vault.key_ids()

    def test_an_error_about_keys_does_not_tell_them(self) -> None:
        with self.settings(MAILSETTINGS_KEYS=f"{OLD},almost{NEW}"), pytest.raises(KeyringError) as caught:
            vault.key_ids()
        assert OLD not in str(caught.value)
        assert NEW not in str(caught.value)

    def test_a_new_key_is_a_key(self) -> None:
        with self.settings(MAILSETTINGS_KEYS=vault.new_key()):
            assert len(vault.key_ids()) == 1


class KeyFileTests(SimpleTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.path = self.folder / "data" / "keys"
        self.enterContext(self.settings(MAILSETTINGS_KEYS="", MAILSETTINGS_KEYS_FILE=self.path))

    def test_keys_come_from_the_file_one_a_line_or_separated_by_commas(self) -> None:
        self.path.parent.mkdir()
        for text in (f"{NEW}\n{OLD}\n", f"{NEW},{OLD}", f" {NEW} \n\n, {OLD}\r\n"):
            with self.subTest(repr(text)):
                self.path.write_text(text)
                assert vault.key_ids() == [id_of(NEW), id_of(OLD)]

    def test_a_changed_file_counts_at_once(self) -> None:
        self.path.parent.mkdir()
        self.path.write_text(OLD)
        assert vault.key_ids() == [id_of(OLD)]
        self.path.write_text(NEW)
        assert vault.key_ids() == [id_of(NEW)]

    def test_the_setting_goes_before_the_file(self) -> None:
        vault.make_key_file(self.path)
        with self.settings(MAILSETTINGS_KEYS=OLD):
            assert vault.key_ids() == [id_of(OLD)]

    def test_a_file_that_is_not_there_or_not_text_is_an_error_in_plain_words(self) -> None:
        self.path.parent.mkdir()
        with pytest.raises(KeyringError, match="can't be read"):
            vault.key_ids()
        self.path.write_bytes(b"\xff\xfe")
        with pytest.raises(KeyringError, match="can't be read"):
            vault.key_ids()

    def test_makes_a_file_that_its_owner_alone_can_read(self) -> None:
        before = os.umask(0)
        self.addCleanup(os.umask, before)
        vault.make_key_file(self.path)
        assert stat.S_IMODE(self.path.stat().st_mode) == 0o600
        assert len(vault.key_ids()) == 1

    def test_never_replaces_a_file(self) -> None:
        self.path.parent.mkdir()
        self.path.write_text("something else")
        vault.make_key_file(self.path)
        assert self.path.read_text() == "something else"


class SecretTests(SimpleTestCase):
    secret = Secret("canary")

    def test_gives_its_text_on_request_only(self) -> None:
        assert self.secret.reveal() == "canary"
        for shown in (repr(self.secret), str(self.secret), f"{self.secret}", "%s" % self.secret, repr([self.secret])):  # noqa: UP031
            assert "***" in shown
            assert "canary" not in shown

    def test_does_not_pickle_copy_or_serialise(self) -> None:
        for attempt in (pickle.dumps, copy.deepcopy, copy.copy, json.dumps):
            with self.subTest(attempt.__name__), pytest.raises(TypeError) as caught:
                attempt(self.secret)
            assert "canary" not in str(caught.value)

    def test_has_no_dictionary_and_no_hash(self) -> None:
        assert not hasattr(self.secret, "__dict__")
        with pytest.raises(TypeError):
            hash(self.secret)

    def test_is_true_when_it_has_a_text(self) -> None:
        assert self.secret
        assert not Secret("")

    def test_is_equal_to_the_same_secret_alone(self) -> None:
        assert self.secret == Secret("canary")
        assert self.secret != Secret("other")
        assert self.secret != "canary"
        assert Secret("\ud800") != self.secret

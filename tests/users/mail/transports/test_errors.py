"""The tree of errors: every one says what is wrong and what to do, has a code of its own, and stands in a drawing."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from users.mail.transports.errors import ComposeError, TransportError


def below(kind: type[TransportError]) -> Iterator[type[TransportError]]:
    yield kind
    for inner in kind.__subclasses__():
        yield from below(inner)


KINDS = sorted(set(below(TransportError)) - {ComposeError}, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_it_is_plain(kind: type[TransportError]) -> None:
    for text in (str(kind.message) % {"server": "mail.example.com"}, str(kind.hint)):
        assert text.endswith(".")
        assert text[0].isupper() or text.startswith("mail.example.com")


def test_every_code_is_used_once() -> None:
    codes = [kind.code for kind in KINDS if "code" in vars(kind)]
    assert len(codes) == len(set(codes))


DRAWN = [kind for kind in KINDS if kind.__module__.startswith("users.mail.transports.") and kind is not TransportError]


@pytest.mark.parametrize("kind", DRAWN, ids=lambda kind: kind.__name__)
def test_it_is_drawn_where_it_is_defined(kind: type[TransportError]) -> None:
    assert f"─ {kind.__name__}" in (sys.modules[kind.__module__].__doc__ or "")

"""What people and programs type into fields where it does not belong."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from crispy_forms.utils import render_crispy_form
from django.db import models, transaction
from django.forms import BaseForm

BAD_INPUT = {
    "nothing": "",
    "blanks": "   ",
    "far too much": "x" * 10_000,
    "a hundred thousand digits": "1" * 100_000,
    "a NUL": "a\0b",
    "only a NUL": "\0",
    "a control character": "a\x01b",
    "an escape sequence": "a\x1b[31mb",
    "a C1 control character": "a\x85b",
    "a deleted character": "a\x7fb",
    "a tab": "a\tb",
    "CR and LF": "anna@example.com\r\nBcc: mallory@example.com",
    "a LF": "a\nb",
    "a lone CR": "a\rb",
    "a line separator": "a\u2028b",
    "a right-to-left override": "\u202emoc.elpmaxe@anna",
    "a right-to-left mark": "anna\u200f@example.com",
    "a zero-width blank": "an\u200bna@example.com",
    "a byte order mark": "\ufeffanna@example.com",
    "a lone surrogate": "a\ud800b",
    "two addresses": "a@example.com, b@example.com",
    "an address with a name": "Anna <anna@example.com>",
    "an international domain": "anna@exämple.de",
    "an international local part": "ännä@example.com",
    "a number": "42",
    "a negative number": "-1",
    "a huge number": "9" * 30,
    "a float": "1e309",
    "other digits": "\u0661\u0662",
    "a list": "[1, 2]",
    "an object": '{"a": 1}',
    "true": "true",
    "a script": "<script>alert(1)</script>",
    "nested brackets": "<p style='color:" + "[" * 3_000 + "'>x",
    "nested elements": "<div>" * 1_500 + "x",
    "a template": "{{ name }}{% include 'x' %}{0}%s%(x)s",
    "SQL": "'; DROP TABLE users_user; --",
    "a path": "../../etc/passwd\\..",
    "an address of a page": "https://user:pass@example.com:99999/x?y#z",
    "a broken address": "https://[::1",
    "a smile": "💥",
    "a date that is none": "2027-02-30",
    "an early date": "0000-00-00",
}


def problems_of(make: Callable[[dict[str, Any]], Any], good: dict[str, Any], field: str) -> Iterator[str]:
    """Whatever is wrong with a form's answer to bad input in one field; `make` builds the form from what is posted."""
    for name, text in BAD_INPUT.items():
        form = make(good | {field: text})
        for problem in _accepted(form) if form.is_valid() else _refused(form):
            yield f"{name}: {problem}"


def page_with(make: Callable[[dict[str, Any]], Any], good: dict[str, Any], text: str) -> str:
    """The HTML of a form into whose every field the same text was typed."""
    form = make(dict.fromkeys(good, text))
    form.is_valid()
    return str(render_crispy_form(form))


def _refused(form: BaseForm) -> Iterator[str]:
    """The errors stand at fields of the form, are sentences and have codes."""
    for at, errors in form.errors.get_json_data().items():
        if at not in form.fields:
            yield f"an error at {at}: {errors}"
        yield from (f"no sentence: {error}" for error in errors if not is_sentence(error["message"]))
        yield from (f"no code: {error}" for error in errors if not error["code"])


def _accepted(form: Any) -> Iterator[str]:
    """What is stored is visible text, and it is the same after reading it again."""
    with transaction.atomic():
        form.save_unless_changed()
        stored = type(form.instance)._default_manager.get(pk=form.instance.pk)
        transaction.set_rollback(True)
    for field in stored._meta.concrete_fields:
        value = getattr(stored, field.attname)
        if isinstance(field, models.CharField | models.TextField) and _is_odd(value, is_text=not _is_line(field)):
            yield f"stored in {field.name}: {value[:80]!r}"


def _is_line(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, models.CharField)


def _is_odd(value: str, *, is_text: bool) -> bool:
    allowed = "\r\n\t" if is_text else ""
    return any(unicodedata.category(character) in {"Cc", "Cs"} for character in value if character not in allowed)


def is_sentence(text: str) -> bool:
    return (text[0].isupper() or text[0] == "“") and text.endswith((".", "!", "</a>")) and " " in text

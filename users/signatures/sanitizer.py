"""Makes HTML safe: what comes out is on the allow-list, and sanitising it again changes nothing.

bleach is no longer maintained upstream, so it does not stand alone. A guard bounds what its parser gets to see, every
attribute and style value is checked here, the result is sanitised until it is at rest, nothing touches it afterwards,
and pages that show a signature run under a strict Content-Security-Policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from bleach.sanitizer import Cleaner
from django.utils.translation import gettext as _

from users.signatures.allow_list import ATTRIBUTES, MAX_LINK, SCHEMES, TAGS, WEB_SCHEMES
from users.signatures.errors import SignatureRefused
from users.signatures.guard import refuse_too_long, refuse_what_costs_too_much, without_dropped
from users.signatures.references import unescaped
from users.signatures.rest import is_at_rest
from users.signatures.style_values import StyleSanitizer
from users.signatures.word_styles import with_styles_inline

MAX_ROUNDS = 3
MAX_DIGITS = 10
"""Of a character's number; more are zeros in front."""

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_MAY_HAVE_BLANKS = re.compile(r"(?:tel|sms|mailto):", re.IGNORECASE)
_BLANK_IN_PLACEHOLDER = re.compile(r"(?<=\{\{) {1,3}(?=\w)|(?<=\w) {1,3}(?=\}\})")
_UNFIT_FOR_LINKS = re.compile(r"[\s\\]")


def sanitize_html(html: str) -> str:
    """The HTML with everything unsafe taken out; sanitising the result again changes nothing.

    Raises :class:`SignatureRefused` for input that is too large or that does not come to rest.
    """
    text = _prepared(html)
    attributes = _Attributes()
    cleaner = _cleaner(attributes)
    for _round in range(MAX_ROUNDS):
        cleaned = _without_forbidden(_cleaned(cleaner, text)).strip()
        # What is stored has to pass again.
        refuse_what_costs_too_much(cleaned)
        if cleaned == text or is_at_rest(cleaned, attributes.are_settled):
            return cleaned
        text = cleaned
    raise _too_tangled()


def _cleaned(cleaner: Cleaner, text: str) -> str:
    try:
        return cleaner.clean(text)
    except ValueError as error:
        # bleach has Python read the numbers of characters, also those that only come about in cleaning.
        raise _too_tangled() from error


def _too_tangled() -> SignatureRefused:
    return SignatureRefused(_("This HTML is too tangled to be kept safely. Paste the signature again, or simplify it."))


def _prepared(html: str) -> str:
    """What bleach is to look at: without what nobody is to see, and with style sheets in the elements."""
    refuse_too_long(html)
    text, sheets = without_dropped(_without_forbidden(html))
    refuse_what_costs_too_much(text)
    if sheets:
        text = with_styles_inline(text, sheets)
        refuse_what_costs_too_much(text)
    return text.strip()


def _without_forbidden(text: str) -> str:
    """Take control characters and lone surrogates out, also where they are written as numbers."""
    return _FORBIDDEN.sub("", _REFERENCE.sub(_harmless_reference, text))


def _harmless_reference(match: re.Match[str]) -> str:
    digits, base = (match[1], 16) if match[1] else (match[2], 10)
    # Eight digits that do not begin with a zero are beyond Unicode already, and Python refuses to read thousands.
    number = int(digits.lstrip("0")[:8] or "0", base)
    # The numbers from 128 to 159 stand for printable characters (HTML, "numeric character reference end state").
    is_forbidden = number > 0x10FFFF or (not 0x80 <= number <= 0x9F and _FORBIDDEN.fullmatch(chr(number)))
    if is_forbidden:
        return ""
    return match[0] if len(digits) < MAX_DIGITS else f"&#{number};"


def _cleaner(attributes: _Attributes) -> Cleaner:
    # A cleaner is not safe to share between threads.
    return Cleaner(
        tags=TAGS,
        attributes=attributes.are_kept,
        protocols=SCHEMES | {"cid"},
        strip=True,
        strip_comments=True,
        filters=[_shown_pictures, _settled_quotes],  # type: ignore[list-item]
        css_sanitizer=attributes.styles,
    )


class _Attributes:
    """Judges the attributes of one signature."""

    def __init__(self) -> None:
        self.styles = StyleSanitizer()

    def are_kept(self, tag: str, name: str, value: str) -> bool:
        if name == "style":
            return bool(self.styles.sanitize_css(value))
        # bleach gives the value as it is written; what counts is how a browser reads it.
        read = unescaped(value)
        if (tag, name) == ("a", "href"):
            return is_safe_link(read)
        pattern = ATTRIBUTES.get(tag, {}).get(name) or ATTRIBUTES["*"].get(name)
        return pattern is not None and pattern.fullmatch(read) is not None

    def are_settled(self, tag: str, name: str, value: str) -> bool:
        return self.styles.sanitize_css(value) == value if name == "style" else self.are_kept(tag, name, value)


def is_safe_link(value: str) -> bool:
    """An explicit scheme of the list, no blanks or invisible characters, and no sign-in data before the host.

    Blanks are fine where people write them: in telephone numbers, in subjects, and in placeholders.
    """
    value = value.replace(" ", "") if _MAY_HAVE_BLANKS.match(value) else _BLANK_IN_PLACEHOLDER.sub("", value)
    if len(value) > MAX_LINK or not value.isprintable() or _UNFIT_FOR_LINKS.search(value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    if parts.scheme not in SCHEMES:
        return False
    return parts.scheme not in WEB_SCHEMES or (bool(parts.netloc) and "@" not in parts.netloc)


def _shown_pictures(source: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Leave out a picture whose address was not kept: it would show as a broken one."""
    for token in source:
        if token.get("name") != "img" or (None, "src") in token["data"]:
            yield token


def _settled_quotes(source: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Write quotes in attributes as references: in values that hold both, bleach would escape those anew each time.

    Styles have no references.
    """
    for token in source:
        if token["type"] in {"StartTag", "EmptyTag"}:
            attributes = token["data"]
            quoted = [key for key, value in attributes.items() if '"' in value and key != (None, "style")]
            attributes |= {key: attributes[key].replace('"', "&quot;") for key in quoted}
        yield token

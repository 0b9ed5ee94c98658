"""Where the pictures of a paste come from: the HTML itself, the RTF beside it, files beside it, or the web."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PureWindowsPath
from urllib.parse import unquote

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.addresses import host_of
from users.signatures.errors import SignatureRefused
from users.signatures.pasted_html import Wanted
from users.signatures.pictures import MAX_PICTURES, Picture, read_picture
from users.signatures.rtf import RtfPicture

Fetch = Callable[[str], Picture]
"""Gives the picture at an https address, or raises SignatureRefused."""

NOT_ON_CLIPBOARD = gettext_lazy("One picture was not on the clipboard: add it here.")
NEEDS_SIGN_IN = re.compile(
    r"(?:.*\.)?(?:attachments\.office\.net|attachment\.outlook\.live\.net|outlook\.office(?:365)?\.com)"
)
MAX_ATTEMPTS = 15
"""Pictures that are looked at for one paste, with those that turn out not to be any."""
DRAWINGS = frozenset({"emf", "wmf", "pict"})
_DATA_URL = re.compile(r"data:image/([\w.+-]{1,40});base64,([A-Za-z0-9+/=%\r\n]*+)", re.IGNORECASE)


class Missing(Exception):
    """The picture can't be had; says why and what to do, in plain words."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class OnlyALink(Missing):
    """The picture is somewhere on the web and stays there."""


@dataclass(slots=True)
class Sources:
    """Everything that one paste may have its pictures from."""

    embedded: Mapping[str, str] = field(default_factory=dict)
    """Base64 by the name that stands for it, as :func:`lift_embedded` gives it."""
    rtf: Mapping[int, RtfPicture] = field(default_factory=dict)
    """By the number of the picture that it belongs to."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """By :func:`bare_name`, and by :func:`name_with_folder`."""
    fetch: Fetch | None = None
    absent: str | Promise = NOT_ON_CLIPBOARD
    """What is said of a picture that is in none of them."""
    _pictures: dict[str | bytes, Picture] = field(default_factory=dict)
    """By their content as it came, or by their address."""
    _attempts: int = 0

    def find(self, wanted: Wanted) -> Picture:
        """The picture. Raises :class:`Missing`, or :class:`OnlyALink` for one from the web."""
        content = self._content(wanted)
        if content is None:
            self._refuse_what_is_nowhere(wanted.source)
            return self._once(wanted.source, lambda: self._from_web(wanted.source))
        return self._once(content, lambda: _read(content))

    def _once(self, key: str | bytes, get: Callable[[], Picture]) -> Picture:
        """Get each picture once, and no more of them than a signature has room for: each costs time."""
        if key not in self._pictures:
            if len(self._pictures) >= MAX_PICTURES or self._attempts >= MAX_ATTEMPTS:
                raise Missing("too_many_pictures", _("A signature has room for 10 pictures; this one is left out."))
            self._attempts += 1
            self._pictures[key] = get()
        return self._pictures[key]

    def _content(self, wanted: Wanted) -> bytes | None:
        if wanted.source in self.embedded:
            return _decoded(self.embedded[wanted.source])
        if wanted.source.lower().startswith("data:"):
            raise Missing(
                "picture_refused", _("One picture is of a kind that mail programs don't show: add it as PNG.")
            )
        if not is_on_web(wanted.source):
            for name in (name_with_folder(wanted.source), bare_name(wanted.source)):
                if name in self.files:
                    return self.files[name]
        if wanted.number in self.rtf and not self._can_fetch(wanted.source):
            return _usable(self.rtf[wanted.number])
        return None

    def _can_fetch(self, source: str) -> bool:
        return self.fetch is not None and source.lower().startswith("https:") and not needs_sign_in(source)

    def _refuse_what_is_nowhere(self, source: str) -> None:
        if needs_sign_in(source):
            raise Missing("picture_needs_sign_in", _("One picture can be read by Outlook alone: please add it here."))
        if not is_on_web(source):
            raise Missing("picture_missing", str(self.absent))

    def _from_web(self, source: str) -> Picture:
        if self.fetch is None or not self._can_fetch(source):
            raise _only_a_link(source)
        try:
            return self.fetch(source)
        except SignatureRefused as refused:
            raise _only_a_link(source) from refused


def lift_embedded(html: str) -> tuple[str, dict[str, str]]:
    """The HTML with a short name in place of each picture that is written out in it, and those pictures."""
    embedded: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        name = f"data:{len(embedded)}"
        embedded[name] = match[2]
        return name

    return _DATA_URL.sub(named, html), embedded


def is_on_web(source: str) -> bool:
    return source.lower().startswith(("https://", "http://"))


def needs_sign_in(source: str) -> bool:
    """Whether only the user's own session with Microsoft can read what is at the address."""
    return is_on_web(source) and bool(NEEDS_SIGN_IN.fullmatch(_host_of(source)))


def _host_of(source: str) -> str:
    """The name of the server, or nothing where the address is none."""
    return host_of(source) if source.isprintable() else ""


def bare_name(source: str) -> str:
    """The last part of a path or address, whatever system it comes from, in small letters."""
    return _path(source).name.lower()


def name_with_folder(source: str) -> str:
    """The same with the folder in front of it; without one, it begins with a slash all the same."""
    return "/".join(("", *_path(source).parts[-2:])).lower()


def _path(source: str) -> PureWindowsPath:
    return PureWindowsPath(unquote(source.partition("?")[0]))


def from_rtf(wanted: Sequence[Wanted], pictures: Sequence[RtfPicture], rules: int) -> dict[int, RtfPicture]:
    """Which picture of the RTF belongs to which of the HTML, by their order.

    Nothing when the numbers do not agree, or agree in more than one way, or shapes differ: a wrong picture is worse
    than a missing one.
    """
    pictures = [picture for picture in pictures if not picture.is_horizontal_rule]
    without_drawings = [picture for picture in pictures if picture.kind != "wmf"]
    candidates = [pictures]
    if 0 < len(pictures) - len(without_drawings) <= rules:
        candidates.append(without_drawings)
    local = [one for one in wanted if not is_on_web(one.source) and not one.source.startswith("data:")]
    found = [
        {one.number: picture for one, picture in zip(ones, some, strict=True)}
        for some in candidates
        for ones in ([local] if len(local) == len(wanted) else [local, list(wanted)])
        if ones and len(ones) == len(some) and all(map(_is_alike, ones, some))
    ]
    return found[0] if len(found) == 1 else {}


def _is_alike(wanted: Wanted, picture: RtfPicture) -> bool:
    """Whether the shapes agree, as far as both are known."""
    (width, height), (other_width, other_height) = wanted.size, (picture.width, picture.height)
    if not (width and height and other_width and other_height):
        return True
    one, other = width * other_height, height * other_width
    return abs(one - other) <= max(one, other) // 4 + 3 * (width + height)


def _usable(picture: RtfPicture) -> bytes:
    if picture.kind in DRAWINGS:
        raise Missing(
            "picture_is_drawing",
            _("One picture is a Windows drawing, which mail programs don't show: add it here as PNG, JPEG or GIF."),
        )
    return picture.content


def _decoded(base64: str) -> bytes:
    try:
        return b64decode(unquote(base64))
    except (NotBase64, ValueError) as error:
        raise Missing("picture_damaged", _("One picture is damaged: add it here.")) from error


def _read(content: bytes) -> Picture:
    try:
        return read_picture(content)
    except SignatureRefused as refused:
        raise Missing("picture_refused", str(refused)) from refused


def _only_a_link(source: str) -> OnlyALink:
    sentence = _("One picture could not be fetched from %(host)s, and is a link now. Add it here instead.")
    return OnlyALink("picture_stays_link", sentence % {"host": _host_of(source) or "?"})

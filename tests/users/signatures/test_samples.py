"""Pastes and signature files of each source, and of each trap that is known, with what has to come of them.

Each folder in ``samples`` holds what the clipboard has, or the files; beside it ``expected.html``, in which pictures
are known by their colour, and ``expected.txt`` with the notes and their places. All are made for these tests.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.users.signatures.pictures import picture, with_colours
from users.signatures import SignatureRefused, sanitize_html
from users.signatures.outlook_files import read_files
from users.signatures.paste import read_paste
from users.signatures.pasted import Pasted
from users.signatures.pictures import Picture, read_picture

SAMPLES = Path(__file__).parent / "samples"
PASTES = sorted(path.parent.name for path in SAMPLES.glob("*/clipboard.html"))
FILES = sorted(path.name for path in SAMPLES.glob("files-*"))
ON_THE_WEB = ("https://ci3.googleusercontent.com/mail-sig/AIorK4x", "https://www.example.com/logo.png")


def fetch(url: str) -> Picture:
    if url not in ON_THE_WEB:
        raise SignatureRefused("There is nothing.")
    return read_picture(picture("green"))


def read(name: str) -> Pasted:
    folder = SAMPLES / name
    if name in FILES:
        paths = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("expected")]
        return read_files([(str(path.relative_to(folder)), path.read_bytes()) for path in paths], fetch=fetch)
    rtf = folder / "clipboard.rtf"
    return read_paste((folder / "clipboard.html").read_text(), rtf.read_bytes() if rtf.exists() else b"", fetch=fetch)


def test_there_are_samples() -> None:
    assert len(PASTES) + len(FILES) == len(list(SAMPLES.iterdir()))
    assert len(PASTES) > 15
    assert len(FILES) > 1


@pytest.mark.parametrize("name", [*PASTES, *FILES])
def test_a_sample_becomes_what_it_should(name: str) -> None:
    pasted = read(name)
    html = with_colours(pasted.html, pasted.pictures) + "\n"
    assert html == (SAMPLES / name / "expected.html").read_text()
    assert notes(pasted) == (SAMPLES / name / "expected.txt").read_text()


@pytest.mark.parametrize("name", [*PASTES, *FILES])
def test_what_becomes_of_a_sample_is_at_rest_and_complete(name: str) -> None:
    pasted = read(name)
    assert sanitize_html(pasted.html) == pasted.html
    assert all(f'"cid:{one.content_id}"' in pasted.html for one in pasted.pictures)
    assert all(f'"cid:{one}"' in pasted.html for one in pasted.missing)
    assert all(note.text.endswith(".") for note in pasted.notes)


def notes(pasted: Pasted) -> str:
    return "".join(f"{note.code} | {note.place}\n" for note in pasted.notes)

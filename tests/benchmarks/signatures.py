"""How long signatures take, and how much memory: an ordinary one, and whatever costs most.

    .venv/bin/python tests/benchmarks/signatures.py [NUMBER OF GENERATED INPUTS]

Each input is answered in a process of its own, whose processor time and additional memory count, so that other work on
the machine does not. Bounds:

- a signature of 20 KB from Outlook is sanitised in at most 1.3 times the time of ``bleach.clean`` with bleach's own
  sanitiser for styles and the same lists, both measured here in turn
- any input of 512 KB is answered within 0.5 s and 60 MB, as HTML and as a paste, accepted or refused, and takes at most
  3 times as long as one of 256 KB (beyond 50 ms)
- picture bombs are refused within 0.3 s and 50 MB
- an RTF of 3 MB is read within 0.2 s
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import stage

HALF, WHOLE = 256 * 1024, 512 * 1024
RATIO_AT_MOST = 1.3
SECONDS_AT_MOST, MEGABYTES_AT_MOST = 0.5, 60
GROWTH_AT_MOST, GROWTH_FROM = 3.0, 0.05
BOMB_SECONDS_AT_MOST, BOMB_MEGABYTES_AT_MOST = 0.3, 50
RTF_SECONDS_AT_MOST = 0.2
ROUNDS = 15
SEARCHED = 400

ROW = """<tr style='mso-yfti-irow:{0};height:15.0pt'><td width=120 valign=top style='width:90.0pt;border:none;
border-right:solid #24666B 1.0pt;padding:0cm 5.4pt 0cm 5.4pt'><p class=MsoNormal style='margin-bottom:0cm;
line-height:normal'><b><span lang=EN-GB style='font-size:10.0pt;font-family:"Arial",sans-serif;
mso-fareast-font-family:"Times New Roman";color:#24666B;mso-fareast-language:EN-GB'>Telephone {0}<o:p></o:p></span></b>
</p></td><td style='padding:0cm 5.4pt 0cm 5.4pt'><p class=MsoNormal><span style='font-size:9.{0}pt;font-family:"Arial",
sans-serif;color:black'>+49 30 5550 {0} <a href="mailto:anna@example.com"><span style='color:#0563C1'>anna@example.com
</span></a> &amp; &nbsp;more</span></p></td></tr>
"""
SIGNATURE = (
    '<table class=MsoNormalTable border=0 cellspacing=0 cellpadding=0 style="border-collapse:collapse">'
    + "".join(ROW.format(number) for number in range(27))
    + "</table>"
)

CROWD = " ".join(f"a{number}" for number in range(39))
OPEN = "<b><i><u><s><em><strong><small><big><code><tt><font color=red>"
REPEATED = {
    "elements within each other": "<div>",
    "formatting that is never closed": "<font color=i><p>",
    "lists within each other": "<ul><li>",
    "text in tables": "<table>a<b>",
    "paragraphs in formatting": "<p><b>x</p>",
    "misnested formatting": "<b><p>x</b>y</p>",
    "misnested links": "<a><div>x</a>y</div>",
    "end tags without end": "</a",
    "less-than signs": "<",
    "ampersands": "&",
    "entities": "&amp;",
    "entities of numbers": "&#65;",
    "entities without end": "&#x",
    "comments": "<!---->",
    "comments without end": "<!--",
    "conditional comments": "<!--[if x]><![endif]-->",
    "conditional comments without end": "<!--[if x]>",
    "scripts": "<script></script>",
    "scripts without end": "<script>",
    "control characters": "\x01",
    "lone surrogates": "\ud800",
    "emoji": "\U0001f511",
    "pictures": "<img src=x>",
}
LARGE: dict[str, Callable[[int], str]] = {
    "one tag with thousands of attributes": lambda size: "<a " + "".join(f"a{n} " for n in range(size // 8)) + ">",
    "parentheses in a style": lambda size: '<p style="color:' + "(" * (size - 30) + '">x',
    "a style sheet of braces": lambda size: f"<style>{'{}' * (size // 2 - 20)}</style>x",
    "a style sheet of comments": lambda size: f"<style>{'/*' * (size // 2 - 20)}</style>x",
    "a style sheet of rules": lambda size: f"<style>{'p{color:red}' * (size // 12 - 3)}</style><p>x",
    "text": lambda size: "x " * (size // 2),
    "one long word": lambda size: "x" * size,
    "a picture written out": lambda size: f'<img src="data:image/png;base64,{"A" * (size - 60)}">',
}
LIMITS = {
    "as many elements as may be": "<b>x</b>" * 1_900,
    "as deep as may be": ("<div>" * 149 + "x" + "</div>" * 149) * 12,
    "as much misnested as may be": "<b><p>x</b>y</p>" * 480,
    "as many attributes as may be": f"<p {CROWD}>x</p>" * 100,
    "as much formatting as may be": OPEN + "<p>x</p>" * 330,
    "as long as may be": "x " * 32_000,
    "as many styles as may be": "".join(f'<p style="a:b;width:{n}px;c(d">x</p>' for n in range(990)),
    "styles with much to parse": "".join('<p style="' + "a:b\\;" * 600 + f'c{n}:d">x</p>' for n in range(17)),
    "a sheet that writes much": f"<style>{'p{font-family:aaaaaaaaaaaaaaa}' * 200}</style>" + "<p>x</p>" * 900,
    "links": f'<a href="https://a.example/{"x" * 2_000}">x</a>' * 30,
    "tables within each other": "<table><tr><td>" * 37 + "x",
    "text in a table": "<table>" + "<b>x</b>" * 1_000,
}


@dataclass(frozen=True)
class Cost:
    seconds: float
    megabytes: float
    outcome: str


def main(searched: int) -> int:
    stage.prepare()
    warm_up()
    sections = (ordinary, worst, at_the_limits, lambda: search(searched), bombs, rich_text)
    good = [one for section in sections for one in section()]
    print(f"{good.count(False)} of {len(good)} cases are over a bound")
    return int(not all(good))


def ordinary() -> list[bool]:
    """The ratio to bleach alone."""
    from bleach import clean
    from bleach.css_sanitizer import CSSSanitizer

    from users.signatures import sanitize_html
    from users.signatures.allow_list import ATTRIBUTES, SCHEMES, STYLE_PROPERTIES, TAGS

    names = {tag: ["style", "href", *ATTRIBUTES["*"], *ATTRIBUTES.get(tag, ())] for tag in TAGS}

    def plain() -> str:
        styles = CSSSanitizer(allowed_css_properties=sorted(STYLE_PROPERTIES))
        return clean(SIGNATURE, tags=TAGS, attributes=names, protocols=SCHEMES, strip=True, css_sanitizer=styles)

    times = [(_timed(plain), _timed(lambda: sanitize_html(SIGNATURE))) for _round in range(ROUNDS)]
    theirs, ours = (median(column) for column in zip(*times, strict=True))
    ratio = median(ours / theirs for theirs, ours in times)
    print(f"a signature of {len(SIGNATURE):,} characters, {SIGNATURE.count('<'):,} tags, median of {ROUNDS} rounds")
    print(f"  bleach.clean {theirs * 1000:6.1f} ms   sanitize_html {ours * 1000:6.1f} ms   ratio {ratio:.2f}")
    return [ratio <= RATIO_AT_MOST]


def worst() -> list[bool]:
    cases = {name: lambda size, unit=unit: unit * (size // len(unit)) for name, unit in REPEATED.items()} | LARGE
    return [grows(name, html_of) for name, html_of in cases.items()]


def grows(name: str, html_of: Callable[[int], str]) -> bool:
    """Print what half and the whole of the largest input cost; tell whether the bounds hold."""
    good = True
    for kind, answer in answers().items():
        half, whole = (cost(answer, html_of(size)) for size in (HALF, WHOLE))
        ratio = whole.seconds / max(half.seconds, GROWTH_FROM)
        good = report(f"{name}, {kind}", whole, half=half, is_good=ratio <= GROWTH_AT_MOST) and good
    return good


def at_the_limits() -> list[bool]:
    return [
        report(f"{name}, {kind}", cost(answer, html))
        for name, html in LIMITS.items()
        for kind, answer in answers().items()
    ]


def search(number: int) -> list[bool]:
    """The slowest and the largest of many generated inputs."""
    from tests.users.signatures.generated import html_of

    costs = [(cost(answer, html_of(n)), n, kind) for n in range(number) for kind, answer in answers().items()]
    accepted = sum(one.outcome == "accepted" for one, _n, _kind in costs)
    print(f"{len(costs)} answers to generated inputs, {accepted} accepted; the slowest, and the one with most memory")
    chosen = (max(costs, key=lambda one: one[0].seconds), max(costs, key=lambda one: one[0].megabytes))
    return [report(f"generated {n}, {kind}", one) for one, n, kind in chosen] + [
        one.seconds <= SECONDS_AT_MOST and one.megabytes <= MEGABYTES_AT_MOST for one, _n, _kind in costs
    ]


def bombs() -> list[bool]:
    from users.signatures.pictures import read_picture

    return [
        report(
            name,
            cost(read_picture, content),
            seconds=BOMB_SECONDS_AT_MOST,
            megabytes=BOMB_MEGABYTES_AT_MOST,
            refused=True,
        )
        for name, content in picture_bombs().items()
    ]


def picture_bombs() -> dict[str, bytes]:
    from PIL import Image

    from tests.users.signatures.pictures import moving_picture, picture, png_of_size

    photograph = picture(kind="JPEG", size=(2_000, 2_000))
    scan = photograph[photograph.index(b"\xff\xda") : -2][:40]
    frame = moving_picture(2, (4, 4))
    frame = frame[frame.index(b"\x21\xf9") : -1]
    wide = bytearray(picture(kind="JPEG"))
    size = wide.index(b"\xff\xc0") + 5
    wide[size : size + 4] = b"\xff\xdc" * 2
    texts = BytesIO()
    Image.new("RGB", (4, 4)).save(texts, "PNG", icc_profile=bytes(50_000_000))
    return {
        "PNG of 13,000 x 13,000": png_of_size(13_000, 13_000),
        "PNG of 9,400 x 9,400": png_of_size(9_400, 9_400),
        "PNG of 30,000 x 30,000": png_of_size(30_000, 30_000),
        "JPEG of 65,500 x 65,500": bytes(wide),
        "JPEG of thousands of passes": photograph[:-2] + scan * 20_000 + photograph[-2:],
        "GIF of thousands of frames": moving_picture(1, (4, 4))[:-1] + frame * 8_000 + b";",
        "GIF of large frames": moving_picture(20, (2_000, 2_000)),
        "PNG and PDF at once": picture() + b"%PDF-1.7",
        "GIF and script at once": picture(kind="GIF") + b"<script>x</script>",
        "PNG and zip at once": picture() + b"PK\5\6" + bytes(18),
        "JPEG and page at once": picture(kind="JPEG") + b"<html>" + bytes(900_000),
        "a megabyte of nothing": b"\x89PNG\r\n\x1a\n" + bytes(990_000),
        "PNG that ends at once": picture()[:60],
    }


def rich_text() -> list[bool]:
    from tests.users.signatures.pictures import pict, rtf
    from users.signatures.rtf import read_rtf

    cases = {
        "RTF with one picture": rtf(pict(os.urandom(1_490_000))),
        "RTF with twenty pictures": rtf(*[pict(os.urandom(74_000))] * 20),
        "RTF with lines": rtf(b"{\\pict\\pngblip " + b"ab\r\n" * 740_000 + b"}"),
        "RTF with a binary picture": rtf(b"{\\pict\\pngblip\\bin2900000 " + bytes(2_900_000) + b"}"),
        "RTF of text": rtf(b"{\\b text} \\par\n" * 200_000),
        "RTF of braces": rtf(b"{}" * 1_490_000),
        "RTF of groups without end": rtf(b"{" * 2_990_000),
        "RTF of empty pictures": rtf(b"{\\pict}" * 420_000),
        "RTF of control words": rtf(b"{\\pict\\pngblip" + b"\\a1 " * 740_000 + b"}"),
    }
    return [report(name, cost(read_rtf, source), seconds=RTF_SECONDS_AT_MOST) for name, source in cases.items()]


# --- Measuring ------------------------------------------------------------------------------------------------------


def answers() -> dict[str, Callable[[str], Any]]:
    from users.signatures import sanitize_html
    from users.signatures.paste import read_paste

    return {"HTML": sanitize_html, "paste": read_paste}


def warm_up() -> None:
    """Import what is imported on use: it costs the first signature alone."""
    from tests.users.signatures.pictures import picture
    from users.signatures.paste import read_paste
    from users.signatures.pictures import read_picture

    read_paste("<p>x</p>")
    for kind in ("PNG", "JPEG", "GIF"):
        read_picture(picture(kind=kind))


def cost(answer: Callable[[Any], Any], given: object) -> Cost:
    """What one answer costs in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, repr(_measured(answer, given)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as results:
        seconds, megabytes, outcome = eval(results.read())
    os.waitpid(child, 0)
    return Cost(seconds, megabytes, outcome)


def _measured(answer: Callable[[Any], Any], given: object) -> tuple[float, float, str]:
    from users.signatures import SignatureRefused

    Path("/proc/self/clear_refs").write_text("5")
    before, start, outcome = _memory("VmRSS"), process_time(), "accepted"
    try:
        answer(given)
    except SignatureRefused as refused:
        outcome = f"refused: {refused}"
    except Exception as error:  # noqa: BLE001  (whatever it is, it is told)
        outcome = f"FAILED: {error!r}"
    return process_time() - start, (_memory("VmHWM") - before) / 1024, outcome


def _memory(name: str) -> int:
    """KB, as Linux counts them."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1])


def _timed(action: Callable[[], object]) -> float:
    start = perf_counter()
    action()
    return perf_counter() - start


def report(
    name: str,
    one: Cost,
    *,
    half: Cost | None = None,
    is_good: bool = True,
    seconds: float = SECONDS_AT_MOST,
    megabytes: float = MEGABYTES_AT_MOST,
    refused: bool = False,
) -> bool:
    """Print one line; tell whether the bounds hold."""
    is_good &= one.seconds <= seconds and one.megabytes <= megabytes and not one.outcome.startswith("FAILED")
    is_good &= one.outcome.startswith("refused") or not refused
    first = f"{half.seconds * 1000:7.1f} ms for half" if half else " " * 19
    line = f"  {name:46}{one.seconds * 1000:7.1f} ms {first}{one.megabytes:7.1f} MB  {one.outcome[:60]}"
    print(line if is_good else f"{line}   OVER", flush=True)
    return is_good


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SEARCHED))

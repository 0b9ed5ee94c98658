"""The strict reader of sanitised HTML: what it lets pass, bleach would leave as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from bleach.sanitizer import Cleaner
from hypothesis import given
from hypothesis import strategies as st

from users.signatures.allow_list import TAGS
from users.signatures.rest import is_at_rest

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*/expected.html"))


def keeps(_tag: str, name: str, _value: str) -> bool:
    return name in {"title", "align", "href"}


def cleaned(html: str) -> str:
    cleaner = Cleaner(tags=TAGS, attributes=keeps, protocols={"https"}, strip=True)
    return cleaner.clean(html)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_what_becomes_of_pastes_needs_no_second_look(path: Path) -> None:
    assert is_at_rest(path.read_text().strip(), lambda _tag, _name, _value: True)


@pytest.mark.parametrize(
    "html",
    [
        "",
        "text",
        "<p>a</p><p>b</p>",
        "<ul><li>a<ul><li>b</li></ul></li></ul>",
        "<b><i>a</i></b><b>b</b>",
        "<b><p>a</p></b>",
        "<table><caption>x</caption><colgroup><col></colgroup><tbody><tr><td><p>x</p><table></table></td></tr></tbody></table>",
        "a<br>b<hr>",
        '<p title="&amp; &quot;">a &lt; b &amp; c&nbsp;</p>',
        "<p title='\"'>a</p>",
        "<pre>a\nb</pre>",
    ],
)
def test_what_is_well_written_is_at_rest(html: str) -> None:
    assert cleaned(html) == html
    assert is_at_rest(html, keeps)


@pytest.mark.parametrize(
    "html",
    [
        "<p>a",
        "a</p>",
        "<b><i>a</b></i>",
        "<P>a</P>",
        "<p>a<p>b</p></p>",
        "<p>a<div>b</div></p>",
        "<p><b><ul></ul></b></p>",
        "<p><table></table></p>",
        "<li>a<li>b</li></li>",
        "<li><b><li>b</li></b></li>",
        "<a>a<b><a>b</a></b></a>",
        "<h1><h2>a</h2></h1>",
        "<table><tr></tr></table>",
        "<table>a</table>",
        "<table>\u00a0</table>",
        "<table><tbody><p>a</p></tbody></table>",
        "<tr></tr>",
        "<td>a</td>",
        "<col>",
        "<pre>\na</pre>",
        "<br></br>",
        "<p></p x>",
        "<svg></svg>",
        '<p onclick="x">a</p>',
        '<p title="a" title="b">a</p>',
        "<p title='a'>a</p>",
        "<p title=a>a</p>",
        '<p  title="a">a</p>',
        '<p title="a"/>',
        '<p title="&amp;nbsp;">a</p>',
        '<p title="&copy;">a</p>',
        '<p title="<">a</p>',
        "a & b",
        "a &copy; b",
        "a < b",
        "<!--a-->",
        "a\rb",
        "a\x0bb",
        '<p title="a\x01b">x</p>',
        "\ufeffa",
    ],
)
def test_everything_else_gets_a_second_look(html: str) -> None:
    assert not is_at_rest(html, keeps)


PIECES = [
    *(f"<{tag}>" for tag in sorted(TAGS)),
    *(f"</{tag}>" for tag in sorted(TAGS)),
    *(f"<{tag}>x</{tag}>" for tag in sorted(TAGS)),
    '<p title="&amp;">',
    '<a href="https://a.de/?a=1&amp;b=2">',
    "<table><tbody><tr><td>",
    "</td></tr></tbody></table>",
    *("x", " ", "\n", "&amp;", "&lt;", "&nbsp;", "&#65;", "&#x41;", "\u00a0", "amp;", "nbsp;"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_what_is_at_rest_bleach_leaves_as_it_is(html: str) -> None:
    if is_at_rest(html, keeps):
        assert cleaned(html) == html


@st.composite
def nested(draw: st.DrawFn) -> str:
    """Elements that are closed in their order, which random pieces rarely are."""
    inner = draw(
        st.lists(st.one_of(st.sampled_from(["x", " ", "&amp;", "\n", "<br>"]), st.deferred(nested)), max_size=3)
    )
    tag = draw(st.sampled_from(sorted(TAGS)))
    return f"<{tag}>{''.join(inner)}</{tag}>"


@given(st.lists(nested(), max_size=3).map("".join))
def test_well_nested_html_at_rest_is_left_as_it_is(html: str) -> None:
    if is_at_rest(html, keeps):
        assert cleaned(html) == html

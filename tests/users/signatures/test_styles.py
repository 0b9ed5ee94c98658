"""Style attributes and style sheets: what of them is kept, and where it goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from users.signatures import sanitize_html
from users.signatures.allow_list import STYLE_PROPERTIES, STYLE_VALUES
from users.signatures.style_values import kept_style
from users.signatures.word_styles import MAX_GROWTH, MAX_RULES, with_styles_inline

SAMPLE_VALUES = ["1px", "#fff", "red", "a", "block", "Arial", "0"]


@pytest.mark.parametrize("name", sorted(STYLE_PROPERTIES))
def test_each_property_has_values_that_are_kept(name: str) -> None:
    assert any(kept_style(f"{name}: {value}") == f"{name}: {value}" for value in SAMPLE_VALUES)


@pytest.mark.parametrize(
    "style",
    [
        "color: #24666B",
        "color: rgb(36, 102, 107)",
        "color: rgba(36,102,107,.5)",
        "color: rgb(36 102 107 / 50%)",
        "background: #fff",
        "border: solid windowtext 1.0pt",
        "border-right: 1px solid #24666B",
        'font: bold 11pt/1.2 "Segoe UI", Arial, sans-serif',
        'font-family: "Times New Roman",serif',
        "font-family: Aptos, Aptos_EmbeddedFont, Calibri",
        "font-family: 宋体, SimSun",
        "margin: 0cm; margin-bottom: .0001pt",
        "margin: 0 auto",
        "line-height: 1.4",
        "line-height: 105%",
        "letter-spacing: -0.5px",
        "text-indent: -18.0pt",
        "vertical-align: middle",
        "vertical-align: -3px",
        "mso-line-height-rule: exactly",
        "width: 481.95pt",
        "padding: 0cm 5.4pt 0cm 5.4pt",
        "text-decoration: underline dotted red",
        "display: inline-block",
    ],
)
def test_what_mail_programs_write_is_kept(style: str) -> None:
    assert kept_style(style) == style


@pytest.mark.parametrize(
    "style",
    [
        "background: url(https://evil.example/x)",
        "background: red url(x)",
        "background: #fff image-set('x' 1x)",
        "color: var(--x)",
        "width: calc(1px + 1px)",
        "width: -1px",
        "margin: -1px",
        "margin: 0 0 0 -9px",
        "padding: -1px",
        "letter-spacing: -90px",
        "text-indent: -9999px",
        "vertical-align: -100px",
        "width: 2000px",
        "width: 9999pt",
        "width: 99999999",
        "width: 400%",
        "font-size: 100em",
        "height: 99999mm",
        "width: 100vw",
        "width: 1e9px",
        "width: 1e2px",
        "display: none",
        "display: contents",
        "display: NONE",
        "position: absolute",
        "top: 0",
        "z-index: 1",
        "opacity: 0",
        "visibility: hidden",
        "overflow: hidden",
        "transform: none",
        "animation: x 1s",
        "content: 'x'",
        "cursor: url(x)",
        "behavior: url(x)",
        "-moz-binding: url(x)",
        "--x: red",
        "font-family: 'a\\'b'",
        "font-family: 'a;b'",
        'font-family: "<x>"',
        "font-family: '" + "x" * 61 + "'",
        "color: " + "a " * 50,
        "color: rgb(" + "1," * 50 + "1)",
        "color: rgb(url(x))",
        "color: expression(x)",
        "color: {red}",
        "color: [red]",
        "color:",
        "color",
        ":red",
        ";;;",
        "@import url(x)",
        "",
    ],
)
def test_the_rest_is_not(style: str) -> None:
    assert kept_style(style) == ""


def test_styles_are_written_in_one_way() -> None:
    for style, kept in (
        ("COLOR:red;;  width :1px", "color: red; width: 1px"),
        ("color:/*x*/red", "color: red"),
        ("c\\6flor:red", "color: red"),
        ("color:red!important", "color: red"),
        ("color:\n red\t ;", "color: red"),
        ("color: red; color: blue", "color: blue"),
        ("margin-top: 1em; margin: 0", "margin: 0"),
        ("margin: 0; margin-top: 1em", "margin: 0; margin-top: 1em"),
        ("position: fixed; color: red; background: url(x)", "color: red"),
        ("color: red; background: url(a;b); width: 1px", "color: red; width: 1px"),
        ("filter: progid:x(a='b;c'); color: red", "color: red"),
    ):
        assert kept_style(style) == kept


def test_long_styles_and_many_declarations_are_bounded() -> None:
    assert kept_style("color: red;" * 400) == ""
    assert kept_style("x: y;" * 60 + "color: red") == ""


NAMES = st.sampled_from([*sorted(STYLE_PROPERTIES)[::7], "position", "display", "COLOR", "c\\olor", "--x"])
VALUES = st.text(alphabet="abcurlrgb0123456789 #%.,:-()'\"\\/*!@{}[]<>&é\n", max_size=30)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=6).map(lambda pairs: ";".join(map(":".join, pairs))))
def test_any_style_comes_to_rest_with_listed_values_alone(style: str) -> None:
    kept = kept_style(style)
    assert kept_style(kept) == kept
    for declaration in filter(None, kept.split("; ")):
        name, value = declaration.split(": ", 1)
        assert STYLE_VALUES[name].fullmatch(value)
        assert not set(value) & set("<>&{}\\@!;*")


# --- Style sheets ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheet", "style"),
    [
        ("p { color: red }", "color: red"),
        (".a { color: red }", "color: red"),
        ("p.a { color: red }", "color: red"),
        ("P.a, td.b { color: red }", "color: red"),
        ("div p { color: red }", "color: red"),
        ("div > p.a { color: red }", "color: red"),
        ("<!-- p { color: red } -->", "color: red"),
        ("/* p{ */ p { color: red }", "color: red"),
        ("@import url(x); p { color: red }", "color: red"),
        ("@page x { size: 1cm } p { color: red }", "color: red"),
        ("p { color: red } p.a { color: blue }", "color: blue"),
        ("p.a { color: blue } p { color: red }", "color: blue"),
        ("p { position: fixed; color: red; behavior: url(x) }", "color: red"),
        ("@media print { p { color: red } }", ""),
        ("p:hover { color: red }", ""),
        ("p[class] { color: red }", ""),
        ("* { color: red }", ""),
        ("p ~ p, p + p, p:not(.b), p:has(b) { color: red }", ""),
        ("p { color: url(x) }", ""),
        ("p { color: red", "color: red"),
        ("} p { color: red }", "color: red"),
        ("{}", ""),
    ],
)
def test_rules_go_into_the_elements_that_they_are_for(sheet: str, style: str) -> None:
    attribute = f' style="{style}"' if style else ""
    assert sanitize_html(f"<style>{sheet}</style><div><p class=a>x</p></div>") == f"<div><p{attribute}>x</p></div>"


def test_an_element_knows_better_than_its_sheet() -> None:
    html = sanitize_html('<style>p{color:red;width:1px}</style><p style="color:blue">x</p>')
    assert html == '<p style="width: 1px; color: blue">x</p>'


def test_a_style_that_is_not_well_written_does_not_stop_the_sheet() -> None:
    for style in ("c(d", "}", "color:", "a:'", "{", ":;", "x(", "\\"):
        html = sanitize_html(f'<style>p{{width:1px}}</style><p style="{style}">x</p>')
        assert html == '<p style="width: 1px">x</p>'


def test_sheets_without_rules_that_are_kept_change_nothing() -> None:
    html = "<td>x<p>y"
    assert with_styles_inline(html, ["@font-face { font-family: x } p { position: fixed }"]) == html


def test_sheets_write_no_more_than_there_is_room_for() -> None:
    rule = "p { font-family: " + ", ".join(["Arial"] * 20) + " }"
    assert len(with_styles_inline("<p>x</p>" * 500, [rule] * 1_000)) < MAX_GROWTH + 10_000
    many = "".join(f".c{number} {{ color: red }}" for number in range(MAX_RULES + 9))
    html = with_styles_inline(f"<p class=c0>x</p><p class=c{MAX_RULES + 5}>y</p>", [many])
    assert html.count("style=") == 1

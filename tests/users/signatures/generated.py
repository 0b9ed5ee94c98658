"""HTML of the kinds that cost parsers most, made from a number: the same number gives the same HTML."""

from __future__ import annotations

from random import Random

LARGEST = 512 * 1024
SHARE_VARIED = 0.2
UNITS = """<div> </div> <p> </p> <b> </b> <i> </i> <a> </a> <font_color=red> <font_size=7> </font> <u> <s> <em> <code>
<tt> <big> <table> </table> <tr> </tr> <td> </td> <tbody> <caption> <colgroup> <col> <ul> </ul> <ol> <li> </li> <h1>
</h1> <h6> <pre> <center> <blockquote> <span> </span> <br> <hr> <img> <svg> </svg> <math> <style> </style> <script>
</script> <title> <textarea> </textarea> <select> <option> <button> <form> <nobr> <body> <html> <head> <frameset>
<template> <noscript> <!-- --> <!--[if_mso]> <![endif]--> <![if_!vml]> <![endif]> <!x> <?x> <![CDATA[ ]]> < > </ </a_x
</a<p & && &amp; &lt &#60; &#x3c; &nbsp; &copy &notit; &#xD800; x xx " ' = / <p_x=" <p_x=' <a_href="
<p_style="color:(( <p_style="a:b;c:d;"> <p_style='font-family:"a","b"'> a=1 b="2" /> <v:shape> <v:imagedata_src=x>
<o:p> </o:p> .c{color:red} p{a:b} { } ( [ ; : \\ /* */ \t \n \r \x00 \ufeff \u202e \U0001f511 é""".split()
WHOLE = """<b>x</b> <p>x</p> <font_color=i><p> <table>a<b> <ul><li> <div></x> <b><p>x</b>y</p> <a><div>x</a>y</div> </a
<p_style="font-family:'a'">x</p> <p_x=1_y=2>x</p> <td>x</td> <tr><td>x <img_src="cid:a@b"> <a_href="https://a.de">x</a>
<table><tr><td> <b><i><u></b></i></u> <h1><h2> <li><p> <!--x--> <style>p{color:red}</style> <!--[if_x]>x<![endif]-->
&amp;x <p_class=c>x</p> <a<b<c <"> ='>""".split()


def html_of(number: int) -> str:
    """Up to :data:`LARGEST` characters: a few patterns after one another, each repeated many times."""
    random = Random(number)
    parts = [_part(random) for _part_number in range(random.choice((1, 1, 2, 3, 5)))]
    return "".join(parts)[: int(LARGEST * random.choice((1, 1, 0.12, 0.03)))]


def _part(random: Random) -> str:
    pattern = "".join(random.choice(random.choice((UNITS, WHOLE))) for _unit in range(random.randint(1, 8)))
    pattern = pattern.replace("_", " ")
    times = random.choice((1, 10, 100, 140, 400, 900, 2_000, LARGEST))
    if random.random() < SHARE_VARIED:
        return "".join(_varied(pattern, number) for number in range(min(times, 3_000)))
    return pattern * min(times, LARGEST // len(pattern) + 1)


def _varied(pattern: str, number: int) -> str:
    """With other words each time, so that nothing can be known from before."""
    return pattern.replace("x", f"x{number}").replace("c", f"c{number}")

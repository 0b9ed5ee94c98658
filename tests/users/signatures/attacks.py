"""Attacks on sanitisers, and the pieces of which more are made by chance."""

from __future__ import annotations

from random import Random

PIECES = """<p> </p> <div <b> </b> <a <table> <tr> <td> </td> <svg> <math> <style> </style> <script>
</script> <iframe <img
<form> <input <object> <embed> <base <link <meta <noscript> <template> <title> <textarea> <xmp> <plaintext> <!--
--> <![CDATA[ ]]> <? ?> href= src= style= onclick= onerror=alert(1) title= class= id= xlink:href= "> " ' = / > <
& &lt; &gt; &quot; &#60; &#x3c; &colon; javascript:alert(1) data:text/html, vbscript: https://a.de/ //a.de
file:///x mailto:a@b.de tel:1 java&#x0A;script: u:p@ color: red; url(x) expression( position:fixed behavior:
-moz-binding @import \\75rl( var(--x) !important /* */ } { ( [ text \x00 \x01 \x0b \x7f \x85 \u202e \ud800 \t \n
&#0; &#1; &#xD800; &nbsp;""".split()

VECTORS = (
    "<script>attack()</script>",
    "<img src=x onerror=attack()>",
    "<img src='cid:a@b' onerror=attack()>",
    "<svg onload=attack()>",
    "<svg><script>attack()</script></svg>",
    "<svg><animate onbegin=attack() attributeName=x dur=1s>",
    "<svg><style><img src=x onerror=attack()></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=attack()&gt;'>",
    "<math><annotation-xml encoding='text/html'><style><img src=x onerror=attack()></style></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=attack()>",
    "<svg></p><style><a id='</style><img src=1 onerror=attack()>'>",
    "<noscript><p title='</noscript><img src=x onerror=attack()>'>",
    "<noembed><p title='</noembed><img src=x onerror=attack()>'>",
    "<xmp><p title='</xmp><img src=x onerror=attack()>'>",
    "<textarea><p title='</textarea><img src=x onerror=attack()>'>",
    "<title><p title='</title><img src=x onerror=attack()>'>",
    "<style><p title='</style><img src=x onerror=attack()>'>",
    "<iframe><p title='</iframe><img src=x onerror=attack()>'>",
    "<template><p title='</template><img src=x onerror=attack()>'>",
    "<!--><img src=x onerror=attack()>-->",
    "<!--!><img src=x onerror=attack()>-->",
    "<!-- --!><img src=x onerror=attack()>",
    "<![CDATA[><img src=x onerror=attack()>]]>",
    "<?xml ><img src=x onerror=attack()>?>",
    "<a href='javascript:attack()'>x</a>",
    "<a href='java\tscript:attack()'>x</a>",
    "<a href='&#1;javascript:attack()'>x</a>",
    "<a href='javascript&colon;attack()'>x</a>",
    "<a href='javascript:123'>x</a>",
    "<a href='data:text/html,<script>attack()</script>'>x</a>",
    "<a href='https:javascript'>x</a><a href='//evil.example'>x</a><a href='\\\\evil.example'>x</a>",
    "<a href='https://a.example@evil.example/'>x</a>",
    "<p title='\"><img src=x onerror=attack()>'>x</p>",
    "<p title='&quot;&gt;&lt;img src=x onerror=attack()&gt;'>x</p>",
    "<p title='`'><p title='onmouseover=attack() `'>",
    '<p title="\'" onclick=attack()>x</p>',
    "<p style='background:url(https://evil.example/1)'>x</p>",
    "<p style='background:url(\"https://evil.example/1'>x</p>",
    "<p style='background:\\75rl(https://evil.example/2)'>x</p>",
    "<p style='background-image:image-set(\"https://evil.example/3\" 1x)'>x</p>",
    "<p style='list-style:url(https://evil.example/4)'>x</p>",
    "<p style='border-image:url(https://evil.example/5);cursor:url(https://evil.example/6),auto'>x</p>",
    "<p style='content:url(https://evil.example/7);mask:url(https://evil.example/8)'>x</p>",
    "<p style='font-family:\"}*{background:url(https://evil.example/9)}\"'>x</p>",
    "<p style='--x:url(https://evil.example/10);background:var(--x)'>x</p>",
    "<p style='color:red;}body{display:none'>x</p>",
    "<p style='position:fixed;inset:0;z-index:9999'>x</p>",
    "<p style='posi/**/tion:fixed'>x</p><p style='p\\6fsition:fixed'>x</p>",
    "<p style='position:fixed!important'>x</p>",
    "<p style='margin:-9999px;margin-top:-9999px;text-indent:-9999px'>x</p>",
    "<p style='transform:scale(99);box-shadow:0 0 0 9999px red;outline:9999px solid red'>x</p>",
    "<style>*{background:url(https://evil.example/11)}</style><p>x</p>",
    "<style>@import 'https://evil.example/12';</style><p>x</p>",
    "<style>p{background:url(https://evil.example/13);position:fixed}</style><p>x</p>",
    "<style>p{color:red;}</style ><style></style x><p style='color:\"</style><script>attack()</script>'>x</p>",
    "<style>p{font-family:'</style><img src=x onerror=attack()>'}</style><p>x</p>",
    '<style>p{font-family:"\'><img src=x onerror=attack()>"}</style><p>x</p>',
    "<table background='https://evil.example/14'><td background='https://evil.example/15'>x</table>",
    "<body background='https://evil.example/16' onload=attack()>x",
    "<img src='https://evil.example/17' srcset='https://evil.example/18 2x' lowsrc='https://evil.example/19'>",
    "<img src='cid:a@b' srcset='https://evil.example/20 2x'><input type=image src='https://evil.example/21'>",
    "<video poster='https://evil.example/22'><source src='https://evil.example/23'></video><audio src=x></audio>",
    "<link rel=stylesheet href='https://evil.example/24'><base href='https://evil.example/25'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/26'>",
    "<iframe src='https://evil.example/27'></iframe><object data='https://evil.example/28'></object><embed src=x>",
    "<form action='https://evil.example/29'><button formaction='javascript:attack()'>x</button></form>",
    "<p id=body class=modal name=cookie contenteditable tabindex=1 accesskey=x draggable=true>x</p>",
    "<a href='https://a.example' ping='https://evil.example/30' target=_self download>x</a>",
    "<marquee onstart=attack()>x</marquee><details open ontoggle=attack()>x</details>",
    "<p on\x00click=attack()>x</p><scr\x00ipt>attack()</scr\x00ipt>",
    "<scr<script></script>ipt>attack()</scr<script></script>ipt>",
    "<<script>attack()//<</script>",
    "<p/onclick=attack()//>x</p>",
    "\ufeff<script>attack()</script>\u2028<img src=x onerror=attack()>",
)


def attacks(number: int) -> list[str]:
    """The known ones, wrapped and joined in several ways, and `number` that are made by chance, always the same."""
    random = Random(20)
    around = (
        "{}",
        "<table>{}",
        "<p>{}</p>",
        "<svg>{}",
        "<math><mtext>{}",
        "<b><table><td>{}",
        "<select>{}",
        "<style>{}",
    )
    made = ["".join(random.choices(PIECES, k=random.randint(2, 30))) for _attack in range(number)]
    mixed = ["".join(random.choices((*VECTORS, *PIECES), k=random.randint(2, 6))) for _attack in range(number)]
    return [wrap.replace("{}", vector) for vector in VECTORS for wrap in around] + made + mixed

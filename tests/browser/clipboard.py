"""What Outlook puts on the clipboard, and pasting and dropping it as a browser does."""

from __future__ import annotations

from base64 import b64encode

from playwright.sync_api import Page

from tests.browser.steps import wait_until
from tests.pictures import png

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!--
p.MsoNormal {margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif;} --></style></head><body lang=EN-GB>
<!--StartFragment--><p class=MsoNormal><b><span style='color:#24666B'>Alice Archer</span></b><o:p></o:p></p>
<table border=0 cellspacing=0 cellpadding=0 width=300 style='border-collapse:collapse'><tr>
<td width=130 valign=top style='border:none;border-right:solid #24666B 1.5pt'><p class=MsoNormal>
<img width=120 height=40 src="file:///C:/Users/alice/AppData/Local/Temp/clip_image001.png" alt="Example Ltd"></p></td>
<td><p class=MsoNormal><a href="https://example.com/">example.com</a></p></td></tr></table><!--EndFragment-->
</body></html>"""
RTF = r"{\rtf1\ansi{\*\shppict{\pict\picw120\pich40\pngblip " + png(color="red").hex() + "}}}"

TRANSFER = """
    const transfer = new DataTransfer();
    for (const [type, text] of Object.entries(texts)) transfer.setData(type, text);
    for (const [name, type, content] of files) {
        const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type }));
    }
"""
PASTE = f"""([texts, files]) => {{{TRANSFER}
    const event = new ClipboardEvent("paste", {{ clipboardData: transfer, bubbles: true, cancelable: true }});
    tinymce.activeEditor.focus();
    tinymce.activeEditor.getBody().dispatchEvent(event);
}}"""
DROP = f"""([texts, files]) => {{{TRANSFER}
    const event = new DragEvent("drop", {{ dataTransfer: transfer, bubbles: true, cancelable: true }});
    tinymce.activeEditor.getBody().dispatchEvent(event);
}}"""

Files = tuple[tuple[str, str, bytes], ...]
"""Name, media type and content of each."""


def paste(page: Page, *, files: Files = (), **texts: str) -> None:
    """Let the browser paste these kinds of text, such as ``html`` and ``rtf``, and files, and wait for the answer."""
    _bring(page, PASTE, texts, files)


def drop(page: Page, *, files: Files = (), **texts: str) -> None:
    _bring(page, DROP, texts, files)


def _bring(page: Page, script: str, texts: dict[str, str], files: Files) -> None:
    typed = {f"text/{name}": text for name, text in texts.items()}
    encoded = [[name, kind, b64encode(content).decode()] for name, kind, content in files]
    with page.expect_response("**/paste/"):
        page.evaluate(script, [typed, encoded])
    wait_until(page, "!tinymce.activeEditor.getContainer().querySelector('.tox-throbber [aria-busy=true]')")

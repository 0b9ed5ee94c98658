"""What the editor of signatures asks for: pastes, files, sizes, pictures."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZipFile

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase

from tests.factories import configure, make_user
from tests.pictures import picture, png, shown
from users.models import SignatureImage
from users.picture_references import address_of
from users.signature_pictures import keep
from users.signatures.pictures import MAX_PICTURES

PASTE, MEASUREMENT = "/profile/signature/paste/", "/profile/signature/measurement/"
RED = picture("red")
WORD = """<html><head><style>p.MsoNormal {margin:0cm; font-size:11.0pt}</style></head><body>
<p class=MsoNormal><b>Alice Archer</b><o:p></o:p></p>
<p class=MsoNormal><img width=120 height=40 src="file:///C:/Temp/clip_image001.png" alt=Logo></p></body></html>"""
RTF = r"{\rtf1\ansi{\*\shppict{\pict\picw120\pich40\pngblip " + png(color="red").hex() + "}}}"


def upload(name: str, content: bytes | str, kind: str = "application/octet-stream") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content, kind)


class ToolsCase(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice = make_user("alice")
        self.client.force_login(self.alice)

    def paste(self, **posted: Any) -> dict[str, Any]:
        """The answer, which has to be a good one."""
        response = self.client.post(PASTE, posted)
        assert response.status_code == 200, response.content
        answer: dict[str, Any] = response.json()
        return answer

    def refusal(self, **posted: Any) -> str:
        """Why it was refused, which has to be a sentence."""
        response = self.client.post(PASTE, posted)
        assert response.status_code == 422, response.content
        assert list(response.json()) == ["error"]
        sentence: str = response.json()["error"]
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        return sentence

    def stored(self) -> list[str]:
        return list(self.alice.signature_images.values_list("content_id", flat=True))


class PasteTests(ToolsCase):
    def test_outlooks_clipboard_gives_clean_html_with_its_picture(self) -> None:
        answer = self.paste(html=upload("html", WORD), rtf=upload("rtf", RTF))
        assert self.stored() == [RED.content_id]
        assert f'src="{address_of(RED.content_id)}"' in answer["html"]
        assert "margin: 0cm" in answer["html"]
        assert "MsoNormal" not in answer["html"]
        assert (answer["notes"], answer["missing"]) == ([], [])
        address = address_of(RED.content_id)
        assert answer["pictures"] == [{"content_id": RED.content_id, "address": address, "width": 120, "height": 40}]

    def test_a_picture_that_was_not_on_the_clipboard_is_told_by_its_place(self) -> None:
        answer = self.paste(html=WORD)
        assert answer["missing"] == ["missing-1"]
        assert 'src="/signature-images/missing-1/"' in answer["html"]
        (note,) = answer["notes"]
        assert "add it here" in note["text"]
        assert self.stored() == []

    def test_html_may_come_as_a_field_or_as_a_file(self) -> None:
        html = "<p>Chloé <script>x</script></p>"
        assert self.paste(html=html)["html"] == self.paste(html=upload("html", html))["html"]
        assert "Chloé </p>" in self.paste(html=html)["html"]

    def test_what_the_editor_holds_comes_back_with_its_pictures(self) -> None:
        keep(self.alice, [RED])
        html = shown(RED).replace(f"cid:{RED.content_id}", address_of(RED.content_id))
        answer = self.paste(html=html + '<p onclick="x()">x</p>', own="1")
        assert f'src="{address_of(RED.content_id)}"' in answer["html"]
        assert "onclick" not in answer["html"]
        assert answer["notes"] == []

    def test_pictures_of_others_do_not_come_that_way(self) -> None:
        keep(make_user("bob"), [RED])
        assert "no longer stored" in self.refusal(html=shown(RED), own="1")

    def test_pictures_alone_become_elements_that_fit_a_message(self) -> None:
        answer = self.paste(files=[upload("Our <logo>.png", png(1200, 400), "image/png")])
        assert 'width="600"' in answer["html"]
        assert 'height="200"' in answer["html"]
        assert 'alt="Our &lt;logo&gt;"' in answer["html"]
        assert len(self.stored()) == 1

    def test_outlooks_files_are_known_by_their_paths(self) -> None:
        page = upload("Alice.htm", WORD.replace("file:///C:/Temp/clip_image001.png", "Alice_files/image001.png"))
        files = [page, upload("image001.png", png(color="red"))]
        answer = self.paste(files=files, paths=["Alice.htm", "Alice_files/image001.png"])
        assert self.stored() == [RED.content_id]
        assert address_of(RED.content_id) in answer["html"]

    def test_a_zip_of_them_does_as_well(self) -> None:
        buffer = BytesIO()
        with ZipFile(buffer, "w") as archive:
            archive.writestr("Alice.htm", WORD.replace("file:///C:/Temp/clip_image001.png", "Alice_files/image001.png"))
            archive.writestr("Alice_files/image001.png", png(color="red"))
        self.paste(files=upload("Alice.zip", buffer.getvalue()))
        assert self.stored() == [RED.content_id]

    def test_a_new_one_takes_the_place_of_what_was_deleted(self) -> None:
        many = [picture(f"rgb(0, {number}, 0)") for number in range(MAX_PICTURES)]
        keep(self.alice, many)
        one = [upload("a.png", png(color="red"), "image/png")]
        assert "10 pictures at most" in self.refusal(files=one, shown=shown(*many))
        one = [upload("a.png", png(color="red"), "image/png")]
        self.paste(files=one, shown=shown(*many[1:]))
        assert RED.content_id in self.stored()


class BadPasteTests(ToolsCase):
    """Everything that can be sent is answered with a sentence or with clean HTML, and nothing is half kept."""

    def test_what_can_not_be_read_is_refused_in_a_sentence(self) -> None:
        cases: dict[str, dict[str, Any]] = {
            "nothing": {},
            "blanks": {"html": "  \n"},
            "an empty file": {"html": upload("html", "")},
            "nested elements": {"html": "<div>" * 3_000 + "x"},
            "far too much HTML": {"html": upload("html", "x" * 4_100_000)},
            "far too much RTF": {"html": "<p>x</p>", "rtf": upload("rtf", b"x" * 20_000_001)},
            "too many files": {"files": [upload(f"{number}.htm", "x") for number in range(61)]},
            "too large files": {"files": [upload(f"{number}.htm", "x" * 3_000_000) for number in range(4)]},
            "a program": {"files": [upload("a.exe", b"MZ")]},
            "an SVG": {"files": [upload("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")]},
            "a damaged picture": {"files": [upload("a.png", png()[:60], "image/png")]},
            "a text that claims to be a picture": {"files": [upload("a.png", b"hello", "image/png")]},
            "a damaged zip": {"files": [upload("a.zip", b"PK\3\4 and no more")]},
        }
        for name, posted in cases.items():
            with self.subTest(name):
                self.refusal(**posted)
                assert self.stored() == []

    def test_odd_input_gives_clean_html(self) -> None:
        cases: dict[str, dict[str, Any]] = {
            "a NUL": {"html": "<p>a\0b</p>"},
            "bytes that are no text": {"html": upload("html", b"<p>\xff\xfe\x00</p>")},
            "RTF that is none": {"html": "<p>x</p>", "rtf": upload("rtf", b"\0\1\2")},
            "RTF as a field": {"html": "<p>x</p>", "rtf": "{\\rtf1 é€}"},
            "paths that do not fit the files": {"files": [upload("a.htm", "<p>x</p>")], "paths": ["a", "b"]},
            "a path out of the folder": {"files": [upload("a.htm", "<p>x</p>")], "paths": ["../../a.htm"]},
            "what is shown is broken": {"html": "<p>x</p>", "shown": "<img src='/signature-images/"},
        }
        for name, posted in cases.items():
            with self.subTest(name):
                assert self.paste(**posted)["html"].startswith("<p")

    def test_a_paste_needs_the_sites_token(self) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.alice)
        assert client.post(PASTE, {"html": "<p>x</p>"}).status_code == 403


class MeasurementTests(ToolsCase):
    def measure(self, html: str) -> str:
        response = self.client.post(MEASUREMENT, {"html": html})
        assert response.status_code == 200
        return " ".join(response.content.decode().split())

    def test_counts_what_goes_out_with_its_pictures(self) -> None:
        keep(self.alice, [RED])
        source = self.measure(shown(RED))
        assert "of 10,000 in Gmail" in source
        assert "notice" not in source

    def test_warns_of_what_is_too_large(self) -> None:
        source = self.measure("<p>" + "é" * 11_000 + "</p>")
        assert "Gmail takes signatures of up to 10,000 characters" in source
        assert "Outlook on the web takes" in source

    def test_says_what_can_not_be_kept(self) -> None:
        assert "notice" in self.measure("<div>" * 3_000)


class ImageTests(ToolsCase):
    def setUp(self) -> None:
        super().setUp()
        keep(self.alice, [RED])

    def test_is_served_as_nothing_but_a_picture(self) -> None:
        response = self.client.get(address_of(RED.content_id))
        assert response.content == RED.content
        assert response["Content-Type"] == "image/png"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert set(response["Content-Security-Policy"].split("; ")) == {"sandbox", "default-src 'none'"}
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        caching = {part.strip() for part in response["Cache-Control"].split(",")}
        assert caching == {"private", "max-age=3600", "immutable"}

    def test_others_do_not_find_it(self) -> None:
        self.client.force_login(make_user("bob"))
        assert self.client.get(address_of(RED.content_id)).status_code == 404

    def test_names_that_nobody_has_are_not_found(self) -> None:
        for name in ("x", "%00", "a'--", "x" * 2_000, "missing-1"):
            with self.subTest(name):
                assert self.client.get(f"/signature-images/{name}/").status_code == 404

    def test_whoever_else_has_it_it_is_found_with_one_query(self) -> None:
        SignatureImage.objects.all().delete()
        keep(make_user("bob"), [RED])
        keep(self.alice, [RED])
        with self.assertNumQueries(3):  # the session, the user, and the picture
            assert self.client.get(address_of(RED.content_id)).status_code == 200

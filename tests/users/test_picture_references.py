"""How signatures refer to their pictures, for the database, for the editor and for a frame."""

from __future__ import annotations

from django.test import SimpleTestCase

from tests.pictures import picture, shown
from users.picture_references import address_of, content_ids_in, with_addresses, with_content_ids, with_pictures

RED = picture("red")


class ReferencesTests(SimpleTestCase):
    def test_the_pictures_of_a_signature_are_known_by_name(self) -> None:
        assert content_ids_in(shown(RED, picture("blue"))) == {RED.content_id, picture("blue").content_id}

    def test_one_that_is_still_to_be_added_is_none(self) -> None:
        assert content_ids_in('<img src="cid:missing-1">') == set()

    def test_the_editor_gets_addresses_and_gives_names_back(self) -> None:
        html = shown(RED)
        assert f'src="{address_of(RED.content_id)}"' in with_addresses(html)
        assert with_content_ids(with_addresses(html)) == html

    def test_addresses_are_recognised_as_browsers_write_them(self) -> None:
        address = address_of(RED.content_id)
        wanted = f'<img src="cid:{RED.content_id}">'
        for written in (
            f'<img src="https://mail.example.com{address}">',
            f"<img src='{address}'>",
            f"<img src={address}>",
            f'<img SRC = "{address}">',
        ):
            with self.subTest(written):
                assert with_content_ids(written) == wanted

    def test_other_addresses_stay(self) -> None:
        for html in (
            '<img src="https://example.com/signature-images/">',
            '<img src="/signature-images/a/b/">',
            '<img src="/signature-images/%22onerror/">',
            '<img src="/other/signature-images/a/">',
            "src=/signature-images/a/",
        ):
            with self.subTest(html):
                assert with_content_ids(html) == html

    def test_a_frame_gets_the_pictures_themselves(self) -> None:
        html = with_pictures(shown(RED, picture("blue")), [RED])
        assert 'src="data:image/png;base64,' in html
        assert 'src=""' in html
        assert "cid:" not in html

    def test_names_that_could_leave_the_attribute_are_none(self) -> None:
        html = """<img src="cid:a&quot; onerror=&quot;x"><img src='cid:"x'>"""
        assert content_ids_in(html) == set()
        assert with_addresses(html) == html

"""The pages with the editor of signatures, as a browser without scripts uses them."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZipFile

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase

from tests.factories import configure, make_settings, make_staff, make_template, make_user
from tests.pictures import picture, png, shown
from tests.users.views.browser import Browser
from users.models import EmailSettings, SignatureImage, SignatureTemplate, User
from users.picture_references import address_of
from users.signature_pictures import keep, settle

PAGE = "/profile/signature/"
RED, BLUE = picture("red"), picture("blue")


class SignatureCase(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice = make_user("alice", job_title="Editor")
        self.browser = Browser(self.alice)

    def stored(self, user: User | None = None) -> EmailSettings:
        return EmailSettings.of(user or self.alice)

    def save(self, html: str, address: str = PAGE, **changes: Any) -> Any:
        return self.browser.open(address).press(signature_html=html, **changes)


class PageTests(SignatureCase):
    def test_allows_style_attributes_and_nothing_else(self) -> None:
        policy = self.browser.open(PAGE).response["Content-Security-Policy"]
        assert policy.count("unsafe") == 1
        assert {"style-src-attr 'unsafe-inline'", "style-src 'self'", "script-src 'self'"} <= set(policy.split("; "))
        assert "unsafe" not in self.browser.open("/profile/").response["Content-Security-Policy"]

    def test_the_text_area_holds_sanitised_html_whatever_was_typed(self) -> None:
        shown_again = self.browser.open(PAGE).press("show", signature_html="<p onclick='x()'>A<script>x</script></p>")
        assert shown_again.values["signature_html"] == "<p>A</p>"
        self.stored().save_unless_changed()
        EmailSettings.objects.update(signature_html="<p onclick='x()'>Stored</p>")
        assert self.browser.open(PAGE).values["signature_html"] == "<p>Stored</p>"

    def test_what_can_not_be_sanitised_stays_text(self) -> None:
        refused = self.save("<div>" * 3_000 + "x")
        (area,) = refused.tree.xpath("//textarea[@name='signature_html']")
        assert area.get("data-signature") == "refused"
        assert area.text.strip().startswith("<div><div>")
        assert refused.error_codes("signature_html") == ["signature_refused"]

    def test_it_takes_few_queries(self) -> None:
        make_settings(self.alice, signature_html="<p>x</p>")
        for number in range(3):
            make_template(name=f"Number {number}")
        self.browser.open(PAGE)
        with self.assertNumQueries(7):
            self.browser.open(PAGE)


class PicturesTests(SignatureCase):
    def test_pasted_pictures_are_saved_by_name(self) -> None:
        keep(self.alice, [RED])
        html = shown(RED).replace(f"cid:{RED.content_id}", address_of(RED.content_id))
        assert self.save(html).status == 302
        assert f'src="cid:{RED.content_id}"' in self.stored().signature_html
        assert self.alice.signature_images.get().is_used

    def test_what_is_taken_out_of_the_signature_is_removed(self) -> None:
        keep(self.alice, [RED, BLUE])
        self.save(shown(RED, BLUE))
        self.save(shown(BLUE))
        assert [row.content_id for row in self.alice.signature_images.all()] == [BLUE.content_id]

    def test_one_that_is_not_stored_is_an_error_and_nothing_is_lost(self) -> None:
        told = self.save(shown(RED))
        assert told.error_codes("signature_html") == ["signature_refused"]
        assert "no longer stored here" in told.text
        assert RED.content_id in told.values["signature_html"]

    def test_a_place_for_a_missing_one_can_be_saved(self) -> None:
        assert self.save('<p>A<img src="cid:missing-1"></p>').status == 302
        assert "cid:missing-1" in self.stored().signature_html

    def test_somebody_elses_saving_does_not_remove_what_is_pasted(self) -> None:
        own = self.browser.open(PAGE)
        keep(self.alice, [RED])
        staff = Browser(make_staff()).open(f"/users/{self.alice.uid}/signature/")
        assert staff.press(signature_html="<p>By Sam</p>").status == 302
        told = own.press(signature_html=shown(RED))
        assert told.status == 409
        assert told.press().status == 302
        assert self.alice.signature_images.get().is_used

    def test_an_administrators_picture_becomes_the_users(self) -> None:
        sam = make_staff()
        keep(sam, [RED])
        page = Browser(sam).open(f"/users/{self.alice.uid}/signature/")
        assert page.press(signature_html=shown(RED)).status == 302
        assert self.alice.signature_images.get().content_id == RED.content_id
        assert not sam.signature_images.exists()


class TextTests(SignatureCase):
    def test_is_made_from_the_signature_unless_somebody_writes_it(self) -> None:
        self.save("<p>Alice</p>")
        assert (self.stored().signature_text, self.stored().signature_text_is_edited) == ("Alice", False)
        self.save("<p>Alice</p>", signature_text_is_edited="edited", signature_text="By\r\n  hand \n")
        assert (self.stored().signature_text, self.stored().signature_text_is_edited) == ("By\n  hand", True)

    def test_what_was_written_stays_when_the_signature_changes(self) -> None:
        self.save("<p>Alice</p>", signature_text_is_edited="edited", signature_text="By hand")
        self.save("<p>Other</p>")
        assert self.stored().signature_text == "By hand"

    def test_there_is_a_way_back(self) -> None:
        self.save("<p>Alice</p>", signature_text_is_edited="edited", signature_text="By hand")
        self.save("<p>Alice</p>", signature_text_is_edited="")
        assert (self.stored().signature_text, self.stored().signature_text_is_edited) == ("Alice", False)

    def test_choosing_to_write_it_begins_with_what_was_made(self) -> None:
        self.save("<p>Alice</p>", signature_text_is_edited="edited")
        assert self.browser.open(PAGE).values["signature_text"] == "Alice"

    def test_no_text_and_too_much_text_are_errors_at_their_field(self) -> None:
        for text, code in (("", "required"), ("  \n", "required"), ("x" * 10_001, "max_length")):
            told = self.save("<p>Alice</p>", signature_text_is_edited="edited", signature_text=text)
            with self.subTest(code):
                assert told.error_codes("signature_text") == [code]
                assert told.values["signature_html"] == "<p>Alice</p>"

    def test_without_a_signature_there_is_no_text(self) -> None:
        self.save("", signature_text_is_edited="edited", signature_text="By hand")
        assert (self.stored().signature_text, self.stored().signature_text_is_edited) == ("", False)

    def test_invisible_characters_are_taken_out(self) -> None:
        self.save("<p>x</p>", signature_text_is_edited="edited", signature_text="ab\x1bc\u202ed")
        assert self.stored().signature_text == "abcd"

    def test_a_choice_that_nobody_knows_is_an_error(self) -> None:
        assert self.save("<p>x</p>", signature_text_is_edited="x").error_codes("signature_text_is_edited")


class FilesTests(SignatureCase):
    def read(self, *files: SimpleUploadedFile) -> Any:
        return self.browser.open(PAGE).press("import", signature_files=list(files))

    def test_outlooks_files_are_read_by_a_button(self) -> None:
        page = SimpleUploadedFile("A.htm", b'<p>From Outlook <img src="A_files/image001.png" width="120"></p>')
        told = self.read(page, SimpleUploadedFile("image001.png", png(color="red")))
        assert told.status == 200
        assert f"cid:{RED.content_id}" in told.values["signature_html"]
        assert self.stored().signature_html == ""
        assert told.press().status == 302
        assert "From Outlook" in self.stored().signature_html
        assert self.alice.signature_images.get().is_used

    def test_what_is_missing_is_said(self) -> None:
        told = self.read(SimpleUploadedFile("A.htm", b'<p>x<img src="A_files/image001.png"></p>'))
        assert "not among the files" in told.text

    def test_files_that_are_none_leave_what_was_typed(self) -> None:
        for files in ([], [SimpleUploadedFile("a.exe", b"MZ")], [SimpleUploadedFile("a.zip", b"PK\3\4")]):
            told = self.browser.open(PAGE).press("import", signature_html="<p>Typed</p>", signature_files=files)
            with self.subTest(len(files)):
                assert told.status == 200
                assert told.values["signature_html"] == "<p>Typed</p>"
                assert told.tree.xpath("string(//*[contains(@class, 'signature-report')]/p)").endswith(".")


class OfferTests(SignatureCase):
    def test_a_company_signature_comes_with_its_pictures(self) -> None:
        sam, template = make_staff(), make_template(html=f"{shown(RED)}<p>{{{{ job_title }}}}</p>")
        keep(sam, [RED])
        settle(template.html, template, sam)
        (filled_in,) = self.browser.open(PAGE).tree.xpath("//input[@name='signature_html']/@value")
        page = self.browser.open(PAGE).press("show", signature_html=filled_in)
        assert page.press().status == 302
        assert "Editor" in self.stored().signature_html
        assert self.alice.signature_images.get().is_used

    def test_an_administrators_pictures_become_the_company_signatures(self) -> None:
        sam = make_staff()
        keep(sam, [RED])
        page = Browser(sam).open("/system/signatures/add/")
        assert page.press(name="New", html=f"{shown(RED)}<p>{{{{ name }}}}</p>").status == 302
        template = SignatureTemplate.objects.get()
        assert template.signature_images.get().is_used
        assert not sam.signature_images.exists()
        template.delete()
        assert not SignatureImage.objects.exists()


class OutlookTests(SignatureCase):
    def setUp(self) -> None:
        super().setUp()
        keep(self.alice, [RED])
        self.save(shown(RED))

    def test_the_page_says_that_outlook_does_not_take_it_along(self) -> None:
        settings = self.stored()
        settings.method = "outlook"
        settings.save_unless_changed()
        assert "messages carry the signature that is set in Outlook, not this one" in self.browser.open(PAGE).text

    def test_the_files_are_a_zip_for_outlooks_folder(self) -> None:
        response = self.browser.open(f"{PAGE}outlook.zip").response
        assert response["Content-Type"] == "application/zip"
        assert 'filename="Signature Alice Archer.zip"' in response["Content-Disposition"]
        archive = ZipFile(BytesIO(response.content))
        assert {name.rpartition(".")[2] for name in archive.namelist()} == {"htm", "txt", "png"}
        (name,) = [name for name in archive.namelist() if name.endswith(".png")]
        assert archive.read(name) == RED.content

    def test_names_are_harmless_in_the_head(self) -> None:
        User.objects.filter(pk=self.alice.pk).update(first_name='Al"ice\u202e', last_name="Ä/..\\x")
        response = self.browser.open(f"{PAGE}outlook.zip").response
        assert "filename*=utf-8''" in response["Content-Disposition"]

    def test_the_clipboard_gets_both_forms(self) -> None:
        answer = self.browser.open(f"{PAGE}clipboard/").response.json()
        assert "data:image/png;base64," in answer["html"]
        assert answer["text"].startswith("Alice")

    def test_an_administrator_has_them_for_the_user(self) -> None:
        browser = Browser(make_staff())
        for address in ("outlook.zip", "clipboard/"):
            assert browser.open(f"/users/{self.alice.uid}/signature/{address}").status == 200

    def test_without_a_signature_there_is_nothing_to_copy(self) -> None:
        page = Browser(make_user("bob")).open(PAGE)
        assert page.tree.xpath("//*[@data-copy-signature]") == []
        assert Browser(make_user("charlie")).open(f"{PAGE}outlook.zip").status == 200

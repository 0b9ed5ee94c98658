"""Previews: exactly what goes out, in every look, for every reader, in a frame that may do nothing."""

from __future__ import annotations

from typing import Any

from django.test import TestCase
from lxml import html as lxml_html

from tests.factories import configure, make_settings, make_staff, make_superuser, make_template, make_user
from tests.pictures import picture, shown
from users.models import User
from users.signature_pictures import keep, settle
from users.signatures.outgoing import for_recipients

PREVIEW = "/profile/signature/preview/"
RED = picture("red")


class PreviewCase(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice = make_user("alice", job_title="Editor")
        self.client.force_login(self.alice)

    def sign_in(self, user: User) -> None:
        self.client.force_login(user)

    def body(self, response: Any) -> str:
        assert response.status_code == 200
        source: str = response.content.decode()
        return source.split("<body", 1)[1].partition(">")[2].rpartition("</body>")[0].strip()

    def text(self, response: Any) -> str:
        return " ".join(lxml_html.fromstring(f"<div>{self.body(response)}</div>").text_content().split())


class FrameTests(PreviewCase):
    def test_may_do_nothing_but_show(self) -> None:
        for response in (self.client.get(PREVIEW), self.client.post(PREVIEW, {"html": "x"})):
            policy = set(response["Content-Security-Policy"].split("; "))
            assert {"sandbox", "default-src 'none'", "script-src 'none'", "img-src data:"} <= policy
            assert {"style-src 'unsafe-inline'", "form-action 'none'", "frame-ancestors 'self'"} <= policy
            assert response["X-Frame-Options"] == "SAMEORIGIN"
            assert "no-store" in response["Cache-Control"]

    def test_shows_what_is_stored_as_it_goes_out(self) -> None:
        make_settings(self.alice, signature_html="<p>Alice</p>")
        assert self.body(self.client.get(PREVIEW)) == for_recipients("<p>Alice</p>")

    def test_says_that_there_is_none_yet(self) -> None:
        assert self.text(self.client.get(PREVIEW)) == "No signature yet."

    def test_shows_what_is_typed_sanitised(self) -> None:
        response = self.client.post(PREVIEW, {"html": "<p onclick='x()'>New<script>alert(1)</script></p>"})
        assert self.body(response) == for_recipients("<p>New</p>")

    def test_what_can_not_be_kept_is_said(self) -> None:
        assert "too" in self.text(self.client.post(PREVIEW, {"html": "<div>" * 3_000}))

    def test_has_the_pictures_in_it(self) -> None:
        keep(self.alice, [RED])
        assert 'src="data:image/png;base64,' in self.body(self.client.post(PREVIEW, {"html": shown(RED)}))

    def test_has_no_pictures_of_others(self) -> None:
        keep(make_user("bob"), [RED])
        assert "data:" not in self.body(self.client.post(PREVIEW, {"html": shown(RED)}))

    def test_a_mandatory_signature_is_what_goes_out(self) -> None:
        root, template = (
            make_superuser(),
            make_template(use="mandatory", html=f"{shown(RED)}<p>{{{{ job_title }}}}</p>"),
        )
        keep(root, [RED])
        settle(template.html, template, root)
        body = self.body(self.client.get(PREVIEW))
        assert "Editor" in body
        assert "data:image/png" in body


class LookTests(PreviewCase):
    def test_the_looks_differ(self) -> None:
        keep(self.alice, [RED])
        for look, has_picture in (("light", True), ("dark", True), ("no-pictures", False), ("text", False)):
            source = self.client.post(PREVIEW, {"html": shown(RED), "look": look}).content.decode()
            with self.subTest(look):
                assert f'<body class="{look}">' in source
                assert ("data:image/png" in source) == has_picture

    def test_plain_text_is_made_from_the_html_or_written_by_hand(self) -> None:
        html = "<p>Alice<br><b>Archer</b></p>"
        made = self.client.post(PREVIEW, {"html": html, "look": "text"})
        assert self.body(made) == "<pre>Alice\nArcher</pre>"
        by_hand = self.client.post(PREVIEW, {"html": html, "look": "text", "text": "<A>"})
        assert self.body(by_hand) == "<pre>&lt;A&gt;</pre>"

    def test_stored_plain_text_is_shown_without_a_script(self) -> None:
        fields = {"signature_html": "<p>Alice</p>", "signature_text": "By hand", "signature_text_is_edited": True}
        make_settings(self.alice, **fields)
        assert self.text(self.client.get(f"{PREVIEW}?look=text")) == "By hand"

    def test_a_look_that_nobody_knows_is_the_light_one(self) -> None:
        for look in ("", "x", '"><script>', "\0"):
            response = self.client.post(PREVIEW, {"html": "x", "look": look})
            assert '<body class="light">' in response.content.decode()


class StaffPreviewTests(PreviewCase):
    def setUp(self) -> None:
        super().setUp()
        make_settings(self.alice, signature_html="<p>Alice</p>")
        self.sign_in(make_staff())

    def test_shows_a_users_signature_and_what_is_typed_for_it(self) -> None:
        address = f"/users/{self.alice.uid}/signature/preview/"
        assert self.text(self.client.get(address)) == "Alice"
        assert self.text(self.client.post(address, {"html": "<p>New</p>"})) == "New"

    def test_superusers_are_out_of_reach(self) -> None:
        address = f"/users/{make_superuser().uid}/signature/preview/"
        assert self.client.get(address).status_code == 403
        assert self.client.post(address, {"html": "x"}).status_code == 403


class TemplatePreviewTests(PreviewCase):
    def setUp(self) -> None:
        super().setUp()
        self.template = make_template()
        make_settings(self.alice, address="alice@example.com")
        self.sign_in(make_staff())
        self.address = f"{self.template.get_absolute_url()}preview/"

    def test_is_filled_in_for_oneself_or_anybody(self) -> None:
        assert self.text(self.client.get(self.address)).startswith("Sam Staffer,")
        for user in ("alice", "ALICE", "alice@example.com", " alice "):
            with self.subTest(user):
                assert self.text(self.client.get(self.address, {"user": user})) == "Alice Archer, Editor"

    def test_shows_what_is_typed_for_a_new_one_too(self) -> None:
        posted = {"html": "<p>{{ email }}</p>", "user": "alice"}
        assert self.text(self.client.post("/system/signatures/preview/", posted)) == "alice@example.com"

    def test_somebody_nobody_knows_is_said(self) -> None:
        for user in ("nobody", "a\0b", "'; --", "x" * 5_000):
            with self.subTest(user):
                shown = self.text(self.client.post(self.address, {"html": "x", "user": user}))
                assert shown == "There is no user with this user name or address."

    def test_staff_that_may_not_see_users_sees_nobody_else(self) -> None:
        self.sign_in(make_staff("other", "view_signaturetemplate"))
        assert "There is no user" in self.text(self.client.get(self.address, {"user": "alice"}))
        assert self.text(self.client.get(self.address)).startswith("Other")

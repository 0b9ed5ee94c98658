"""The demonstration's mailbox in the browser: what arrived, shown without doing any harm."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from django.test import TestCase, override_settings
from django.urls import reverse

from tests.factories import make_user
from users.demo.inbox import folder, received_messages

MESSAGE = """\
X-Envelope-From: anna@example.com
X-Envelope-To: ben@example.com,
 hidden@example.com
From: Anna <anna@example.com>
To: ben@example.com
Subject: <b>Offer</b>
Date: Mon, 23 Nov 2026 15:26:41 +0000
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=x

--x
Content-Type: text/plain; charset=utf-8

Plain <script>alert(1)</script>
--x
Content-Type: text/html; charset=utf-8

<p style="color: red">Rich</p><script>alert(1)</script>
--x--
"""
WITH_PICTURE = """\
Subject: Logo
MIME-Version: 1.0
Content-Type: multipart/related; boundary=x

--x
Content-Type: text/html; charset=utf-8

<p><img src="cid:logo@signature"><img src="cid:other@signature"></p>
--x
Content-Type: image/png
Content-Transfer-Encoding: base64
Content-ID: <logo@signature>
Content-Disposition: inline

iVBORw0KGgo=
--x--
"""
UNKNOWN_CHARSET = "Subject: Odd\nDate: never\nContent-Type: text/plain; charset=martian\n\nHello\n"


@override_settings(ROOT_URLCONF="users.demo.urls")
class MailboxTests(TestCase):
    def setUp(self) -> None:
        data = TemporaryDirectory()
        self.addCleanup(data.cleanup)
        self.enterContext(override_settings(MAILSETTINGS_DATA_DIR=Path(data.name)))
        folder().mkdir(parents=True)
        self.client.force_login(make_user("anna"))

    def test_says_what_to_do_while_it_is_empty(self) -> None:
        self.assertContains(self.client.get(reverse("demo:inbox")), "Nothing has arrived yet")

    def test_is_empty_before_the_mail_server_has_ever_run(self) -> None:
        folder().rmdir()
        self.assertEqual(received_messages(), [])

    def test_lists_the_newest_first_with_all_envelope_recipients(self) -> None:
        keep(1, UNKNOWN_CHARSET)
        keep(10000, MESSAGE)
        page = self.client.get(reverse("demo:inbox")).content.decode()
        self.assertLess(page.index("&lt;b&gt;Offer"), page.index("Odd"))
        self.assertIn("hidden@example.com", page)

    def test_shows_the_text_escaped(self) -> None:
        keep(1, MESSAGE)
        self.assertContains(self.client.get(reverse("demo:message", args=[1])), "&lt;script&gt;alert(1)")

    def test_shows_the_html_under_a_policy_that_runs_nothing(self) -> None:
        keep(1, MESSAGE)
        response = self.client.get(reverse("demo:html", args=[1]))
        policy = {part.strip() for part in response["Content-Security-Policy"].split(";")}
        self.assertLessEqual({"sandbox", "default-src 'none'", "script-src 'none'"}, policy)
        self.assertEqual(response["X-Frame-Options"], "SAMEORIGIN")

    def test_shows_the_pictures_that_came_along(self) -> None:
        keep(1, WITH_PICTURE)
        html = self.client.get(reverse("demo:html", args=[1])).content.decode()
        self.assertEqual(html.strip(), '<p><img src="data:image/png;base64,iVBORw0KGgo="><img src=""></p>')

    def test_shows_a_message_in_a_charset_that_nobody_knows(self) -> None:
        keep(1, UNKNOWN_CHARSET)
        self.assertContains(self.client.get(reverse("demo:message", args=[1])), "Odd")

    def test_knows_no_other_message(self) -> None:
        self.assertEqual(self.client.get(reverse("demo:message", args=[77])).status_code, 404)

    def test_is_for_people_who_are_signed_in(self) -> None:
        self.client.logout()
        self.assertEqual(self.client.get(reverse("demo:inbox")).status_code, 302)


@override_settings(ROOT_URLCONF="mailsettings.urls")
class WithoutDemonstrationTests(TestCase):
    def test_the_mailbox_does_not_exist(self) -> None:
        self.client.force_login(make_user("anna"))
        self.assertEqual(self.client.get("/received/").status_code, 404)


def keep(number: int, message: str) -> Path:
    path = folder() / f"{number:04}.eml"
    path.write_bytes(message.replace("\n", "\r\n").encode())
    return path

"""The signature from Outlook's clipboard to the recipient, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, FrameLocator, Locator, Page, expect
from pytest_django.fixtures import Settings

from tests.browser.clipboard import RTF, WORD, drop, paste
from tests.browser.problems import Problems
from tests.browser.session import sign_in
from tests.browser.steps import (
    expect_message,
    field,
    open_editor,
    open_page,
    press,
    signature_in_editor,
    wait_for_editor,
    write_signature,
)
from tests.factories import configure, make_settings, make_staff, make_template, make_user
from tests.pictures import picture, png, shown
from tests.servers.smtp import SmtpServer
from users.models import EmailSettings, SignatureTemplate, User
from users.signature_pictures import keep, settle

PAGE = "/profile/signature/"
RED = picture("red")
LOGO = ("logo.png", "image/png", png(color="red"))


@pytest.fixture
def alice(page: Page) -> User:
    configure()
    alice = make_user("alice")
    make_settings(alice)
    sign_in(page, alice)
    return alice


def editor(page: Page) -> FrameLocator:
    return page.frame_locator(".tox-edit-area__iframe")


def preview(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[name=signature-preview]")


def expect_loaded(picture: Locator) -> None:
    """The picture is there and can be seen: a broken one has no width."""
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 120)


def stored(user: User) -> EmailSettings:
    return EmailSettings.of(user)


# --- From Outlook to the recipient ----------------------------------------------------------------------------------


@pytest.fixture
def server(settings: Settings, transactional_db: None) -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        settings.MAILSETTINGS_CA_FILE = server.ca_file
        yield server


def test_a_paste_from_outlook_arrives_with_its_picture(page: Page, alice: User, server: SmtpServer) -> None:
    configure(smtp_host=server.host, smtp_port=server.port)
    open_editor(page, PAGE)
    paste(page, html=WORD, rtf=RTF)
    expect(editor(page).get_by_text("Alice Archer")).to_have_css("color", "rgb(36, 102, 107)")
    expect_loaded(editor(page).get_by_role("img", name="Example Ltd"))
    expect_loaded(preview(page).get_by_role("img", name="Example Ltd"))
    press(page, "Save")
    expect_message(page, "Your signature is saved.")
    wait_for_editor(page)
    expect_loaded(editor(page).get_by_role("img", name="Example Ltd"))
    expect_loaded(preview(page).get_by_role("img", name="Example Ltd"))
    assert f'src="cid:{RED.content_id}"' in stored(alice).signature_html
    assert "solid" in stored(alice).signature_html

    open_page(page, "/profile/")
    press(page, "Send a test message to my address")
    (received,) = server.received
    parts = {part.get_content_type(): part for part in received.parsed.walk()}
    assert parts["image/png"]["Content-ID"] == f"<{RED.content_id}>"
    assert parts["image/png"].get_payload(decode=True) == RED.content
    assert f'src="cid:{RED.content_id}"' in parts["text/html"].get_content()
    assert "Alice Archer" in parts["text/plain"].get_content()


def test_saving_without_a_change_changes_nothing(page: Page, alice: User) -> None:
    open_editor(page, PAGE)
    paste(page, html=WORD, rtf=RTF)
    press(page, "Save")
    before = stored(alice).signature_html
    wait_for_editor(page)
    expect(page.locator("[data-save-bar]")).to_be_hidden()
    write_signature(page, signature_in_editor(page) + "<p>One more</p>")
    press(page, "Save")
    assert stored(alice).signature_html.startswith(before[:200])
    assert stored(alice).signature_html.count("<img") == 1


def test_a_picture_that_is_missing_is_told_and_has_its_place(page: Page, alice: User) -> None:
    open_editor(page, PAGE)
    paste(page, html=WORD)
    report = page.locator("[data-report]")
    expect(report).to_contain_text("add it here")
    expect(editor(page).locator("img")).to_have_attribute("src", "/static/img/missing-picture.svg")
    press(page, "Save")
    assert 'src="cid:missing-1"' in stored(alice).signature_html
    expect(preview(page).locator("img")).to_have_count(0)


def test_a_missing_picture_is_added_in_its_place(page: Page, alice: User) -> None:
    open_editor(page, PAGE)
    paste(page, html=WORD.replace("width=120 height=40", "width=60 height=20"))
    editor(page).locator("img").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Picture", exact=True).click()
    chooser.value.set_files([FilePayload(name="logo.png", mimeType="image/png", buffer=LOGO[2])])
    expect_loaded(editor(page).get_by_role("img", name="Example Ltd"))
    expect(page.locator("[data-report]")).to_have_text("")
    press(page, "Save")
    html = stored(alice).signature_html
    assert html.count("<img") == html.count('width="60"') == html.count(f'src="cid:{RED.content_id}"') == 1


def test_a_refused_paste_is_told_and_leaves_everything(page: Page, alice: User) -> None:
    open_editor(page, PAGE)
    write_signature(page, "<p>Alice</p>")
    paste(page, html="<div>" * 3_000 + "x")
    expect(page.locator("[data-report] .invalid-feedback")).to_be_visible()
    expect(editor(page).get_by_text("Alice")).to_be_visible()
    paste(page, html="<p>Better</p>")
    expect(page.locator("[data-report] .invalid-feedback")).to_have_count(0)


def test_scripts_in_a_paste_never_reach_the_editor(page: Page, alice: User, problems: Problems) -> None:
    open_editor(page, PAGE)
    hostile = (
        "<p>Safe</p><img src=x onerror=\"parent.document.title='hit'\"><svg onload=\"parent.document.title='hit'\">"
        "<style>*{background:url(https://example.com/)}</style><iframe src='javascript:1'></iframe>"
        '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=1&gt;">'
    )
    paste(page, html=hostile)
    drop(page, html=hostile)
    expect(editor(page).get_by_text("Safe")).to_have_count(2)
    problems.settle(page)
    assert problems == []
    assert "onerror=" not in signature_in_editor(page).replace("&lt;img src=1 onerror=1", "")


def test_a_site_that_does_not_answer_is_told(page: Page, alice: User, problems: Problems) -> None:
    open_editor(page, PAGE)
    page.route("**/paste/", lambda route: route.fulfill(status=500, body="<h1>Error</h1>", content_type="text/html"))
    paste(page, html="<p>x</p>")
    expect(page.locator("[data-report]")).to_contain_text("did not answer as expected")
    page.route("**/paste/", lambda route: route.fulfill(status=400, body="<h1>Bad</h1>", content_type="text/html"))
    paste(page, html="<p>x</p>")
    expect(page.locator("[data-report]")).to_contain_text("too much at once")
    problems.clear()


# --- Other ways in --------------------------------------------------------------------------------------------------


def test_a_dropped_picture_is_inserted(page: Page, alice: User) -> None:
    open_editor(page, PAGE)
    drop(page, files=(LOGO,))
    expect_loaded(editor(page).get_by_role("img", name="logo"))


def test_a_picture_on_the_clipboard_is_inserted(page: Page, alice: User) -> None:
    open_editor(page, PAGE)
    paste(page, files=(LOGO,), html='<img src="https://example.com/logo.png">')
    expect_loaded(editor(page).get_by_role("img", name="logo"))


def test_a_picture_is_inserted_by_a_button_and_described(page: Page, alice: User) -> None:
    open_editor(page, PAGE)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Picture", exact=True).click()
    chooser.value.set_files([FilePayload(name="logo.png", mimeType="image/png", buffer=LOGO[2])])
    picture = editor(page).get_by_role("img", name="logo")
    expect_loaded(picture)
    picture.click()
    page.get_by_role("button", name="Picture", exact=True).click()
    page.get_by_label("Description, for those who don’t see it").fill("Example Ltd")
    page.get_by_label("Width in pixels").fill("60")
    page.get_by_label("Height in pixels").fill("20")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    press(page, "Save")
    assert 'alt="Example Ltd"' in stored(alice).signature_html
    assert 'width="60"' in stored(alice).signature_html


def test_dropped_files_of_outlook_are_inserted(page: Page, alice: User) -> None:
    open_editor(page, PAGE)
    page_file = ("Alice.htm", "text/html", b'<p>From a file <img src="Alice_files/logo.png" width=120 alt=Logo></p>')
    drop(page, files=(page_file, LOGO))
    expect(editor(page).get_by_text("From a file")).to_be_visible()
    expect_loaded(editor(page).get_by_role("img", name="Logo"))


def test_chosen_files_of_outlook_replace_the_signature(page: Page, alice: User) -> None:
    open_editor(page, PAGE)
    write_signature(page, "<p>Old</p>")
    page.get_by_text("Take it from Outlook’s files").click()
    html = b'<p>From a file <img src="Alice-Dateien/logo.png" width=120 alt=Logo></p>'
    field(page, "Files of the signature").set_input_files(
        [
            FilePayload(name="Alice.htm", mimeType="text/html", buffer=html),
            FilePayload(name="logo.png", mimeType="image/png", buffer=LOGO[2]),
        ]
    )
    expect(editor(page).get_by_text("From a file")).to_be_visible()
    expect(editor(page).get_by_text("Old")).to_have_count(0)
    expect_loaded(editor(page).get_by_role("img", name="Logo"))


def test_the_source_goes_through_the_server(page: Page, alice: User) -> None:
    open_editor(page, PAGE)
    page.get_by_role("button", name="HTML source").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("<p onclick='x()'>Typed <b>source</b></p><script>1</script>")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(editor(page).get_by_text("source")).to_be_visible()
    assert signature_in_editor(page) == "<p>Typed <b>source</b></p>"


def test_plain_text_is_pasted_line_by_line(page: Page, alice: User) -> None:
    open_editor(page, PAGE)
    page.evaluate(
        """() => {
            const transfer = new DataTransfer();
            transfer.setData("text/plain", "Alice <Archer>\\r\\nEditor");
            const event = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
            tinymce.activeEditor.focus();
            tinymce.activeEditor.getBody().dispatchEvent(event);
        }"""
    )
    expect(editor(page).locator("body")).to_contain_text("Alice <Archer>")
    assert "Alice &lt;Archer&gt;<br>Editor" in signature_in_editor(page)


# --- Preview, meter, plain text -------------------------------------------------------------------------------------


def test_the_preview_and_the_meter_follow_what_is_typed(page: Page, alice: User) -> None:
    open_editor(page, PAGE)
    editor(page).locator("body").click()
    page.keyboard.type("Typed by hand")
    expect(preview(page).get_by_text("Typed by hand")).to_be_visible()
    write_signature(page, "<p>" + "x" * 11_000 + "</p>")
    expect(page.locator("[data-meter]")).to_contain_text("Gmail takes signatures of up to 10,000 characters")


def test_the_switches_show_it_dark_without_pictures_and_as_text(page: Page, alice: User) -> None:
    keep(alice, [RED])
    make_settings(alice, signature_html=shown(RED))
    open_editor(page, PAGE)
    expect_loaded(preview(page).get_by_role("img"))
    page.get_by_text("Dark", exact=True).click()
    expect(preview(page).locator("body.dark")).to_be_visible()
    page.get_by_text("No pictures", exact=True).click()
    expect(preview(page).locator("body.no-pictures img")).not_to_have_js_property("naturalWidth", 120)
    page.locator("label", has_text="Plain text").last.click()
    expect(preview(page).locator("pre")).to_contain_text("Alice")


def test_the_plain_text_is_written_by_hand_and_given_back(page: Page, alice: User) -> None:
    make_settings(alice, signature_html="<p>Alice</p>", signature_text="Alice")
    open_editor(page, PAGE)
    twin = page.locator("textarea[name=signature_text]")
    expect(twin).to_be_hidden()
    page.get_by_text("Written by hand").click()
    expect(twin).to_have_value("Alice")
    twin.fill("Alice, by hand")
    page.locator("label", has_text="Plain text").last.click()
    expect(preview(page).get_by_text("Alice, by hand")).to_be_visible()
    press(page, "Save")
    assert stored(alice).signature_text == "Alice, by hand"
    page.get_by_text("Made from it").click()
    press(page, "Save")
    assert stored(alice).signature_text == "Alice"


# --- Conflicts, unsaved changes, the theme, the keyboard ------------------------------------------------------------


def test_a_conflict_keeps_the_pasted_signature(page: Page, alice: User) -> None:
    open_editor(page, PAGE)
    paste(page, html=WORD, rtf=RTF)
    EmailSettings.objects.update(version=9, signature_html="<p>By somebody else</p>")
    press(page, "Save")
    expect(page.get_by_role("alert")).to_contain_text("By somebody else")
    wait_for_editor(page)
    expect_loaded(editor(page).get_by_role("img", name="Example Ltd"))
    expect_loaded(preview(page).get_by_role("img", name="Example Ltd"))
    press(page, "Save")
    assert f"cid:{RED.content_id}" in stored(alice).signature_html


def test_the_tools_follow_the_theme_and_the_paper_stays_white(page: Page, alice: User) -> None:
    open_editor(page, PAGE)
    for header in ("rgb(255, 255, 255)", "rgb(27, 34, 34)"):
        expect(page.locator(".tox-editor-header")).to_have_css("background-color", header)
        expect(editor(page).locator("html")).to_have_css("background-color", "rgb(255, 255, 255)")
        expect(editor(page).locator("body")).to_have_css("color", "rgb(0, 0, 0)")
        page.get_by_role("button", name="Switch between light and dark").click()


def test_the_keyboard_alone_is_enough(page: Page, alice: User) -> None:
    open_editor(page, PAGE)
    page.locator("main").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".tox-edit-area__iframe")).to_be_focused()
    expect(page.locator(".tox-tinymce")).to_have_css("outline-style", "solid")
    page.keyboard.type("Alice")
    page.keyboard.press("Control+a")
    page.keyboard.press("Alt+F10")
    expect(page.locator(".tox-editor-header :focus")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+b")
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="Made from it")).to_be_focused()
    for _stop in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Save":
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect_message(page, "Your signature is saved.")
    assert "<strong>Alice</strong>" in stored(alice).signature_html


# --- In Outlook -----------------------------------------------------------------------------------------------------


def test_it_is_copied_for_outlook_with_its_pictures(page: Page, alice: User) -> None:
    keep(alice, [RED])
    settle(shown(RED), alice, alice)
    make_settings(alice, method="outlook", address="", signature_html=shown(RED))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_editor(page, PAGE)
    expect(page.get_by_text("messages carry the signature that is set in Outlook, not this one")).to_be_visible()
    page.get_by_role("button", name="Copy for Outlook").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    html = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            return (await item.getType("text/html")).text();
        }"""
    )
    assert "data:image/png;base64," in html
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as files").click()
    assert download.value.suggested_filename == "Signature Alice Archer.zip"


# --- Company signatures and administrators --------------------------------------------------------------------------


def test_an_administrator_makes_a_company_signature_with_a_picture(page: Page) -> None:
    configure()
    make_settings(make_user("alice", job_title="Editor"))
    sign_in(page, make_staff())
    open_editor(page, "/system/signatures/add/")
    field(page, "Name").fill("Example Ltd")
    paste(page, html=WORD, rtf=RTF)
    editor(page).get_by_text("Alice Archer").click()
    page.get_by_role("button", name="Placeholder").click()
    page.get_by_role("menuitem", name="{{ job_title }}").click()
    field(page, "For this user").fill("alice")
    field(page, "For this user").press("Enter")
    expect(preview(page).get_by_text("Editor")).to_be_visible()
    press(page, "Save")
    template = SignatureTemplate.objects.get()
    assert "{{ job_title }}" in template.html
    assert template.signature_images.get().content_id == RED.content_id


def test_a_user_starts_from_it_with_one_click(page: Page, alice: User) -> None:
    sam, template = make_staff(), make_template(html=f"{shown(RED)}<p>{{{{ name }}}}</p>")
    keep(sam, [RED])
    settle(template.html, template, sam)
    open_editor(page, PAGE)
    press(page, "Standard")
    wait_for_editor(page)
    expect(editor(page).get_by_text("Alice Archer")).to_be_visible()
    expect_loaded(editor(page).get_by_role("img"))
    expect_loaded(preview(page).get_by_role("img"))
    press(page, "Save")
    assert alice.signature_images.get().content_id == RED.content_id


def test_an_administrator_pastes_for_a_user(page: Page, alice: User) -> None:
    sign_in(page, make_staff())
    open_editor(page, f"/users/{alice.uid}/signature/")
    paste(page, html=WORD, rtf=RTF)
    press(page, "Save")
    expect_message(page, "The user's signature is saved.")
    wait_for_editor(page)
    expect_loaded(editor(page).get_by_role("img", name="Example Ltd"))
    assert alice.signature_images.get().content_id == RED.content_id

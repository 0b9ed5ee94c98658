"""The pages of the site, and the states in which a page looks different: how a browser gets there.

Alice has complete settings with an Exchange account, root may do everything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, Route

from tests.browser.clipboard import RTF, WORD, paste
from tests.browser.session import sign_in
from tests.browser.steps import (
    choose,
    field,
    let_sign_in_grow_old,
    open_editor,
    open_page,
    press,
    press_for_effect,
    wait_for_editor,
    write_signature,
)
from tests.factories import (
    configure,
    in_days,
    make_activity,
    make_settings,
    make_superuser,
    make_template,
    make_user,
)
from tests.factories import register as register_application
from tests.users.test_outbox import write
from users.choices import Outcome
from users.models import CalendarFeed, EmailSettings, SystemSettings, User

State = Callable[[Page], None]
LONG = "Wilhelmine " * 13


def alice(page: Page) -> User:
    configure()
    user = make_user("alice")
    make_settings(user, method="exchange", signature_html="<p>Alice</p>", signature_text="Alice")
    sign_in(page, user)
    return user


def root(page: Page) -> User:
    configure()
    user = make_superuser()
    sign_in(page, user)
    return user


# --- Every page as it opens, by the name of its address -------------------------------------------------------------


def path_of_alice(suffix: str = "") -> str:
    user = make_user("alice")
    make_settings(user)
    return f"/users/{user.uid}/{suffix}"


def path_of_template(suffix: str = "") -> str:
    return make_template(use="mandatory").get_absolute_url() + suffix


def path_of_message(suffix: str = "", **fields: Any) -> str:
    """The address of a message that root has sent."""
    defaults = {
        "state": "done",
        "method": "smtp",
        "sent_at": timezone.now(),
        "problem": "It is gone.",
        "advice": "Wait.",
    }
    user = User.objects.get(username="root")
    make_settings(user, signature_html="<p>Root</p>")
    return write(user, **defaults | fields).get_absolute_url() + suffix


def path_of_activity(suffix: str = "") -> str:
    return make_activity(User.objects.get(username="root")).get_absolute_url() + suffix


def path_of_alices_activity(suffix: str = "") -> str:
    path = path_of_alice("activities/")
    return f"{path}{make_activity(User.objects.get(username='alice')).uid}/{suffix}"


PAGES: dict[str, Callable[[], str]] = {
    "login": lambda: "/accounts/login/",
    "password_change": lambda: "/accounts/password_change/",
    "password_change_done": lambda: "/accounts/password_change/done/",
    "profile": lambda: "/profile/",
    "signature": lambda: "/profile/signature/",
    "messages": lambda: "/messages/",
    "compose": lambda: "/messages/new/",
    "message": lambda: path_of_message(outcome="sent", refused={"bob@example.com": "There is no such mailbox."}),
    "message-edit": lambda: path_of_message("edit/", outcome="failed"),
    "activities": lambda: "/activities/",
    "activity-add": lambda: "/activities/add/",
    "activity": path_of_activity,
    "activity-delete": lambda: path_of_activity("delete/"),
    "user-activities": lambda: path_of_alice("activities/"),
    "user-activity-add": lambda: path_of_alice("activities/add/"),
    "user-activity": path_of_alices_activity,
    "user-activity-delete": lambda: path_of_alices_activity("delete/"),
    "list": lambda: "/users/",
    "check-all": lambda: "/users/check/",
    "add": lambda: "/users/add/",
    "edit": path_of_alice,
    "edit-signature": lambda: path_of_alice("signature/"),
    "system": lambda: "/system/",
    "entra": lambda: "/system/entra/",
    "entra-certificate": lambda: "/system/entra/certificate/",
    "signature-templates": lambda: "/system/signatures/",
    "signature-template-add": lambda: "/system/signatures/add/",
    "signature-template": path_of_template,
    "signature-template-delete": lambda: path_of_template("delete/"),
}


# --- The profile page -----------------------------------------------------------------------------------------------


def profile_with_errors(page: Page) -> None:
    alice(page)
    open_page(page, "/profile/")
    for label in ("E-mail address", "User name (Exchange)"):
        field(page, label).fill("")
    press(page, "Remove")
    press(page, "Save")


def profile_with_changes(page: Page) -> None:
    alice(page)
    open_page(page, "/profile/")
    choose(page, "Client based, via Microsoft Outlook")


def profile_in_conflict(page: Page) -> None:
    alice(page)
    open_page(page, "/profile/")
    EmailSettings.objects.update(version=9, address="a.quite.long.address.of.somebody@mail.example.com")
    press_save_after_change(page)


def profile_kept_by_the_administrator(page: Page) -> None:
    alice(page)
    configure(users_may_choose_method=False, users_may_edit_address=False)
    open_page(page, "/profile/")


def profile_without_need_of_a_password(page: Page) -> None:
    register_application(flow="application")
    make_settings(alice(page), method="exchange_online", exchange_username="FIRM\\alice", exchange_password="left over")
    open_page(page, "/profile/")


def profile_with_long_values(page: Page) -> None:
    user = alice(page)
    User.objects.update(first_name=LONG[:150], last_name="x" * 150)
    address = f"{'a' * 60}@{'b' * 60}.{'c' * 50}.example.com"
    make_settings(user, method="exchange", address=address, exchange_username="u" * 150)
    open_page(page, "/profile/")


def failed_test_message(page: Page) -> None:
    user = alice(page)
    make_settings(user)
    configure(smtp_host="smtp.invalid")
    open_page(page, "/profile/")
    press(page, "Send a test message to my address")


def press_save_after_change(page: Page) -> None:
    field(page, "E-mail address").fill("mine@example.com")
    press(page, "Save")


# --- The padlock ----------------------------------------------------------------------------------------------------


def padlock_open(page: Page) -> None:
    alice(page)
    open_page(page, "/profile/")
    press(page, "Unlock to change")


def padlock_asking(page: Page) -> None:
    alice(page)
    open_page(page, "/profile/")
    let_sign_in_grow_old(page)
    press(page, "Unlock to change")


def padlock_asking_again(page: Page) -> None:
    padlock_asking(page)
    field(page, "Your sign-in password").fill("wrong")
    press(page, "Unlock")


def padlock_removing(page: Page) -> None:
    alice(page)
    open_page(page, "/profile/")
    press(page, "Remove")


def padlock_unreadable(page: Page) -> None:
    alice(page)
    EmailSettings.objects.update(exchange_password="v1.deadbeef.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    open_page(page, "/profile/")


# --- Signatures -----------------------------------------------------------------------------------------------------


def signature_with_offers(page: Page) -> None:
    make_template()
    alice(page)
    open_page(page, "/profile/signature/")


def signature_that_is_mandatory(page: Page) -> None:
    make_template(use="mandatory")
    alice(page)
    open_page(page, "/profile/signature/")


def signature_for_outlook(page: Page) -> None:
    make_settings(alice(page), method="outlook", address="")
    open_page(page, "/profile/signature/")


def signature_with_a_missing_picture(page: Page) -> None:
    alice(page)
    open_editor(page, "/profile/signature/")
    paste(page, html=WORD)
    page.get_by_text("Written by hand").click()


def signature_with_its_picture(page: Page) -> None:
    alice(page)
    open_editor(page, "/profile/signature/")
    paste(page, html=WORD, rtf=RTF)
    page.get_by_text("Take it from Outlook’s files").click()


def signature_that_is_too_large(page: Page) -> None:
    alice(page)
    open_editor(page, "/profile/signature/")
    write_signature(page, f"<p>{'Alice Archer ' * 9_000}</p>")
    press(page, "Save")


def signature_in_conflict(page: Page) -> None:
    signature_with_its_picture(page)
    EmailSettings.objects.update(version=9, signature_html="<p>By somebody else<br>who was quicker</p>")
    press(page, "Save")
    wait_for_editor(page)


def signature_source(page: Page) -> None:
    signature_with_its_picture(page)
    page.evaluate("tinymce.activeEditor.ui.registry.getAll().buttons.source.onAction()")
    page.get_by_role("dialog").wait_for()


def signature_menu(page: Page) -> None:
    root(page)
    open_editor(page, path_of_template())
    page.get_by_role("button", name="Placeholder").click()


def signature_template_with_errors(page: Page) -> None:
    root(page)
    open_editor(page, "/system/signatures/add/")
    write_signature(page, "{{ unknown }}")
    press(page, "Save")


def signature_templates(page: Page) -> None:
    make_template()
    make_template(name=LONG[:100])
    root(page)
    open_page(page, "/system/signatures/")


# --- Users ----------------------------------------------------------------------------------------------------------


def list_of_many(page: Page) -> None:
    root(page)
    for number in range(55):
        User.objects.create_user(f"person{number:02}")
    open_page(page, "/users/?page=2&sort=-name")


def list_with_long_values(page: Page) -> None:
    profile_with_long_values(page)
    sign_in(page, make_superuser())
    open_page(page, "/users/")


def list_without_match(page: Page) -> None:
    root(page)
    open_page(page, "/users/?q=nobody&method=smtp&ready=yes")


def add_with_errors(page: Page) -> None:
    root(page)
    open_page(page, "/users/add/")
    field(page, "User name").fill("root")
    press(page, "Add the user")


# --- System ---------------------------------------------------------------------------------------------------------


def system_with_errors(page: Page) -> None:
    root(page)
    configure(smtp_username="mailer")
    open_page(page, "/system/")
    field(page, "SMTP server").fill("a b")
    field(page, "Port").fill("99999")
    field(page, "Exchange server (EWS address)").fill("ftp:nowhere")
    field(page, "Allowed domains").fill("@")
    press(page, "Save")


def system_with_effect(page: Page) -> None:
    root(page)
    open_page(page, "/system/")
    choose(page, "Client based, via Microsoft Outlook")
    press_for_effect(page, "Save")


def system_unlocked(page: Page) -> None:
    root(page)
    SystemSettings.objects.update(smtp_username="mailer")
    open_page(page, "/system/")
    press(page, "Unlock to enter")


def entra_by_password(page: Page) -> None:
    register_application(flow="password")
    root(page)
    open_page(page, "/system/entra/")


def entra_with_errors(page: Page) -> None:
    root(page)
    open_page(page, "/system/entra/")
    field(page, "Cloud").select_option("custom")
    field(page, "Directory (tenant) ID").fill("not an id")
    press(page, "Save")


# --- Signing in, and the menus --------------------------------------------------------------------------------------


def sign_in_refused(page: Page) -> None:
    open_page(page, "/accounts/login/")
    field(page, "Username").fill("nobody")
    field(page, "Password").fill("wrong")
    press(page, "Sign in")


def password_change_refused(page: Page) -> None:
    alice(page)
    open_page(page, "/accounts/password_change/")
    press(page, "Change the password")


def menu_open(page: Page) -> None:
    root(page)
    open_page(page, "/profile/")
    page.get_by_role("button", name="System").click()


# --- Messages -------------------------------------------------------------------------------------------------------


def messages_of_many_kinds(page: Page) -> None:
    root(page)
    for outcome in Outcome.values:
        path_of_message(outcome=outcome, subject=LONG, to="bob@example.com\n" * 9)
    path_of_message(state="sending", outcome="")
    open_page(page, "/messages/")


def message_failed(page: Page) -> None:
    root(page)
    open_page(page, path_of_message(outcome="failed", subject=LONG, refused={"bob@example.com": "No such mailbox."}))


def message_uncertain(page: Page) -> None:
    root(page)
    open_page(page, path_of_message(outcome="unknown"))


def message_handed_over(page: Page) -> None:
    root(page)
    open_page(page, path_of_message(outcome="handed_over", method="outlook", draft=b"x"))


def message_on_its_way(page: Page) -> None:
    root(page)
    open_page(page, path_of_message(outcome="", state="sending"))


def compose_with_errors(page: Page) -> None:
    alice(page)
    open_page(page, "/messages/new/")
    field(page, "To").fill("nobody")
    field(page, "Attachments").set_input_files([FilePayload(name=f"{LONG}.txt", mimeType="text/plain", buffer=b"x")])
    press(page, "Send")


def compose_when_not_ready(page: Page) -> None:
    configure(smtp_host="")
    sign_in(page, make_user("alice"))
    open_page(page, "/messages/new/")


def compose_for_outlook(page: Page) -> None:
    configure(sending_method="outlook")
    sign_in(page, make_user("alice"))
    open_page(page, "/messages/new/")


# --- Activities -----------------------------------------------------------------------------------------------------


def activities_of_many_kinds(page: Page) -> None:
    user = alice(page)
    configure(calendar_feeds=True)
    make_settings(user)
    CalendarFeed.renew(user)
    make_activity(user, subject=LONG, place=LONG, is_done=True)
    make_activity(user, first_day=in_days(3), last_day=in_days(9), time_zone="America/Argentina/ComodRivadavia")
    for _number in range(30):
        make_activity(user)
    open_page(page, "/activities/")


def activities_deleted(page: Page) -> None:
    make_activity(alice(page)).cancel()
    open_page(page, "/activities/?show=deleted")


def activities_of_a_period_without_any(page: Page) -> None:
    alice(page)
    open_page(page, "/activities/?since=2020-01-01&until=2020-01-02&show=done")


def activity_with_errors(page: Page) -> None:
    alice(page)
    open_page(page, "/activities/add/")
    field(page, "Time zone").select_option("Europe/Berlin")
    for label, day, clock in (("Start", "2027-03-28", "02:30"), ("End", "2026-10-25", "02:30")):
        page.get_by_label(label, exact=True).fill(day)
        page.get_by_label(f"{label} time").fill(clock)
    field(page, "Link").fill("ftp:nowhere")
    press(page, "Save")


def activity_of_whole_days(page: Page) -> None:
    activity = make_activity(alice(page), subject=LONG, first_day=in_days(3), last_day=in_days(9))
    open_page(page, activity.get_absolute_url())


def activity_brought_back(page: Page) -> None:
    activity = make_activity(alice(page))
    activity.cancel()
    open_page(page, activity.get_absolute_url())


def subscription_address(page: Page) -> None:
    user = alice(page)
    configure(calendar_feeds=True)
    make_settings(user)
    open_page(page, "/activities/")
    press(page, "Make an address")


# --- Errors ---------------------------------------------------------------------------------------------------------


def not_found(page: Page) -> None:
    alice(page)
    open_page(page, "/nowhere/")


def forbidden(page: Page) -> None:
    alice(page)
    open_page(page, "/system/")


def open_for_too_long(page: Page) -> None:
    open_page(page, "/accounts/login/")
    page.context.clear_cookies()
    press(page, "Sign in")


def show_template(page: Page, name: str) -> None:
    """Open a page that needs a defect to be seen, with the security policy of all pages."""
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    policy = "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())
    request = RequestFactory().get("/")
    request.user = make_user("alice")
    content = render_to_string(name, request=request)

    def answer(route: Route) -> None:
        route.fulfill(body=content, content_type="text/html", headers={"Content-Security-Policy": policy})

    page.route("**/made-up/", answer)
    page.goto("/made-up/")


def bad_request(page: Page) -> None:
    show_template(page, "400.html")


def server_error(page: Page) -> None:
    show_template(page, "500.html")


def too_many_attempts(page: Page) -> None:
    show_template(page, "registration/locked_out.html")


STATES: list[State] = [
    profile_with_errors,
    profile_with_changes,
    profile_in_conflict,
    profile_kept_by_the_administrator,
    profile_without_need_of_a_password,
    profile_with_long_values,
    failed_test_message,
    padlock_open,
    padlock_asking,
    padlock_asking_again,
    padlock_removing,
    padlock_unreadable,
    signature_with_offers,
    signature_that_is_mandatory,
    signature_for_outlook,
    signature_with_a_missing_picture,
    signature_with_its_picture,
    signature_that_is_too_large,
    signature_in_conflict,
    signature_source,
    signature_menu,
    signature_template_with_errors,
    signature_templates,
    list_of_many,
    list_with_long_values,
    list_without_match,
    add_with_errors,
    system_with_errors,
    system_with_effect,
    system_unlocked,
    entra_by_password,
    entra_with_errors,
    sign_in_refused,
    password_change_refused,
    menu_open,
    messages_of_many_kinds,
    message_failed,
    message_uncertain,
    message_handed_over,
    message_on_its_way,
    compose_with_errors,
    compose_when_not_ready,
    compose_for_outlook,
    activities_of_many_kinds,
    activities_deleted,
    activities_of_a_period_without_any,
    activity_with_errors,
    activity_of_whole_days,
    activity_brought_back,
    subscription_address,
    not_found,
    forbidden,
    open_for_too_long,
    bad_request,
    server_error,
    too_many_attempts,
]

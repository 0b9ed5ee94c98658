"""Every page of the site, and who looks at it. In which states a page looks different stands in modules by subject.

Alice has complete settings with an Exchange account, root may do everything.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from inspect import isfunction, signature
from pathlib import Path
from types import ModuleType
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page

from tests.browser.session import sign_in
from tests.factories import configure, make_activity, make_settings, make_superuser, make_template, make_user
from tests.users.test_outbox import write
from users.models import User

State = Callable[[Page], None]
LONG = "Wilhelmine " * 13
ALICE = {"method": "exchange", "signature_html": "<p>Alice</p>", "signature_text": "Alice"}


def alice(page: Page, path: str = "", **settings: Any) -> User:
    """Alice, signed in and gone to the path. Her settings are complete, unless others are given."""
    configure()
    user = make_user("alice")
    make_settings(user, **settings or ALICE)
    sign_in(page, user, path)
    return user


def root(page: Page, path: str = "") -> User:
    """The superuser, signed in and gone to the path."""
    configure()
    user = make_superuser()
    sign_in(page, user, path)
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


# --- Every page in its states ---------------------------------------------------------------------------------------


def all_states() -> list[State]:
    """Every public function of a page alone in the modules ``*_states.py``: it brings the page into a state."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*_states.py"))
    return [state for name in names for state in states_of(import_module(f"{__package__}.{name}"))]


def states_of(module: ModuleType) -> list[State]:
    functions = [each for each in vars(module).values() if isfunction(each) and each.__module__ == module.__name__]
    public = [each for each in functions if not each.__name__.startswith("_")]
    return [each for each in public if list(signature(each).parameters) == ["page"]]

"""Marked secrets go through the real pages, errors are provoked, and everything that leaves the site is searched."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import TestCase, override_settings
from django.urls import path
from django.utils.log import AdminEmailHandler

from mailsettings.urls import urlpatterns as pages
from tests import factories
from tests.factories import configure, make_settings, make_superuser, make_user, register
from tests.users.views.browser import Browser, Page
from users.models import EmailSettings, EntraAppRegistration, SystemSettings, sealed_columns

MARK = "canary"
SIGN_IN, EXCHANGE, SMTP, CLIENT = (f"{MARK}-{name}-5ecret!" for name in ("signin", "exchange", "smtp", "client"))


def fails_with_everything(request: Any) -> Any:
    """A page that fails while it holds the posted secrets in variables of every kind."""
    posted = request.POST
    nested = {"options": {"data": posted}, "list": [posted]}
    plain = posted.get("exchange_password", "")
    raise RuntimeError(f"failed with {len(nested)} and {len(plain)}")


urlpatterns = [path("fails/", fails_with_everything), *pages]


class Everything:
    """All that left the site: answers, log lines, error mails and what the database keeps."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.lines = io.StringIO()

    def add(self, response: Any) -> None:
        self.texts.append(response.content.decode())
        self.texts.append(str(response.headers) + str(response.cookies))

    def text(self) -> str:
        mails = [f"{each.subject} {each.body} {getattr(each, 'alternatives', '')}" for each in mail.outbox]
        return "\n".join([*self.texts, self.lines.getvalue(), *mails, *_stored()])


def _stored() -> Iterator[str]:
    """Every row of every table, sessions and messages decoded; sealed columns are where sealed values belong."""
    sealed = {column.field for column in sealed_columns()} | {"exchange_password_key"}
    for model in apps.get_models():
        for row in model._default_manager.all():
            values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
            yield str({name: value for name, value in values.items() if name not in sealed})
            if hasattr(row, "get_decoded"):
                yield json.dumps(row.get_decoded())


@override_settings(AXES_ENABLED=True, ADMINS=[("Admin", "admin@example.com")])
class LeakCase(TestCase):
    def setUp(self) -> None:
        self.key = factories.certificate_and_key()[1]
        self.everything = Everything()
        self._listen(logging.StreamHandler(self.everything.lines), logging.getLogger(), logging.DEBUG)
        for html in (False, True):
            self._listen(AdminEmailHandler(include_html=html), logging.getLogger("django.request"), logging.ERROR)
        configure()
        self.alice = make_user("alice", password=SIGN_IN)
        self.root = make_superuser(password=SIGN_IN)
        self.browser = Browser(self.root, raise_request_exception=False)

    def _listen(self, handler: logging.Handler, logger: logging.Logger, level: int) -> None:
        handler.setLevel(level)
        handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
        before = logger.level
        logger.addHandler(handler)
        logger.setLevel(min(level, before or level))
        self.addCleanup(logger.setLevel, before)
        self.addCleanup(logger.removeHandler, handler)

    def seen(self, page: Page) -> Page:
        self.everything.add(page.response)
        return page

    def open(self, address: str) -> Page:
        return self.seen(self.browser.open(address))

    def press(self, page: Page, button: str = "save", **changes: Any) -> Page:
        return self.seen(page.press(button, changes))

    def assert_nothing_left(self) -> None:
        text = self.everything.text()
        key_line = self.key.splitlines()[1]
        tokens = [value for column in sealed_columns() for value in column.rows().values_list(column.field, flat=True)]
        for secret in (MARK, key_line, *tokens):
            if secret in text:
                position = text.index(secret)
                self.fail(f"{secret[:20]} leaked: …{text[max(0, position - 300) : position + 60]}…")


class PagesTests(LeakCase):
    """Every secret typed, refused, saved, replaced and removed."""

    def sign_in(self) -> None:
        for password in (f"{MARK}-wrong", SIGN_IN):
            self.seen(self.browser.post("/accounts/login/", {"username": "root", "password": password}))

    def enter(self, where: str, name: str, secret: str, **needed: str) -> None:
        page = self.press(self.open(where), f"unlock:{name}")
        page = self.press(page, **{**needed, name: secret, "version": "99"})
        page = self.press(page, **{**needed, name: secret + "\0"})
        page = self.press(page, **{**needed, name: secret})
        if page.status == 200:
            page = self.press(page, **{name: secret})
        assert page.status == 302, page.text
        self.seen(page.follow())
        self.press(self.open(where), f"remove:{name}")

    def test_nothing_leaves(self) -> None:
        self.browser = Browser(raise_request_exception=False)
        self.sign_in()
        certificate, _key = factories.certificate_and_key()
        account = {"method": "exchange", "address": "root@example.com", "exchange_username": "FIRM\\root"}
        self.enter("/profile/", "exchange_password", EXCHANGE, **account)
        account["address"] = "alice@example.com"
        self.enter(f"/users/{self.alice.uid}/", "exchange_password", EXCHANGE, **account)
        self.enter("/system/", "smtp_password", SMTP, smtp_username="mailer")
        ids = {"tenant_id": factories.TENANT_ID, "client_id": factories.CLIENT_ID}
        ends = factories.in_days(9).isoformat()
        self.enter("/system/entra/", "client_secret", CLIENT, **ids, secret_expires_on=ends)
        self.enter("/system/entra/", "private_key", self.key, certificate=certificate)
        for address in ("/users/", "/admin/", f"/admin/users/user/{self.alice.pk}/history/"):
            self.open(address)
        assert EmailSettings.of(self.alice).open_secret("exchange_password").reveal() == EXCHANGE
        assert SystemSettings.load().open_secret("smtp_password").reveal() == SMTP
        assert EntraAppRegistration.load().open_secret("client_secret").reveal() == CLIENT
        self.assert_nothing_left()

    def test_a_wrong_own_password_leaves_nothing(self) -> None:
        make_settings(self.root, method="exchange")
        session = self.browser.client.session
        session["confirmed_at"] = 0
        session.save()
        page = self.press(self.open("/profile/"), "unlock:exchange_password")
        for _time in range(6):
            page = self.press(page, "unlock:exchange_password", **{"confirm-password": f"{MARK}-wrong"})
        assert AccessAttempt.objects.exists()
        self.assert_nothing_left()

    def test_changing_the_sign_in_password_leaves_nothing(self) -> None:
        new = f"{MARK} a long passphrase"
        for old, again in ((f"{MARK}-wrong", new), (SIGN_IN, f"{MARK} other"), (SIGN_IN, new)):
            posted = {"old_password": old, "new_password1": new, "new_password2": again}
            self.seen(self.browser.post("/accounts/password_change/", posted))
        self.root.refresh_from_db()
        assert self.root.check_password(new)
        self.assert_nothing_left()

    def test_adding_a_user_leaves_nothing(self) -> None:
        page = self.open("/users/add/")
        password = f"{MARK} a long passphrase"
        account = {"account-username": "eve", "account-password1": password, "account-password2": password}
        for method in ("pigeon", "outlook"):
            page = self.press(page, **account, method=method)
        assert page.status == 302
        self.assert_nothing_left()

    def test_a_test_message_that_fails_leaves_nothing(self) -> None:
        configure(smtp_host="mail.invalid", smtp_username="mailer", smtp_password=SMTP)
        make_settings(self.root)
        self.seen(self.seen(self.browser.post("/profile/test-message/", {})).follow())
        self.assert_nothing_left()

    def test_a_dump_of_the_database_holds_sealed_values_only(self) -> None:
        configure(smtp_username="mailer", smtp_password=SMTP)
        make_settings(self.alice, method="exchange", exchange_password=EXCHANGE)
        register(client_secret=CLIENT)
        dump = io.StringIO()
        call_command("dumpdata", stdout=dump)
        assert dump.getvalue().count('"v1.') >= 3
        assert MARK not in dump.getvalue()


class ErrorTests(LeakCase):
    """The database fails at every query that a request makes, one after the other."""

    def provoke(self, act: Callable[[], Page]) -> int:
        """Let `act` fail at each of its queries; returns how often it ended in an error report."""
        reports = 0
        for number in count(1):
            with failing_when(_number_is(number)) as has_failed:
                status = act().status
            if not has_failed():
                break
            reports += status == 500
        return reports

    def provoke_everywhere(self) -> int:
        make_settings(self.root, method="exchange")
        page = self.browser.open("/profile/").press("unlock:exchange_password")
        session = self.browser.client.session
        reports = self.provoke(lambda: self.press(page, exchange_password=EXCHANGE, address="?"))
        session["confirmed_at"] = 0
        session.save()
        confirm = {"confirm-password": f"{MARK}-wrong"}
        reports += self.provoke(lambda: self.press(page, "unlock:exchange_password", **confirm))
        posted = {"username": "alice", "password": f"{MARK}-wrong"}
        anonymous = Browser(raise_request_exception=False)
        return reports + self.provoke(lambda: self.seen(anonymous.post("/accounts/login/", posted)))

    @pytest.mark.untraced
    def test_nothing_leaves_in_production(self) -> None:
        with override_settings(DEBUG=False):
            assert self.provoke_everywhere() > 10
        assert len(mail.outbox) > 20
        self.assert_nothing_left()

    @pytest.mark.untraced
    def test_nothing_leaves_by_the_technical_page(self) -> None:
        with override_settings(DEBUG=True):
            assert self.provoke_everywhere() > 10
        assert any("Traceback" in text for text in self.everything.texts)
        self.assert_nothing_left()

    @override_settings(ROOT_URLCONF="tests.users.test_no_leaks")
    def test_nothing_leaves_by_variables_of_a_page_that_fails(self) -> None:
        names = ("exchange_password", "smtp_password", "client_secret", "private_key", "confirm-password", "password1")
        for debug in (False, True):
            with override_settings(DEBUG=debug):
                page = self.seen(self.browser.post("/fails/", dict.fromkeys(names, EXCHANGE) | {"password": SIGN_IN}))
                assert page.status == 500
        assert mail.outbox
        self.assert_nothing_left()

    def test_a_row_that_the_database_refuses_is_not_quoted(self) -> None:
        make_settings(self.root, method="exchange")
        token = EmailSettings.of(self.root).exchange_password
        page = self.browser.open("/profile/")
        for debug in (False, True):
            with override_settings(DEBUG=debug), failing_when(_writes, f"Failing row contains (1, {token}, x)"):
                assert self.press(page, address="new@example.com").status == 500
        assert "Failing row contains (1, v1.***, x)" in str(mail.outbox[0].body)
        self.everything.lines.truncate(0)  # written with a plain formatter; how the site writes is tested with it
        self.assert_nothing_left()


def _number_is(wanted: int) -> Callable[[int, str], bool]:
    return lambda number, _sql: number == wanted


def _writes(_number: int, sql: str) -> bool:
    return sql.startswith('UPDATE "users_emailsettings"')


@contextmanager
def failing_when(
    matches: Callable[[int, str], bool], text: str = "the database is gone"
) -> Iterator[Callable[[], bool]]:
    """Let the first query fail for which `matches` (its number and its text) is true; tells whether there was one."""
    seen, has_failed = 0, False

    def watch(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        nonlocal seen, has_failed
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen += 1
            if not has_failed and matches(seen, sql):
                has_failed = True
                raise OperationalError(text)
        return execute(sql, *arguments)

    with connection.execute_wrapper(watch):
        yield lambda: has_failed

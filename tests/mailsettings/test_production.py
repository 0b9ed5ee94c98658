"""The site in production mode as the README describes it, served by gunicorn."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from tests.site import PATIENCE, Visitor, clean_environment, free_port, manage, running
from users.vault import new_key

HTTPS = {"X-Forwarded-Proto": "https"}


class VisitorThroughProxy(Visitor):
    """Plays a browser and the proxy before the site, which speaks https to it: secure cookies are sent."""

    def __init__(self, site: str) -> None:
        super().__init__(site, seen_as=site.replace("http://", "https://"))
        self.session.headers.update(HTTPS)

    def open(self, path: str, **options: Any) -> requests.Response:
        answer = super().open(path, **options)
        self.session.headers["Cookie"] = "; ".join(f"{each.name}={each.value}" for each in self.session.cookies)
        return answer


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return clean_environment(
        MAILSETTINGS_SECRET_KEY=new_key() + new_key(),
        MAILSETTINGS_ALLOWED_HOSTS="127.0.0.1",
        MAILSETTINGS_KEYS=new_key(),
        MAILSETTINGS_DATA_DIR=str(tmp_path_factory.mktemp("production")),
        DJANGO_SUPERUSER_PASSWORD="a password for the first one",
    )


@pytest.fixture(scope="module")
def site(environment: dict[str, str]) -> Iterator[str]:
    """The address of the site, prepared and served by the README's commands."""
    for arguments in (
        ["migrate", "--verbosity=0"],
        ["collectstatic", "--no-input", "--verbosity=0"],
        ["createsuperuser", "--no-input", "--username=root", "--email=root@example.com"],
    ):
        ended = manage(*arguments, environment=environment)
        assert ended.returncode == 0, ended.stderr
    port = free_port()
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    command = [gunicorn, "--bind", f"127.0.0.1:{port}", "--threads", "4", "--worker-class", "gthread"]
    address = f"http://127.0.0.1:{port}"
    with running([*command, "mailsettings.wsgi"], address=f"{address}/healthz", environment=environment):
        yield address


@pytest.fixture
def page(site: str) -> requests.Response:
    return requests.get(f"{site}/accounts/login/", headers=HTTPS, timeout=PATIENCE)


def test_the_deployment_check_finds_nothing(environment: dict[str, str]) -> None:
    ended = manage("check", "--deploy", "--fail-level", "WARNING", environment=environment)
    assert ended.returncode == 0, ended.stderr


def test_sends_everybody_to_https(site: str) -> None:
    answer = requests.get(f"{site}/accounts/login/", allow_redirects=False, timeout=PATIENCE)
    assert answer.status_code == 301
    assert answer.headers["Location"].startswith("https://")


def test_answers_the_load_balancer_without_https(site: str) -> None:
    assert requests.get(f"{site}/healthz", allow_redirects=False, timeout=PATIENCE).status_code == 200


def test_refuses_a_host_that_is_not_its_own(site: str) -> None:
    answer = requests.get(f"{site}/healthz", headers={"Host": "evil.example.com"}, timeout=PATIENCE)
    assert answer.status_code == 400


def test_allows_no_inline_script_and_no_inline_style(page: requests.Response) -> None:
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} <= {
        part.strip() for part in policy.split(";")
    }


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains; preload"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ],
)
def test_sends_the_header(page: requests.Response, header: str, value: str) -> None:
    assert page.headers[header] == value


def test_nothing_is_kept_by_browsers_or_proxies(page: requests.Response) -> None:
    assert "no-store" in page.headers["Cache-Control"]


def test_cookies_are_secure_and_bound_to_the_host(page: requests.Response) -> None:
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("__Host-csrftoken=")
    assert "Secure" in cookie
    assert "SameSite=Lax" in cookie


def test_serves_static_files_compressed_and_for_ever(site: str, page: requests.Response) -> None:
    path = page.text.split('<link rel="stylesheet" href="')[1].split('"')[0]
    answer = requests.get(site + path, headers=HTTPS | {"Accept-Encoding": "br"}, timeout=PATIENCE, stream=True)
    assert answer.headers["Content-Encoding"] == "br"
    assert "immutable" in answer.headers["Cache-Control"]


def test_serves_every_module_that_the_pages_script_imports(site: str, page: requests.Response) -> None:
    script = site + re.findall(r'<script src="([^"]+)" type="module">', page.text)[0]
    modules = re.findall(r'from "(\./[^"]+)"', requests.get(script, headers=HTTPS, timeout=PATIENCE).text)
    assert modules
    for module in modules:
        assert requests.get(urljoin(script, module), headers=HTTPS, timeout=PATIENCE).status_code == 200, module


def test_the_administrator_signs_in_and_opens_the_pages(site: str) -> None:
    root = VisitorThroughProxy(site)
    answer = root.send("/accounts/login/", username="root", password="a password for the first one")
    assert [step.headers["Location"] for step in answer.history][:1] == ["/"]
    root.open("/accounts/login/")
    system = ("/system/", "/system/entra/", "/system/signatures/add/")
    for path in ("/profile/", "/profile/signature/", "/users/", *system, "/admin/"):
        assert root.open(path, allow_redirects=False).status_code == 200, path


def test_the_session_cookie_is_for_the_server_alone(site: str) -> None:
    root = VisitorThroughProxy(site)
    answer = root.send("/accounts/login/", username="root", password="a password for the first one")
    cookies = re.split(", (?=__Host-)", answer.history[0].headers["Set-Cookie"])
    (cookie,) = [each for each in cookies if each.startswith("__Host-sessionid=")]
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


def test_a_page_that_does_not_exist_says_so_plainly(site: str) -> None:
    answer = requests.get(f"{site}/nothing-here", headers=HTTPS, timeout=PATIENCE)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text

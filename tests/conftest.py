"""What holds for every test."""

from __future__ import annotations

import base64
import os
import sys
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.configuration
import pytest
from django.conf import settings

from tests.network import only_this_machine

CACHE = Path(__file__).resolve().parent.parent / ".cache"
BROWSER_TESTS = Path(__file__).resolve().parent / "browser"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="A skipped test is a failure (always so where CI is set).")


def pytest_configure() -> None:
    settings.MAILSETTINGS_KEYS = base64.b64encode(os.urandom(32)).decode()
    settings.MAILSETTINGS_KEYS_FILE = None
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # What a refused password has to take is waited for in its own tests only.
    settings.MAILSETTINGS_REFUSAL_SECONDS = 0
    # The throttle of the sign-in page counts over the whole database; its own tests turn it on.
    settings.AXES_ENABLED = False
    hypothesis.configuration.set_hypothesis_home_dir(CACHE / "hypothesis")
    # The same examples in every run: a failure comes from the change, not from the day.
    hypothesis.settings.register_profile("tests", deadline=None, derandomize=True)
    hypothesis.settings.load_profile("tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: what is quicker to run and to read fails first."""
    for item in items:
        if item.path.is_relative_to(BROWSER_TESTS):
            item.add_marker("browser")
    items.sort(key=lambda item: item.path.is_relative_to(BROWSER_TESTS))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Keep coverage from following a test marked as untraced.

    The marker ``no_cover`` of pytest-cov does so in one process only: in those of pytest-xdist a second coverage, which
    waits below the first, takes over from it.
    """
    if item.get_closest_marker("untraced") is None:
        return (yield)
    trace, trace_of_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)  # type: ignore[arg-type]  # unknown to the stubs
    try:
        return (yield)
    finally:
        threading.settrace(trace_of_threads)  # type: ignore[arg-type]
        sys.settrace(trace)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(item.config, report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(collector.config, report)
    return report


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    """Keep the SQLite test database in a file, so that threads and the live server have connections of their own."""
    database: dict[str, Any] = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database.setdefault("TEST", {})["NAME"] = str(settings.MAILSETTINGS_DATA_DIR / "test.sqlite3")
    request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")


@pytest.fixture(scope="session", autouse=True)
def _only_this_machine() -> Iterator[None]:
    with only_this_machine():
        yield


def _refuse_skip(config: pytest.Config, report: pytest.TestReport | pytest.CollectReport) -> None:
    wanted = config.getoption("--no-skips") or os.environ.get("CI")
    if wanted and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Nothing may be skipped here: {report.longrepr}"

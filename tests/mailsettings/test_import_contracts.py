"""Imports go downwards only, and transports know nothing of the site."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[2]
TRANSPORTS = ROOT / "users" / "mail" / "transports"
UNKNOWN_TO_TRANSPORTS = ("django.conf", "django.db", "django.http", "users.models")


def test_the_layers_hold(capsys: pytest.CaptureFixture[str]) -> None:
    failed = lint_imports(config_filename=str(ROOT / ".importlinter"), no_cache=True, no_logo=True)
    assert not failed, capsys.readouterr().out


@pytest.mark.parametrize("path", sorted(TRANSPORTS.glob("*.py")), ids=lambda path: path.stem)
def test_a_transport_reads_no_settings_and_no_models(path: Path) -> None:
    assert [name for name in imported(path) if name.startswith(UNKNOWN_TO_TRANSPORTS)] == []


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)

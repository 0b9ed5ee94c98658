"""Imports go downwards only, and transports know nothing of the site."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TRANSPORTS = ROOT / "users" / "mail" / "transports"
UNKNOWN_TO_TRANSPORTS = ("django.conf", "django.db", "django.http", "users.models")


def test_the_layers_hold() -> None:
    # In a process of its own: the linter turns off the logs of the one that it runs in.
    program = "from importlinter.cli import lint_imports_command as run; run()"
    command = [sys.executable, "-c", program, "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", sorted(TRANSPORTS.glob("*.py")), ids=lambda path: path.stem)
def test_a_transport_reads_no_settings_and_no_models(path: Path) -> None:
    assert [name for name in imported(path) if name.startswith(UNKNOWN_TO_TRANSPORTS)] == []


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)

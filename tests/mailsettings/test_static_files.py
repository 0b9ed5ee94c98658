from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from mailsettings.static_files import StaticFilesStorage

IMPORTED = re.compile(r"""^\s*(?:import|export)\b[^"';]*["'](\.[^"']+)["']""", re.MULTILINE)


@pytest.fixture
def collected(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The static files under the names that a production site gives them, and no others; not compressed."""
    monkeypatch.setattr(StaticFilesStorage, "compress_files", lambda *_arguments: iter(()))
    storage = "mailsettings.static_files.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": storage}}
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_every_file_that_a_style_sheet_names_exists(collected: Path) -> None:
    # Collecting fails where one is missing.
    assert (collected / "staticfiles.json").exists()


def test_every_module_that_a_script_imports_exists(collected: Path) -> None:
    scripts = list((collected / "js").glob("**/*.js"))
    imported = [(script, name) for script in scripts for name in IMPORTED.findall(script.read_text())]
    assert imported
    assert [(script.name, name) for script, name in imported if not (script.parent / name).is_file()] == []


def test_no_file_of_a_package_hides_another(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("collectstatic", interactive=False, dry_run=True, verbosity=1)
    assert "Found another file" not in capsys.readouterr().out

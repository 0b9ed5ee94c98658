from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings


@pytest.fixture
def collected(settings: Settings, tmp_path: Path) -> Path:
    """The static files under the names that a production site gives them, without the slow compression."""
    storage = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": storage}}
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_every_file_that_a_style_sheet_names_exists(collected: Path) -> None:
    # Collecting fails where one is missing.
    assert (collected / "staticfiles.json").exists()


def test_no_file_of_a_package_hides_another(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("collectstatic", interactive=False, dry_run=True, verbosity=1)
    assert "Found another file" not in capsys.readouterr().out

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from mailsettings import package_files
from mailsettings.package_files import BootstrapFinder, PackageFinder, TinyMceFinder

# The integrity values that getbootstrap.com publishes for Bootstrap 5.3.8.
OFFICIAL = {
    "css/bootstrap.min.css": "sRIl4kxILFvY47J16cr9ZwB07vP4J8+LH7qKQnuqkuIAvNWLzeN8tE5YBujZqJLB",
    "js/bootstrap.bundle.min.js": "FKyoEForCGlyvwx9Hj09JcYn3nv7wiPVlz7YYwJrWVcXK/BmnVDxM+D2scQbITxI",
}


@pytest.fixture
def finder() -> BootstrapFinder:
    return BootstrapFinder()


@pytest.mark.parametrize(("name", "sha384"), OFFICIAL.items())
def test_serves_the_official_files(finder: BootstrapFinder, name: str, sha384: str) -> None:
    content = Path(finder.find(f"bootstrap/{name}")).read_bytes()
    assert base64.b64encode(hashlib.sha384(content).digest()).decode() == sha384


def test_lists_only_what_the_pages_use(finder: BootstrapFinder) -> None:
    assert [name for name, _storage in finder.list([])] == list(BootstrapFinder.files)


def test_lists_them_below_a_folder_of_their_own(finder: BootstrapFinder) -> None:
    assert {getattr(storage, "prefix", "") for _name, storage in finder.list([])} == {"bootstrap"}


def test_leaves_out_what_collectstatic_is_told_to_ignore(finder: BootstrapFinder) -> None:
    assert [name for name, _storage in finder.list(["*.map"])] == list(OFFICIAL)


def test_finds_all_as_a_list(finder: BootstrapFinder) -> None:
    assert len(finder.find("bootstrap/css/bootstrap.min.css", find_all=True)) == 1


@pytest.mark.parametrize(
    "path",
    [
        "css/bootstrap.min.css",
        "bootstrap/css/bootstrap.css",
        "bootstrap/../../settings.py",
        "bootstrapcss/bootstrap.min.css",
        "bootstrap",
    ],
)
def test_finds_nothing_else(finder: BootstrapFinder, path: str) -> None:
    assert finder.find(path) == []
    assert finder.find(path, find_all=True) == []


def test_every_file_of_the_editor_is_in_the_package() -> None:
    finder = TinyMceFinder()
    assert [name for name in finder.files if not Path(finder.find(f"tinymce/{name}")).is_file()] == []


@pytest.mark.parametrize(
    ("finder_class", "distribution"), [(BootstrapFinder, "bootstrap-wrapper"), (TinyMceFinder, "django-tinymce")]
)
def test_says_which_package_is_missing(
    monkeypatch: pytest.MonkeyPatch, finder_class: type[PackageFinder], distribution: str
) -> None:
    monkeypatch.setattr(package_files, "find_spec", lambda _name: None)
    with pytest.raises(ModuleNotFoundError, match=distribution):
        finder_class()

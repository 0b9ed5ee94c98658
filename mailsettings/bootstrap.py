"""Bootstrap's files for the static files framework, straight from the ``bootstrap-wrapper`` package."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage

FILES = (
    "css/bootstrap.min.css",
    "css/bootstrap.min.css.map",
    "js/bootstrap.bundle.min.js",
    "js/bootstrap.bundle.min.js.map",
)
PREFIX = "bootstrap"


class BootstrapFinder(BaseFinder):
    """Finds the four files that the pages use (of 40 in the package), under ``bootstrap/``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = FileSystemStorage(location=_package_folder())
        self.storage.prefix = PREFIX  # type: ignore[attr-defined]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002  (Django's own)
        folder, _, name = path.replace("\\", "/").partition("/")
        found = [self.storage.path(name)] if folder == PREFIX and name in FILES else []
        return found if find_all or not found else found[0]

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in FILES:
            if not matches_patterns(name, ignore_patterns):
                yield name, self.storage


def _package_folder() -> Path:
    spec = find_spec("bootstrap")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("The package bootstrap-wrapper is not installed.")
    return Path(next(iter(spec.submodule_search_locations)))

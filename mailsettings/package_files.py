"""Files of Python packages that are no Django apps, for the static files framework."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage


class PackageFinder(BaseFinder):
    """Finds the few files that the pages use, of the many in the package, under a prefix of their own."""

    distribution: str
    """What pip calls it."""
    package: str
    folder: str = ""
    """Where the files are in the package."""
    prefix: str
    files: tuple[str, ...]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = FileSystemStorage(location=self._location())
        self.storage.prefix = self.prefix  # type: ignore[attr-defined]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002  (Django's own)
        folder, _, name = path.replace("\\", "/").partition("/")
        found = [self.storage.path(name)] if folder == self.prefix and name in self.files else []
        return found if find_all or not found else found[0]

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in self.files:
            if not matches_patterns(name, ignore_patterns):
                yield name, self.storage

    def _location(self) -> Path:
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise ModuleNotFoundError(f"The package {self.distribution} is not installed.")
        return Path(next(iter(spec.submodule_search_locations))) / self.folder


class BootstrapFinder(PackageFinder):
    """Bootstrap, as the ``bootstrap-wrapper`` package brings it: 4 files of 40."""

    distribution = "bootstrap-wrapper"
    package = prefix = "bootstrap"
    files = (
        "css/bootstrap.min.css",
        "css/bootstrap.min.css.map",
        "js/bootstrap.bundle.min.js",
        "js/bootstrap.bundle.min.js.map",
    )


class TinyMceFinder(PackageFinder):
    """The editor TinyMCE, as ``django-tinymce`` brings it: what the signature pages load, of 6 MB.

    Pages name each file themselves. TinyMCE would load its parts by their plain names, which production does not have.
    """

    distribution = "django-tinymce"
    package = prefix = "tinymce"
    folder = "static/tinymce"
    files = (
        "tinymce.min.js",
        "icons/default/icons.min.js",
        "models/dom/model.min.js",
        "themes/silver/theme.min.js",
        *(
            f"plugins/{name}/plugin.min.js"
            for name in ("advlist", "autolink", "code", "image", "link", "lists", "table")
        ),
        "skins/ui/oxide/skin.min.css",
        "skins/ui/oxide/content.min.css",
        "skins/ui/oxide-dark/skin.min.css",
    )

"""How static files are kept in production."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Compressed files with names that change with their content, in the import lines of ES modules as well."""

    support_js_module_import_aggregation = True

"""Where benchmarks take place: databases of their own, which are removed at the end.

Import this before anything of Django's: it settles the environment as for the tests. ``DATABASE_URL`` chooses the kind
of database, as ``tests/postgres.py`` sets it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def prepare() -> None:
    """Start Django as in production, but without what needs a web server in front."""
    sys.path.insert(0, str(ROOT))
    from tests.environment import settle

    settle()
    os.environ["DJANGO_SETTINGS_MODULE"] = "mailsettings.settings"
    import logging

    import django
    from django.conf import settings

    from users.vault import new_key

    django.setup()
    logging.disable(logging.CRITICAL)
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.MAILSETTINGS_KEYS = new_key()
    settings.MAILSETTINGS_KEYS_FILE = None


@contextmanager
def database(name: str) -> Iterator[str]:
    """An empty database with all tables, in use from now on; gives its name, for :func:`use`."""
    from django.conf import settings
    from django.db import connection

    before = connection.settings_dict["NAME"]
    is_file = connection.vendor == "sqlite"
    connection.settings_dict["TEST"]["NAME"] = str(settings.MAILSETTINGS_DATA_DIR / name) if is_file else name
    made = connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        yield made
    finally:
        use(made)
        connection.creation.destroy_test_db(before, verbosity=0)


def use(name: str) -> None:
    """Go on in another database that :func:`database` made."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = name

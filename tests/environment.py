"""A pytest plugin that settles the environment before Django reads its settings. ``.pytest.ini`` names it.

The caller's ``MAILSETTINGS_*`` variables must neither influence the tests nor lead them to real data. ``DATABASE_URL``
stays: ``tests/postgres.py`` chooses the database by it, and Django makes a test database of its own there.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def settle() -> None:
    """Start from nothing, in debug mode, with a data folder that is removed at the end."""
    for name in [name for name in os.environ if name.startswith("MAILSETTINGS_")]:
        del os.environ[name]
    folder = Path(tempfile.mkdtemp(prefix="mailsettings-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # WhiteNoise warns where the folder of the collected static files is missing.
    (folder / "static").mkdir()
    # The system's authorities sign nothing here; to read all of them takes longer than most tests do.
    (folder / "authorities.pem").touch()
    os.environ |= {"SSL_CERT_FILE": str(folder / "authorities.pem"), "SSL_CERT_DIR": str(folder / "authorities")}
    os.environ["MAILSETTINGS_DEBUG"] = "1"
    os.environ["MAILSETTINGS_DATA_DIR"] = str(folder)


# The workers of pytest-xdist inherit the environment of the process that started them.
if "PYTEST_XDIST_WORKER" not in os.environ:
    settle()

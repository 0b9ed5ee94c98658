"""The site starts without the heavy clients: they are imported when somebody's method needs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START = """
import sys, django
django.setup()
import mailsettings.urls
print(sorted({"exchangelib", "msal", "requests_ntlm", "requests"} & sys.modules.keys()))
"""


def test_starting_the_site_imports_no_client_of_exchange() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "mailsettings.settings", "MAILSETTINGS_DEBUG": "1"}
    started = subprocess.run(
        [sys.executable, "-c", START], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert started.stdout == "[]\n"

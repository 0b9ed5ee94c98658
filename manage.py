#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailsettings.settings")
    if sys.argv[1:2] == ["demo"]:
        # The demonstration runs on this machine only and brings its own defaults.
        os.environ.setdefault("MAILSETTINGS_DEBUG", "1")

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

"""``manage.py email_status``: whose e-mail is ready and whose is not, as a table or as JSON, for monitoring."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from users.directory import Status, statuses

COLUMNS = "{username:<24} {address:<36} {method:<16} {ready:<10} {last_check:<28} {missing}"


class Command(BaseCommand):
    help = "List all users with their e-mail address, method, last check, and what is missing until they are ready."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON array instead of a table")
        parser.add_argument("--not-ready", action="store_true", help="only users who are not ready")
        parser.add_argument("--fail", action="store_true", help="fail if anybody is not ready")

    def handle(self, *args: Any, **options: Any) -> None:
        write = self._write_json if options["json"] else self._write_table
        not_ready = write(statuses(only_not_ready=options["not_ready"]))
        if options["fail"] and not_ready:
            raise CommandError(f"Not ready: {not_ready} users.")

    def _write_table(self, rows: Iterator[Status]) -> int:
        head = {"username": "user name", "address": "address", "method": "method", "ready": "ready"}
        self.stdout.write(COLUMNS.format(**head, last_check="last check", missing="missing"))
        total = not_ready = 0
        for row in rows:
            total, not_ready = total + 1, not_ready + (not row.ready)
            fields = row.as_json() | {"ready": "ready" if row.ready else "not ready", "last_check": row.last_check_text}
            self.stdout.write(COLUMNS.format(**fields | {"missing": ", ".join(row.missing)}).rstrip())
        self.stdout.write(f"{total} users listed, {not_ready} of them not ready")
        return not_ready

    def _write_json(self, rows: Iterator[Status]) -> int:
        """Row by row, so that any number of users fits into memory."""
        not_ready, separator = 0, "["
        for row in rows:
            not_ready += not row.ready
            self.stdout.write(separator + json.dumps(row.as_json()), ending="")
            separator = ",\n"
        self.stdout.write("]" if separator != "[" else "[]")
        return not_ready

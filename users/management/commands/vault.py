"""``manage.py vault status | check | rotate``: the stored secrets and their keys. No secret is ever printed."""

from __future__ import annotations

from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from users import rotation, vault
from users.models import SealedColumn, sealed_columns

REASONS = {
    "key_missing": "the key is not installed",
    "damaged": "not a sealed value",
    "not_yours": "changed, or sealed for another row or user name: to be entered again",
    rotation.OTHER_SERVER: "entered for another server: to be entered again",
}
SECONDS_BETWEEN_LINES = 2


class Command(BaseCommand):
    help = "Show which keys the stored secrets need, try to open all of them, or seal them with the newest key."
    # It is what one runs when the keys are wrong, so it must not stop at the check that finds them wrong.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="status | check | rotate")
        actions.add_parser("status", help="count the stored secrets by key; fails when a key is missing")
        actions.add_parser("check", help="open every stored secret; fails when one does not open")
        actions.add_parser("rotate", help="seal every secret with the newest key; can be interrupted and started again")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        {"status": self._status, "check": self._check, "rotate": self._rotate}[action]()

    # --- status -----------------------------------------------------------------------------------------------------

    def _status(self) -> None:
        installed = self._print_keys()
        uses = rotation.key_uses()
        for use in uses:
            self.stdout.write(f"{use.column}: {use.rows:,} with {_describe(use.key_id, installed)}")
        if not uses:
            self.stdout.write("No secret is stored.")
        missing = sorted({use.key_id for use in uses if use.key_id} - set(installed))
        if missing:
            raise CommandError(
                f"Missing: {', '.join(missing)}. Put the missing keys back into MAILSETTINGS_KEYS or the file that "
                "MAILSETTINGS_KEYS_FILE names; without them these secrets have to be entered again."
            )

    def _print_keys(self) -> list[str]:
        try:
            installed = vault.key_ids()
        except vault.KeyringError as error:
            self.stdout.write(f"Installed keys: none. {error}")
            return []
        self.stdout.write(f"Installed keys, newest first: {', '.join(installed)}")
        return installed

    # --- check ------------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        unreadable = 0
        for column in sealed_columns():
            findings = rotation.examine(column)
            unreadable += findings.unreadable.total()
            self.stdout.write(f"{column}: {_number(findings.readable)} can be opened")
            for reason, rows in sorted(findings.unreadable.items()):
                self.stdout.write(f"  {rows:,} can't, {REASONS[reason]}: {_names(findings.owners[reason], rows)}")
        if unreadable:
            raise CommandError(f"{_number(unreadable)} can't be opened.")

    # --- rotate -----------------------------------------------------------------------------------------------------

    def _rotate(self) -> None:
        try:
            self.stdout.write(f"Newest key: {vault.key_ids()[0]}")
            for column in sealed_columns():
                self._rotate_column(column)
        except vault.KeyringError as error:
            raise CommandError(f"Nothing can be sealed. {error}") from error
        self.stdout.write("Done. Remove an older key only when `manage.py vault status` no longer names it.")

    def _rotate_column(self, column: SealedColumn) -> None:
        progress = rotation.Progress(column, total=0)
        printed = monotonic()
        for progress in rotation.rotate(column):
            if monotonic() - printed >= SECONDS_BETWEEN_LINES:
                self.stdout.write(f"{column}: {progress.done:,} of {progress.total:,}")
                printed = monotonic()
        done = f"{_number(progress.resealed)} sealed with the newest key" if progress.total else "nothing to do"
        self.stdout.write(f"{column}: {done}")
        for reason, rows in sorted(progress.unreadable.items()):
            self.stdout.write(f"  {rows:,} left as they are, {REASONS[reason]}")
        if progress.changed_meanwhile:
            self.stdout.write(f"  {progress.changed_meanwhile:,} changed by somebody else meanwhile")


def _describe(key_id: str, installed: list[str]) -> str:
    if not key_id:
        return "no key: not sealed values"
    if key_id not in installed:
        return f"{key_id}: MISSING"
    return f"{key_id}: the newest" if key_id == installed[0] else f"{key_id}: older, `vault rotate` replaces it"


def _number(values: int) -> str:
    return f"{values:,} {'value' if values == 1 else 'values'}"


def _names(owners: list[str], rows: int) -> str:
    more = rows - len(owners)
    return ", ".join(owners) + (f" and {more:,} more" if more else "")

"""The stored secrets as a whole: which keys they need, which of them open, and how they come under the newest key.

Rotation goes on while the site is in use. It reads a batch, seals it again outside any transaction, and stores it in
one short transaction, each value only over the very value that was read: a password that somebody sets meanwhile stays.
Every value can be opened at every moment, so rotation may be killed at any moment and started again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from users import vault
from users.models import (
    EmailSettings,
    Installation,
    KeepsSecrets,
    MicrosoftConnection,
    SealedColumn,
    sealed_columns,
)

BATCH_SIZE = 200
"""Values stored in one transaction: SQLite lets nobody else write for so long."""
EXAMPLES = 20
NEEDED: dict[type[KeepsSecrets], tuple[str, ...]] = {
    EmailSettings: ("method", "exchange_username", "exchange_password", "exchange_password_server"),
    MicrosoftConnection: ("registration", "account_id", "token_cache"),
}
"""The columns that opening a user's secret takes."""
OTHER_SERVER = "other_server"
"""The reason, beside those of the vault, why a user's password does not open: it was entered for another server."""


@dataclass(frozen=True, slots=True)
class KeyUse:
    """How many values of one column were sealed with one key; without a key id they are no sealed values at all."""

    column: SealedColumn
    key_id: str
    rows: int


@dataclass(slots=True)
class Findings:
    """What opening every value of one column came to. Owners are named for the first values that don't open."""

    column: SealedColumn
    readable: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)
    owners: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Progress:
    """How far the rotation of one column is."""

    column: SealedColumn
    total: int
    resealed: int = 0
    changed_meanwhile: int = 0
    """Values that somebody changed while they were being sealed again; the new ones stay."""
    unreadable: Counter[str] = field(default_factory=Counter)
    """Values that don't open, by reason; they stay as they are."""

    @property
    def done(self) -> int:
        return self.resealed + self.changed_meanwhile + self.unreadable.total()


def key_uses() -> list[KeyUse]:
    """Which keys the stored values were sealed with."""
    return [
        KeyUse(column, key_id, rows)
        for column in sealed_columns()
        for key_id, rows in sorted(Counter(map(vault.key_id_of, _tokens(column))).items())
    ]


def examine(column: SealedColumn) -> Findings:
    """Open every value of a column."""
    findings = Findings(column)
    for batch in _batches(column, column.rows()):
        for row in batch:
            _examine(row, findings)
    return findings


def rotate(column: SealedColumn, *, batch_size: int = BATCH_SIZE) -> Iterator[Progress]:
    """Seal the column's values with the newest key; give the progress after every batch.

    Raises :class:`users.vault.KeyringError` before anything is changed.
    """
    waiting = column.rows_with_other_keys_than(vault.key_ids()[:1])
    progress = Progress(column, waiting.count())
    for batch in _batches(column, waiting, batch_size):
        _store(_resealed(batch, progress), progress)
        yield progress


# --- Opening --------------------------------------------------------------------------------------------------------


def _tokens(column: SealedColumn) -> Iterator[str]:
    return column.rows().values_list(column.field, flat=True).iterator()


def _batches(
    column: SealedColumn, rows: QuerySet[KeepsSecrets], size: int = BATCH_SIZE
) -> Iterator[list[KeepsSecrets]]:
    """The rows by primary key, each batch with one short query of its own: none is met twice, and nothing is locked."""
    rows = _with_owners(column, rows).order_by("pk")
    batch = list(rows[:size])
    while batch:
        yield _with_installation(batch)
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:size])


def _with_owners(column: SealedColumn, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Read what opening a user's secret needs, and leave the long signatures where they are."""
    needed = NEEDED.get(column.model)
    return rows.select_related("user").only(*needed, "user__uid", "user__username") if needed else rows


def _with_installation(batch: list[KeepsSecrets]) -> list[KeepsSecrets]:
    """Give all rows one installation, read afresh, since servers may be changed while the rotation runs."""
    installation = Installation.load()
    for row in batch:
        if isinstance(row, EmailSettings):
            row.installation = installation
    return batch


def _examine(row: KeepsSecrets, findings: Findings) -> None:
    name = findings.column.field
    try:
        row.open_secret(name)
    except vault.UnreadableSecret as problem:
        reason = _reason(row, problem)
        findings.unreadable[reason] += 1
        if findings.unreadable[reason] <= EXAMPLES:
            findings.owners.setdefault(reason, []).append(_owner(row))
    else:
        findings.readable += 1


def _reason(row: KeepsSecrets, problem: vault.UnreadableSecret) -> str:
    was_moved = isinstance(row, EmailSettings) and row.exchange_password_server != row.password_server
    return OTHER_SERVER if was_moved and problem.reason == "not_yours" else problem.reason


def _owner(row: KeepsSecrets) -> str:
    return row.user.username if isinstance(row, EmailSettings | MicrosoftConnection) else str(row)


# --- Sealing again --------------------------------------------------------------------------------------------------


def _resealed(batch: list[KeepsSecrets], progress: Progress) -> list[tuple[KeepsSecrets, str]]:
    """The rows that open, each with its new value."""
    name = progress.column.field
    pairs = []
    for row in batch:
        owner, destination = row.secret_owner(), row.secret_destination(name)
        try:
            pairs.append((row, vault.reseal(getattr(row, name), field=name, owner=owner, destination=destination)))
        except vault.UnreadableSecret as problem:
            progress.unreadable[_reason(row, problem)] += 1
    return pairs


def _store(pairs: list[tuple[KeepsSecrets, str]], progress: Progress) -> None:
    """Replace the values that are still the ones that were read.

    One prepared statement for all: nobody else can write to SQLite meanwhile, and the ORM takes ten times as long.
    """
    column = progress.column
    statement = _replacement(column.model, column.field)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(statement, [(new, row.pk, getattr(row, column.field)) for row, new in pairs])
        stored = cursor.rowcount if pairs else 0
    progress.resealed += stored
    progress.changed_meanwhile += len(pairs) - stored


def _replacement(model: type[KeepsSecrets], field: str) -> str:
    columns = {one.name: one.column for one in model._meta.concrete_fields}
    names = (model._meta.db_table, columns[field], columns[model._meta.pk.name])
    table, value, key = (connection.ops.quote_name(str(name)) for name in names)
    return f"UPDATE {table} SET {value} = %s WHERE {key} = %s AND {value} = %s"  # noqa: S608  (names of our own)

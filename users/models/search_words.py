"""The index by which users are found: one row per user with the words of the name, the user name and the address.

The database keeps it itself, see ``users/listing_triggers.py``. On SQLite it is a table of FTS5
(https://www.sqlite.org/fts5.html), on PostgreSQL a ``tsvector`` with a GIN index. Both hold words in small letters and
without accents, and both find words by their beginnings.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Self
from unicodedata import normalize

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models import Lookup

from users.models.listing import Derived, Listing

WORD = re.compile(r"[^\x00-/:-@\[-`{-\xbf\u2000-\u206f]+")
"""What stands between blanks, signs and punctuation: neither query language has words of such characters."""
ACCENT = re.compile(r"[\u0300-\u036f]")


def words_of(text: str) -> list[str]:
    """The words that are looked for with this text."""
    return WORD.findall(text)


def plain(text: str) -> str:
    """The text as the function ``users_words`` of PostgreSQL writes it: in small letters, without accents."""
    return ACCENT.sub("", normalize("NFKD", text)).lower()


class WordsField(models.TextField):
    """Words that only the database writes and that are found by their beginnings."""


@WordsField.register_lookup
class BeginWith(Lookup):
    """For each word of a text, one begins with it."""

    lookup_name = "begin_with"
    prepare_rhs = False
    rhs: str

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        # FTS5 makes the words plain itself.
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} MATCH %s", [*params, _query(self.rhs, '"{}"*', " ")]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} @@ %s::tsquery", [*params, _query(plain(self.rhs), "'{}':*", " & ")]


@WordsField.register_lookup
class OfKinds(Lookup):
    """The user is of one of these kinds, on PostgreSQL: see :meth:`Searched.of_kinds`."""

    lookup_name = "of_kinds"
    prepare_rhs = False
    lhs: Any
    rhs: list[int]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        if not self.rhs:
            raise EmptyResultSet
        return f"{self.lhs.alias}.kind_id IN ({', '.join(['%s'] * len(self.rhs))})", self.rhs


def _query(text: str, form: str, conjunction: str) -> str:
    words = words_of(text)
    if not words:
        raise EmptyResultSet
    return conjunction.join(form.format(word) for word in words)


class Searched(models.QuerySet["SearchWords"]):
    """The words of users."""

    def of_kinds(self, kinds: list[int]) -> Self:
        """Those of users of these kinds.

        PostgreSQL takes a beginning that many words share for a rare one, and would look for the listing of each match:
        there the kind stands beside the words. SQLite looks up one listing after the other until it has enough.
        """
        if connections[self.db].vendor == "postgresql":
            return self.filter(words__of_kinds=kinds)
        return self.filter(listing__kind__in=kinds)


class SearchWords(Derived):
    """The words by which one user is found."""

    listing = models.OneToOneField(
        Listing, models.DO_NOTHING, primary_key=True, db_column="rowid", db_constraint=False, related_name="+"
    )
    words = WordsField(editable=False)

    objects: ClassVar = Searched.as_manager()

    def __str__(self) -> str:
        return f"Words of {self.listing}"

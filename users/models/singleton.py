"""A table with a single row."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models

from users.models.versions import Versioned


class Singleton(Versioned):
    """A row that exists once, with the primary key 1. It is stored with its first change."""

    ROW: ClassVar[int] = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def load(cls) -> Self:
        """The row, or a new one with the defaults, not stored yet."""
        return cls._default_manager.filter(pk=cls.ROW).first() or cls()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = self.ROW
        super().save(*args, **kwargs)

"""Optimistic locking: the later of two people who edit one row is told, and overwrites nothing."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from django.db import IntegrityError, models, transaction


class Conflict(Exception):
    """Somebody else saved the row after it was read. `stored` is the row as it is now, or None when it is gone."""

    def __init__(self, stored: Versioned | None) -> None:
        super().__init__("The row was changed by somebody else.")
        self.stored = stored


class Versioned(models.Model):
    """A row that counts its changes in ``version``; 0 stands for a row that is not stored yet."""

    version = models.PositiveIntegerField(default=0, editable=False)
    STORED_APART: ClassVar[frozenset[str]] = frozenset()
    """Fields that are stored by themselves: saving the row must not put older values back."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with self.around_saving():
            super().save(*args, **kwargs)

    def get_constraints(self) -> Any:
        """Only what needs a look at other rows: the rest the fields and rules say before, in better words."""
        return [
            (model, [each for each in constraints if isinstance(each, models.UniqueConstraint)])
            for model, constraints in super().get_constraints()
        ]

    def around_saving(self) -> AbstractContextManager[None]:
        """What goes with a change of this row, however it is saved: begun before, and ended after."""
        return nullcontext()

    def save_unless_changed(self) -> None:
        """Save the row if it still has the version that this instance was read with, else raise :class:`Conflict`.

        That is one statement. Like every update of a queryset, that of a stored row sends no signal.
        """
        with self.around_saving():
            if self._state.adding:
                self._insert()
            else:
                self._update()

    def _insert(self) -> None:
        self.version = 1
        try:
            with savepoint():
                self.save(force_insert=True)
        except IntegrityError:
            stored = self._stored()
            if stored is None:
                raise
            raise Conflict(stored) from None

    def _update(self) -> None:
        fields = [field for field in self._meta.concrete_fields if not self._is_stored_apart(field)]
        values = {field.attname: field.pre_save(self, add=False) for field in fields} | {"version": self.version + 1}
        if not type(self)._default_manager.filter(pk=self.pk, version=self.version).update(**values):
            raise Conflict(self._stored())
        self.version += 1

    def _is_stored_apart(self, field: models.Field[Any, Any]) -> bool:
        return field.primary_key or field.name in self.STORED_APART

    def _stored(self) -> Versioned | None:
        return type(self)._default_manager.filter(pk=self.pk).first()


def savepoint() -> AbstractContextManager[Any]:
    """What fails within is undone alone where a transaction is open. A statement without one does that by itself."""
    return transaction.atomic() if transaction.get_connection().in_atomic_block else nullcontext()

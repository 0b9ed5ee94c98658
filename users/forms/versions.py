"""Forms that notice when somebody else has saved the row in the meantime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError

from users.models import Conflict, Versioned
from users.models.versions import savepoint


class VersionField(forms.Field):
    """The version of the row that the form was filled from. What is not a number counts as another version."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> int:
        text = str(value or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which two people disagree, as both would read it."""

    label: str
    stored: str
    own: str


class VersionedForm(forms.ModelForm):
    """A form that saves its row only if nobody else has done so since the form was shown."""

    instance: Versioned
    version = VersionField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("version", self.instance.version)
        for field in self.fields.values():
            if not field.required:
                # Django would put "This field is required" in the place of what the model's rule says.
                field.error_messages.pop("required", None)

    def _update_errors(self, errors: ValidationError) -> None:
        """A field that refused what was typed has said enough: to the rules it only looks empty."""
        told = errors.update_error_dict({})
        left = {name: told[name] for name in told if name == NON_FIELD_ERRORS or name not in self.errors}
        if left:
            super()._update_errors(ValidationError(left))  # type: ignore[misc]

    def save_unless_changed(self) -> None:
        """Save the row.

        Raises :class:`Conflict`, or ValidationError if another row took a unique value meanwhile; the form shows it.
        """
        if self.cleaned_data["version"] != self.instance.version:
            raise Conflict(self.stored())
        try:
            save_unless_changed(self.instance)
        except ValidationError as error:
            self.add_error(None, error)
            raise

    def stored(self) -> Versioned | None:
        """The row as it is stored now; None when there is none."""
        return type(self.instance)._default_manager.filter(pk=self.instance.pk).first()

    def show_conflict(self, stored: Versioned | None) -> list[Difference]:
        """Take the stored version over, so that saving again is a decision, and tell what differs."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data[self.add_prefix("version")] = str(stored.version if stored else 0)  # type: ignore[index]
        return [difference for name in self.fields if (difference := self._difference(name, stored))]

    def _difference(self, name: str, stored: Versioned | None) -> Difference | None:
        if name not in self._meta.fields:  # type: ignore[operator]
            return None
        theirs = self._read_aloud(name, self.fields[name].prepare_value(getattr(stored, name, "")))
        own = self._read_aloud(name, self.cleaned_data.get(name, ""))
        return Difference(str(self.fields[name].label), theirs, own) if theirs != own else None

    def _read_aloud(self, name: str, value: Any) -> str:
        choices = dict(getattr(self.fields[name], "choices", []))
        return str(choices.get(value, value) if value is not None else "")


def save_unless_changed(row: Versioned) -> None:
    """Save the row. Raises :class:`Conflict`, or ValidationError if another row took a unique value meanwhile."""
    try:
        with savepoint():
            row.save_unless_changed()
    except IntegrityError as error:
        # If this is why, one of these raises the ValidationError that says so, at the field.
        row.validate_constraints()
        row.validate_unique()
        # Or else what the row belongs to is gone.
        raise Conflict(None) from error

"""The padlock: a form field for a stored secret, which never reaches a browser.

While it is locked there is no input in the page, so there is nothing to fill in automatically and nothing to post. The
buttons *Unlock* and *Remove* post the whole form, which comes back with what was typed in the other fields.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from users.models import KeepsSecrets, SecretState, User
from users.models.secrets import TypedSecret
from users.vault import Secret

MAX_CHARACTERS = 1_024
MAX_LINES_CHARACTERS = 20_000


class PadlockMode(StrEnum):
    """How a padlock shows itself."""

    LOCKED = "locked"
    CONFIRMING = "confirming"
    """Asks for the own sign-in password before it opens."""
    OPEN = "open"
    REMOVING = "removing"
    """The stored secret will be removed when the form is saved."""
    NOT_USED = "not_used"
    """Locked, with the reason why there is nothing to enter."""
    VIEW_ONLY = "view_only"
    """Locked, with a hint where it can be changed."""


@dataclass(frozen=True, slots=True)
class PadlockInput:
    """What a browser posted for a padlock."""

    text: str
    wants_removal: bool

    def __repr__(self) -> str:
        return "PadlockInput(***)"


class PadlockWidget(forms.Widget):
    """Renders the state of a stored secret, and an empty input only while it is open."""

    template_name = "users/widgets/padlock.html"
    use_fieldset = True

    def __init__(self, *, is_multiline: bool = False) -> None:
        super().__init__()
        self.is_multiline = is_multiline
        self.mode = PadlockMode.LOCKED
        self.editor: User | None = None
        self.state = SecretState(is_set=False)
        self.note: str | Promise = ""
        self.confirm_error: str | Promise = ""

    def id_for_label(self, id_: str | None) -> str:
        return id_ or "" if self.mode == PadlockMode.OPEN else ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        context["padlock"] = self
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> PadlockInput:
        return PadlockInput(text=data.get(name) or "", wants_removal=bool(data.get(f"{name}-remove")))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return False


class PadlockField(forms.Field):
    """Takes in a secret while it is open, and refuses one while it is locked. Its value is a Secret or None."""

    widget = PadlockWidget
    default_error_messages = {
        "locked": _("This was locked, so nothing was changed. Press Unlock first, then enter it again."),
        "too_long": _("This is too long: %(length)d characters. At most %(limit)d are possible."),
        "control": _("This contains a line break or another invisible character. Type it again."),
    }

    def __init__(self, *, is_multiline: bool = False, **kwargs: Any) -> None:
        self.is_multiline = is_multiline
        kwargs.setdefault("required", False)
        super().__init__(widget=PadlockWidget(is_multiline=is_multiline), **kwargs)

    @sensitive_variables()
    def clean(self, value: PadlockInput) -> Secret | None:
        if not value.text:
            return None
        if self.widget.mode != PadlockMode.OPEN:
            raise ValidationError(self.error_messages["locked"], code="locked")
        self._refuse_odd(value.text)
        return Secret(value.text)

    def has_changed(self, initial: Any, data: PadlockInput | None) -> bool:
        return data is not None and (bool(data.text) or data.wants_removal)

    @sensitive_variables()
    def _refuse_odd(self, text: str) -> None:
        limit = MAX_LINES_CHARACTERS if self.is_multiline else MAX_CHARACTERS
        if len(text) > limit:
            params = {"length": len(text), "limit": limit}
            raise ValidationError(self.error_messages["too_long"], code="too_long", params=params)
        lines = text.replace("\r\n", "").replace("\n", "") if self.is_multiline else text
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in lines):
            raise ValidationError(self.error_messages["control"], code="control")


class PadlockForm(forms.ModelForm):
    """A form over a row that keeps secrets; each sealed field stands in it as a padlock of the same name."""

    instance: KeepsSecrets

    def __init__(self, *args: Any, editor: User, padlocks: Mapping[str, PadlockMode] | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.editor = editor
        for name in self.padlock_names():
            self.padlock(name).editor = editor
            self.padlock(name).state = self.instance.secret_state(name)
            self.set_padlock(name, (padlocks or {}).get(name, PadlockMode.LOCKED))

    def padlock_names(self) -> list[str]:
        return [name for name, field in self.fields.items() if isinstance(field, PadlockField)]

    def padlock(self, name: str) -> PadlockWidget:
        widget: PadlockWidget = self.fields[name].widget
        return widget

    @property
    def has_typed_secret(self) -> bool:
        """Whether a secret was posted that will have to be typed again, because it is not sent back."""
        return bool(self.instance.typed_secrets)

    def set_padlock(self, name: str, mode: PadlockMode, note: str | Promise = "") -> None:
        padlock = self.padlock(name)
        padlock.mode, padlock.note = mode, note
        # Only an open padlock has an input that a label can belong to.
        padlock.use_fieldset = mode != PadlockMode.OPEN

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in self.padlock_names():
            self._take_in(name, cleaned.get(name))
        return cleaned

    def _take_in(self, name: str, secret: Secret | None) -> None:
        if secret is not None:
            self.instance.typed_secrets[name] = TypedSecret(secret, by=self.editor)
        elif self._wants_removal(name):
            self.instance.withdraw_secret(name)

    def _wants_removal(self, name: str) -> bool:
        """Only a padlock that shows that it will remove does so: not one that is locked for good."""
        posted = self[name].data
        is_removing = self.padlock(name).mode == PadlockMode.REMOVING
        return is_removing and isinstance(posted, PadlockInput) and posted.wants_removal

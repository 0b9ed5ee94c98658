"""Rows that keep sealed secrets: who a secret belongs to, what it is for, who set it and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from users.models.fields import SealedField
from users.vault import (
    KEY_PREFIX_CHARACTERS,
    Destination,
    KeyringError,
    Secret,
    UnreadableSecret,
    key_prefixes,
    seal,
    unseal,
)

if TYPE_CHECKING:
    from users.models.user import User


@dataclass(frozen=True, slots=True)
class SecretState:
    """What may be told about a stored secret."""

    is_set: bool
    problem: UnreadableSecret | None = None
    set_at: datetime | None = None
    set_by: User | None = None

    @property
    def is_usable(self) -> bool:
        return self.is_set and self.problem is None


@dataclass(frozen=True, slots=True)
class TypedSecret:
    """A secret that somebody has typed and that is not sealed yet."""

    secret: Secret
    by: User | None


NO_KEY = _("This can't be stored now, because the site's key is missing. Tell your administrator; nothing was changed.")


class KeepsSecrets(models.Model):
    """A row with sealed fields. Beside a field ``x`` stand ``x_set_at`` and ``x_set_by``."""

    class Meta:
        abstract = True

    @cached_property
    def typed_secrets(self) -> dict[str, TypedSecret]:
        """What a form took in for this row; :meth:`seal_typed_secrets` seals it once the other values are known."""
        return {}

    @cached_property
    def withdrawn_secrets(self) -> set[str]:
        """The fields whose secret somebody chose to remove: a rule that demands one does not stop that."""
        return set()

    def withdraw_secret(self, field: str) -> None:
        """Remove a secret because somebody wants it gone; the caller saves."""
        self.remove_secret(field)
        self.withdrawn_secrets.add(field)

    def seal_typed_secrets(self) -> None:
        """Seal what was typed. Raises ValidationError at the field while there is no key to seal with."""
        for field, typed in self.typed_secrets.items():
            try:
                self.set_secret(field, typed.secret, by=typed.by)
            except KeyringError as error:
                raise ValidationError({field: ValidationError(NO_KEY, code="no_key")}) from error

    def secret_owner(self) -> str:
        """Whose secret it is, as the vault is told: a user's ``uid``, or ``system``."""
        return "system"

    def secret_destination(self, field: str) -> Destination:
        """What the secret in `field` may be used for."""
        raise NotImplementedError

    @sensitive_variables("secret")
    def set_secret(self, field: str, secret: str | Secret, *, by: User | None) -> None:
        """Seal and keep a secret in this instance; the caller saves it."""
        token = seal(secret, field=field, owner=self.secret_owner(), destination=self.secret_destination(field))
        self._keep(field, token, at=timezone.now(), by=by)

    def remove_secret(self, field: str) -> None:
        self._keep(field, "", at=None, by=None)

    def open_secret(self, field: str) -> Secret:
        """The secret. Raises :class:`users.vault.UnreadableSecret`."""
        return unseal(
            getattr(self, field), field=field, owner=self.secret_owner(), destination=self.secret_destination(field)
        )

    def secret_state(self, field: str) -> SecretState:
        if not getattr(self, field):
            return SecretState(is_set=False)
        return SecretState(
            is_set=True,
            problem=self._problem(field),
            set_at=getattr(self, f"{field}_set_at"),
            set_by=getattr(self, f"{field}_set_by"),
        )

    def has_usable_secret(self, field: str) -> bool:
        return bool(getattr(self, field)) and self._problem(field) is None

    def _problem(self, field: str) -> UnreadableSecret | None:
        try:
            self.open_secret(field)
        except UnreadableSecret as problem:
            return problem
        return None

    def _keep(self, field: str, token: str, *, at: datetime | None, by: User | None) -> None:
        setattr(self, field, token)
        setattr(self, f"{field}_set_at", at)
        setattr(self, f"{field}_set_by", by)


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A model and the name of one of its sealed fields."""

    model: type[KeepsSecrets]
    field: str

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.field}"

    def rows(self) -> QuerySet[KeepsSecrets]:
        """The rows in which a secret is stored."""
        return self.model._default_manager.exclude(**{self.field: ""})

    def rows_with_other_keys_than(self, key_ids: list[str]) -> QuerySet[KeepsSecrets]:
        """The rows that were sealed with a key that is not among these."""
        prefix = Left(self.field, KEY_PREFIX_CHARACTERS)
        return self.rows().alias(prefix=prefix).exclude(prefix__in=key_prefixes(key_ids))

    def has_other_keys_than(self, key_ids: list[str]) -> bool:
        """Whether a row was sealed with a key that is not among these."""
        return self.rows_with_other_keys_than(key_ids).exists()


def sealed_columns() -> list[SealedColumn]:
    """Every sealed column of the installed models."""
    return [
        SealedColumn(model, field.name)
        for model in apps.get_models()
        if issubclass(model, KeepsSecrets)
        for field in model._meta.get_fields()
        if isinstance(field, SealedField)
    ]

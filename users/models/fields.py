"""Model fields of our own."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Lookup

from users.addresses import normalise_address, refuse_invisible, validate_address


class SealedField(models.TextField):
    """A secret as the vault sealed it; empty when there is none.

    It is in no form, and only equality can be looked up: otherwise a list's address could be used to guess it letter by
    letter.
    """

    LOOKUPS = frozenset({"exact", "in", "isnull"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"blank": True, "default": "", "editable": False}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for word in ("blank", "default", "editable"):
            kwargs.pop(word, None)
        return name, path, list(args), kwargs

    def get_lookup(self, lookup_name: str) -> type[Lookup[Any]] | None:
        return super().get_lookup(lookup_name) if lookup_name in self.LOOKUPS else None


class LineField(models.CharField):
    """One line of text without invisible characters."""

    default_validators = [refuse_invisible]


class AddressField(models.CharField):
    """One e-mail address without a display name; cleaning brings it into its normal form."""

    default_validators = [validate_address]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 254)
        super().__init__(*args, **kwargs)

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        text = super().clean(value, model_instance)
        return normalise_address(text) if text else text


class SignatureField(models.TextField):
    """HTML of a signature, sanitised when it is cleaned or saved, whoever wrote it.

    What can't be kept is a ValidationError when it is cleaned, and when it is saved past that, a
    :class:`users.signatures.SignatureRefused`. A row that says with what it was read, as ``stored_<name>``, keeps that,
    so that nothing else fails should the rules have become stricter.
    """

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", list(args), kwargs

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        from users.signatures import SignatureRefused

        try:
            return _sanitized(super().clean(value, model_instance))
        except SignatureRefused as refused:
            raise ValidationError(str(refused), code="signature_refused") from refused

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001
        html = super().pre_save(model_instance, add)
        if html != getattr(model_instance, f"stored_{self.attname}", None):
            html = _sanitized(html)
            setattr(model_instance, self.attname, html)
        return html


def _sanitized(html: str) -> str:
    from users.signatures import sanitize_html

    return sanitize_html(html) if html else html

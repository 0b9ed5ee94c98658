"""The OAuth 2.0 client application that the organisation has registered in Microsoft Entra ID."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.addresses import HOST_NAME
from users.choices import Cloud, Flow
from users.entra.application import Application, ClientCertificate
from users.entra.certificates import end_of, subject_of, thumbprint, validate_certificate
from users.entra.clouds import CLOUDS, CloudAddresses
from users.entra.flows import FLOWS, FlowTraits
from users.models import entra_rules
from users.models.fields import LineField, SealedField
from users.models.microsoft_connection import MicrosoftConnection
from users.models.secrets import KeepsSecrets
from users.models.singleton import Singleton
from users.networks import Network
from users.vault import Destination, Secret


def is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def validate_tenant(text: str) -> None:
    """Refuse everything but a directory id or a domain of the tenant."""
    if not is_uuid(text) and not ("." in text and HOST_NAME.fullmatch(text)):
        raise ValidationError(
            _(
                "Enter the Directory (tenant) ID, such as 6e4b0b2e-7d3a-4b6e-9f65-0c7a5f2f8a11, or a domain of the "
                "tenant, such as example.onmicrosoft.com."
            ),
            code="tenant",
        )


def validate_client(text: str) -> None:
    """Refuse everything but an application id."""
    if not is_uuid(text):
        raise ValidationError(
            _("Enter the Application (client) ID, such as 1f0c4a52-93b8-4d0f-8f0e-5b6f7a2d9c33, from its overview."),
            code="client",
        )


def _without(last: str, address: str) -> str:
    """The address without a slash at its end, and without what this site adds by itself: pages of clouds name both."""
    whole, ending = address.rstrip("/"), f"/{last}"
    return whole[: -len(ending)] if last and whole.lower().endswith(ending.lower()) else whole


class EntraAppRegistration(KeepsSecrets, Singleton):
    """How the application proves itself to Exchange Online. It may be stored while still incomplete."""

    cloud = models.CharField(_("Cloud"), max_length=10, choices=Cloud, default=Cloud.GLOBAL)
    custom_authority = LineField(
        _("Sign-in address (authority)"), max_length=300, blank=True, default="", validators=[entra_rules.https_address]
    )
    custom_graph = LineField(
        _("Microsoft Graph address"), max_length=300, blank=True, default="", validators=[entra_rules.https_address]
    )
    tenant_id = LineField(
        _("Directory (tenant) ID"), max_length=253, blank=True, default="", validators=[validate_tenant]
    )
    client_id = LineField(
        _("Application (client) ID"), max_length=36, blank=True, default="", validators=[validate_client]
    )
    flow = models.CharField(_("Access"), max_length=20, choices=Flow, default=Flow.SIGN_IN)
    client_secret = SealedField(_("Client secret"))
    client_secret_set_at = models.DateTimeField(null=True, editable=False)
    client_secret_set_by = models.ForeignKey(
        "users.User", models.SET_NULL, null=True, editable=False, related_name="+", db_index=False
    )
    secret_expires_on = models.DateField(_("Client secret ends on"), null=True, blank=True)
    certificate = models.TextField(
        _("Certificate"), blank=True, default="", max_length=20_000, validators=[validate_certificate]
    )
    private_key = SealedField(_("Private key of the certificate"))
    private_key_set_at = models.DateTimeField(null=True, editable=False)
    private_key_set_by = models.ForeignKey(
        "users.User", models.SET_NULL, null=True, editable=False, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("Entra app registration")
        verbose_name_plural = _("Entra app registration")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="users_entraappregistration_single_row"),
            models.CheckConstraint(condition=Q(cloud__in=Cloud.values), name="users_entraappregistration_cloud_known"),
            models.CheckConstraint(condition=Q(flow__in=Flow.values), name="users_entraappregistration_flow_known"),
            models.CheckConstraint(
                condition=Q(client_secret="") | Q(client_secret_set_at__isnull=False),
                name="users_entraappregistration_secret_has_date",
            ),
            models.CheckConstraint(
                condition=Q(private_key="") | Q(private_key_set_at__isnull=False),
                name="users_entraappregistration_key_has_date",
            ),
        ]

    def __str__(self) -> str:
        return str(_("App registration in Microsoft Entra ID"))

    def clean(self) -> None:
        """Apply the rules of ``users/models/entra_rules.py``."""
        super().clean()
        self.tenant_id = self.tenant_id.lower()
        self.client_id = self.client_id.lower()
        entra_rules.check(self)
        self.seal_typed_secrets()

    @contextmanager
    def around_saving(self) -> Iterator[None]:
        """Users' connections that belong to another registration go with the change."""
        served = self._served_connections()
        if self._state.adding or served == self.stored_connections:
            yield
            return
        with transaction.atomic():
            yield
            MicrosoftConnection.disconnect(MicrosoftConnection.objects.exclude(registration__in=served))

    def _served_connections(self) -> list[str]:
        return ["\n".join(self.target)] if self.traits.needs_connection else []

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any) -> Self:
        row = super().from_db(db, field_names, values)
        row.stored_connections = row._served_connections()
        return row

    stored_connections: Sequence[str] = ()
    """The registrations of connections that were in use as the row was read."""

    def secret_destination(self, field: str) -> Destination:
        return self.target

    @property
    def target(self) -> tuple[str, str, str]:
        """What secrets and connections of this registration are for."""
        return (self.authority, self.tenant_id, self.client_id)

    def is_complete(self) -> bool:
        """Whether the registration can be used with its flow."""
        return not self.missing()

    def missing(self) -> list[str]:
        """What is still missing, in plain words; empty when the registration is complete."""
        return [str(text) for is_missing, text in entra_rules.requirements(self) if is_missing]

    @property
    def addresses(self) -> CloudAddresses:
        own = CloudAddresses(_without(self.tenant_id, self.custom_authority), _without("v1.0", self.custom_graph), "")
        return CLOUDS.get(self.cloud, own)

    @property
    def authority(self) -> str:
        return self.addresses.authority

    @property
    def graph(self) -> str:
        return self.addresses.graph

    @property
    def traits(self) -> FlowTraits:
        return FLOWS[self.flow]

    def application(self, ca_file: Path | None, trusted_networks: Sequence[Network] = ()) -> Application:
        """The registered application, for the sign-in code."""
        return Application(
            authority=self.authority,
            tenant=self.tenant_id,
            client_id=self.client_id,
            graph=self.graph,
            credential=self._credential() if self.traits.needs_credential else None,
            ca_file=ca_file,
            trusted_networks=tuple(trusted_networks),
        )

    def _credential(self) -> Secret | ClientCertificate | None:
        """What the application proves itself with: rather the certificate, which nobody can copy from a screen."""
        if self.has_valid_certificate:
            return ClientCertificate(self.certificate, self.open_secret("private_key"))
        return self.open_secret("client_secret") if self.has_valid_client_secret else None

    @property
    def has_valid_client_secret(self) -> bool:
        ends = self.secret_expires_on
        return self.has_usable_secret("client_secret") and (ends is None or ends >= timezone.localdate())

    @property
    def has_valid_certificate(self) -> bool:
        ends = end_of(self.certificate)
        return ends is not None and ends >= timezone.now() and self.has_usable_secret("private_key")

    @property
    def certificate_ends_on(self) -> date | None:
        ends = end_of(self.certificate)
        return ends.date() if ends else None

    @property
    def has_certificate_ended(self) -> bool:
        ends = end_of(self.certificate)
        return ends is not None and ends < timezone.now()

    @property
    def certificate_subject(self) -> str:
        return subject_of(self.certificate)

    @property
    def certificate_thumbprint(self) -> str:
        return thumbprint(self.certificate)

"""What all users have in common: the system settings and the app registration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from django.conf import settings

from users.entra.application import Application
from users.methods import METHODS, Method
from users.models.entra_app_registration import EntraAppRegistration
from users.models.system_settings import SystemSettings
from users.networks import Network


@dataclass(frozen=True, slots=True)
class Installation:
    """The system-wide half of every user's settings."""

    system: SystemSettings
    registration: EntraAppRegistration

    @classmethod
    def load(cls) -> Self:
        return cls(SystemSettings.load(), EntraAppRegistration.load())

    @property
    def ca_file(self) -> Path | None:
        """A file with certificate authorities to trust beside the system's own."""
        return settings.MAILSETTINGS_CA_FILE

    @property
    def application(self) -> Application:
        """The registered application, for the sign-in code."""
        return self.registration.application(self.ca_file, self.trusted_networks)

    @property
    def trusted_networks(self) -> Sequence[Network]:
        """Private networks in which servers may lie."""
        return settings.MAILSETTINGS_TRUSTED_NETWORKS

    @property
    def cloud_choices(self) -> list[str]:
        """The choices of a method, "as the system setting" among them, by which mailboxes in Microsoft 365 are used."""
        inherited = [""] if self.sending_method.needs_app_registration else []
        return inherited + [value for value, method in METHODS.items() if method.needs_app_registration]

    @property
    def sending_method(self) -> Method:
        return METHODS[self.system.sending_method]

"""The tables, one module each."""

from users.models.activity import Activity
from users.models.activity_export import ActivityExport, ExportQueue
from users.models.calendar_feed import CalendarFeed
from users.models.check_round import CheckRound, RoundMember, RoundServer
from users.models.check_run import CheckRun
from users.models.domain_look_ups import DomainLookUps
from users.models.email_settings import EmailSettings
from users.models.entra_app_registration import EntraAppRegistration
from users.models.installation import Installation
from users.models.listing import Listing, ListingKind
from users.models.microsoft_connection import MicrosoftConnection
from users.models.outgoing_message import OutgoingAttachment, OutgoingMessage
from users.models.search_words import SearchWords
from users.models.secrets import KeepsSecrets, SealedColumn, SecretState, sealed_columns
from users.models.sign_in_attempts import SignInAttempts
from users.models.signature_image import SignatureImage
from users.models.signature_template import SignatureTemplate
from users.models.system_settings import SystemSettings
from users.models.user import User
from users.models.versions import Conflict, Versioned

__all__ = [
    "Activity",
    "ActivityExport",
    "CalendarFeed",
    "CheckRound",
    "CheckRun",
    "Conflict",
    "DomainLookUps",
    "EmailSettings",
    "EntraAppRegistration",
    "ExportQueue",
    "Installation",
    "KeepsSecrets",
    "Listing",
    "ListingKind",
    "MicrosoftConnection",
    "OutgoingAttachment",
    "OutgoingMessage",
    "RoundMember",
    "RoundServer",
    "SealedColumn",
    "SearchWords",
    "SecretState",
    "SignInAttempts",
    "SignatureImage",
    "SignatureTemplate",
    "SystemSettings",
    "User",
    "Versioned",
    "sealed_columns",
]

"""What Microsoft Entra's error codes mean: for the user, and for the administrator (Microsoft, "Entra authentication
and authorization error codes").

Microsoft may change the codes at any time. So they choose nothing but words; a code that is not here has a general
sentence, and the code itself stands in the details.

One row hides which of its codes it was: whoever tries user names must not learn which of them exist. Its details name
all of its codes, the same for each; with the correlation id beside them, the sign-in log in Entra and the log of this
site tell the administrator which it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from users.choices import Turn

Text = str | Promise


class Trouble(Enum):
    """What kind of trouble it is, and so who can do something about it."""

    ACCOUNT = auto()
    """The user's own account or password."""
    LOCKED = auto()
    """The user's own account, which must be left alone for a while."""
    ENDED = auto()
    """The user has to connect to Microsoft 365 again."""
    RULE = auto()
    """A rule of the organisation stands against it."""
    CONSENT = auto()
    """The application was not approved."""
    OTHER_ACCOUNT = auto()
    """Somebody else signed in than the user of this site."""
    REGISTRATION = auto()
    """The registration itself is wrong."""
    START_AGAIN = auto()
    """The sign-in went astray, and the next one may work."""
    TEMPORARY = auto()
    """Microsoft can't do it now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One row: several codes that mean the same to people."""

    codes: tuple[int, ...]
    trouble: Trouble
    message: Text
    hint: Text
    for_administrator: Text
    part: str = ""
    """The part of the registration that is likely wrong: ``cloud``, ``tenant``, ``client``, ``client_secret``."""
    whose_turn: Turn | None = None
    """Who can do something about it, where that is somebody else than with this kind of trouble."""
    hides_its_code: bool = False
    """Whether people see the same of every code here, and so nobody learns which user names exist."""


ASK = _("Ask your administrator.")
CONNECT = _("Connect to Microsoft 365 again on your settings page.")
LOOK_IN_THE_LOG = _("The sign-in log in the Entra admin centre names the rule; look there for the correlation id.")
WRONGLY_SET_UP = _("The connection to Microsoft 365 is set up wrongly.")
TELL = _("Tell your administrator: the app registration in the system settings has to be corrected.")
OUT_OF_REACH = _("Microsoft's sign-in is not available at the moment.")
WAIT = _("Try again in a few minutes.")
START_AGAIN = _("Please start the sign-in again.")


def _of(
    trouble: Trouble, *codes: int, message: Text, hint: Text, administrator: Text, turn: Turn | None = None
) -> Meaning:
    return Meaning(
        codes=codes, trouble=trouble, message=message, hint=hint, for_administrator=administrator, whose_turn=turn
    )


def _registration(*codes: int, administrator: Text, message: Text = WRONGLY_SET_UP, part: str = "") -> Meaning:
    return Meaning(
        codes=codes,
        trouble=Trouble.REGISTRATION,
        message=message,
        hint=TELL,
        for_administrator=administrator,
        part=part,
    )


MEANINGS = (
    Meaning(
        codes=(50034, 50056, 50064, 50126, 51004),
        trouble=Trouble.ACCOUNT,
        message=_("Microsoft does not accept your user name and password."),
        hint=_("Enter both anew in your settings. After several wrong attempts Microsoft locks the account."),
        for_administrator=_(
            "The user name or the password is wrong, or the Directory (tenant) ID belongs to another organisation. The "
            "sign-in log in the Entra admin centre tells which; look there for the correlation id."
        ),
        hides_its_code=True,
    ),
    _of(
        Trouble.LOCKED,
        50053,
        message=_("Microsoft has locked this account for a while after too many attempts."),
        hint=_("Wait half an hour, then check the password in your settings."),
        administrator=_("The sign-in log says whether wrong passwords or the address of this site were the reason."),
    ),
    _of(
        Trouble.ACCOUNT,
        50055,
        50144,
        message=_("Your password at Microsoft has expired."),
        hint=_("Change it in Microsoft 365 first, then enter the new one in your settings."),
        administrator=_("The user has to change the password in Microsoft 365."),
    ),
    _of(
        Trouble.ACCOUNT,
        50057,
        message=_("Your account at Microsoft is switched off."),
        hint=ASK,
        administrator=_("Enable the user's account in the Entra admin centre."),
        turn=Turn.ADMINISTRATOR,
    ),
    _of(
        Trouble.ENDED,
        *(50132, 50133, 50173, 70043, 700082, 70008, 50078, 50089),
        message=_("Your connection to Microsoft 365 has expired."),
        hint=CONNECT,
        administrator=_("This is normal: passwords change and rules ask for a new sign-in from time to time."),
    ),
    _of(
        Trouble.RULE,
        *(50072, 50074, 50076, 50079, 50158),
        message=_("Your organisation requires a second factor, so a password alone is not enough."),
        hint=_("Connect to Microsoft 365 again. Where the page offers no such button, ask your administrator."),
        administrator=_(
            "A password alone can't fulfil a second factor: choose “Microsoft sign-in” as access. With it, the user "
            "has to connect again."
        ),
    ),
    _of(
        Trouble.RULE,
        *(50097, 53000, 53001, 53002),
        message=_("Your organisation allows this from managed devices only."),
        hint=ASK,
        administrator=_(
            "A Conditional Access rule asks for a managed device. This site signs in from its server, so the rule has "
            "to leave the application out."
        ),
    ),
    _of(
        Trouble.RULE,
        50105,
        message=_("You are not allowed yet to use this application."),
        hint=ASK,
        administrator=_(
            "Assign the user or a group to the enterprise application, or set “Assignment required” to No there."
        ),
    ),
    _of(
        Trouble.RULE,
        *(50131, 53003, 530032, 530034, 53011),
        message=_("A security rule of your organisation blocked the sign-in."),
        hint=ASK,
        administrator=LOOK_IN_THE_LOG,
    ),
    _of(
        Trouble.RULE,
        530035,
        message=_("The security defaults of your organisation block sign-in with a password."),
        hint=ASK,
        administrator=_("Choose “Microsoft sign-in” as access; security defaults do not allow a password alone."),
    ),
    _of(
        Trouble.CONSENT,
        *(65001, 90094, 90095, 650056),
        message=_("The application is not approved yet in your organisation."),
        hint=_("Ask your administrator to approve it."),
        administrator=_("Open API permissions of the application and press Grant admin consent."),
    ),
    _of(
        Trouble.CONSENT,
        65004,
        message=_("You did not allow the access, so nothing was connected."),
        hint=_("Connect once more and accept what Microsoft asks, or ask your administrator."),
        administrator=_("The user declined. Admin consent spares users this question."),
        turn=Turn.USER,
    ),
    _registration(
        *(50011, 70004, 900971),
        administrator=_(
            "The redirect address is not registered. Enter it under Authentication, for the platform “Web”, exactly as "
            "it stands in the steps on this page."
        ),
    ),
    _of(
        Trouble.OTHER_ACCOUNT,
        *(50020, 16000, 90072, 500208),
        message=_("You signed in to Microsoft with an account that does not belong to your organisation."),
        hint=_("Connect once more, and choose the work account with the address in your settings."),
        administrator=_("The account is of another directory, or a personal one."),
    ),
    _registration(
        *(50194, 9001023),
        part="tenant",
        administrator=_("Enter the Directory (tenant) ID of your organisation, not “common” or “organizations”."),
    ),
    _registration(
        *(700016, 700011, 70001),
        part="client",
        administrator=_(
            "The directory does not know the application. Check the Application (client) ID, the Directory (tenant) ID "
            "and the cloud."
        ),
    ),
    _registration(
        *(7000112, 1000031),
        administrator=_("The application is disabled. Enable it among the enterprise applications."),
    ),
    _registration(
        *(7000215, 70002),
        part="client_secret",
        administrator=_("The client secret is wrong. Enter its Value, not its Secret ID, or make a new one in Entra."),
    ),
    _registration(
        7000222,
        part="client_secret",
        administrator=_(
            "The client secret has ended. Make a new one in Entra and enter it here, or use a certificate."
        ),
    ),
    _registration(
        7000218,
        part="client_secret",
        administrator=_(
            "The application proves itself with nothing. For “User name and password”, set “Allow public client flows” "
            "to Yes under Authentication; else enter a client secret or a certificate."
        ),
    ),
    _registration(
        700025,
        administrator=_(
            "The redirect address is registered for a public client. Remove it there and enter it for the platform "
            "“Web”."
        ),
    ),
    _registration(
        *(700027, 50012, 700030),
        administrator=_(
            "The certificate is not the one in Entra. Upload the public certificate of this page there, and check the "
            "clock of this machine."
        ),
    ),
    _registration(
        *(90002, 50059, 90019, 50128),
        part="tenant",
        message=_("Microsoft does not know the directory of your organisation."),
        administrator=_("There is no such directory in this cloud. Check the Directory (tenant) ID and the cloud."),
    ),
    _registration(
        *(90038, 900382, 900432),
        part="cloud",
        message=_("Microsoft does not know the directory of your organisation in this cloud."),
        administrator=_("The directory lies in another cloud. Choose that one."),
    ),
    _registration(
        *(500011, 50001, 650052, 65005),
        administrator=_(
            "Microsoft Graph is not available in this directory: there is no subscription with Exchange Online, or the "
            "cloud is another one."
        ),
    ),
    _registration(
        *(70011, 28002, 700022, 700023),
        part="cloud",
        administrator=_("A permission is not known here. Check the cloud and, for a custom one, the Graph address."),
    ),
    _of(
        Trouble.START_AGAIN,
        *(54005, 501481),
        message=_("This sign-in was used already."),
        hint=START_AGAIN,
        administrator=_("Somebody went back in the browser. Nothing has to be changed."),
    ),
    _of(
        Trouble.TEMPORARY,
        50196,
        message=_("Microsoft has received too many requests from this site."),
        hint=WAIT,
        administrator=_("The same request came many times within a short time. Wait some minutes."),
    ),
    _of(
        Trouble.TEMPORARY,
        *(90033, 90006, 90024, 50033, 50087, 90090),
        message=OUT_OF_REACH,
        hint=WAIT,
        administrator=WAIT,
    ),
    _of(
        Trouble.TEMPORARY,
        *range(80001, 80015),
        message=_("The sign-in server of your own organisation can't be reached by Microsoft."),
        hint=_("Try again in a few minutes. If it stays so, tell your administrator."),
        administrator=_("Check the agents for pass-through authentication on your own network."),
    ),
)

BY_CODE = {code: meaning for meaning in MEANINGS for code in meaning.codes}

"""What can go wrong with an appointment, where it is said otherwise than of a message.

::

    TransportError
    ├── NotReachable
    │   ├── CalendarBusy
    │   ├── CalendarConnectionLost
    │   └── AppointmentUncertain
    └── Refused
        ├── AppointmentRefused
        ├── AppointmentGone
        ├── CalendarDenied
        └── CalendarFull
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _

from users.mail.transports import errors, mailbox_errors
from users.mail.transports.errors import NotReachable, Refused, TransportError


class CalendarBusy(NotReachable):
    """`retry_after`, in seconds, is how long the service wants to be left alone; 0 when it does not say."""

    code = "calendar_busy"
    message = _("%(server)s is busy and takes no appointment at the moment.")
    hint = _("It is tried again by itself.")
    retry_after: int = 0


class CalendarConnectionLost(NotReachable):
    code = "calendar_connection_lost"
    message = _("%(server)s ended the connection before the appointment was stored.")
    hint = _("It is tried again by itself.")


class AppointmentUncertain(NotReachable):
    """The change went out and no answer came back."""

    code = "appointment_uncertain"
    message = _("The connection to %(server)s broke: the appointment may be stored already, or not.")
    hint = _("It is looked for before it is tried again, so that there is one appointment.")


class AppointmentRefused(Refused):
    code = "appointment_refused"
    message = _("%(server)s does not take the appointment as it stands.")
    hint = _("Change the activity, for example its text, and save it. If that does not help, tell your administrator.")


class AppointmentGone(Refused):
    code = "appointment_gone"
    message = _("The appointment is no longer in your calendar: you deleted it or moved it away.")
    hint = _("It stays away, unless you export the activity again.")


class CalendarDenied(Refused):
    code = "calendar_denied"
    message = _("%(server)s does not let this account write into your calendar.")
    hint = _(
        "Check that your e-mail address and your account belong together. If so, an administrator has to see whether "
        "the account, or in Microsoft 365 the app registration, may write into calendars."
    )


class CalendarFull(Refused):
    code = "calendar_full"
    message = _("Your mailbox at %(server)s is full, so it takes no appointments.")
    hint = _("Delete or archive messages there and empty its bin. It is tried again by itself.")
    is_permanent = False


OF_CALENDARS: dict[type[TransportError], type[TransportError]] = {
    errors.OutcomeUnknown: AppointmentUncertain,
    errors.ConnectionLost: CalendarConnectionLost,
    mailbox_errors.ServiceBusy: CalendarBusy,
    mailbox_errors.MailboxDenied: CalendarDenied,
    mailbox_errors.MailboxFull: CalendarFull,
    errors.MessageRefused: AppointmentRefused,
    errors.MessageTooLarge: AppointmentRefused,
}
"""Errors whose sentences speak of messages, and those that speak of appointments instead."""


@contextmanager
def told_of_appointments() -> Iterator[None]:
    """Say of appointments what transports say of messages."""
    try:
        yield
    except TransportError as error:
        kind = next((OF_CALENDARS[each] for each in type(error).__mro__ if each in OF_CALENDARS), None)
        if kind is None or isinstance(error, kind):
            raise
        told = kind(error.detail, server=error.server)
        if isinstance(told, CalendarBusy):
            told.retry_after = getattr(error, "retry_after", None) or 0
        raise told from error

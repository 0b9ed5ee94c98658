"""What other code calls: send a message as a user, and check whether that would work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import cached_property
from threading import get_ident

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users import exports, guard
from users.choices import CopyMode, EmailMethod, Outcome
from users.mail.composition import InlineImage, Sender, compose
from users.mail.receipts import Receipt
from users.mail.transports.base import Transport
from users.mail.transports.errors import DraftOnly, TransportError
from users.methods import METHODS
from users.models import Activity, ActivityExport, EmailSettings, SignatureTemplate, User
from users.signature_pictures import pictures_of
from users.signatures import plain_text_of
from users.signatures.outgoing import for_recipients
from users.signatures.placeholders import fill_in
from users.user_checks import note_refusal, verify
from users.user_transports import transport_for

__all__ = ["Sending", "export_activity", "find_sent", "send", "sending_as", "verify"]

TEST_SUBJECT = gettext_lazy("Test message from Mail Settings")
KEPT: ContextVar[Sending | None] = ContextVar("KEPT", default=None)


def send(user: User, message: EmailMessage) -> Receipt:
    """Send a message as `user`: from the own address, with signature and copy, by the method in force.

    Everything that can go wrong stands in the receipt; nothing is tried twice. Several messages go out faster inside
    :func:`sending_as`.
    """
    kept = KEPT.get()
    if kept is not None and kept.serves(user):
        return kept.send(message)
    return send_with(EmailSettings.of(user), message)


def send_with(settings: EmailSettings, message: EmailMessage) -> Receipt:
    """The same with settings that are at hand."""
    sending = Sending(settings)
    try:
        return sending.send(message)
    finally:
        sending.close()


def sending_for(user: User) -> Sending:
    """What sends as `user` and keeps the connection, to be closed by the caller."""
    return Sending(EmailSettings.of(user))


@contextmanager
def sending_as(user: User) -> Iterator[Sending]:
    """Inside it, :func:`send` keeps the connection, and the settings of the beginning, for messages of `user`.

    This holds for the thread that it begins in.
    """
    sending = sending_for(user)
    before = KEPT.set(sending)
    try:
        yield sending
    finally:
        KEPT.reset(before)
        sending.close()


class Sending:
    """Sends with one user's settings, over a connection that is made for the first message and kept until `close`."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings
        self._thread = get_ident()
        self._has_sent = False

    def serves(self, user: User) -> bool:
        return self._settings.user.pk == user.pk and self._thread == get_ident()

    def close(self) -> None:
        if "_transport" in self.__dict__:
            self._transport.close()

    def send(self, message: EmailMessage) -> Receipt:
        try:
            transport = self._transport
            return self._deliver(transport, compose(message, self._sender))
        except TransportError as error:
            return Receipt(error.outcome, "", error=error)

    def _deliver(self, transport: Transport, message: EmailMessage) -> Receipt:
        """Deliver the message, and notice when the stored password does not work any more.

        Raises :class:`guard.PasswordRefusedBefore` and :class:`guard.TooManyRefusals` without trying it.
        """
        receipt: Receipt | None = None
        try:
            with nullcontext() if self._has_sent else guard.automatic(guard.account_of(self._settings)):
                receipt = transport.deliver(message)
                if receipt.error is not None:
                    raise receipt.error
            self._has_sent = True
        except TransportError as error:
            if receipt is None:
                raise
            if error.is_refusal:
                note_refusal(self._settings, error)
        return receipt

    @cached_property
    def _transport(self) -> Transport:
        transport = transport_for(self._settings)
        transport.stays_open = True
        return transport

    @cached_property
    def _sender(self) -> Sender:
        return sender_of(self._settings)


def send_test_message(user: User) -> Receipt:
    """Send a message to the own address, so that its owner sees how messages arrive.

    A method that only hands drafts over has nothing to test: :class:`DraftOnly` says so.
    """
    settings = EmailSettings.of(user)
    if not settings.traits.is_server_based:
        return Receipt(Outcome.FAILED, "", error=DraftOnly())
    return send_with(settings, _test_message(settings))


def make_test_draft(user: User) -> Receipt:
    """A message to the own address as a file for Outlook, whatever the method is."""
    settings = EmailSettings.of(user)
    transport: Transport = import_string(METHODS[EmailMethod.OUTLOOK].transport)()
    try:
        return transport.deliver(compose(_test_message(settings), sender_of(settings)))
    except TransportError as error:
        return Receipt(error.outcome, "", error=error)


def _test_message(settings: EmailSettings) -> EmailMessage:
    text = _(
        "This is a test message from Mail Settings.\n\n"
        "It was made for “%(method)s”. Copy to the own address: %(copy)s.\n"
        "If you can read this, your e-mail settings work."
    ) % {"method": settings.traits.label, "copy": settings.get_copy_mode_display()}
    return EmailMessage(str(TEST_SUBJECT), text, to=[settings.address or settings.user.email])


def find_sent(user: User, message_id: str) -> bool | None:
    """Whether a message of unknown outcome lies in the user's Sent Items; None where nobody can look there.

    Raises :class:`TransportError` when looking fails.
    """
    settings = EmailSettings.of(user)
    transport = transport_for(settings)
    with guard.automatic(guard.account_of(settings)):
        return transport.find_sent(message_id)


@transaction.atomic
def export_activity(activity: Activity) -> None:
    """Put an activity into its owner's calendar, and keep it up to date there.

    For activities that were saved past the model, or whose owners do not export all of theirs. One that its owner has
    removed in the calendar comes back. It is done in the background, as soon as the owner's settings are ready.
    """
    if not activity.in_calendar:
        activity.in_calendar = True
        activity.save_unless_changed()
    else:
        exports.follow(activity)
    exports.export_again(activity, states=[ActivityExport.State.GONE, ActivityExport.State.FAILED])


def sender_of(settings: EmailSettings) -> Sender:
    """Who a message comes from, and what goes with it."""
    html, template = signature_in_force(settings) if settings.traits.carries_signature else ("", None)
    return Sender(
        address=settings.address,
        name=settings.user.get_full_name(),
        copy_mode=CopyMode(settings.copy_mode),
        signature_html=for_recipients(html),
        signature_text=_text_in_force(settings, html, template),
        images=tuple(
            InlineImage(picture.content_id, picture.media_type, picture.content)
            for picture in pictures_of(template or settings.user, html)
        ),
    )


# --- Signatures -----------------------------------------------------------------------------------------------------


def signature_in_force(settings: EmailSettings) -> tuple[str, SignatureTemplate | None]:
    """The signature's HTML, and the mandatory company signature that it comes from, if it does."""
    mandatory = SignatureTemplate.objects.filter(use=SignatureTemplate.Use.MANDATORY).first()
    if mandatory is None:
        return settings.signature_html, None
    return filled_in(mandatory, settings), mandatory


def signature_text_in_force(settings: EmailSettings) -> str:
    """The plain text that goes with it: as somebody wrote it, or else made from the HTML."""
    return _text_in_force(settings, *signature_in_force(settings))


def filled_in(template: SignatureTemplate, settings: EmailSettings) -> str:
    """A company signature for one user."""
    return fill_in(template.html, placeholder_values(settings))


def placeholder_values(settings: EmailSettings) -> Mapping[str, str]:
    """What stands in the place of a company signature's placeholders, by their names."""
    user = settings.user
    return {
        "name": user.get_full_name() or user.username,
        "job_title": user.job_title,
        "department": user.department,
        "phone": user.phone,
        "mobile": user.mobile,
        "email": settings.address,
    }


def _text_in_force(settings: EmailSettings, html: str, template: SignatureTemplate | None) -> str:
    if html and template is None and settings.signature_text_is_edited:
        return settings.signature_text
    return plain_text_of(html)

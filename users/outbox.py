"""The built-in client's way out: a message that somebody has written is sent once, and what became of it is kept."""

from __future__ import annotations

from datetime import timedelta
from email.utils import make_msgid

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from users import services
from users.choices import Outcome
from users.mail.receipts import Receipt
from users.mail.transports.errors import TransportError
from users.models import EmailSettings, OutgoingAttachment, OutgoingMessage, User
from users.models.outgoing_message import CONTENT_KEPT_FOR, LONGEST_SENDING

State = OutgoingMessage.State
KEPT_MESSAGES = 200
KEPT_FOR = timedelta(days=90)
CONTENT_FIELDS = ("to", "cc", "bcc", "subject", "text")


def send(message: OutgoingMessage, *, attempt: int) -> None:
    """Send the message, and store what became of it.

    `attempt` is the number of attempts that the sender has seen. Nothing is sent when there was another one since, when
    one is under way, or when a message of unknown outcome is found in Sent Items; the row then tells how it stands.
    """
    settings = EmailSettings.of(message.user)
    if _is_settled_by_looking(message) or not _claim(message, attempt, settings):
        message.refresh_from_db()
        return
    _settle(message, services.send_with(settings, as_email(message)))
    tidy(message.user)


def look_for(message: OutgoingMessage) -> bool | None:
    """Look for a message of unknown outcome in Sent Items, and settle it when it is there.

    None where nobody can look, such as in the mailbox of a method that is no longer in force. Raises
    :class:`TransportError` when looking fails.
    """
    may_look = message.message_id and message.method in {"", EmailSettings.of(message.user).effective_method}
    found = services.find_sent(message.user, message.message_id) if may_look else None
    if found:
        _settle(message, Receipt(Outcome.SENT, message.message_id))
    return found


def as_email(message: OutgoingMessage) -> EmailMessage:
    """The message for everything that takes Django's."""
    return EmailMessage(
        subject=message.subject,
        body=message.text,
        to=message.to.splitlines(),
        cc=message.cc.splitlines(),
        bcc=message.bcc.splitlines(),
        attachments=[(each.name, bytes(each.content), each.media_type) for each in message.attachments.all()],
        headers={"Message-ID": message.message_id} if message.message_id else {},
    )


def tidy(user: User) -> None:
    """Remove what is kept no longer: the content of anybody's old messages, and the user's oldest messages."""
    expired = OutgoingMessage.objects.filter(content_until__lte=timezone.now())
    OutgoingAttachment.objects.filter(message__in=expired).delete()
    expired.filter(state=State.DRAFT).delete()
    expired.update(text="", draft=b"", content_until=None)
    own = user.outgoing_messages.all()
    newest = own.order_by("-created_at", "-pk").values("pk")[:KEPT_MESSAGES]
    own.filter(
        Q(created_at__lt=timezone.now() - KEPT_FOR) | ~Q(pk__in=list(newest.values_list("pk", flat=True)))
    ).delete()


def _is_settled_by_looking(message: OutgoingMessage) -> bool:
    if message.standing != Outcome.UNKNOWN:
        return False
    try:
        return bool(look_for(message))
    except TransportError as error:
        # Whoever can't look can't send either: the message stays as uncertain as it was.
        _settle(message, Receipt(Outcome.UNKNOWN, message.message_id, error=error))
        return True


def _claim(message: OutgoingMessage, attempt: int, settings: EmailSettings) -> bool:
    """Take the message for this attempt: of several who try at once, one gets it."""
    now = timezone.now()
    claimable = (
        Q(state=State.DRAFT)
        | Q(state=State.DONE, outcome__in=[Outcome.FAILED, Outcome.UNKNOWN])
        | Q(state=State.SENDING, sent_at__lte=now - LONGEST_SENDING)
    )
    message.method = settings.effective_method
    message.message_id = make_msgid(domain=settings.address.rpartition("@")[2] or "localhost")
    claimed = OutgoingMessage.objects.filter(claimable, pk=message.pk, attempts=attempt).update(
        state=State.SENDING,
        outcome="",
        attempts=F("attempts") + 1,
        sent_at=now,
        content_until=now + CONTENT_KEPT_FOR,
        method=message.method,
        message_id=message.message_id,
        **{name: getattr(message, name) for name in CONTENT_FIELDS},
    )
    return bool(claimed)


@transaction.atomic
def _settle(message: OutgoingMessage, receipt: Receipt) -> None:
    message.state = State.DONE
    message.outcome = receipt.outcome
    message.problem = str(receipt.error or "")
    message.advice = str(receipt.error.hint) if receipt.error else ""
    message.refused = dict(receipt.refused)
    message.draft = receipt.draft
    changed = ["state", "outcome", "problem", "advice", "refused", "draft"]
    if receipt.is_sent:
        message.text, message.content_until = "", None
        message.attachments.all().delete()
        changed += ["text", "content_until"]
    message.save(update_fields=changed)

"""Messages of the built-in client."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.db import models
from django.db.models import Q, TextChoices
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.choices import EmailMethod, Outcome
from users.models.user import User

LONGEST_SENDING = timedelta(minutes=5)
"""After that, nobody is sending any more: the worker was stopped half-way."""

CONTENT_KEPT_FOR = timedelta(days=1)
"""How long text and attachments of a message stay that was not sent, so that it can be corrected."""


class OutgoingMessage(models.Model):
    """One message, from its first attachment to what became of it.

    Text and attachments are here only until the message is sent. `attempts` counts how often somebody has tried to
    send it: whoever wants to do so names the number they have seen, so that two clicks send once.
    """

    class State(TextChoices):
        DRAFT = "draft", _("Draft")
        SENDING = "sending", _("Being sent")
        DONE = "done", _("Done")

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="outgoing_messages", verbose_name=_("user"))
    created_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, editable=False)
    attempts = models.PositiveIntegerField(default=0, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    """When the last attempt began."""
    content_until = models.DateTimeField(null=True, editable=False)
    """Until when text, attachments and draft are kept; null once they are removed."""
    method = models.CharField(_("E-mail method"), max_length=20, choices=EmailMethod, default="", editable=False)
    message_id = models.CharField(_("Message-ID"), max_length=300, default="", editable=False)
    to = models.TextField(_("To"), default="", editable=False)
    cc = models.TextField(_("Cc"), default="", editable=False)
    bcc = models.TextField(_("Bcc"), default="", editable=False)
    subject = models.TextField(_("Subject"), default="", editable=False)
    text = models.TextField(_("Text"), default="", editable=False)
    draft = models.BinaryField(default=b"", editable=False)
    """The file for Outlook, when the message was handed over."""
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, default="", editable=False)
    problem = models.TextField(default="", editable=False)
    """The sentence that says why it was not sent, and in `advice` what to do."""
    advice = models.TextField(default="", editable=False)
    refused = models.JSONField(default=dict, editable=False)
    """A sentence for each recipient that the server refused."""

    class Meta:
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="users_outgoingmessage_recent"),
            models.Index(
                fields=["content_until"],
                condition=Q(content_until__isnull=False),
                name="users_outgoingmessage_content",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "sending", "done"]), name="users_outgoingmessage_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="done", outcome__in=Outcome.values) | (~Q(state="done") & Q(outcome="")),
                name="users_outgoingmessage_outcome_when_done",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)

    def get_absolute_url(self) -> str:
        return reverse("users:message", args=[self.uid])

    @property
    def standing(self) -> str:
        """What is known of the message now: an :class:`Outcome`, or its state while there is none."""
        if self.state == self.State.SENDING and not self.is_being_sent:
            return Outcome.UNKNOWN
        return self.outcome or self.state

    @property
    def standing_label(self) -> str:
        return str(dict([*self.State.choices, *Outcome.choices])[self.standing])

    @property
    def recipients_line(self) -> str:
        """Everybody who is named openly, in one line."""
        return ", ".join([*self.to.splitlines(), *self.cc.splitlines()])

    @property
    def went_out(self) -> bool:
        return self.standing in {Outcome.SENT, Outcome.HANDED_OVER}

    @property
    def is_being_sent(self) -> bool:
        return (
            self.state == self.State.SENDING
            and self.sent_at is not None
            and self.sent_at > timezone.now() - LONGEST_SENDING
        )

    @property
    def may_be_sent(self) -> bool:
        """Whether another attempt makes sense: it was not sent, not handed over, and nobody is at it."""
        return self.standing in {self.State.DRAFT, Outcome.FAILED, Outcome.UNKNOWN}

    @property
    def has_content(self) -> bool:
        return self.content_until is not None and self.content_until > timezone.now()


class OutgoingAttachment(models.Model):
    """One file of an outgoing message, kept until the message is sent."""

    message = models.ForeignKey(OutgoingMessage, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        verbose_name = _("attachment of an outgoing message")
        verbose_name_plural = _("attachments of outgoing messages")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.media_type} ({self.size} bytes)"

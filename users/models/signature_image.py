"""The pictures in signatures."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.models.signature_template import SignatureTemplate
from users.models.user import User


class SignatureImageQuerySet(models.QuerySet["SignatureImage"]):
    def visible_to(self, user: User) -> Self:
        """The own ones and those of company signatures; for staff that edits users, those of users as well."""
        visible = Q(owner=user) | Q(template__isnull=False)
        if user.is_superuser:
            visible = Q()
        elif user.is_staff and user.has_perm("users.change_emailsettings"):
            visible |= Q(owner__is_superuser=False)
        return self.filter(visible)

    def named(self, content_ids: set[str]) -> Self:
        return self.filter(content_id__in=content_ids).order_by("pk")


class SignatureImage(models.Model):
    """A picture of one user's signature or of a company signature, in the database so that several machines share it.

    A pasted picture belongs to whoever pasted it until a signature that shows it is saved; then it is in use there.
    """

    MEDIA_TYPES = ("image/png", "image/jpeg", "image/gif")

    owner = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="signature_images", verbose_name=_("owner")
    )
    template = models.ForeignKey(
        SignatureTemplate,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="signature_images",
        verbose_name=_("company signature"),
    )
    content = models.BinaryField(_("picture"))
    media_type = models.CharField(_("media type"), max_length=20, choices=[(name, name) for name in MEDIA_TYPES])
    size = models.PositiveIntegerField(_("size in bytes"))
    width = models.PositiveIntegerField(_("width in pixels"), default=0)
    height = models.PositiveIntegerField(_("height in pixels"), default=0)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    content_id = models.CharField(_("content id"), max_length=100)
    """The name under which the signature's HTML refers to the picture: ``cid:<content id>`` (RFC 2392)."""
    is_used = models.BooleanField(_("in use"), default=False)
    """Whether the stored signature shows it; otherwise it was pasted and not saved, and goes after a day."""
    added_at = models.DateTimeField(_("added"), default=timezone.now)

    objects = SignatureImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature picture")
        verbose_name_plural = _("signature pictures")
        indexes = [
            models.Index(fields=["added_at"], condition=Q(is_used=False), name="users_signatureimage_abandoned"),
            models.Index(fields=["content_id"], name="users_signatureimage_by_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(media_type__in=("image/png", "image/jpeg", "image/gif")),
                name="users_signatureimage_media_type_known",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="users_signatureimage_not_empty"),
            models.CheckConstraint(
                condition=Q(owner__isnull=False, template__isnull=True) | Q(owner__isnull=True, template__isnull=False),
                name="users_signatureimage_of_user_or_template",
            ),
            models.UniqueConstraint(fields=["owner", "content_id"], name="users_signatureimage_content_id_unique"),
            models.UniqueConstraint(fields=["template", "content_id"], name="users_signatureimage_of_template_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.content_id} ({self.media_type}, {self.size} bytes)"

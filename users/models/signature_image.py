"""The pictures in signatures."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from users.models.user import User


class SignatureImage(models.Model):
    """A picture of one user's signature, kept in the database so that several machines share it."""

    MEDIA_TYPES = ("image/png", "image/jpeg", "image/gif")

    owner = models.ForeignKey(User, models.CASCADE, related_name="signature_images", verbose_name=_("owner"))
    content = models.BinaryField(_("picture"))
    media_type = models.CharField(_("media type"), max_length=20, choices=[(name, name) for name in MEDIA_TYPES])
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    content_id = models.CharField(_("content id"), max_length=100)
    """The name under which the signature's HTML refers to the picture: ``cid:<content id>`` (RFC 2392)."""

    class Meta:
        verbose_name = _("signature picture")
        verbose_name_plural = _("signature pictures")
        constraints = [
            models.CheckConstraint(
                condition=Q(media_type__in=("image/png", "image/jpeg", "image/gif")),
                name="users_signatureimage_media_type_known",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="users_signatureimage_not_empty"),
            models.UniqueConstraint(fields=["owner", "content_id"], name="users_signatureimage_content_id_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.content_id} ({self.media_type}, {self.size} bytes)"

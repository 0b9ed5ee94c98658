"""Company signatures."""

from __future__ import annotations

from django.db import models
from django.db.models import Q, TextChoices
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from users.models.fields import LineField, SignatureField
from users.models.versions import Versioned


class SignatureTemplate(Versioned):
    """A signature with placeholders such as ``{{ name }}``, kept by an administrator."""

    class Use(TextChoices):
        OFFERED = "offered", _("Offered: users may start from it")
        MANDATORY = "mandatory", _("Mandatory: everybody's messages carry it")

    name = LineField(_("name"), max_length=100, unique=True)
    use = models.CharField(_("use"), max_length=10, choices=Use, default=Use.OFFERED)
    html = SignatureField(_("signature"), max_length=100_000)

    class Meta:
        verbose_name = _("company signature")
        verbose_name_plural = _("company signatures")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(use__in=["offered", "mandatory"]), name="users_signaturetemplate_use_known"
            ),
            models.UniqueConstraint(
                fields=["use"],
                condition=Q(use="mandatory"),
                name="users_signaturetemplate_one_mandatory",
                violation_error_code="one_mandatory",
                violation_error_message=_(
                    "Another company signature is mandatory already. Make that one “offered” first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("users:signature-template", args=[self.pk])

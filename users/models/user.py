"""The people who sign in."""

from __future__ import annotations

from uuid import uuid4

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from users.addresses import refuse_invisible
from users.models.fields import LineField
from users.models.versions import Versioned


class User(Versioned, AbstractUser):
    """Django's user with what a signature says about a person."""

    uid = models.UUIDField(_("unique id"), default=uuid4, unique=True, editable=False)
    job_title = LineField(_("job title"), max_length=150, blank=True)
    department = LineField(_("department"), max_length=150, blank=True)
    phone = LineField(_("phone"), max_length=50, blank=True)
    mobile = LineField(_("mobile phone"), max_length=50, blank=True)

    class Meta(AbstractUser.Meta):  # type: ignore[name-defined, misc]
        indexes = [models.Index(fields=["last_name", "first_name", "id"], name="users_user_name")]

    def clean(self) -> None:
        """Hold Django's own fields to what a :class:`LineField` holds: a name goes into the headers of messages."""
        super().clean()
        breaches = {}
        for field in ("first_name", "last_name"):
            try:
                refuse_invisible(getattr(self, field))
            except ValidationError as error:
                breaches[field] = error
        if breaches:
            raise ValidationError(breaches)

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def may_edit_everybody(self) -> bool:
        """Whether this is an administrator, who may change the settings of all users, the own ones among them."""
        return self.is_staff and self.has_perm("users.change_emailsettings")

    def get_absolute_url(self) -> str:
        return reverse("users:edit", args=[self.uid])

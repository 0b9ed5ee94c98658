"""Signatures exactly as they go out, each on an address of its own for a frame in which nothing runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View

from users.forms.signature_preview import Look
from users.models import EmailSettings, SignatureTemplate, User
from users.picture_references import with_content_ids, with_pictures
from users.sandbox import in_sandbox
from users.services import placeholder_values, signature_in_force, signature_text_in_force
from users.signature_pictures import pictures_in
from users.signatures import SignatureRefused, plain_text_of, sanitize_html
from users.signatures.outgoing import for_recipients
from users.signatures.placeholders import fill_in
from users.views.access import AuthenticatedRequest, StaffOnly, user_to_edit

WITHOUT_PICTURES = (Look.NO_PICTURES, Look.TEXT)


@method_decorator(in_sandbox, name="dispatch")
class Preview(View):
    """GET shows what is stored, POST what was typed (``html``, and ``text`` where that was written by hand).

    ``look`` is one of :class:`users.forms.signature_preview.Look`.
    """

    request: AuthenticatedRequest
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.stored, request.GET)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.typed, request.POST)

    def typed(self) -> tuple[str, str]:
        html = sanitize_html(with_content_ids(self.request.POST.get("html", "")))
        return html, self.request.POST.get("text", "")

    def stored(self) -> tuple[str, str]:
        """The HTML, and the plain text if that is not made from it."""
        raise NotImplementedError

    def show(self, signature: Callable[[], tuple[str, str]], asked: QueryDict) -> HttpResponse:
        look = asked.get("look", "")
        context: dict[str, Any] = {"look": look if look in Look.values else Look.LIGHT}
        try:
            html, text = signature()
        except SignatureRefused as refused:
            context["problem"] = str(refused)
        else:
            outgoing = for_recipients(html)
            pictures: Any = () if look in WITHOUT_PICTURES else pictures_in(outgoing, self.request.user)
            context["html"] = with_pictures(outgoing, pictures)
            context["text"] = text or plain_text_of(outgoing)
        return render(self.request, "users/signature_preview.html", context)


class OwnPreview(Preview):
    """The signature in force for the signed-in user."""

    def stored(self) -> tuple[str, str]:
        return _in_force(self.request.user)


class UserPreview(StaffOnly, Preview):
    """The signature in force for another user."""

    permissions = ("users.change_emailsettings",)

    def stored(self) -> tuple[str, str]:
        return _in_force(user_to_edit(self.request.user, self.kwargs["uid"]))

    def typed(self) -> tuple[str, str]:
        user_to_edit(self.request.user, self.kwargs["uid"])
        return super().typed()


class TemplatePreview(StaffOnly, Preview):
    """A company signature as it is for the one whose user name or address is ``user``, or else for oneself."""

    permissions = ("users.view_signaturetemplate",)

    def stored(self) -> tuple[str, str]:
        pk = self.kwargs.get("pk")
        return self._filled(get_object_or_404(SignatureTemplate, pk=pk).html if pk else ""), ""

    def typed(self) -> tuple[str, str]:
        html, text = super().typed()
        return self._filled(html), text

    def _filled(self, html: str) -> str:
        return fill_in(html, placeholder_values(EmailSettings.of(self._somebody())))

    def _somebody(self) -> User:
        name = (self.request.POST.get("user") or self.request.GET.get("user", "")).strip()
        if not name:
            return self.request.user
        found = _user_named(name)
        if found is None or not self._may_see(found):
            raise SignatureRefused(_("There is no user with this user name or address."))
        return found

    def _may_see(self, user: User) -> bool:
        own = user.pk == self.request.user.pk
        return own or self.request.user.has_perm("users.view_emailsettings")


def _user_named(name: str) -> User | None:
    if not name.isprintable():
        return None
    return User.objects.filter(Q(username__iexact=name) | Q(email_settings__address__iexact=name)).first()


def _in_force(user: User) -> tuple[str, str]:
    settings = EmailSettings.of(user)
    return signature_in_force(settings)[0], signature_text_in_force(settings)

"""The signature for Outlook, which keeps its own: as files, and for the clipboard."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views import View

from users.models import EmailSettings, User
from users.services import signature_in_force, signature_text_in_force
from users.signature_pictures import pictures_of
from users.signatures.outlook_export import as_outlook_files, for_clipboard
from users.views.access import AuthenticatedRequest, StaffOnly, user_to_edit


class SignatureForOutlook(View):
    """The signature in force for one user, as it is stored."""

    request: AuthenticatedRequest
    http_method_names = ["get", "head"]

    def subject(self) -> User:
        uid = self.kwargs.get("uid")
        return user_to_edit(self.request.user, uid) if uid else self.request.user

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        settings = EmailSettings.of(self.subject())
        html, template = signature_in_force(settings)
        text = signature_text_in_force(settings)
        return self.answer(settings.user, html, text, pictures_of(template or settings.user, html))

    def answer(self, user: User, html: str, text: str, pictures: Any) -> HttpResponse:
        raise NotImplementedError


class OwnFiles(SignatureForOutlook):
    """A zip to be unpacked into Outlook's folder."""

    def answer(self, user: User, html: str, text: str, pictures: Any) -> HttpResponse:
        name = _("Signature %(name)s") % {"name": user.display_name}
        response = HttpResponse(as_outlook_files(name, html, text, pictures), content_type="application/zip")
        disposition = content_disposition_header(as_attachment=True, filename=f"{name}.zip")
        response.headers["Content-Disposition"] = disposition or "attachment"
        return response


class OwnClipboard(SignatureForOutlook):
    """What *Copy for Outlook* puts on the clipboard."""

    def answer(self, user: User, html: str, text: str, pictures: Any) -> HttpResponse:
        return JsonResponse({"html": for_clipboard(html, pictures), "text": text})


class UserFiles(StaffOnly, OwnFiles):
    permissions = ("users.change_emailsettings",)


class UserClipboard(StaffOnly, OwnClipboard):
    permissions = ("users.change_emailsettings",)

"""The certificate of the app registration: taken in, made, and its public part handed out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from users.entra.endings import worrying
from users.forms.entra_certificate import CertificateForm, MakeCertificateForm, UploadCertificateForm
from users.models import Conflict, EntraAppRegistration
from users.models.secrets import NO_KEY
from users.reauthentication import NotConfirmed, confirm, was_confirmed_recently
from users.vault import KeyringError
from users.views.access import AuthenticatedRequest, SuperuserOnly

FORMS: dict[str, type[CertificateForm]] = {"upload": UploadCertificateForm, "make": MakeCertificateForm}
CONFIRM = "confirm-password"


@method_decorator(sensitive_post_parameters(), name="dispatch")
class EntraCertificatePage(SuperuserOnly):
    """Upload a certificate, or make one. It needs the own sign-in password, as every secret does."""

    request: AuthenticatedRequest

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show({})

    @sensitive_variables()
    def post(self, request: HttpRequest) -> HttpResponse:
        action = request.POST.get("action", "")
        form_class = FORMS.get(action)
        if form_class is None:
            return self._show({})
        form = form_class(request.POST, request.FILES, prefix=action)
        if self._is_confirmed(form) and form.is_valid() and self._is_stored(form):
            return redirect("users:entra-certificate")
        return self._show({action: form})

    def _show(self, bound: dict[str, CertificateForm]) -> HttpResponse:
        initial = {"make": {"name": f"Mail Settings {self.request.get_host()}"[:64], "days": 365}}
        shown = {
            f"{name}_form": bound.get(name) or form_class(prefix=name, initial=initial.get(name))
            for name, form_class in FORMS.items()
        }
        registration = EntraAppRegistration.load()
        context: dict[str, Any] = {
            "registration": registration,
            "endings": worrying(registration),
            "asks_for_password": not was_confirmed_recently(self.request),
            "pressed": next(iter(bound), ""),
        }
        return render(self.request, "users/entra_certificate.html", context | shown)

    @sensitive_variables()
    def _is_confirmed(self, form: CertificateForm) -> bool:
        """Whether the own password was entered within the last minutes, or is right now."""
        if was_confirmed_recently(self.request):
            return True
        try:
            confirm(self.request, self.request.POST.get(CONFIRM, ""))
        except NotConfirmed as reason:
            form.add_error(None, str(reason))
            return False
        return True

    @sensitive_variables()
    def _is_stored(self, form: CertificateForm) -> bool:
        row = EntraAppRegistration.load()
        row.certificate = form.new.certificate
        try:
            row.set_secret("private_key", form.new.private_key, by=self.request.user)
            row.save_unless_changed()
        except KeyringError:
            form.add_error(None, NO_KEY)
        except Conflict:
            form.add_error(None, _("Somebody else saved the app registration at the same moment. Try again."))
        else:
            messages.success(self.request, _("The certificate is stored. Upload its public part in Entra now."))
            return True
        return False


class PublicCertificate(SuperuserOnly):
    """The public part, as a file for Entra."""

    def get(self, request: HttpRequest) -> HttpResponse:
        certificate = EntraAppRegistration.load().certificate
        if not certificate:
            raise Http404
        response = HttpResponse(certificate, content_type="application/x-pem-file")
        response["Content-Disposition"] = 'attachment; filename="mail-settings.cer"'
        response["X-Content-Type-Options"] = "nosniff"
        return response

"""Company signatures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from users.forms import SignatureTemplateForm
from users.models import SignatureTemplate
from users.views.access import StaffOnly
from users.views.pages import SettingsPage, make_form


class SignatureTemplateList(StaffOnly, View):
    permissions = ("users.view_signaturetemplate",)

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "users/signature_templates.html", {"rows": SignatureTemplate.objects.all()})


class SignatureTemplatePage(StaffOnly, SettingsPage):
    """One company signature."""

    permissions = ("users.change_signaturetemplate",)
    template_name = "users/signature_template.html"
    saved = _("The company signature is saved.")

    def prepare(self) -> None:
        self.template = get_object_or_404(SignatureTemplate, pk=self.kwargs["pk"])
        self.extra["template"] = self.template

    def make_forms(self, padlocks: Any = None, **options: Any) -> dict[str, Any]:
        return {"form": make_form(SignatureTemplateForm, self.template, **options)}

    def next_address(self) -> str:
        return reverse("users:signature-templates")


class NewSignatureTemplatePage(SignatureTemplatePage):
    permissions = ("users.add_signaturetemplate",)

    def prepare(self) -> None:
        self.template = SignatureTemplate()
        self.extra["template"] = self.template


class DeleteSignatureTemplate(StaffOnly, View):
    """Asks, and deletes."""

    permissions = ("users.delete_signaturetemplate",)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        template = get_object_or_404(SignatureTemplate, pk=pk)
        return render(request, "users/signature_template_delete.html", {"template": template})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        get_object_or_404(SignatureTemplate, pk=pk).delete()
        messages.success(request, _("The company signature is deleted."))
        return redirect("users:signature-templates")

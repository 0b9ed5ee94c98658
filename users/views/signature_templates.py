"""Company signatures."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from users.forms import SignatureTemplateForm
from users.forms.signature_preview import TemplatePreviewForm
from users.models import SignatureTemplate
from users.signatures.placeholders import PLACEHOLDERS
from users.views.access import StaffOnly
from users.views.pages import make_form
from users.views.signature_pages import SignatureEditorPage


class SignatureTemplateList(StaffOnly, View):
    permissions = ("users.view_signaturetemplate",)

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "users/signature_templates.html", {"rows": SignatureTemplate.objects.all()})


class SignatureTemplatePage(StaffOnly, SignatureEditorPage):
    """One company signature."""

    permissions = ("users.change_signaturetemplate",)
    template_name = "users/signature_template.html"
    saved = _("The company signature is saved.")
    html_field = "html"

    def prepare(self) -> None:
        self.template = get_object_or_404(SignatureTemplate, pk=self.kwargs["pk"])
        self.stored = copy(self.template)

    def make_forms(self, padlocks: Any = None, **options: Any) -> dict[str, Any]:
        return {"form": make_form(SignatureTemplateForm, self.template, editor=self.editor, **options)}

    def edited_row(self) -> SignatureTemplate:
        return self.stored

    def context(self) -> dict[str, Any]:
        return super().context() | {
            "template": self.stored,
            "preview_form": TemplatePreviewForm(),
            "placeholders": PLACEHOLDERS,
        }

    def next_address(self) -> str:
        return reverse("users:signature-templates")


class NewSignatureTemplatePage(SignatureTemplatePage):
    permissions = ("users.add_signaturetemplate",)

    def prepare(self) -> None:
        self.template, self.stored = SignatureTemplate(), SignatureTemplate()


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

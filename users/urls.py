"""The addresses of the application."""

from __future__ import annotations

from django.urls import path

from users.views import profile, signature_templates, system, users

app_name = "users"

urlpatterns = [
    path("profile/", profile.ProfilePage.as_view(), name="profile"),
    path("profile/signature/", profile.SignaturePage.as_view(), name="signature"),
    path("profile/test-message/", profile.send_test_message, name="test-message"),
    path("users/", users.UserList.as_view(), name="list"),
    path("users/add/", users.NewUserPage.as_view(), name="add"),
    path("users/<uuid:uid>/", users.UserPage.as_view(), name="edit"),
    path("users/<uuid:uid>/signature/", users.UserSignaturePage.as_view(), name="edit-signature"),
    path("system/", system.SystemPage.as_view(), name="system"),
    path("system/entra/", system.EntraPage.as_view(), name="entra"),
    path("system/signatures/", signature_templates.SignatureTemplateList.as_view(), name="signature-templates"),
    path(
        "system/signatures/add/", signature_templates.NewSignatureTemplatePage.as_view(), name="signature-template-add"
    ),
    path("system/signatures/<int:pk>/", signature_templates.SignatureTemplatePage.as_view(), name="signature-template"),
    path(
        "system/signatures/<int:pk>/delete/",
        signature_templates.DeleteSignatureTemplate.as_view(),
        name="signature-template-delete",
    ),
]

"""The addresses of the application."""

from __future__ import annotations

from django.urls import path

from users.views import compose, entra, entra_certificate, messages, profile, signature_templates, system, users

app_name = "users"

urlpatterns = [
    path("profile/", profile.ProfilePage.as_view(), name="profile"),
    path("profile/signature/", profile.SignaturePage.as_view(), name="signature"),
    path("profile/test-message/", profile.send_test_message, name="test-message"),
    path("profile/signature/preview/", profile.signature_preview, name="signature-preview"),
    path("messages/", messages.message_list, name="messages"),
    path("messages/new/", compose.new_message, name="compose"),
    path("messages/<uuid:uid>/", messages.message_page, name="message"),
    path("messages/<uuid:uid>/edit/", compose.ComposePage.as_view(), name="message-edit"),
    path("messages/<uuid:uid>/draft/", messages.message_draft, name="message-draft"),
    path("messages/<uuid:uid>/look/", messages.look_for_message, name="message-look"),
    path("entra/connect/", entra.connect, name="entra-connect"),
    path("entra/callback/", entra.callback, name="entra-callback"),
    path("entra/disconnect/", entra.disconnect, name="entra-disconnect"),
    path("users/", users.UserList.as_view(), name="list"),
    path("users/add/", users.NewUserPage.as_view(), name="add"),
    path("users/<uuid:uid>/", users.UserPage.as_view(), name="edit"),
    path("users/<uuid:uid>/signature/", users.UserSignaturePage.as_view(), name="edit-signature"),
    path("system/", system.SystemPage.as_view(), name="system"),
    path("system/entra/", system.EntraPage.as_view(), name="entra"),
    path("system/entra/certificate/", entra_certificate.EntraCertificatePage.as_view(), name="entra-certificate"),
    path(
        "system/entra/certificate/public/",
        entra_certificate.PublicCertificate.as_view(),
        name="entra-certificate-public",
    ),
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

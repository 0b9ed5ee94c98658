"""The addresses of the application."""

from __future__ import annotations

from django.urls import path

from users.views import (
    activities,
    checks,
    compose,
    entra,
    entra_certificate,
    feeds,
    messages,
    profile,
    rounds,
    signature_images,
    signature_previews,
    signature_templates,
    signature_tools,
    signatures_for_outlook,
    system,
    users,
)

app_name = "users"

urlpatterns = [
    path("profile/", profile.ProfilePage.as_view(), name="profile"),
    path("profile/signature/", profile.SignaturePage.as_view(), name="signature"),
    path("profile/test-message/", profile.send_test_message, name="test-message"),
    path("profile/signature/preview/", signature_previews.OwnPreview.as_view(), name="signature-preview"),
    path("profile/signature/paste/", signature_tools.paste, name="signature-paste"),
    path("profile/signature/measurement/", signature_tools.measurement, name="signature-measurement"),
    path("profile/signature/outlook.zip", signatures_for_outlook.OwnFiles.as_view(), name="signature-files"),
    path("profile/signature/clipboard/", signatures_for_outlook.OwnClipboard.as_view(), name="signature-clipboard"),
    path("signature-images/<str:content_id>/", signature_images.signature_image, name="signature-image"),
    path("profile/test-draft/", profile.test_draft, name="test-draft"),
    path("checks/<uuid:uid>/", checks.check_run, name="check"),
    path("messages/", messages.message_list, name="messages"),
    path("messages/new/", compose.new_message, name="compose"),
    path("messages/<uuid:uid>/", messages.message_page, name="message"),
    path("messages/<uuid:uid>/edit/", compose.ComposePage.as_view(), name="message-edit"),
    path("messages/<uuid:uid>/draft/", messages.message_draft, name="message-draft"),
    path("messages/<uuid:uid>/look/", messages.look_for_message, name="message-look"),
    path("entra/connect/", entra.connect, name="entra-connect"),
    path("entra/callback/", entra.callback, name="entra-callback"),
    path("entra/disconnect/", entra.disconnect, name="entra-disconnect"),
    path("activities/", activities.ActivityList.as_view(), name="activities"),
    path("activities/add/", activities.AddActivity.as_view(), name="activity-add"),
    path("activities/subscription/", feeds.make_feed, name="feed-make"),
    path("activities/subscription/end/", feeds.end_feed, name="feed-end"),
    path("activities/<uuid:activity>/", activities.ChangeActivity.as_view(), name="activity"),
    path("activities/<uuid:activity>/delete/", activities.DeleteActivity.as_view(), name="activity-delete"),
    path("activities/<uuid:activity>/export/", activities.ExportAgain.as_view(), name="activity-export"),
    path("activities/<uuid:activity>/file/", activities.ActivityFile.as_view(), name="activity-file"),
    path("calendar/<str:token>.ics", feeds.feed, name="feed"),
    path("users/", users.UserList.as_view(), name="list"),
    path("users/add/", users.NewUserPage.as_view(), name="add"),
    path("users/check/", rounds.CheckAllPage.as_view(), name="check-all"),
    path("users/check/<uuid:uid>/", rounds.RoundPage.as_view(), name="check-round"),
    path("users/check/<uuid:uid>/stop/", rounds.StopRound.as_view(), name="check-round-stop"),
    path("users/<uuid:uid>/", users.UserPage.as_view(), name="edit"),
    path("users/<uuid:uid>/signature/", users.UserSignaturePage.as_view(), name="edit-signature"),
    path("users/<uuid:uid>/activities/", activities.UsersActivities.as_view(), name="user-activities"),
    path("users/<uuid:uid>/activities/add/", activities.AddUsersActivity.as_view(), name="user-activity-add"),
    path(
        "users/<uuid:uid>/activities/<uuid:activity>/", activities.ChangeUsersActivity.as_view(), name="user-activity"
    ),
    path(
        "users/<uuid:uid>/activities/<uuid:activity>/delete/",
        activities.DeleteUsersActivity.as_view(),
        name="user-activity-delete",
    ),
    path(
        "users/<uuid:uid>/signature/preview/", signature_previews.UserPreview.as_view(), name="edit-signature-preview"
    ),
    path(
        "users/<uuid:uid>/signature/outlook.zip",
        signatures_for_outlook.UserFiles.as_view(),
        name="edit-signature-files",
    ),
    path(
        "users/<uuid:uid>/signature/clipboard/",
        signatures_for_outlook.UserClipboard.as_view(),
        name="edit-signature-clipboard",
    ),
    path(
        "users/<uuid:uid>/activities/<uuid:activity>/export/",
        activities.ExportUsersActivityAgain.as_view(),
        name="user-activity-export",
    ),
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
    path(
        "system/signatures/preview/", signature_previews.TemplatePreview.as_view(), name="signature-template-previews"
    ),
    path(
        "system/signatures/<int:pk>/preview/",
        signature_previews.TemplatePreview.as_view(),
        name="signature-template-preview",
    ),
    path("system/signatures/<int:pk>/", signature_templates.SignatureTemplatePage.as_view(), name="signature-template"),
    path(
        "system/signatures/<int:pk>/delete/",
        signature_templates.DeleteSignatureTemplate.as_view(),
        name="signature-template-delete",
    ),
]

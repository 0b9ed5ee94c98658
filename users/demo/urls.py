"""The addresses of the demonstration: those of the site, and the mailbox."""

from __future__ import annotations

from django.urls import include, path

from users.demo import views

mailbox = (
    [
        path("", views.inbox, name="inbox"),
        path("<int:number>/", views.message, name="message"),
        path("<int:number>/html/", views.html_body, name="html"),
    ],
    "demo",
)

urlpatterns = [path("received/", include(mailbox)), path("", include("mailsettings.urls"))]

"""The signed-in user's own pages."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from users import services
from users.mail.receipts import Receipt
from users.views.access import AuthenticatedRequest
from users.views.drafts import draft_response
from users.views.one_user import OneUsersSettings, OneUsersSignature


class ProfilePage(OneUsersSettings):
    """The own e-mail settings."""

    template_name = "users/profile.html"
    saved = gettext_lazy("Your e-mail settings are saved.")
    saves_one_row = True


class SignaturePage(OneUsersSignature):
    """The own signature."""

    template_name = "users/signature.html"
    saved = gettext_lazy("Your signature is saved.")


@require_POST
def send_test_message(request: AuthenticatedRequest) -> HttpResponse:
    """Send a message to the own address, and say on the profile page what became of it."""
    receipt = services.send_test_message(request.user)
    level = messages.SUCCESS if receipt.is_sent else messages.ERROR
    messages.add_message(request, level, what_became_of_it(receipt))
    return redirect("users:profile")


@require_safe
def test_draft(request: AuthenticatedRequest) -> HttpResponse:
    """A message to the own address as a file for Outlook, to see whether it opens ready to be sent."""
    receipt = services.make_test_draft(request.user)
    if not receipt.draft:
        messages.error(request, what_became_of_it(receipt))
        return redirect("users:profile")
    return draft_response(receipt.draft, services.TEST_SUBJECT)


def what_became_of_it(receipt: Receipt) -> str:
    """A sentence, and on the next line what to do."""
    if receipt.error is not None:
        return f"{receipt.error}\n{receipt.error.hint}"
    return _("The test message is sent. Look for it in your mailbox.")

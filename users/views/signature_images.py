"""The pictures of signatures, for the eyes of those who may see them."""

from __future__ import annotations

from csp.constants import NONE
from csp.decorators import csp
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from users.models import SignatureImage
from users.picture_references import is_name
from users.views.access import AuthenticatedRequest

POLICY = {"sandbox": True, "default-src": [NONE]}


@require_safe
@csp(POLICY)  # type: ignore[arg-type]
@cache_control(private=True, max_age=3600, immutable=True)
def signature_image(request: AuthenticatedRequest, content_id: str) -> HttpResponse:
    """One picture: its name follows from its content, so that whichever row has it, it is the same."""
    if not is_name(content_id):
        raise Http404
    rows = SignatureImage.objects.visible_to(request.user).filter(content_id=content_id)
    image = get_object_or_404(rows.order_by("pk")[:1])
    response = HttpResponse(bytes(image.content), content_type=image.media_type)
    response.headers["Content-Disposition"] = "inline"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response

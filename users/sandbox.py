"""HTML of messages and signatures, shown as a mail program shows it, in a frame that may do nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace, csp_update
from django.http.response import HttpResponseBase
from django.views.decorators.clickjacking import xframe_options_sameorigin

UNSAFE_INLINE = "'unsafe-inline'"
POLICY = {
    "sandbox": True,
    "default-src": [NONE],
    "script-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "connect-src": [NONE],
    "font-src": [NONE],
    "manifest-src": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
}
FRAMES = {"frame-src": [SELF]}
"""What a page with such a frame is allowed beside."""


def in_sandbox(view: Any) -> Any:
    """For a view that answers with somebody's HTML: styles and ``data:`` pictures show, and that is all."""
    return xframe_options_sameorigin(csp_replace(POLICY)(view))


def may_frame(view: Any) -> Any:
    """For a page that shows such a frame."""
    return csp_update(FRAMES)(view)


def allow(response: HttpResponseBase, directives: Mapping[str, list[str]]) -> None:
    """Let one page do more than others, beside what it is allowed already."""
    response._csp_update = {**getattr(response, "_csp_update", {}), **directives}  # type: ignore[attr-defined]


def may_edit_html(view: Any) -> Any:
    """For a page with the editor of signatures, and with such a frame.

    The editor shows a signature by its own ``style`` attributes, which only this page allows, and only as attributes:
    neither style sheets nor scripts in the HTML count. What the editor gets was sanitised by the server.
    """
    return csp_update(FRAMES | {"style-src-attr": [UNSAFE_INLINE]})(view)

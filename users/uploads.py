"""How much one request may bring along in files."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

MAX_REQUEST = 64 * 1024 * 1024
"""Bytes. More than twice of what any method takes, so that a field can say what is too large."""


class BoundedUploadHandler(FileUploadHandler):
    """Refuses a request that is far too large before a byte of it is read; Django itself bounds no files."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:  # noqa: N803
        if content_length > MAX_REQUEST:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None

"""Sending a message that is too large for one request: as a draft, whose files follow one by one."""

from __future__ import annotations

import json
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from users.mail.transports.cloud_errors import OnlySmallMessages
from users.mail.transports.errors import MessageTooLarge, OutcomeUnknown, TransportError
from users.mail.transports.exchange_online_client import GraphClient
from users.mail.transports.exchange_online_draft import Draft, File
from users.mail.transports.mailbox_errors import MailboxDenied

MEGABYTE = 1024 * 1024
MAX_REQUEST = 4 * MEGABYTE
RANGE = 3 * MEGABYTE
"""Bytes of a file in one request of an upload session, which takes less than 4 MB in each."""
DELETE_SECONDS = 10


def send_as_draft(client: GraphClient, draft: Draft) -> None:
    """Make the draft, attach its files and send it; delete it when that fails. Raises :class:`TransportError`."""
    path = _make(client, draft)
    try:
        for file in draft.files:
            _attach(client, path, file)
        client.ask("POST", f"{path}/send", HTTPStatus.ACCEPTED, sends=True)
    except OutcomeUnknown:
        # It may be on its way.
        raise
    except TransportError:
        # What went wrong first is what counts.
        with suppress(TransportError), client.clock.job(DELETE_SECONDS):
            client.ask("DELETE", path, HTTPStatus.NO_CONTENT)
        raise


def _make(client: GraphClient, draft: Draft) -> str:
    body = _json(draft.as_json)
    if len(body) > MAX_REQUEST:
        raise MessageTooLarge(f"{len(body)} bytes without the files", server=client.server)
    try:
        answer = client.ask("POST", "messages", HTTPStatus.CREATED, body=body)
    except MailboxDenied as error:
        raise OnlySmallMessages(error.detail, server=client.server) from error
    identity = answer.fields.get("id")
    if not isinstance(identity, str) or not identity:
        raise client.not_the_service(answer)
    return f"messages/{quote(identity, safe='')}"


def _attach(client: GraphClient, path: str, file: File) -> None:
    body = _json(file.as_json)
    if len(body) <= MAX_REQUEST:
        client.ask("POST", f"{path}/attachments", HTTPStatus.CREATED, body=body)
    else:
        _upload(client, path, file)


def _upload(client: GraphClient, path: str, file: File) -> None:
    body = _json({"AttachmentItem": file.as_item})
    answer = client.ask("POST", f"{path}/attachments/createUploadSession", HTTPStatus.CREATED, body=body)
    address = answer.fields.get("uploadUrl")
    if not _is_upload_address(address):
        raise client.not_the_service(answer)
    total = len(file.content)
    for start in range(0, total, RANGE):
        client.put_range(str(address), file.content[start : start + RANGE], start=start, total=total)


def _is_upload_address(address: object) -> bool:
    """Whether a file may be sent there: over https, and without a name and a password, which would go out with it."""
    try:
        parts = urlsplit(str(address))
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc


def _json(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields).encode()

"""Drafts as Graph keeps them, and the message that Exchange makes of one."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

MAX_SMALL = 3_000_000
"""Bytes of a file from which on an upload session is taken."""
MAX_FILE = 150 * 1024 * 1024
MAX_RANGE = 4 * 1024 * 1024
MESSAGE_FIELDS = {
    "subject",
    "internetMessageId",
    "body",
    "importance",
    "toRecipients",
    "ccRecipients",
    "bccRecipients",
    "replyTo",
    "singleValueExtendedProperties",
}
FILE_FIELDS = {"@odata.type", "name", "contentType", "contentBytes", "isInline", "contentId"}
ITEM_FIELDS = {"attachmentType", "name", "contentType", "size", "isInline", "contentId"}
HEADERS = {"toRecipients": "To", "ccRecipients": "Cc", "bccRecipients": "Bcc", "replyTo": "Reply-To"}
PROPERTY_NAMES = {"String 0x1042": "In-Reply-To", "String 0x1039": "References"}
NAMED = "String {00020386-0000-0000-C000-000000000046} Name "


class Refusal(Exception):
    """What is answered in place of doing what was asked."""

    def __init__(self, status: int, code: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.headers = headers or {}


@dataclass
class Draft:
    """A message that is not sent yet."""

    mailbox: str
    fields: dict[str, Any]
    files: list[dict[str, Any]] = field(default_factory=list)

    def attach(self, file: dict[str, Any]) -> None:
        if file["@odata.type"] != "#microsoft.graph.fileAttachment" or not file.keys() <= FILE_FIELDS:
            raise Refusal(400, "RequestBodyRead")
        self.files.append(file | {"content": b64decode(file["contentBytes"], validate=True)})


class Upload:
    """A file on its way, in pieces that follow each other."""

    def __init__(self, draft: Draft, request: dict[str, Any]) -> None:
        self.draft = draft
        self.item: dict[str, Any] = request["AttachmentItem"]
        self.content = b""
        if not self.item.keys() <= ITEM_FIELDS or self.item["attachmentType"] != "file":
            raise Refusal(400, "RequestBodyRead")
        if self.item["size"] < MAX_SMALL:
            raise Refusal(400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize")
        if self.item["size"] > MAX_FILE:
            raise Refusal(413, "ErrorAttachmentSizeLimitExceeded")

    def take(self, content_range: str, media_type: str, piece: bytes) -> bool:
        """Add a piece; returns whether it was the last."""
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", content_range)
        if not found or media_type != "application/octet-stream":
            raise Refusal(400, "BadRequest")
        start, end, total = map(int, found.groups())
        if (start, end, total) != (len(self.content), start + len(piece) - 1, self.item["size"]):
            raise Refusal(416, "ErrorInvalidRange")
        if len(piece) > MAX_RANGE:
            raise Refusal(413, "RequestEntityTooLarge")
        self.content += piece
        is_complete = len(self.content) == total
        if is_complete:
            self.draft.files.append(self.item | {"content": self.content})
        return is_complete


def message_of(draft: Draft) -> bytes:
    """The message as it goes out. Raises :class:`Refusal` for what Graph would not take."""
    fields = draft.fields
    if not fields.keys() <= MESSAGE_FIELDS:
        raise Refusal(400, "RequestBodyRead")
    message = EmailMessage()
    message["From"] = draft.mailbox
    message["Subject"] = fields.get("subject", "")
    message["Message-ID"] = fields.get("internetMessageId", "<made@outlook.example>")
    message["Importance"] = fields.get("importance", "normal")
    for name, header in HEADERS.items():
        if name in fields:
            message[header] = [_address(each) for each in fields[name]]
    for each in fields.get("singleValueExtendedProperties", ()):
        message[PROPERTY_NAMES.get(each["id"]) or each["id"].removeprefix(NAMED)] = each["value"]
    message.set_content(
        fields["body"]["content"], subtype={"html": "html", "text": "plain"}[fields["body"]["contentType"]]
    )
    for file in sorted(draft.files, key=lambda each: not each.get("isInline")):
        _add(message, file)
    return message.as_bytes(policy=message.policy.clone(linesep="\r\n"))


def _address(each: dict[str, Any]) -> Address:
    entry = each["emailAddress"]
    try:
        return Address(entry.get("name", ""), addr_spec=entry["address"])
    except ValueError as error:
        raise Refusal(400, "ErrorInvalidRecipients") from error


def _add(message: EmailMessage, file: dict[str, Any]) -> None:
    maintype, _slash, subtype = file["contentType"].partition("/")
    options: dict[str, Any] = {"maintype": maintype, "subtype": subtype, "filename": file["name"]}
    if file.get("isInline"):
        message.add_related(file["content"], cid=f"<{file['contentId']}>", disposition="inline", **options)
    elif maintype == "message":
        message.add_attachment(message_from_bytes(file["content"], policy=policy.default), filename=file["name"])
    else:
        message.add_attachment(file["content"], **options)

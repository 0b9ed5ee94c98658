"""A stand-in for Microsoft Graph: mailboxes as it is told, strict requests, and faults.

It plays what Microsoft documents: ``sendMail`` with MIME, drafts in JSON with attachments and upload sessions, Sent
Items, and the calendar. Every request has to be one that Graph would take; it answers others as Graph does.

``tokens`` are the access tokens it knows, each with the mailbox of its user, or ``*`` for one of an application.
``faults`` are for one step each: ``sendMail``, ``messages`` (making a draft), ``attachments``, ``createUploadSession``,
``upload`` (a piece of a file), ``send``, ``delete`` (of a draft), ``sentitems``, ``calendar``. See :class:`Fault`.
"""

from __future__ import annotations

import json
import re
import time
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from tests.servers.graph_mail import Draft, Refusal, Upload, message_of
from tests.servers.https import HttpsServer, Talk

MEGABYTE = 1024 * 1024
MAX_REQUEST = 4 * MEGABYTE
UPLOADS = "/uploads/"
OWN_STEPS = {"PUT": "upload", "DELETE": "delete"}


@dataclass(frozen=True)
class Fault:
    """What goes wrong at one step.

    ``status`` (with ``code``, ``headers`` and ``body``) is answered in place of doing what was asked; ``drop`` ends the
    connection ``before`` or ``after`` it was done, or ``during`` the request; ``delay`` is how many seconds it takes.
    """

    status: int = 0
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    drop: str = ""
    delay: float = 0


@dataclass(frozen=True)
class Sent:
    """One message that went out, and whose mailbox it went out from."""

    content: bytes
    mailbox: str

    @property
    def parsed(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)


class _Talk(Talk):
    """One connection."""

    def do_GET(self) -> None:
        self._serve(b"")

    def do_DELETE(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        fault = self._fault()
        if fault and fault.drop == "during":
            self.rfile.read(1000)
            self.hang_up()
        else:
            self._serve(self.read_body())

    do_PUT = do_PATCH = do_POST

    def _serve(self, body: bytes) -> None:
        server: GraphServer = self.server.stand_in
        server.requests.append(f"{self.command} {self.path}")
        fault = self._fault() or Fault()
        time.sleep(fault.delay)
        if fault.drop == "before":
            self.hang_up()
        elif fault.status:
            self._fail(fault)
        else:
            self._do(server, body, fault)

    def _fault(self) -> Fault | None:
        server: GraphServer = self.server.stand_in
        return server.faults.get(_step(self.command, self.path))

    def _do(self, server: GraphServer, body: bytes, fault: Fault) -> None:
        try:
            status, fields, headers = server.execute(self.command, self.path, self.headers, body)
        except Refusal as refusal:
            self._fail(Fault(refusal.status, refusal.code, refusal.headers))
            return
        if fault.drop == "after":
            self.hang_up()
        elif fields is None:
            self.answer(status, b"", **headers)
        else:
            self.answer(status, json.dumps(fields).encode(), Content_Type="application/json", **headers)

    def _fail(self, fault: Fault) -> None:
        body = json.dumps({"error": {"code": fault.code, "message": f"It is so: {fault.code}."}}).encode()
        headers = {"Content_Type": "application/json", "request_id": "11-22", **fault.headers}
        self.answer(fault.status, body if fault.body is None else fault.body, **headers)


Reply = tuple[int, dict[str, Any] | None, dict[str, str]]
ACCEPTED: Reply = (HTTPStatus.ACCEPTED, None, {})


@dataclass
class GraphServer(HttpsServer):
    """Graph for some mailboxes."""

    talk: ClassVar[type[Talk]] = _Talk

    tokens: Mapping[str, str] = field(default_factory=lambda: {"token of alice": "alice@example.com"})
    mailboxes: list[str] = field(default_factory=lambda: ["alice@example.com"])
    may_read: bool = True
    """Whether the application has Mail.ReadWrite beside Mail.Send."""
    faults: dict[str, Fault] = field(default_factory=dict)
    may_edit: bool = True
    """Whether the calendar can be written to."""
    proxies: list[str] = field(default_factory=list)
    """Further addresses of every user."""
    upload_url: str = ""
    """Where files are to be sent, if not here."""

    sent: list[Sent] = field(default_factory=list, init=False)
    drafts: dict[str, Draft] = field(default_factory=dict, init=False)
    uploads: dict[str, Upload] = field(default_factory=dict, init=False)
    requests: list[str] = field(default_factory=list, init=False)
    sign_ins: list[str] = field(default_factory=list, init=False)
    """Every token that was shown, known or not."""

    def execute(self, verb: str, path: str, headers: Any, body: bytes) -> Reply:
        """Do what is asked. Raises :class:`Refusal`."""
        parts = urlsplit(path)
        if int(headers.get("Content-Length") or 0) > MAX_REQUEST:
            raise Refusal(413, "RequestEntityTooLarge")
        if parts.path.startswith(UPLOADS):
            return self._take_range(parts.path, headers, body)
        mailbox, rest = self._mailbox(parts.path, headers)
        for pattern, expected, step in ROUTES:
            found = re.fullmatch(pattern, rest)
            if found and verb == expected:
                request = Request(mailbox, [unquote(each) for each in found.groups()], headers, body, parts.query)
                return step(self, request)
        raise Refusal(404, "ResourceNotFound")

    # --- Who ----------------------------------------------------------------------------------------------------------

    def _mailbox(self, path: str, headers: Any) -> tuple[str, str]:
        """Whose mailbox the address is about, and the rest of the address."""
        owner = self._owner(headers)
        found = re.fullmatch(r"/v1\.0/(?:(me)|users/([^/]+))(?:/(.*))?", path)
        if not found:
            raise Refusal(400, "BadRequest")
        if found[1]:
            if owner == "*":
                # /me request is only valid with delegated authentication flow.
                raise Refusal(400, "BadRequest")
            return owner, found[3] or ""
        address = unquote(found[2])
        if owner not in {"*", address}:
            raise Refusal(403, "ErrorAccessDenied")
        if address not in self.mailboxes:
            raise Refusal(404, "ErrorInvalidUser")
        return address, found[3] or ""

    def _owner(self, headers: Any) -> str:
        scheme, _blank, token = headers.get("Authorization", "").partition(" ")
        self.sign_ins.append(token)
        if scheme != "Bearer" or token not in self.tokens:
            raise Refusal(401, "InvalidAuthenticationToken", {"WWW_Authenticate": 'Bearer realm=""'})
        return self.tokens[token]

    def _expect_read_write(self) -> None:
        if not self.may_read:
            raise Refusal(403, "ErrorAccessDenied")

    # --- Mail ---------------------------------------------------------------------------------------------------------

    def send_mail(self, request: Request) -> Reply:
        if request.headers.get("Content-Type") != "text/plain":
            raise Refusal(400, "BadRequest")
        try:
            content = b64decode(request.body, validate=True)
        except Base64Error as error:
            raise Refusal(400, "ErrorMimeContentInvalidBase64String") from error
        self._send(content, request.mailbox)
        return ACCEPTED

    def _send(self, content: bytes, mailbox: str) -> None:
        message = message_from_bytes(content, policy=policy.default)
        recipients = [each for name in ("To", "Cc", "Bcc") for each in getattr(message[name], "addresses", ())]
        if not recipients or not all(each.domain for each in recipients):
            raise Refusal(400, "ErrorInvalidRecipients")
        if message["From"] is not None and [each.addr_spec for each in message["From"].addresses] != [mailbox]:
            raise Refusal(403, "ErrorSendAsDenied")
        self.sent.append(Sent(content, mailbox))

    def make_draft(self, request: Request) -> Reply:
        self._expect_read_write()
        draft = Draft(request.mailbox, request.json())
        message_of(draft)
        identity = f"AAMk{len(self.requests)}+/=="
        self.drafts[identity] = draft
        return HTTPStatus.CREATED, {"id": identity, "isDraft": True, **draft.fields}, {}

    def attach(self, request: Request) -> Reply:
        draft = self._draft(request)
        draft.attach(request.json())
        return HTTPStatus.CREATED, {"id": f"ATT{len(draft.files)}"}, {}

    def open_upload(self, request: Request) -> Reply:
        draft = self._draft(request)
        identity = f"upload{len(self.uploads)}"
        self.uploads[identity] = Upload(draft, request.json())
        here = f"{self.url}{UPLOADS}{identity}?authtoken=eyJ-only-for-this-file"
        return HTTPStatus.CREATED, {"uploadUrl": self.upload_url or here, "nextExpectedRanges": ["0-"]}, {}

    def _take_range(self, path: str, headers: Any, body: bytes) -> Reply:
        """One piece of a file: the address itself lets in, and a token has no business here."""
        if headers.get("Authorization"):
            raise Refusal(401, "InvalidAuthenticationToken")
        upload = self.uploads[path.removeprefix(UPLOADS)]
        if upload.take(headers.get("Content-Range", ""), headers.get_content_type(), body):
            return HTTPStatus.CREATED, None, {"Location": f"{self.url}/attachments/1"}
        return HTTPStatus.OK, {"nextExpectedRanges": [str(len(upload.content))]}, {}

    def send_draft(self, request: Request) -> Reply:
        draft = self._draft(request)
        self._send(message_of(draft), request.mailbox)
        del self.drafts[request.names[0]]
        return ACCEPTED

    def delete_draft(self, request: Request) -> Reply:
        self._draft(request)
        del self.drafts[request.names[0]]
        return HTTPStatus.NO_CONTENT, None, {}

    def _draft(self, request: Request) -> Draft:
        self._expect_read_write()
        draft = self.drafts.get(request.names[0])
        if draft is None or draft.mailbox != request.mailbox:
            raise Refusal(404, "ErrorItemNotFound")
        return draft

    def sent_items(self, request: Request) -> Reply:
        """The only question it knows: which of them has this Message-ID."""
        self._expect_read_write()
        query = parse_qs(request.query)
        found = re.fullmatch(r"internetMessageId eq '((?:[^']|'')+)'", query["$filter"][0])
        if not found:
            raise Refusal(400, "BadRequest")
        wanted = found[1].replace("''", "'")
        own = [each for each in self.sent if each.mailbox == request.mailbox and each.parsed["Message-ID"] == wanted]
        return HTTPStatus.OK, {"value": [{"id": f"AAMk{number}"} for number, _sent in enumerate(own)]}, {}

    # --- The user and the calendar ------------------------------------------------------------------------------------

    def user(self, request: Request) -> Reply:
        fields = {
            "id": "oid of the user",
            "mail": request.mailbox,
            "userPrincipalName": request.mailbox,
            "proxyAddresses": [f"SMTP:{request.mailbox}", *(f"smtp:{address}" for address in self.proxies)],
        }
        return HTTPStatus.OK, fields, {}

    def calendar(self, _request: Request) -> Reply:
        return HTTPStatus.OK, {"id": "AAMkCalendar=", "name": "Calendar", "canEdit": self.may_edit}, {}


@dataclass(frozen=True)
class Request:
    """One request that was let in. `names` are the identities in its address."""

    mailbox: str
    names: list[str]
    headers: Any
    body: bytes
    query: str

    def json(self) -> dict[str, Any]:
        if self.headers.get_content_type() != "application/json":
            raise Refusal(415, "RequestBodyRead")
        try:
            fields: dict[str, Any] = json.loads(self.body)
        except ValueError as error:
            raise Refusal(400, "RequestBodyRead") from error
        return fields


ROUTES: tuple[tuple[str, str, Callable[[GraphServer, Request], Reply]], ...] = (
    (r"sendMail", "POST", GraphServer.send_mail),
    (r"messages", "POST", GraphServer.make_draft),
    (r"messages/([^/]+)", "DELETE", GraphServer.delete_draft),
    (r"messages/([^/]+)/attachments", "POST", GraphServer.attach),
    (r"messages/([^/]+)/attachments/createUploadSession", "POST", GraphServer.open_upload),
    (r"messages/([^/]+)/send", "POST", GraphServer.send_draft),
    (r"mailFolders/sentitems/messages", "GET", GraphServer.sent_items),
    (r"calendar", "GET", GraphServer.calendar),
    (r"", "GET", GraphServer.user),
)


def _step(verb: str, path: str) -> str:
    """What a fault is named by: the last word of the address, or what is done where that is a name."""
    parts = urlsplit(path).path
    if verb in OWN_STEPS:
        return OWN_STEPS[verb]
    return "sentitems" if "/sentitems/" in parts else parts.rpartition("/")[2]

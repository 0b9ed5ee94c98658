"""A stand-in for Exchange Web Services: a real NTLM handshake or Basic, strict requests, and faults as told.

``code`` is the response code of every CreateItem, such as ``ErrorQuotaExceeded``, and ``folder_codes`` has those of
GetFolder for ``inbox`` and ``calendar``, or ``nothing`` for an answer without a folder; ``status`` is an HTTP status in
place of an answer to whoever is signed in, with ``headers`` and ``body``, ``front_status`` one for everybody, and
``handshake_status`` one in the middle of a sign-in; ``delay`` the seconds before its answer, and ``pause`` those before
every answer, also to a sign-in. ``drop`` ends the connection ``before`` or ``after`` the item was created, or
``during`` the request. The account's own mailbox has ``addresses``; those in ``shared`` belong to another mailbox that
it may open. ``rights`` says whether it may write to calendars. Exchange itself ``takes_get``, ``tells_entry_ids``, and
has ``true`` for true; what stands in front of it, or is like it, may do otherwise.
"""

from __future__ import annotations

import os
import tempfile
import time
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, ClassVar

import spnego
from lxml import etree
from spnego.exceptions import SpnegoError

from tests.servers.https import HttpsServer, Talk

PATH = "/EWS/Exchange.asmx"
NAMESPACES = {
    "s": "http://schemas.xmlsoap.org/soap/envelope/",
    "m": "http://schemas.microsoft.com/exchange/services/2006/messages",
    "t": "http://schemas.microsoft.com/exchange/services/2006/types",
}
ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{s}" xmlns:m="{m}" xmlns:t="{t}"><s:Header>'
    '<t:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="2562" MinorBuildNumber="17"/></s:Header>'
    "<s:Body><m:{operation}Response><m:ResponseMessages>{message}</m:ResponseMessages></m:{operation}Response></s:Body>"
    "</s:Envelope>"
)


OPERATIONS = {"CreateItem": "_create", "FindItem": "_find", "GetFolder": "_get_folder"}
FOLDERS = {"inbox": "Folder", "calendar": "CalendarFolder"}
RIGHTS = ("CreateAssociated", "CreateContents", "CreateHierarchy", "Delete", "Modify")
WANTED_FIELDS = {"folder:EffectiveRights", "0x0FFF Binary"}


class Unavailable(Exception):
    """An HTTP status in the place of an answer, with headers."""

    def __init__(self, status: int, **headers: str) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers


@dataclass(frozen=True)
class Created:
    """One item that the server took."""

    content: bytes
    disposition: str
    folder: str
    mailbox: str
    bcc: list[str]
    importance: str
    sensitivity: str

    @property
    def parsed(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)


class _Talk(Talk):
    """One connection: with NTLM, it is the connection that is signed in."""

    context: Any = None
    is_signed_in = False

    def do_GET(self) -> None:
        """What a browser would get: Exchange wants a sign-in before it says anything."""
        server: EwsServer = self.server.stand_in
        time.sleep(server.pause)
        if server.front_status:
            self.answer(server.front_status, b"<html>Not here</html>", **server.headers)
        elif self.path != PATH:
            self.answer(404, b"Not found")
        elif not server.takes_get:
            self.answer(405, Allow="POST")
        else:
            self.answer(401, WWW_Authenticate=", ".join([server.scheme, *server.other_schemes]))

    def do_POST(self) -> None:
        server: EwsServer = self.server.stand_in
        if server.drop == "during":
            self.rfile.read(1000)
            self.hang_up()
            return
        body = self.read_body()
        time.sleep(server.pause)
        if server.front_status:
            self.answer(server.front_status, b"<html>Not here</html>", **server.headers)
        elif self.path != PATH:
            self.answer(404, b"Not found")
        elif self._may_enter(server):
            self._serve(server, body)

    def _may_enter(self, server: EwsServer) -> bool:
        scheme, _blank, token = self.headers.get("Authorization", "").partition(" ")
        if scheme == server.scheme == "Basic":
            self.is_signed_in = server.knows(b64decode(token).decode())
            server.sign_ins += 1
        elif scheme == server.scheme and scheme in {"NTLM", "Negotiate"}:
            if server.handshake_status:
                self.answer(server.handshake_status, b"<html>Not now</html>")
                return False
            challenge = self._shake_hands(server, b64decode(token))
            if challenge:
                self.answer(401, WWW_Authenticate=f"{scheme} {b64encode(challenge).decode()}")
                return False
        if not self.is_signed_in:
            self.answer(401, server.refusal.encode(), WWW_Authenticate=server.scheme)
        return self.is_signed_in

    def _shake_hands(self, server: EwsServer, token: bytes) -> bytes | None:
        """One step of NTLM ([MS-NLMP]); returns the challenge, until the client is known or turned away."""
        if self.context is None:
            self.context = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
        try:
            challenge: bytes | None = self.context.step(token)
        except SpnegoError:
            server.sign_ins += 1
            self.context = None
            return None
        if self.context.complete:
            server.sign_ins += 1
            self.is_signed_in = True
        return challenge

    def _serve(self, server: EwsServer, body: bytes) -> None:
        time.sleep(server.delay)
        if server.drop == "before":
            self.hang_up()
        elif server.status:
            headers = {"Content_Type": "text/html", **server.headers}
            self.answer(server.status, server.body, **headers)
        else:
            try:
                answer = server.execute(etree.fromstring(body, etree.XMLParser(huge_tree=True)))
            except Unavailable as failure:
                self.answer(failure.status, b"<html>Not now</html>", Content_Type="text/html", **failure.headers)
                return
            if server.drop == "after":
                self.hang_up()
            else:
                self.answer(200, answer, Content_Type="text/xml; charset=utf-8")


@dataclass
class EwsServer(HttpsServer):
    """Exchange for one user."""

    talk: ClassVar[type[Talk]] = _Talk

    scheme: str = "NTLM"
    username: str = "FIRM\\alice"
    password: str = "Pässwörd ключ 5"
    code: str = "NoError"
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"<html>No SOAP here</html>"
    refusal: str = ""
    delay: float = 0
    pause: float = 0
    drop: str = ""
    front_status: int = 0
    handshake_status: int = 0
    takes_get: bool = True
    tells_entry_ids: bool = True
    true: str = "true"
    other_schemes: Iterable[str] = ()
    addresses: Iterable[str] = ("alice@example.com",)
    shared: Iterable[str] = ()
    folder_codes: Mapping[str, str] = field(default_factory=dict)
    rights: bool = True

    created: list[Created] = field(default_factory=list, init=False)
    sign_ins: int = field(default=0, init=False)

    @property
    def address(self) -> str:
        return self.url + PATH

    def __enter__(self) -> EwsServer:
        self._users = tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".ntlm")
        self._users.write(":".join([*self.username.split("\\"), self.password]) + "\n")
        self._users.flush()
        # Where pyspnego's server half looks for its users.
        self._users_before = os.environ.get("NTLM_USER_FILE")
        os.environ["NTLM_USER_FILE"] = self._users.name
        super().__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self._users.close()
        if self._users_before is None:
            del os.environ["NTLM_USER_FILE"]
        else:
            os.environ["NTLM_USER_FILE"] = self._users_before

    def knows(self, credentials: str) -> bool:
        """Whether a user name and a password, with a colon in between, are right."""
        return credentials == f"{self.username}:{self.password}"

    def execute(self, envelope: Any) -> bytes:
        """Do what the SOAP request wants, or fail at what Exchange would not understand."""
        assert envelope.tag == f"{{{NAMESPACES['s']}}}Envelope"
        (version,) = envelope.xpath("s:Header/t:RequestServerVersion/@Version", namespaces=NAMESPACES)
        assert version.startswith("Exchange20")
        (request,) = envelope.xpath("s:Body/*", namespaces=NAMESPACES)
        operation = etree.QName(request).localname
        message = getattr(self, OPERATIONS[operation])(request)
        return ENVELOPE.format(operation=operation, message=message, **NAMESPACES).encode()

    def _create(self, request: Any) -> str:
        if self.code != "NoError":
            return (
                '<m:CreateItemResponseMessage ResponseClass="Error"><m:MessageText>It is so.</m:MessageText>'
                f"<m:ResponseCode>{self.code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>"
                "<m:Items/></m:CreateItemResponseMessage>"
            )
        (folder,) = request.xpath("m:SavedItemFolderId/t:DistinguishedFolderId", namespaces=NAMESPACES)
        (content,) = request.xpath("m:Items/t:Message/t:MimeContent/text()", namespaces=NAMESPACES)
        self.created.append(
            Created(
                content=b64decode(content, validate=True),
                disposition=request.get("MessageDisposition"),
                folder=folder.get("Id"),
                mailbox=folder.xpath("string(t:Mailbox/t:EmailAddress)", namespaces=NAMESPACES),
                bcc=request.xpath("m:Items/t:Message/t:BccRecipients//t:EmailAddress/text()", namespaces=NAMESPACES),
                importance=request.xpath("string(m:Items/t:Message/t:Importance)", namespaces=NAMESPACES),
                sensitivity=request.xpath("string(m:Items/t:Message/t:Sensitivity)", namespaces=NAMESPACES),
            )
        )
        return (
            '<m:CreateItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>'
            "<m:Items/></m:CreateItemResponseMessage>"
        )

    def _find(self, request: Any) -> str:
        (folder,) = request.xpath("m:ParentFolderIds/t:DistinguishedFolderId/@Id", namespaces=NAMESPACES)
        assert folder == "sentitems"
        (field_uri,) = request.xpath("m:Restriction/t:IsEqualTo/t:FieldURI/@FieldURI", namespaces=NAMESPACES)
        assert field_uri == "message:InternetMessageId"
        (wanted,) = request.xpath("m:Restriction//t:Constant/@Value", namespaces=NAMESPACES)
        found = [item for item in self.created if item.parsed["Message-ID"] == wanted]
        items = "".join('<t:Message><t:ItemId Id="AAMk" ChangeKey="CQ"/></t:Message>' for _item in found)
        return (
            '<m:FindItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>'
            f'<m:RootFolder IndexedPagingOffset="1" TotalItemsInView="{len(found)}" IncludesLastItemInRange="true">'
            f"<t:Items>{items}</t:Items></m:RootFolder></m:FindItemResponseMessage>"
        )

    def _get_folder(self, request: Any) -> str:
        assert request.xpath("string(m:FolderShape/t:BaseShape)", namespaces=NAMESPACES) == "IdOnly"
        fields = request.xpath("m:FolderShape/t:AdditionalProperties/*", namespaces=NAMESPACES)
        asked = {each.get("FieldURI") or f"{each.get('PropertyTag')} {each.get('PropertyType')}" for each in fields}
        assert asked <= WANTED_FIELDS, asked
        (folder,) = request.xpath("m:FolderIds/t:DistinguishedFolderId", namespaces=NAMESPACES)
        name, address = folder.get("Id"), folder.xpath("string(t:Mailbox/t:EmailAddress)", namespaces=NAMESPACES)
        code = self.folder_codes.get(name, "NoError")
        if address and address not in {*self.addresses, *self.shared}:
            code = "ErrorNonExistentMailbox"
        if code == "nothing":
            return ""
        if code != "NoError":
            return (
                '<m:GetFolderResponseMessage ResponseClass="Error"><m:MessageText>It is so.</m:MessageText>'
                f"<m:ResponseCode>{code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>"
                "<m:Folders/></m:GetFolderResponseMessage>"
            )
        owner = address if address in self.shared else "own"
        kind, entry_id = FOLDERS[name], b64encode(f"{owner} {name}".encode()).decode()
        folder_id, told = f"{owner} {name}", ""
        if self.tells_entry_ids:
            folder_id = f"{folder_id} {address}"
            told = (
                '<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag="0xfff" PropertyType="Binary"/>'
                f"<t:Value>{entry_id}</t:Value></t:ExtendedProperty>"
            )
        may = self.true if self.rights else "false"
        rights = "".join(f"<t:{right}>{may}</t:{right}>" for right in RIGHTS)
        return (
            '<m:GetFolderResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Folders>'
            f'<t:{kind}><t:FolderId Id="AQMk{hash(folder_id)}" ChangeKey="AQ"/>{told}'
            f"<t:EffectiveRights>{rights}<t:Read>true</t:Read></t:EffectiveRights></t:{kind}></m:Folders>"
            "</m:GetFolderResponseMessage>"
        )

"""Asks Exchange for one folder by its well-known name, and reads what a check needs to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from exchangelib import Account, Mailbox
from exchangelib.errors import MalformedResponseError
from exchangelib.services import GetFolder
from exchangelib.util import TNS, create_element

TRUE = {"true", "1"}
"""XML Schema part 2, section 3.2.2.1."""
ENTRY_ID_TAG = "0x0FFF"
"""PidTagEntryId ([MS-OXPROPS] section 2.683)."""


@dataclass(frozen=True, slots=True)
class FolderAnswer:
    """What Exchange says of one folder."""

    entry_id: str
    """The same, however the mailbox was named."""
    may_create: bool
    """Whether the account may put items into it."""


class _AskFolder(GetFolder):  # type: ignore[misc]
    """The library's operation with another shape, and with every error raised."""

    ERRORS_TO_CATCH_IN_RESPONSE: ClassVar[tuple[type[Exception], ...]] = ()

    def ask(self, name: str, mailbox: str) -> Any:
        element = next(iter(self._get_elements(payload=self._payload(name, mailbox))), None)
        if isinstance(element, Exception):
            # A warning, which the library hands out in the place of what it is about.
            raise element
        if element is None:
            raise MalformedResponseError("The answer tells of no folder.")
        return element

    def _payload(self, name: str, mailbox: str) -> Any:
        shape = create_element("m:FolderShape")
        base = create_element("t:BaseShape")
        base.text = "IdOnly"
        fields = create_element("t:AdditionalProperties")
        fields.append(create_element("t:FieldURI", attrs={"FieldURI": "folder:EffectiveRights"}))
        entry_id = {"PropertyTag": ENTRY_ID_TAG, "PropertyType": "Binary"}
        fields.append(create_element("t:ExtendedFieldURI", attrs=entry_id))
        shape.extend([base, fields])
        payload = create_element("m:GetFolder")
        payload.extend([shape, self._folder(name, mailbox)])
        return payload

    def _folder(self, name: str, mailbox: str) -> Any:
        """By hand, because the library lets nobody leave the mailbox out."""
        folders = create_element("m:FolderIds")
        folder = create_element("t:DistinguishedFolderId", attrs={"Id": name})
        if mailbox:
            folder.append(Mailbox(email_address=mailbox).to_xml(version=self.account.version))
        folders.append(folder)
        return folders


def ask_folder(account: Account, name: str, mailbox: str = "") -> FolderAnswer:
    """Ask for the folder with this name: in this mailbox, or, without one, in that of whoever signs in."""
    element = _AskFolder(account=account).ask(name, mailbox)
    folder_id = element.find(f".//{{{TNS}}}FolderId")
    entry_id = element.findtext(f".//{{{TNS}}}ExtendedProperty/{{{TNS}}}Value", "")
    return FolderAnswer(
        # A server that keeps no entry id has at least the id of the folder.
        entry_id=entry_id or ("" if folder_id is None else folder_id.get("Id", "")),
        may_create=element.findtext(f".//{{{TNS}}}EffectiveRights/{{{TNS}}}CreateContents", "") in TRUE,
    )

"""What the pages with the editor of signatures have in common."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.decorators import method_decorator

from users.forms.signature_preview import SignatureFilesForm
from users.sandbox import may_edit_html
from users.signature_pictures import keep
from users.signatures import SignatureRefused
from users.views.pages import SettingsPage
from users.views.signature_tools import meter_of, read_uploads

IMPORT = "import"


@method_decorator(may_edit_html, name="dispatch")
class SignatureEditorPage(SettingsPage):
    """A page with the editor. Outlook's files can be read by a button too, for which no script is needed."""

    html_field: str

    def show_again(self, button: str, name: str) -> HttpResponse:
        if button == IMPORT:
            self._import()
        return super().show_again(button, name)

    def _import(self) -> None:
        """Put what the files hold in the place of what was typed."""
        try:
            pasted = read_uploads(self.request.FILES.getlist("signature_files"))
            keep(self.editor, pasted.pictures)
        except SignatureRefused as refused:
            self.extra["problem"] = str(refused)
            return
        typed = self.request.POST.copy()
        typed[self.html_field] = pasted.html
        self.typed = typed
        self.extra["notes"] = pasted.notes

    def context(self) -> dict[str, Any]:
        html = getattr(self.edited_row(), self.html_field)
        return super().context() | meter_of(html, self.editor) | {"files_form": SignatureFilesForm()}

    def edited_row(self) -> Any:
        """The row whose signature this is, as it is stored."""
        raise NotImplementedError

"""What a browser did to the padlocks of a page: which ones it may open, and how each shows itself next."""

from __future__ import annotations

import time
from typing import Any

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from users.forms.padlock import PadlockForm, PadlockMode
from users.reauthentication import NotConfirmed, confirm, is_fresh, was_confirmed_recently

SESSION_KEY = "padlocks"
CONFIRM_PASSWORD, CONFIRM_FOR = "confirm-password", "confirm-for"


class Padlocks:
    """The padlocks of one page in one session. `target` names the row, such as a user's ``uid``."""

    def __init__(self, request: HttpRequest, target: str) -> None:
        self.request = request
        self.target = target

    def modes(self) -> dict[str, PadlockMode]:
        """How the padlocks stand in the page that was posted: open ones as far as this session may open them."""
        post = self.request.POST
        opened = {name: PadlockMode.OPEN for name in self._opened() if name in post}
        removing = {name.removesuffix("-remove"): PadlockMode.REMOVING for name in post if name.endswith("-remove")}
        return removing | opened

    def press(self, form: PadlockForm, button: str, name: str) -> None:
        """Carry out a press on a padlock's button."""
        actions = {"unlock": self._unlock, "remove": self._remove, "keep": self._keep}
        if button in actions and name in form.padlock_names():
            actions[button](form, name)

    def lock(self) -> None:
        """Lock all padlocks of the page again."""
        opened = self._session()
        others = {key: at for key, at in opened.items() if not key.startswith(f"{self.target}/")}
        if others != opened:
            self.request.session[SESSION_KEY] = others

    @sensitive_variables("password")
    def _unlock(self, form: PadlockForm, name: str) -> None:
        form.set_padlock(name, PadlockMode.CONFIRMING)
        password = self.request.POST.get(CONFIRM_PASSWORD, "")
        if not was_confirmed_recently(self.request):
            if not password:
                return
            try:
                confirm(self.request, password)
            except NotConfirmed as reason:
                form.padlock(name).confirm_error = str(reason)
                return
        self._open(name)
        form.set_padlock(name, PadlockMode.OPEN)

    @staticmethod
    def _remove(form: PadlockForm, name: str) -> None:
        form.set_padlock(name, PadlockMode.REMOVING)

    @staticmethod
    def _keep(form: PadlockForm, name: str) -> None:
        form.set_padlock(name, PadlockMode.LOCKED)

    def _open(self, name: str) -> None:
        self.request.session[SESSION_KEY] = self._session() | {f"{self.target}/{name}": time.time()}

    def _opened(self) -> list[str]:
        mine = f"{self.target}/"
        return [key.removeprefix(mine) for key, at in self._session().items() if key.startswith(mine) and is_fresh(at)]

    def _session(self) -> dict[str, Any]:
        return dict(self.request.session.get(SESSION_KEY, {}))

"""The two pages of the stand-in for Entra that people click on."""

from __future__ import annotations

from html import escape

PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    '<body><h1>{title}</h1>{text}<form method="post" action="{action}">{buttons}</form></body></html>'
)


def account_page(usernames: list[str], action: str) -> str:
    buttons = [_button("account", username, username) for username in usernames]
    return _page("Pick an account", "", action, [*buttons, _button("answer", "cancel", "Cancel")])


def consent_page(username: str, scopes: list[str], action: str) -> str:
    listed = "".join(f"<li>{escape(scope)}</li>" for scope in scopes)
    buttons = [_button("account", username, "Accept"), _button("answer", "decline", "Decline")]
    return _page("Permissions requested", f"<p>{escape(username)}</p><ul>{listed}</ul>", action, buttons)


def _page(title: str, text: str, action: str, buttons: list[str]) -> str:
    return PAGE.format(title=title, text=text, action=escape(action), buttons="".join(buttons))


def _button(name: str, value: str, label: str) -> str:
    return f'<p><button type="submit" name="{name}" value="{escape(value)}">{escape(label)}</button></p>'

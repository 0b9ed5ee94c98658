"""Widgets of our own: choices as cards with an explanation, choices side by side, and the signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise

from users.picture_references import with_content_ids
from users.signatures import SignatureRefused, sanitize_html


class ChoiceOfParts(forms.Select):
    """A list to choose from, in which the options name the parts of the form that they use (see ``parts.py``)."""

    def __init__(self, *args: Any, uses: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.uses = uses

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-uses"] = self.uses.get(str(value), "")
        return option


class ChoiceCards(forms.widgets.ChoiceWidget):
    """Radio buttons, each with a line that explains it and ``data-`` attributes for the page's script."""

    input_type = "radio"
    template_name = "users/widgets/choice_cards.html"
    option_template_name = "users/widgets/choice_card.html"
    use_fieldset = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.explanations: Mapping[str, str | Promise] = {}
        self.uses: Mapping[str, str] = {}

    def id_for_label(self, id_: str | None, index: str | None = None) -> str:
        return "" if index is None else super().id_for_label(id_ or "", index)

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"] = {
            key: item
            for key, item in option["attrs"].items()
            if key not in {"class", "aria-invalid", "aria-describedby"}
        }
        option["explanation"] = self.explanations.get(str(value), "")
        if str(value) in self.uses:
            option["attrs"]["data-uses"] = self.uses[str(value)]
        return option


class Segments(ChoiceCards):
    """A few short choices side by side."""

    template_name = "users/widgets/segments.html"


class SignatureArea(forms.Textarea):
    """A signature's HTML, which a script shows in an editor.

    Whatever was typed, the editor gets it sanitised; what can't be sanitised is shown as it was typed, and stays text.
    """

    def __init__(self) -> None:
        super().__init__(attrs={"rows": 14, "spellcheck": "false", "autocomplete": "off", "class": "code"})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        try:
            value, state = sanitize_html(with_content_ids(str(value or ""))), "clean"
        except SignatureRefused:
            state = "refused"
        return super().get_context(name, value, {**(attrs or {}), "data-signature": state})

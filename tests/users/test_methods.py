"""The table of methods is complete, agrees with itself, and is the only place that tells methods apart."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.test import SimpleTestCase
from django.utils.module_loading import import_string

import users
from users.choices import EmailMethod, Flow
from users.methods import METHODS, Method
from users.models import EmailSettings, EntraAppRegistration, Installation, SystemSettings, User

SOURCES = Path(users.__file__).parent
ROWS = ("outlook", "exchange", "smtp", "exchange_online")
COLUMNS = {
    "is_server_based": (False, True, True, True),
    "needs_app_registration": (False, False, False, True),
    "can_copy": (False, True, True, True),
    "carries_signature": (False, True, True, True),
    "has_sent_items": (False, True, False, True),
    "calendar": ("ics", "ews", "ics", "graph"),
    "has_calendar_file": (True, False, True, False),
    "attachment_limit": (20 << 20, 25 << 20, 25 << 20, 25 << 20),
}
COMPARED = {*EmailMethod.values} - {"smtp"}
METHOD_NAMES = {"method", "effective_method", "sending_method"}


def an_installation() -> Installation:
    return Installation(SystemSettings(smtp_host="smtp.example.com"), EntraAppRegistration())


class TableTests(SimpleTestCase):
    def test_every_method_has_one_row_in_the_order_of_the_choices(self) -> None:
        assert list(METHODS) == EmailMethod.values == list(ROWS)
        assert [row.value.value for row in METHODS.values()] == list(METHODS)

    def test_every_column_is_as_designed(self) -> None:
        for column, values in COLUMNS.items():
            for name, value in zip(ROWS, values, strict=True):
                with self.subTest(column, method=name):
                    assert getattr(METHODS[name], column) == value

    def test_the_exchange_methods_alone_ask_for_an_account(self) -> None:
        asking = {name: {flow for flow in Flow if METHODS[name].asks_for_account(flow)} for name in ROWS}
        assert asking == {"outlook": set(), "exchange": {*Flow}, "smtp": set(), "exchange_online": {Flow.PASSWORD}}
        assert [METHODS[name].may_ask_for_account() for name in ROWS] == [False, True, False, True]

    def test_an_account_is_always_bound_to_a_place(self) -> None:
        for method in METHODS.values():
            with self.subTest(method.value):
                assert bool(method.account_bound_to) == method.may_ask_for_account()

    def test_a_copy_and_a_signature_need_a_server(self) -> None:
        for method in METHODS.values():
            with self.subTest(method.value):
                assert method.can_copy == method.carries_signature == method.is_server_based

    def test_every_row_is_explained_in_a_sentence(self) -> None:
        for method in METHODS.values():
            with self.subTest(method.value):
                assert str(method.explanation).endswith(".")
                assert method.label == str(method.value.label)


class NameTests(SimpleTestCase):
    def names(self, method: Method) -> list[str]:
        names = [*method.account_bound_to, method.server, method.server_name]
        return [name for name in names if name]

    def test_every_dotted_name_is_found_in_an_installation(self) -> None:
        for method in METHODS.values():
            for name in self.names(method):
                with self.subTest(name, method=method.value):
                    method.look_up(name, an_installation())

    def test_every_transport_can_be_built_from_its_options(self) -> None:
        for method in METHODS.values():
            with self.subTest(method.value):
                settings = EmailSettings(user=User(), method=method.value, exchange_username="FIRM\\alice")
                settings.installation = an_installation()
                settings.set_secret("exchange_password", "x", by=None)
                import_string(method.transport)(**method.options_for(settings))

    def test_a_method_with_a_server_names_it(self) -> None:
        for method in METHODS.values():
            with self.subTest(method.value):
                assert bool(method.server_name) == method.is_server_based


class ComparisonTests(SimpleTestCase):
    def test_no_other_code_compares_a_method(self) -> None:
        found = [
            f"{path.relative_to(SOURCES)}:{node.lineno}"
            for path in SOURCES.rglob("*.py")
            if "migrations" not in path.parts
            for node in _comparisons(ast.parse(path.read_text()))
        ]
        assert found == []

    def test_the_search_finds_what_it_is_for(self) -> None:
        for source in (
            "if method == 'x': pass",
            "a = settings.effective_method in ('x', 'y')",
            "b = x != EmailMethod.SMTP",
            "c = 'outlook' == y",
            "match method:\n  case 'x': pass",
        ):
            with self.subTest(source):
                assert list(_comparisons(ast.parse(source)))


def _comparisons(tree: ast.AST) -> Iterator[ast.expr]:
    """Comparisons with a method's name, and of anything that is called a method with a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and _tells_methods_apart(node):
            yield node
        elif isinstance(node, ast.Match) and _last_name(node.subject) in METHOD_NAMES:
            yield node.subject


def _tells_methods_apart(node: ast.Compare) -> bool:
    sides = [node.left, *node.comparators]
    parts = [
        part for side in sides for part in (side.elts if isinstance(side, ast.Tuple | ast.Set | ast.List) else [side])
    ]
    values = {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}
    is_named = any(_last_name(side) in METHOD_NAMES for side in sides) and any(values)
    members = any(isinstance(part, ast.Attribute) and _last_name(part.value) == "EmailMethod" for part in parts)
    return is_named or members or bool(values & COMPARED - {"exchange"})


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""

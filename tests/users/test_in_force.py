"""The values in force, each with where it comes from."""

from __future__ import annotations

from django.test import TestCase

from tests.factories import configure, make_settings, make_template, make_user, register
from users.in_force import signature_sent, values_in_force
from users.models import EmailSettings

Row = tuple[str, str, str]


def rows(settings: EmailSettings) -> list[Row]:
    return [
        (str(row.label), row.value, str(row.source)) for row in values_in_force(settings, *signature_sent(settings))
    ]


class ValuesInForceTests(TestCase):
    def setUp(self) -> None:
        configure(sending_method="smtp")
        self.alice = make_user("alice")

    def test_an_inherited_method_comes_from_the_system_settings(self) -> None:
        assert rows(make_settings(self.alice, method="", copy_mode="bcc")) == [
            ("E-mail method", "Server based, via SMTP", "from the system settings"),
            ("E-mail address", "alice@example.com", "own setting"),
            ("Mail server", "smtp.example.com:587", "from the system settings"),
            ("Copy to own address", "Bcc", "own setting"),
            ("E-mail signature", "", "own setting"),
        ]

    def test_an_own_method_is_an_own_setting(self) -> None:
        method = rows(make_settings(self.alice, method="exchange"))[0]
        assert method == ("E-mail method", "Server based, via Microsoft Exchange", "own setting")

    def test_outlook_has_neither_server_nor_copy_and_its_own_signature(self) -> None:
        assert rows(make_settings(self.alice, method="outlook", address="")) == [
            ("E-mail method", "Client based, via Microsoft Outlook", "own setting"),
            ("E-mail address", "", "own setting"),
            ("E-mail signature", "Outlook adds its own", "kept in Outlook"),
        ]

    def test_each_method_names_its_server(self) -> None:
        register(flow="sign_in")
        for method, server in (
            ("exchange", "https://mail.example.com/EWS/Exchange.asmx"),
            ("exchange_online", "https://graph.microsoft.com"),
        ):
            settings = EmailSettings(user=self.alice, method=method)
            with self.subTest(method):
                assert ("Mail server", server, "from the system settings") in rows(settings)

    def test_a_server_that_is_missing_is_shown_as_not_set(self) -> None:
        configure(smtp_host="")
        assert ("Mail server", "", "from the system settings") in rows(make_settings(self.alice))

    def test_a_signature_is_the_own_one_or_that_of_the_company(self) -> None:
        settings = make_settings(self.alice, signature_html="<p>A</p>")
        assert rows(settings)[-1] == ("E-mail signature", "Set", "own setting")
        make_template(name="House style", use="mandatory")
        assert rows(settings)[-1] == ("E-mail signature", "House style", "company signature")

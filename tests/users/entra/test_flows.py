"""Clouds, flows and the guide through the Entra admin centre."""

from __future__ import annotations

from itertools import product

from django.test import SimpleTestCase

from users.choices import Cloud, Flow
from users.entra.clouds import CLOUDS
from users.entra.flows import FLOWS
from users.entra.guide import Step, guide_for, scope_commands
from users.models import EntraAppRegistration

REDIRECT = "https://mail.example.com/entra/callback/"


class TableTests(SimpleTestCase):
    def test_every_flow_has_a_row(self) -> None:
        assert list(FLOWS) == Flow.values

    def test_every_cloud_but_a_custom_one_has_its_addresses(self) -> None:
        assert set(CLOUDS) == set(Cloud.values) - {"custom"}
        for name, addresses in CLOUDS.items():
            for address in (addresses.authority, addresses.graph, addresses.portal):
                with self.subTest(name, address=address):
                    assert address.startswith("https://")
                    assert not address.endswith("/")

    def test_a_custom_cloud_has_those_that_were_entered(self) -> None:
        row = EntraAppRegistration(cloud="custom", custom_authority="https://a.de/", custom_graph="https://g.de")
        assert (row.authority, row.graph, row.addresses.portal) == ("https://a.de", "https://g.de", "")

    def test_every_flow_may_send_and_write_the_calendar(self) -> None:
        for name, flow in FLOWS.items():
            with self.subTest(name):
                assert {"Mail.Send", "Calendars.ReadWrite"} <= set(flow.permissions)
                assert flow.permission_type in {"Delegated", "Application"}


class GuideTests(SimpleTestCase):
    def guide(self, flow: str, cloud: str = "global") -> list[Step]:
        return guide_for(EntraAppRegistration(flow=flow, cloud=cloud), REDIRECT)

    def values(self, flow: str) -> list[str]:
        return [value for step in self.guide(flow) for _name, value in step.values]

    def test_every_cloud_and_flow_has_one_in_full_sentences(self) -> None:
        for cloud, flow in product(Cloud.values, Flow.values):
            steps = self.guide(flow, cloud)
            with self.subTest(cloud=cloud, flow=flow):
                assert len(steps) >= 5
                assert all(step.title and step.text.endswith(".") and "%(" not in step.text for step in steps)

    def test_every_permission_of_the_flow_is_there_to_copy(self) -> None:
        for name, flow in FLOWS.items():
            with self.subTest(name):
                assert set(flow.permissions) <= set(self.values(name))

    def test_only_microsoft_sign_in_needs_the_redirect_address(self) -> None:
        assert [REDIRECT in self.values(flow) for flow in ("password", "application", "sign_in")] == [
            False,
            False,
            True,
        ]

    def test_only_the_password_flow_needs_a_public_client(self) -> None:
        texts = {flow: " ".join(step.text for step in self.guide(flow)) for flow in Flow.values}
        assert ["Allow public client flows" in text for text in texts.values()] == [True, False, False]
        assert ["New client secret" in text for text in texts.values()] == [False, True, True]

    def test_only_the_application_flow_is_warned_of_every_mailbox(self) -> None:
        texts = {flow: " ".join(step.text for step in self.guide(flow)) for flow in Flow.values}
        assert ["every mailbox" in text for text in texts.values()] == [False, True, False]

    def test_each_cloud_has_its_own_admin_centre(self) -> None:
        for cloud, addresses in CLOUDS.items():
            with self.subTest(cloud):
                assert self.guide("sign_in", cloud)[0].values == [("Entra admin centre", addresses.portal)]
        assert self.guide("sign_in", "custom")[0].values == []

    def test_an_administrator_can_grant_everything_at_one_address(self) -> None:
        row = EntraAppRegistration(cloud="china", tenant_id="example.com", client_id="app")
        values = [value for step in guide_for(row, REDIRECT) for _name, value in step.values]
        assert "https://login.partner.microsoftonline.cn/example.com/adminconsent?client_id=app" in values

    def test_commands_keep_the_application_to_some_mailboxes_in_every_cloud(self) -> None:
        for cloud, environment in (
            ("global", "O365Default"),
            ("us_gov_l4", "O365USGovGCCHigh"),
            ("us_gov_l5", "O365USGovDoD"),
            ("china", "O365China"),
        ):
            row = EntraAppRegistration(cloud=cloud, flow="application", client_id="app")
            with self.subTest(cloud):
                commands = "\n".join(scope_commands(row))
                assert f"-ExchangeEnvironmentName {environment}\n" in commands
                assert all(f'-Role "Application {name}"' in commands for name in FLOWS["application"].permissions)
                assert commands.count('-App "app"') == len(FLOWS["application"].permissions)
                assert "MemberOfGroup" in commands

    def test_an_address_that_entra_would_not_take_is_told(self) -> None:
        row = EntraAppRegistration(flow="sign_in")
        texts = {address: guide_for(row, address)[1].text for address in (REDIRECT, REDIRECT.replace("https", "http"))}
        assert ["open this page by https" in text for text in texts.values()] == [False, True]

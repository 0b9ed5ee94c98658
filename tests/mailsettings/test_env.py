from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from mailsettings.env import THIS_MACHINE, Environment, read_environment

BASE = Path("/srv/site")
PRODUCTION = {
    "MAILSETTINGS_SECRET_KEY": "a long random text",
    "MAILSETTINGS_ALLOWED_HOSTS": "mail.example.com",
    "MAILSETTINGS_KEYS": "bm90IGEga2V5LCBvbmx5IGFuIGV4YW1wbGUgb2YgMzI=",
}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PRODUCTION, "DATABASE_URL", *(f"MAILSETTINGS_{end}" for end in ("DEBUG", "DATA_DIR"))):
        monkeypatch.delenv(name, raising=False)


def read(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Environment:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return read_environment(BASE)


class TestProduction:
    def test_refuses_to_start_and_names_everything_that_is_missing(self) -> None:
        with pytest.raises(ImproperlyConfigured) as refusal:
            read_environment(BASE)
        message = str(refusal.value)
        for name in (*PRODUCTION, "MAILSETTINGS_KEYS_FILE", "MAILSETTINGS_DEBUG=1"):
            assert name in message

    @pytest.mark.parametrize("name", PRODUCTION)
    def test_names_only_what_is_missing(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        with pytest.raises(ImproperlyConfigured) as refusal:
            read(monkeypatch, **{**PRODUCTION, name: ""})
        assert [known for known in PRODUCTION if known in str(refusal.value)] == [name]

    def test_takes_a_key_file_in_place_of_keys(self, monkeypatch: pytest.MonkeyPatch) -> None:
        environment = read(
            monkeypatch, **{**PRODUCTION, "MAILSETTINGS_KEYS": "", "MAILSETTINGS_KEYS_FILE": "/run/secrets/keys"}
        )
        assert (environment.keys, environment.keys_file) == ("", Path("/run/secrets/keys"))

    def test_prefers_keys_to_a_key_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        environment = read(monkeypatch, **PRODUCTION, MAILSETTINGS_KEYS_FILE="/run/secrets/keys")
        assert environment.keys == PRODUCTION["MAILSETTINGS_KEYS"]
        assert environment.keys_file is None

    def test_a_blank_secret_key_never_gives_way_to_the_one_for_trying_out(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(ImproperlyConfigured, match="MAILSETTINGS_SECRET_KEY"):
            read(monkeypatch, **{**PRODUCTION, "MAILSETTINGS_SECRET_KEY": "  "})

    @pytest.mark.parametrize("text", ["", "0", "false", "off"])
    def test_holds_unless_debug_is_switched_on(self, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        assert read(monkeypatch, **PRODUCTION, MAILSETTINGS_DEBUG=text).debug is False

    def test_has_no_defaults_that_belong_to_trying_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        environment = read(monkeypatch, **PRODUCTION)
        assert environment.allowed_hosts == ["mail.example.com"]
        assert environment.ca_file is None
        assert environment.trusted_networks == []


class TestDebug:
    def test_needs_nothing_else(self, monkeypatch: pytest.MonkeyPatch) -> None:
        environment = read(monkeypatch, MAILSETTINGS_DEBUG="1")
        assert environment.debug is True
        assert environment.data_dir == BASE / "var"
        assert environment.keys_file == BASE / "var" / "keys"
        assert environment.allowed_hosts == ["localhost", "127.0.0.1", "[::1]"]
        assert environment.trusted_networks == THIS_MACHINE
        assert environment.database is None

    def test_keeps_its_files_in_the_data_folder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        environment = read(monkeypatch, MAILSETTINGS_DEBUG="1", MAILSETTINGS_DATA_DIR="/srv/data")
        assert environment.keys_file == Path("/srv/data/keys")
        assert environment.ca_file == Path("/srv/data/demo/ca.pem")

    @pytest.mark.parametrize(
        "name",
        [
            "DATABASE_URL",
            "MAILSETTINGS_ALLOWED_HOSTS",
            "MAILSETTINGS_CA_FILE",
            "MAILSETTINGS_DATA_DIR",
            "MAILSETTINGS_KEYS_FILE",
            "MAILSETTINGS_SECRET_KEY",
            "MAILSETTINGS_TRUSTED_NETWORKS",
        ],
    )
    def test_takes_a_variable_set_to_nothing_as_not_set(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        default = read(monkeypatch, MAILSETTINGS_DEBUG="1")
        assert read(monkeypatch, **{name: ""}) == default


class TestValues:
    @pytest.fixture(autouse=True)
    def _debug(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MAILSETTINGS_DEBUG", "1")

    def test_reads_a_database_behind_a_socket(self, monkeypatch: pytest.MonkeyPatch) -> None:
        database = read(monkeypatch, DATABASE_URL="postgres://app@%2Frun%2Fpostgresql/mail").database
        assert database is not None
        assert database["ENGINE"] == "django.db.backends.postgresql"
        assert (database["HOST"], database["USER"], database["NAME"]) == ("/run/postgresql", "app", "mail")

    def test_reads_lists_with_blanks_after_the_commas(self, monkeypatch: pytest.MonkeyPatch) -> None:
        environment = read(
            monkeypatch,
            MAILSETTINGS_ALLOWED_HOSTS="mail.example.com, mail.example.org,",
            MAILSETTINGS_TRUSTED_NETWORKS="10.0.0.0/8, fd00::/8",
        )
        assert environment.allowed_hosts == ["mail.example.com", "mail.example.org"]
        assert environment.trusted_networks == [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("DATABASE_URL", "nonsense"),
            ("DATABASE_URL", "unheard-of://app:hunter2@db/mail"),
            ("MAILSETTINGS_DEBUG", "perhaps"),
            ("MAILSETTINGS_TRUSTED_NETWORKS", "10.0.0.0/8,office"),
            ("MAILSETTINGS_TRUSTED_NETWORKS", "10.0.0.1/8"),
        ],
    )
    def test_names_the_variable_whose_value_is_wrong(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        with pytest.raises(ImproperlyConfigured, match=name) as refusal:
            read(monkeypatch, **{name: value})
        assert "hunter2" not in str(refusal.value)

"""The database keeps the list's own table and the search words, whichever way users and settings are written."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management import call_command
from django.test import SimpleTestCase, TestCase

from tests.factories import checked, configure, connect, make_settings, make_user, register
from users.last_check import Standing
from users.listing_triggers import KIND
from users.models import EmailSettings, Listing, ListingKind, MicrosoftConnection, SearchWords, User
from users.models.listing import FILTERS
from users.models.search_words import words_of
from users.vault import key_id_of


def found(q: str) -> list[str]:
    matches = SearchWords.objects.filter(words__begin_with=q).values("pk")
    return list(Listing.objects.filter(pk__in=matches).order_by("username").values_list("username", flat=True))


def listed() -> list[dict[str, Any]]:
    """Every listing, with what its kind says."""
    kind = [f"kind__{column}" for column in KIND]
    rows = Listing.objects.order_by("pk").values("user_id", "last_name", "first_name", "username", *kind)
    return [{name.removeprefix("kind__"): value for name, value in row.items()} for row in rows]


def expected(user: User) -> dict[str, Any]:
    """The listing as Python would make it."""
    settings = EmailSettings.objects.filter(pk=user.pk).first() or EmailSettings(user=user)
    password = settings.exchange_password
    row = settings.connection_row
    connection = row if row and row.is_made and not row.has_ended and row.address == settings.address else None
    return {
        "user_id": user.pk,
        "last_name": user.last_name,
        "first_name": user.first_name,
        "username": user.username,
        "method": settings.method,
        "has_address": bool(settings.address),
        "has_exchange_username": bool(settings.exchange_username),
        "exchange_password_key": f"v1.{key_id_of(password)}." if password else "",
        "exchange_password_server": settings.exchange_password_server,
        "connection_key": f"v1.{key_id_of(connection.token_cache)}." if connection else "",
        "connection_registration": connection.registration if connection else "",
        "check_passed_with": settings.check_fingerprint if settings.last_check.standing == Standing.PASSED else "",
        "check_failed_with": settings.check_fingerprint if settings.last_check.standing == Standing.FAILED else "",
    }


class ListingTestCase(TestCase):
    """After every test, the listings are what they would be if they were made now."""

    def setUp(self) -> None:
        configure()
        self.alice = make_user("alice")
        self.addCleanup(self.check)

    def check(self) -> None:
        users = User.objects.order_by("pk")
        self.assertEqual(listed(), [expected(user) for user in users])
        self.assertEqual(list(SearchWords.objects.order_by("pk").values_list("pk", flat=True)), [u.pk for u in users])


class KindTest(SimpleTestCase):
    def test_all_that_is_copied_makes_the_kind(self) -> None:
        self.assertEqual(tuple(KIND), FILTERS)
        self.assertEqual({field.name for field in ListingKind._meta.concrete_fields}, {"id", *FILTERS})


class UsersTest(ListingTestCase):
    def test_a_new_user_is_found(self) -> None:
        self.assertEqual(found("alice archer"), ["alice"])

    def test_many_new_users_are_found(self) -> None:
        User.objects.bulk_create(User(username=f"user{number}", last_name="Many") for number in range(3))
        self.assertEqual(found("many"), ["user0", "user1", "user2"])

    def test_a_renamed_user_is_found_by_the_new_name_alone(self) -> None:
        self.alice.last_name = "Baker"
        self.alice.save()
        self.assertEqual((found("archer"), found("baker")), ([], ["alice"]))

    def test_users_renamed_by_a_query_are_found(self) -> None:
        User.objects.filter(username="alice").update(first_name="Alicia", username="alicia")
        self.assertEqual((found("alicia"), found("alice")), (["alicia"], []))

    def test_a_deleted_user_is_gone(self) -> None:
        make_settings(self.alice, method="exchange")
        self.alice.delete()
        self.assertEqual(found("alice"), [])

    def test_users_deleted_by_a_query_are_gone(self) -> None:
        make_settings(make_user("bob"))
        User.objects.all().delete()
        self.assertEqual(found("bob"), [])


class SettingsTest(ListingTestCase):
    def test_an_address_is_found(self) -> None:
        make_settings(self.alice, address="Mail.Box@firm.example")
        self.assertEqual([found(q) for q in ("mail", "firm", "mail.box@firm", "alice box")], [["alice"]] * 4)

    def test_addresses_stored_together_are_found(self) -> None:
        EmailSettings.objects.bulk_create([EmailSettings(user=self.alice, address="a@firm.example")])
        self.assertEqual(found("firm"), ["alice"])

    def test_a_changed_address_is_found_and_the_old_one_is_not(self) -> None:
        make_settings(self.alice, address="old@firm.example")
        EmailSettings.objects.update(address="new@firm.example")
        self.assertEqual((found("old"), found("new"), found("alice")), ([], ["alice"], ["alice"]))

    def test_an_address_is_still_found_after_its_owner_was_renamed(self) -> None:
        make_settings(self.alice, address="mailbox@firm.example")
        User.objects.update(last_name="Baker")
        self.assertEqual(found("mailbox baker"), ["alice"])

    def test_the_address_of_deleted_settings_is_gone(self) -> None:
        make_settings(self.alice, method="exchange", address="mailbox@firm.example")
        EmailSettings.objects.all().delete()
        self.assertEqual((found("mailbox"), found("alice")), ([], ["alice"]))

    def test_an_account_is_listed(self) -> None:
        make_settings(self.alice, method="exchange")
        self.check()
        EmailSettings.objects.update(method="smtp", exchange_username="", exchange_password="")

    def test_a_new_password_is_listed(self) -> None:
        make_settings(self.alice, method="exchange", exchange_password="")
        EmailSettings.of(self.alice).set_exchange_password("fresh", by=None)
        self.assertTrue(Listing.objects.get().kind.exchange_password_key)

    def test_a_check_is_listed_until_something_changes(self) -> None:
        checked(make_settings(self.alice, method="exchange"))
        for values in ({"address": "other@example.com"}, {"exchange_password_set_at": None, "exchange_password": ""}):
            self.check()
            EmailSettings.objects.update(**values)
        self.assertEqual(Listing.objects.get().kind.check_passed_with, "")

    def test_a_check_is_listed_as_it_ended(self) -> None:
        checked(make_settings(self.alice))
        bob = make_settings(make_user("bob"), address="")
        checked(bob, passed=False)
        self.assertEqual(Listing.objects.exclude(kind__check_passed_with="").get().user, self.alice)
        self.assertEqual(Listing.objects.exclude(kind__check_failed_with="").get().user, bob.user)
        EmailSettings.objects.update(copy_mode="cc", address="")
        self.assertEqual(Listing.objects.exclude(kind__check_failed_with="").get().user, bob.user)

    def test_saving_a_user_read_earlier_changes_nothing(self) -> None:
        early = User.objects.get(username="alice")
        make_settings(self.alice, method="exchange")
        early.save()
        self.assertEqual(Listing.objects.get().kind.method, "exchange")

    def test_users_who_have_the_same_are_of_one_kind(self) -> None:
        bob = make_user("bob")
        self.assertEqual(ListingKind.objects.count(), 1)
        make_settings(self.alice)
        make_settings(bob)
        kinds = set(Listing.objects.values_list("kind", flat=True))
        self.assertEqual((len(kinds), ListingKind.objects.count()), (1, 2))

    def test_users_of_some_kinds_are_found(self) -> None:
        make_settings(self.alice)
        make_user("alina")
        (kind,) = ListingKind.objects.filter(has_address=True).values_list("pk", flat=True)
        matches = SearchWords.objects.filter(words__begin_with="ali")
        self.assertEqual(matches.count(), 2)
        self.assertEqual([found.pk for found in matches.of_kinds([kind])], [self.alice.pk])
        self.assertFalse(matches.of_kinds([]).exists())
        EmailSettings.objects.update(address="")
        self.assertFalse(matches.of_kinds([kind]).exists())

    def test_a_dump_can_be_loaded(self) -> None:
        make_settings(self.alice, address="mailbox@firm.example")
        file = Path(self.enterContext(TemporaryDirectory())) / "dump.json"
        call_command("dumpdata", "users", output=str(file), verbosity=0)
        self.assertNotIn("users.listing", file.read_text())
        User.objects.all().delete()
        call_command("loaddata", str(file), verbosity=0)
        self.assertEqual(found("mailbox"), ["alice"])


class ConnectionTest(ListingTestCase):
    def setUp(self) -> None:
        super().setUp()
        register(flow="sign_in")
        make_settings(self.alice, method="exchange_online")
        self.rows = MicrosoftConnection.objects.filter(pk=self.alice.pk)

    def is_listed(self) -> bool:
        return bool(Listing.objects.get().kind.connection_key)

    def test_one_that_is_made_is_listed(self) -> None:
        self.assertTrue(self.is_listed())

    def test_one_that_was_removed_is_not(self) -> None:
        MicrosoftConnection.disconnect(self.rows)
        self.assertFalse(self.is_listed())

    def test_one_that_has_ended_is_not(self) -> None:
        self.rows.update(has_ended=True)
        self.assertFalse(self.is_listed())

    def test_one_for_another_address_is_not(self) -> None:
        EmailSettings.objects.update(address="other@example.com")
        self.assertFalse(self.is_listed())

    def test_one_whose_row_is_gone_is_not(self) -> None:
        self.rows.delete()
        self.assertFalse(self.is_listed())

    def test_one_that_is_made_again_is(self) -> None:
        MicrosoftConnection.disconnect(self.rows)
        connect(self.alice)
        self.assertTrue(self.is_listed())

    def test_its_owner_can_be_deleted(self) -> None:
        self.alice.delete()
        self.assertFalse(Listing.objects.exists())


class WordsTest(ListingTestCase):
    def test_words_are_found_by_their_beginnings(self) -> None:
        make_user("carmen", first_name="Carmen Luz", last_name="García-Márquez")
        for q in ("car", "luz", "garcía", "MÁR", "marquez", "garcia luz carm", "García-Márquez"):
            with self.subTest(q):
                self.assertEqual(found(q), ["carmen"])

    def test_words_are_not_found_by_their_middles(self) -> None:
        self.assertEqual(found("lice"), [])

    def test_letters_with_and_without_accents_are_the_same(self) -> None:
        make_user("oe", last_name="O\u0308zil")
        make_user("ue", last_name="\u00d6zil")
        for q in ("ozil", "\u00f6zil", "O\u0308ZIL"):
            with self.subTest(q):
                self.assertEqual(found(q), ["oe", "ue"])

    def test_other_scripts_are_found(self) -> None:
        for username, name in (
            ("greek", "Παπαδόπουλος"),
            ("russian", "Иванов"),
            ("hindi", "हिन्दी"),
            ("polish", "Łukasz"),
        ):
            make_user(username, last_name=name)
            with self.subTest(username):
                self.assertEqual((found(name), found(name[:3])), ([username], [username]))

    def test_signs_only_separate_words(self) -> None:
        for q in (
            'ali"ce',
            "alice*",
            "'alice':*",
            "alice AND",
            "ali|ce",
            "-alice",
            "words:alice",
            "alice\\",
            "^alice",
            "alice \u20ac",
            "\uff07alice\uff07:\uff0a",
            "\u2192",
            "\u0301",
            "\u00bd",
        ):
            with self.subTest(q):
                self.assertIn(found(q), ([], ["alice"]))
        self.assertEqual([words_of(q) for q in ("(", "*", " ", "@")], [[]] * 4)

"""The list of users: found, filtered, sorted and paged."""

from __future__ import annotations

from typing import Any

from django.test import TestCase

from tests.factories import checked, configure, make_settings, make_superuser, make_user
from users.directory import PAGE_SIZE, Directory
from users.models import EmailSettings, Installation, User
from users.readiness import readiness_of


class DirectoryTests(TestCase):
    def setUp(self) -> None:
        configure(sending_method="smtp")
        checked(make_settings(make_user("alice"), method="", address="a.archer@firm.example"))
        make_settings(make_user("bob"), method="outlook", address="")
        make_user("charlie")

    def found(self, **options: str) -> list[str]:
        page = Directory(Installation.load(), **options).page("1", editor=User.objects.get(username="alice"))
        return [entry.user.username for entry in page]

    def test_without_filters_everybody_is_there_by_last_name(self) -> None:
        make_user("zoe", last_name="Aa")
        assert self.found() == ["zoe", "alice", "bob", "charlie"]

    def test_a_search_finds_names_user_names_and_addresses(self) -> None:
        for q in ("alice", "ALI", "archer", "arch", "a.archer@firm", "FIRM.EXAMPLE", "alice archer", " archer   ali "):
            with self.subTest(q):
                assert self.found(q=q) == ["alice"]

    def test_a_search_finds_all_words_or_nothing(self) -> None:
        for q in ("alice baker", "nobody", "alice % baker", "xalice", "ô", "x" * 100, "alice OR bob", 'ali" OR "bob'):
            with self.subTest(q):
                assert self.found(q=q) == []

    def test_a_search_finds_letters_beyond_ascii(self) -> None:
        make_user("oezil", first_name="Özgür", last_name="Ärmel")
        for q in ("özgür", "Özgür", "ärmel", "Ärmel", "ÄRMEL", "ärm özg"):
            with self.subTest(q):
                assert self.found(q=q) == ["oezil"]

    def test_a_method_finds_those_for_whom_it_is_in_force(self) -> None:
        assert self.found(method="smtp") == ["alice", "charlie"]
        assert self.found(method="outlook") == ["bob"]
        assert self.found(method="exchange") == []

    def test_readiness_is_the_same_as_on_the_pages(self) -> None:
        for ready, is_ready in (("yes", True), ("no", False)):
            users = [user.username for user in User.objects.all() if readiness_of(user).is_ready == is_ready]
            with self.subTest(ready):
                assert sorted(self.found(ready=ready)) == sorted(users)

    def test_counts_do_not_depend_on_what_is_searched(self) -> None:
        for options in ({}, {"q": "alice"}, {"ready": "yes"}):
            with self.subTest(options):
                counts = Directory(Installation.load(), **options).counts
                assert counts == {"": 3, "yes": 2, "no": 1, "settings": 1, "failed": 0, "check": 0}

    def test_those_who_are_not_ready_lack_settings_or_a_check(self) -> None:
        make_settings(make_user("dora"))
        checked(make_settings(make_user("emil")), passed=False)
        checked(make_settings(make_user("fay")), passed=False)
        EmailSettings.objects.filter(user__username="fay").update(address="other@example.com")
        checked(make_settings(make_user("gus")), passed=False)
        EmailSettings.objects.filter(user__username="gus").update(address="")
        assert sorted(self.found(ready="check")) == ["dora", "fay"]
        assert self.found(ready="failed") == ["emil"]
        assert sorted(self.found(ready="settings")) == ["charlie", "gus"]
        counts = Directory(Installation.load()).counts
        assert counts["settings"] + counts["failed"] + counts["check"] == counts["no"]

    def test_filters_go_together(self) -> None:
        assert self.found(q="ar", method="smtp", ready="yes") == ["alice"]
        assert self.found(q="ca", method="smtp", ready="no") == ["charlie"]
        assert self.found(q="ca", method="smtp", ready="yes") == []

    def test_it_can_be_sorted(self) -> None:
        assert self.found(sort="-name") == ["charlie", "bob", "alice"]
        assert self.found(sort="-username") == ["charlie", "bob", "alice"]
        assert self.found(sort="password") == self.found(sort="name")


class PageTests(TestCase):
    def setUp(self) -> None:
        configure(sending_method="smtp")
        self.root = make_superuser("root", last_name="Aaa")
        User.objects.bulk_create(User(username=f"user{n}", last_name=f"Name{n:03}") for n in range(PAGE_SIZE + 9))

    def page(self, number: str, **options: str) -> Any:
        return Directory(Installation.load(), **options).page(number, editor=self.root)

    def test_a_page_holds_so_many_and_no_more(self) -> None:
        assert len(self.page("1")) == PAGE_SIZE
        assert len(self.page("2")) == 10

    def test_what_is_no_page_is_the_nearest_one(self) -> None:
        for number, nearest in (
            ("", 1),
            ("x", 1),
            ("0", 2),
            ("-1", 2),
            ("99", 2),
            ("9" * 5000, 1),
            ("1e3", 1),
            ("\0", 1),
        ):
            with self.subTest(number[:9]):
                assert self.page(number).number == nearest

    def test_no_user_is_lost_between_pages(self) -> None:
        names = [entry.user.username for number in "12" for entry in self.page(number)]
        assert len(set(names)) == User.objects.count()

    def test_a_row_has_user_settings_and_readiness(self) -> None:
        make_settings(make_user("alice", last_name="Aab"), method="outlook")
        root, alice, *_rest = self.page("1")
        assert (root.settings.version, root.method.label) == (0, "Server based, via SMTP")
        assert (alice.settings, alice.readiness.is_complete) == (EmailSettings.objects.get(), True)

    def test_staff_may_not_edit_superusers(self) -> None:
        page = Directory(Installation.load()).page("1", editor=make_user("sam", is_staff=True))
        assert [entry.may_edit for entry in list(page)[:2]] == [False, True]

    def test_a_page_with_its_counts_takes_two_queries_and_a_search_three(self) -> None:
        installation = Installation.load()
        for number, options in (
            (2, {}),
            (3, {"q": "name"}),
            (2, {"ready": "no"}),
            (3, {"method": "smtp", "ready": "no", "q": "user"}),
        ):
            with self.subTest(options), self.assertNumQueries(number):
                listed = Directory(installation, **options)
                list(listed.page("1", editor=self.root))
                assert listed.counts[""] == PAGE_SIZE + 10

    def test_an_empty_list_has_one_empty_page(self) -> None:
        assert list(self.page("1", q="nobody")) == []

"""A user comes with the permissions of the moment, in one query, and they are Django's."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.test import TestCase

from tests.factories import make_staff, make_superuser, make_user
from users.authentication import Backend
from users.models import User


def make_group(*codenames: str) -> Group:
    group = Group.objects.create(name=f"May {' '.join(codenames)}")
    group.permissions.set(Permission.objects.filter(codename__in=codenames))
    return group


class RightsTests(TestCase):
    def setUp(self) -> None:
        self.sam = make_staff("sam", "view_user", "view_emailsettings")
        self.sam.groups.add(make_group("view_user", "change_user"), make_group("add_group"))

    def signed_in(self, user: User) -> User:
        """The user as a request has it."""
        found = Backend().get_user(user.pk)
        assert found is not None
        return found

    def test_they_are_those_of_the_user_and_of_all_groups(self) -> None:
        assert self.signed_in(self.sam).get_all_permissions() == {
            "auth.add_group",
            "users.change_user",
            "users.view_emailsettings",
            "users.view_user",
        }

    def test_they_are_what_django_says(self) -> None:
        for user in (self.sam, make_user("alice"), make_superuser()):
            with self.subTest(user.username):
                expected = ModelBackend().get_all_permissions(User.objects.get(pk=user.pk))
                assert self.signed_in(user).get_all_permissions() == expected

    def test_they_cost_no_query_of_their_own(self) -> None:
        with self.assertNumQueries(1):
            sam = self.signed_in(self.sam)
            assert sam.has_perms(["users.view_user", "auth.add_group"])
            assert sam.has_module_perms("users")
            assert not sam.has_perm("users.delete_user")
            assert not sam.has_module_perms("axes")

    def test_a_user_that_was_read_otherwise_has_the_same(self) -> None:
        sam = User.objects.get(pk=self.sam.pk)
        assert Backend().get_all_permissions(sam) == self.signed_in(self.sam).get_all_permissions()

    def test_permissions_for_single_objects_are_none(self) -> None:
        assert self.signed_in(self.sam).get_all_permissions(self.sam) == set()

    def test_nobody_and_whoever_is_locked_out_is_not_signed_in(self) -> None:
        User.objects.filter(pk=self.sam.pk).update(is_active=False)
        assert Backend().get_user(self.sam.pk) is None
        assert Backend().get_user(0) is None


class NextRequestTests(TestCase):
    """What is given or taken away holds from the next request on."""

    def setUp(self) -> None:
        self.sam = make_staff("sam", "view_user")
        self.client.force_login(self.sam)

    def status(self) -> int:
        return self.client.get("/users/").status_code

    def test_a_permission_of_the_user(self) -> None:
        permission = Permission.objects.get(codename="view_emailsettings")
        assert self.status() == 403
        self.sam.user_permissions.add(permission)
        assert self.status() == 200
        self.sam.user_permissions.remove(permission)
        assert self.status() == 403

    def test_a_permission_of_a_group(self) -> None:
        group = make_group("view_emailsettings")
        self.sam.groups.add(group)
        assert self.status() == 200
        group.permissions.clear()
        assert self.status() == 403

    def test_being_in_a_group(self) -> None:
        group = make_group("view_emailsettings")
        group.user_set.add(self.sam)
        assert self.status() == 200
        group.user_set.clear()
        assert self.status() == 403

"""What staff may do: no page without its permission, nothing to a superuser, and no right given away."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client, TestCase

from tests.factories import PASSWORD, make_activity, make_settings, make_staff, make_superuser, make_template, make_user
from users.models import EmailSettings, SystemSettings, User


class EachPermissionTests(TestCase):
    """Each page of the staff wants its own permission, and being staff."""

    TABLE = (
        ("/users/", {"view_emailsettings"}),
        ("/users/add/", {"add_user", "change_emailsettings"}),
        ("/users/{uid}/", {"change_emailsettings"}),
        ("/users/{uid}/signature/", {"change_emailsettings"}),
        ("/users/{uid}/activities/", {"view_activity"}),
        ("/users/{uid}/activities/add/", {"add_activity"}),
        ("/users/{uid}/activities/{activity}/", {"change_activity"}),
        ("/users/{uid}/activities/{activity}/delete/", {"delete_activity"}),
        ("/users/{uid}/signature/preview/", {"change_emailsettings"}),
        ("/users/{uid}/signature/outlook.zip", {"change_emailsettings"}),
        ("/users/{uid}/signature/clipboard/", {"change_emailsettings"}),
        ("/system/signatures/", {"view_signaturetemplate"}),
        ("/system/signatures/add/", {"add_signaturetemplate"}),
        ("/system/signatures/{pk}/", {"change_signaturetemplate"}),
        ("/system/signatures/{pk}/preview/", {"view_signaturetemplate"}),
        ("/system/signatures/preview/", {"view_signaturetemplate"}),
        ("/system/signatures/{pk}/delete/", {"delete_signaturetemplate"}),
    )
    ALL = sorted(set().union(*(needed for _address, needed in TABLE)))
    parts: dict[str, Any]

    @classmethod
    def setUpTestData(cls) -> None:
        alice = make_user("alice")
        cls.parts = {"uid": alice.uid, "activity": make_activity(alice).uid, "pk": make_template().pk}

    def status(self, user: User, address: str) -> int:
        client = Client()
        client.force_login(user)
        return client.get(address.format(**self.parts)).status_code

    def test_the_permissions_of_a_page_are_enough(self) -> None:
        for number, (address, needed) in enumerate(self.TABLE):
            with self.subTest(address):
                assert self.status(make_staff(f"enough{number}", *needed), address) == 200

    def test_none_of_them_can_be_left_out(self) -> None:
        for number, (address, needed) in enumerate(self.TABLE):
            for name in needed:
                with self.subTest(address, without=name):
                    others = [other for other in self.ALL if other != name]
                    assert self.status(make_staff(f"{name}{number}", *others), address) == 403

    def test_permissions_without_being_staff_are_not_enough(self) -> None:
        sam = make_staff("sam")
        User.objects.filter(pk=sam.pk).update(is_staff=False)
        for address, _needed in self.TABLE:
            with self.subTest(address):
                assert self.status(sam, address) == 403

    def test_the_list_links_only_those_who_may_be_edited(self) -> None:
        root, alice = make_superuser("root"), User.objects.get(username="alice")
        client = Client()
        client.force_login(make_staff("sam"))
        page = client.get("/users/").content.decode()
        assert str(alice.uid) in page
        assert str(root.uid) not in page

    def test_the_account_fields_need_the_permission_to_change_users(self) -> None:
        client = Client()
        client.force_login(make_staff("sam", "change_emailsettings"))
        address = "/users/{uid}/".format(**self.parts)
        assert "account-username" not in client.get(address).content.decode()
        client.post(address, {"version": "0", "account-username": "stolen", "account-version": "0", "method": ""})
        assert User.objects.filter(username="alice").exists()


class SuperusersAreSafeFromStaffTests(TestCase):
    root: User
    sam: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.root = make_superuser("root")
        make_settings(cls.root)
        cls.sam = make_staff("sam")

    def setUp(self) -> None:
        self.client.force_login(self.sam)

    def test_staff_opens_no_page_that_edits_one(self) -> None:
        key, activity = self.root.pk, make_activity(self.root)
        for address in (
            f"/users/{self.root.uid}/",
            f"/users/{self.root.uid}/signature/",
            f"/users/{self.root.uid}/activities/",
            f"/users/{self.root.uid}/activities/add/",
            f"/users/{self.root.uid}/activities/{activity.uid}/",
            f"/users/{self.root.uid}/activities/{activity.uid}/delete/",
            f"/admin/users/activity/{activity.pk}/delete/",
            f"/users/{self.root.uid}/signature/preview/",
            f"/admin/auth/user/{key}/password/",
            f"/admin/users/user/{key}/password/",
            f"/admin/users/user/{key}/delete/",
            f"/admin/users/emailsettings/{key}/delete/",
        ):
            for method in ("GET", "POST"):
                with self.subTest(address, method=method):
                    assert self.client.generic(method, address).status_code in {403, 404, 405}

    def test_staff_changes_nothing_of_one_in_the_admin(self) -> None:
        for model in ("user", "emailsettings"):
            with self.subTest(model):
                address = f"/admin/users/{model}/{self.root.pk}/change/"
                assert b'name="_save"' not in self.client.get(address).content
                assert self.client.post(address, {"username": "x", "version": "1"}).status_code == 403

    def test_staff_deletes_none_by_the_list(self) -> None:
        chosen = {"action": "delete_selected", "_selected_action": [str(self.root.pk)], "post": "yes"}
        for model in ("user", "emailsettings"):
            with self.subTest(model):
                self.client.post(f"/admin/users/{model}/", chosen)
        assert User.objects.filter(pk=self.root.pk).exists()
        assert EmailSettings.objects.filter(pk=self.root.pk).exists()

    def test_superusers_edit_each_other(self) -> None:
        self.client.force_login(make_superuser("admin"))
        assert self.client.get(f"/users/{self.root.uid}/").status_code == 200


class StaffGivesNoRightsTests(TestCase):
    def setUp(self) -> None:
        permission = Permission.objects.earliest("pk")
        self.rights_posted = {"is_staff": "on", "is_superuser": "on", "user_permissions": [permission.pk], "groups": []}
        self.alice = make_user("alice")
        self.client.force_login(make_staff("sam"))

    def post(self, address: str, prefix: str = "", **more: Any) -> int:
        posted = {
            "username": "alice",
            "is_active": "on",
            "version": str(self.alice.version),
            **self.rights_posted,
            **more,
        }
        data = {f"{prefix}{name}": value for name, value in posted.items()}
        return self.client.post(address, data).status_code

    def rights(self, username: str = "alice") -> tuple[bool, bool, int]:
        user = User.objects.get(username=username)
        return user.is_staff, user.is_superuser, user.user_permissions.count()

    def test_in_the_admin_posted_rights_are_ignored(self) -> None:
        assert self.post(f"/admin/users/user/{self.alice.pk}/change/") == 302
        assert self.rights() == (False, False, 0)

    def test_in_the_admin_a_new_user_has_no_rights(self) -> None:
        passwords = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
        assert self.post("/admin/users/user/add/", username="eve", **passwords) == 302
        assert self.rights("eve") == (False, False, 0)

    def test_on_the_page_of_a_user_posted_rights_are_ignored(self) -> None:
        with_settings = {"version": "0", "method": "outlook"}
        posted = {f"account-{name}": value for name, value in self.rights_posted.items()} | with_settings
        posted |= {"account-username": "alice", "account-is_active": "on", "account-version": str(self.alice.version)}
        assert self.client.post(f"/users/{self.alice.uid}/", posted).status_code == 302
        assert self.rights() == (False, False, 0)

    def test_staff_does_not_raise_itself(self) -> None:
        self.alice = User.objects.get(username="sam")
        count = self.alice.user_permissions.count()
        assert self.post(f"/admin/users/user/{self.alice.pk}/change/", username="sam") == 302
        assert self.rights("sam") == (True, False, count)

    def test_a_superuser_gives_rights(self) -> None:
        self.client.force_login(make_superuser())
        assert self.post(f"/admin/users/user/{self.alice.pk}/change/") == 302
        assert self.rights() == (True, True, 1)

    def test_staff_changes_no_system_settings(self) -> None:
        for address in ("/system/", "/system/entra/", "/admin/users/systemsettings/1/change/"):
            with self.subTest(address):
                assert self.client.post(address, {"sending_method": "smtp", "version": "0"}).status_code == 403
        assert not SystemSettings.objects.exists()

"""With whom and with what a demonstration begins."""

from __future__ import annotations

from django.test import TestCase

from tests.factories import make_user
from users.demo.people import ADMINISTRATOR, PEOPLE, SIGN_IN_PASSWORD, make_people
from users.models import EmailSettings, SignatureTemplate, SystemSettings, User
from users.readiness import readiness_of
from users.signature_pictures import pictures_of
from users.vault import Secret


class MakePeopleTests(TestCase):
    def make(self) -> bool:
        return make_people(smtp_port=2525, smtp_username="demo", smtp_password=Secret("demo"))

    def test_makes_an_administrator_three_users_and_the_settings(self) -> None:
        assert self.make()
        assert User.objects.get(username=ADMINISTRATOR).is_superuser
        assert User.objects.filter(is_staff=False).count() == len(PEOPLE) == 3
        assert SystemSettings.load().smtp_secret == Secret("demo")
        assert SignatureTemplate.objects.count() == 1

    def test_one_user_is_ready(self) -> None:
        self.make()
        ready = [user.username for user in User.objects.all() if readiness_of(user).is_complete]
        assert ready == ["anna"]

    def test_her_signature_brings_its_picture_along(self) -> None:
        self.make()
        anna = User.objects.get(username="anna")
        (picture,) = pictures_of(anna, EmailSettings.of(anna).signature_html)
        assert (picture.media_type, picture.width) == ("image/png", 96)

    def test_everybody_signs_in_with_the_password_that_is_printed(self) -> None:
        self.make()
        for user in User.objects.all():
            assert user.check_password(SIGN_IN_PASSWORD)

    def test_makes_nothing_the_second_time(self) -> None:
        self.make()
        User.objects.filter(username="ben").delete()
        SystemSettings.objects.update(smtp_port=1)
        assert not self.make()
        assert not User.objects.filter(username="ben").exists()
        assert SystemSettings.load().smtp_port == 1

    def test_makes_nothing_where_there_are_users_already(self) -> None:
        make_user("somebody")
        assert not self.make()
        assert not SystemSettings.objects.exists()

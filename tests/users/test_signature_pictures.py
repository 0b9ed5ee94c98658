"""Pictures of signatures: stored once, bounded, settled when a signature is saved, and gone when nothing shows them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import TestCase
from django.utils import timezone

from tests.factories import make_settings, make_staff, make_superuser, make_template, make_user
from tests.pictures import picture, shown
from users.models import EmailSettings, SignatureImage, User
from users.signature_pictures import keep, pictures_in, pictures_of, refuse_what_can_not_be_kept, settle
from users.signatures import SignatureRefused
from users.signatures.pictures import MAX_PICTURES, Picture

RED, BLUE = picture("red"), picture("blue")
MANY = [picture(f"rgb({number}, 0, 0)") for number in range(MAX_PICTURES)]


def large(number: int) -> Picture:
    return Picture(b"x" * 900_000 + bytes([number]), "image/png", 9, 9, f"large{number}@signature")


def names(user: User) -> set[str]:
    return set(user.signature_images.values_list("content_id", flat=True))


class PicturesCase(TestCase):
    def setUp(self) -> None:
        self.alice, self.bob = make_user("alice"), make_user("bob")
        make_settings(self.alice)

    def grow_old(self) -> None:
        SignatureImage.objects.update(added_at=timezone.now() - timedelta(hours=25))


class KeepingTests(PicturesCase):
    def test_the_same_picture_is_stored_once(self) -> None:
        keep(self.alice, [RED, RED])
        keep(self.alice, [RED, BLUE])
        assert names(self.alice) == {RED.content_id, BLUE.content_id}
        row = self.alice.signature_images.get(content_id=RED.content_id)
        assert (bytes(row.content), row.sha256, row.size) == (RED.content, RED.sha256, len(RED.content))
        assert (row.width, row.height, row.is_used) == (120, 40, False)

    def test_two_users_have_the_same_picture_each(self) -> None:
        keep(self.alice, [RED])
        keep(self.bob, [RED])
        assert SignatureImage.objects.count() == 2

    def test_too_many_in_one_go_are_refused(self) -> None:
        with pytest.raises(SignatureRefused, match="10 pictures at most"):
            keep(self.alice, [*MANY, BLUE])
        assert names(self.alice) == set()

    def test_too_many_bytes_are_refused(self) -> None:
        with pytest.raises(SignatureRefused, match="more than 5 MB"):
            keep(self.alice, map(large, range(6)))
        keep(self.bob, map(large, range(5)))

    def test_what_was_pasted_and_deleted_again_makes_room(self) -> None:
        keep(self.alice, MANY)
        keep(self.alice, [BLUE], shown=shown(*MANY[1:]))
        assert names(self.alice) == {BLUE.content_id, *(each.content_id for each in MANY[1:])}

    def test_what_stands_in_the_editor_does_not(self) -> None:
        keep(self.alice, MANY)
        with pytest.raises(SignatureRefused):
            keep(self.alice, [BLUE], shown=shown(*MANY))
        assert BLUE.content_id not in names(self.alice)

    def test_what_the_stored_signature_shows_does_not_either(self) -> None:
        keep(self.alice, MANY)
        settle(shown(*MANY), self.alice, self.alice)
        with pytest.raises(SignatureRefused):
            keep(self.alice, [BLUE])

    def test_what_was_never_saved_goes_after_a_day(self) -> None:
        keep(self.alice, [RED])
        self.grow_old()
        keep(self.bob, [BLUE])
        assert names(self.alice) == set()

    def test_pasting_it_again_keeps_it_for_another_day(self) -> None:
        keep(self.alice, [RED])
        SignatureImage.objects.update(added_at=timezone.now() - timedelta(hours=23))
        keep(self.alice, [RED])
        assert self.alice.signature_images.get().added_at > timezone.now() - timedelta(minutes=1)


class SettlingTests(PicturesCase):
    def test_a_saved_picture_stays(self) -> None:
        keep(self.alice, [RED])
        settle(shown(RED), self.alice, self.alice)
        self.grow_old()
        keep(self.bob, [BLUE])
        assert names(self.alice) == {RED.content_id}

    def test_one_that_is_no_longer_shown_goes(self) -> None:
        keep(self.alice, [RED, BLUE])
        settle(shown(RED, BLUE), self.alice, self.alice)
        settle(shown(BLUE), self.alice, self.alice)
        assert names(self.alice) == {BLUE.content_id}

    def test_deleted_settings_take_their_pictures_along(self) -> None:
        keep(self.alice, [RED])
        settle(shown(RED), self.alice, self.alice)
        EmailSettings.objects.all().delete()
        keep(self.bob, [BLUE])
        assert names(self.alice) == set()

    def test_one_that_stands_unsaved_in_another_window_stays(self) -> None:
        keep(self.alice, [RED])
        settle("<p>Alice</p>", self.alice, self.alice)
        assert names(self.alice) == {RED.content_id}

    def test_what_an_administrator_pastes_becomes_the_users(self) -> None:
        sam = make_staff()
        keep(sam, [RED])
        settle(shown(RED), self.alice, sam)
        assert (names(sam), names(self.alice)) == (set(), {RED.content_id})
        assert self.alice.signature_images.get().is_used

    def test_an_administrator_keeps_what_the_own_signature_shows(self) -> None:
        sam = make_staff()
        make_settings(sam)
        keep(sam, [RED])
        settle(shown(RED), sam, sam)
        settle(shown(RED), self.alice, sam)
        assert names(sam) == names(self.alice) == {RED.content_id}

    def test_a_company_signatures_pictures_are_copied(self) -> None:
        root, template = make_superuser(), make_template()
        keep(root, [RED])
        settle(shown(RED), template, root)
        settle(shown(RED), self.alice, self.alice)
        assert names(self.alice) == {RED.content_id}
        assert template.signature_images.count() == 1
        template.delete()
        assert pictures_of(self.alice, shown(RED)) == (RED,)

    def test_nobody_gets_pictures_of_others(self) -> None:
        keep(self.alice, [RED])
        settle(shown(RED), self.bob, self.bob)
        assert names(self.bob) == set()
        with pytest.raises(SignatureRefused, match="no longer stored"):
            refuse_what_can_not_be_kept(shown(RED), self.bob)


class SeeingTests(PicturesCase):
    def test_the_own_ones_and_those_of_company_signatures(self) -> None:
        root, template = make_superuser(), make_template()
        keep(self.alice, [RED])
        keep(root, [BLUE])
        assert pictures_in(shown(RED, BLUE), self.alice) == (RED,)
        settle(shown(BLUE), template, root)
        assert set(pictures_in(shown(RED, BLUE), self.alice)) == {RED, BLUE}

    def test_staff_sees_those_of_users_but_not_of_superusers(self) -> None:
        root, sam = make_superuser(), make_staff()
        keep(self.alice, [RED])
        keep(root, [BLUE])
        assert pictures_in(shown(RED, BLUE), sam) == (RED,)
        assert len(pictures_in(shown(RED, BLUE), root)) == 2
        assert pictures_in(shown(RED), make_staff("other", "view_emailsettings")) == ()

    def test_one_that_many_have_is_shown_once(self) -> None:
        keep(self.alice, [RED])
        keep(self.bob, [RED])
        assert pictures_in(shown(RED), make_superuser()) == (RED,)

    def test_finding_them_takes_one_query(self) -> None:
        keep(self.alice, MANY)
        with self.assertNumQueries(1):
            assert len(pictures_in(shown(*MANY), self.alice)) == MAX_PICTURES

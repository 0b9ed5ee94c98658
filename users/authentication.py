"""Who is signed in, read together with what every page asks for: the permissions, and the last check if it failed.

The navigation asks for permissions on every page. Django answers with two more queries, one for the user and one for
the groups; here they come with the user. All is read for each request anew: what is taken away is gone at once.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import JSONField, Subquery, Value
from django.db.models.functions import Concat

from users.models import EmailSettings, User

NAME = Concat("content_type__app_label", Value("."), "codename")


class AsList(Subquery):
    """The column ``granted`` of a query as one value: a list."""

    template = "(SELECT COALESCE(JSONB_AGG(granted), '[]') FROM (%(subquery)s) AS permissions)"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        template = self.template.replace("JSONB_AGG", "JSON_GROUP_ARRAY")
        return self.as_sql(compiler, connection, template=template)  # type: ignore[call-arg]  # unknown to the stubs


class Backend(ModelBackend):
    """Django's own users and permissions, in one query for a request."""

    def get_user(self, user_id: Any) -> User | None:
        people = User.objects.annotate(granted=AsList(_granted_to(user_id)), failed_check=_failed_check_of(user_id))
        user = people.filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        knows_all = obj is None and hasattr(user_obj, "granted") and not user_obj.is_superuser
        return set(user_obj.granted) if knows_all else super().get_all_permissions(user_obj, obj)


def _failed_check_of(user_id: Any) -> Subquery:
    return Subquery(EmailSettings.objects.filter(pk=user_id, check_passed=False).values("check_outcome"))


def _granted_to(user_id: Any) -> Any:
    own, of_groups = (
        Permission.objects.filter(**{path: user_id}).order_by().values(granted=NAME) for path in ("user", "group__user")
    )
    return own.union(of_groups)

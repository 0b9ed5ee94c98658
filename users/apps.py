from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_delete
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    name = "users"
    verbose_name = _("E-mail settings")

    def ready(self) -> None:
        from users import checks, exports, reauthentication, round_tasks, tasks  # noqa: F401  (they register themselves)
        from users.key_file import ensure_key_file
        from users.listing_triggers import ensure_triggers

        post_migrate.connect(ensure_key_file, sender=self)
        post_migrate.connect(ensure_triggers, sender=self)
        pre_delete.connect(exports.forget_deleted, sender="users.Activity")

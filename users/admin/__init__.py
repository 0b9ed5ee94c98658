"""The Django admin: all models, with the pages' forms and rules. Secrets show as set or not set, and nothing more."""

from users.admin import activities, messages, people, signatures, system

__all__ = ["activities", "messages", "people", "signatures", "system"]

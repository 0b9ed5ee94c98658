"""The forms, shared by the pages and the Django admin."""

from users.forms.activity import ActivityForm
from users.forms.activity_search import ActivitySearchForm
from users.forms.email_settings import EmailSettingsForm
from users.forms.entra import EntraForm
from users.forms.search import UserSearchForm
from users.forms.signature import SignatureForm
from users.forms.signature_template import SignatureTemplateForm
from users.forms.system_settings import SystemSettingsForm
from users.forms.user import AccountForm, NewAccountForm

__all__ = [
    "AccountForm",
    "ActivityForm",
    "ActivitySearchForm",
    "EmailSettingsForm",
    "EntraForm",
    "NewAccountForm",
    "SignatureForm",
    "SignatureTemplateForm",
    "SystemSettingsForm",
    "UserSearchForm",
]

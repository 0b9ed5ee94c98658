"""The WSGI entry for gunicorn: ``gunicorn mailsettings.wsgi``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailsettings.settings")

application = get_wsgi_application()

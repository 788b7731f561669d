"""The WSGI entry point: `granian --interface wsgi undersigned.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "undersigned.settings")

application = get_wsgi_application()

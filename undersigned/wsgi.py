"""The WSGI entry point: `granian --interface wsgi undersigned.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from core.front import Front

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "undersigned.settings")

application = Front(get_wsgi_application())

"""The WSGI entry point: `granian --interface wsgi undersigned.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from core.front import Front
from core.shedding import Shedding

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "undersigned.settings")

application = Front(Shedding(get_wsgi_application()))

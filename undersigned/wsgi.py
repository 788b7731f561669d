"""The WSGI entry point: `granian --interface wsgi undersigned.wsgi:application`."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from core import supervisor
from core.speed.front import Front
from core.speed.shedding import Shedding

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "undersigned.settings")

django = get_wsgi_application()
# The program itself never becomes rubbish: the collector need not look through it again and again.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
shedding = Shedding(django, settings.TRUSTED_PROXIES)
supervisor.watch(shedding.gets_on)
application = Front(shedding) if settings.SPEED else shedding

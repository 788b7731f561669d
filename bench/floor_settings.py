"""The site's settings with nothing but two bare views: what Django itself costs on this machine and database."""

from undersigned.settings import *  # noqa: F403 - everything is the site's but these

MIDDLEWARE = []
ROOT_URLCONF = "bench.floors"

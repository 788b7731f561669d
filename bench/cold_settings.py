"""The site's settings with nothing kept from one request to the next: what a page costs when it must be made."""

from undersigned.settings import *  # noqa: F403 - everything is the site's but these

CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
PAGE_FRESH_SECONDS = 0

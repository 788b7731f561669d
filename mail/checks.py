"""Whether mail can leave with these settings, as far as can be checked without the network."""

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection

OURS = {"REQUESTS_TIMEOUT"}


@register()
def backend(**kwargs: Any) -> list[CheckMessage]:
    """An error where EMAIL_BACKEND can't be had, lacks a setting of its provider, or knows none of that name."""
    try:
        get_connection()
    except (ImportError, ImproperlyConfigured) as error:
        return [_cannot_be_had(error)]
    asked: set[str] = getattr(settings.ANYMAIL, "asked", set())
    return [_unknown(name, asked) for name in sorted(set(settings.ANYMAIL) - asked - OURS)]


def _cannot_be_had(error: Exception) -> Error:
    lacks = re.search(r"\bANYMAIL_[A-Z_]+", str(error))
    if lacks:
        return Error(
            f"EMAIL_BACKEND={settings.EMAIL_BACKEND} lacks a setting.", hint=f"Set {lacks[0]}.", id="mail.E001"
        )
    hint = "Write one of django-anymail's, such as anymail.backends.mailgun.EmailBackend, or leave it out for SMTP."
    return Error(f"EMAIL_BACKEND={settings.EMAIL_BACKEND} can't be had: {error}", hint=hint, id="mail.E001")


def _unknown(name: str, asked: set[str]) -> Error:
    known = ", ".join(f"ANYMAIL_{other}" for other in sorted(asked)) or "none, since it is no provider's"
    return Error(
        f"ANYMAIL_{name} is set, but {settings.EMAIL_BACKEND} knows no such setting.",
        hint=f"It knows {known}.",
        id="mail.E002",
    )

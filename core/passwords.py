"""Logging in with a password, which can be switched off where there is another way; and what proves somebody lately.

Never for the last administrator: passwords are off only while somebody who may do everything has logged in the other
way, and requests to other hosts are on, without which that way is closed. `manage.py passwords on` is the way back.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import switches
from core.switches import KINDS, Kind

BACKEND = "core.passwords.PasswordBackend"
SWITCH = "passwords"
PROVED = "_proved_at"
LATELY = 900  # seconds
KINDS.append(Kind(SWITCH, _("Passwords of staff"), _("Log in with the button above.")))


@dataclass(frozen=True)
class Way:
    """Another way in: what its button says, where it leads and where one logs out there; and whether somebody who may
    do everything has come in by it.
    """

    label: str
    url: str
    out: str
    is_enough: Callable[[], bool]


_ways: list[Callable[[], Way | None]] = []


def way_in(function: Callable[[], Way | None]) -> Callable[[], Way | None]:
    """Register another way in; None while it is not set up."""
    _ways.append(function)
    return function


def ways() -> list[Way]:
    """Those that are set up."""
    return [way for function in _ways if (way := function())]


def are_off() -> bool:
    """Whether nobody can log in with a password now."""
    found = ways()
    if not found:
        return False
    off = switches.off()
    return SWITCH in off and "outbound" not in off and any(way.is_enough() for way in found)


def note_proof(request: HttpRequest) -> None:
    """They have just proved elsewhere who they are."""
    request.session[PROVED] = time.time()


def proved_lately(request: HttpRequest) -> bool:
    """Whether they did so within the last quarter of an hour, so that no password need be asked for again."""
    return request.session.get(PROVED, 0) > time.time() - LATELY


class PasswordBackend(ModelBackend):
    """Django's, but for while passwords are off. Who is logged in may still prove that it is them."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """As Django's."""
        user = getattr(request, "user", None)
        is_proof = user is not None and user.is_authenticated and user.get_username() == username
        if not is_proof and are_off():
            return None
        return super().authenticate(request, username, password, **kwargs)

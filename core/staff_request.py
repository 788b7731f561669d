"""Requests to staff pages, whose `user` is logged in."""

from typing import cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


class StaffRequest(HttpRequest):
    """A request that came through the staff middlewares (core/http.py). None is ever made: it says what they add."""

    user: User
    csp_nonce: object  # of django-csp, made when its text is first asked for


def staff(request: HttpRequest) -> StaffRequest:
    """The same request, typed as one from staff. Raises PermissionDenied when nobody is logged in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return cast(StaffRequest, request)

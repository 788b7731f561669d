"""Django's middlewares for the staff's addresses alone: public pages know no session and set no cookie."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from axes.middleware import AxesMiddleware
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django_otp.middleware import OTPMiddleware

from core import http, refusals
from core.resolver import is_staff_path

# The pages that somebody needs who has typed a password and no code yet.
BEFORE_SECOND_FACTOR = {"login", "logout", "second_factor", "second_factor_enrol", "jsi18n", "invitation"}
BEFORE_SECOND_FACTOR |= {"oidc", "oidc_back", "oidc_out"}

GetResponse = Callable[[HttpRequest], HttpResponse]

if TYPE_CHECKING:
    from django.utils.deprecation import MiddlewareMixin as Middleware
else:
    Middleware = object


class StaffOnly(Middleware):
    """Mixed into one of Django's middlewares: it acts on staff paths and does not exist elsewhere.

    The outermost of several in a row leads public requests past all of them, which is a twentieth of a signature.
    """

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        inner = getattr(get_response, "__wrapped__", None)  # Django wraps each middleware to catch what it raises
        self._past: GetResponse = inner._past if isinstance(inner, StaffOnly) else get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        return super().__call__(request) if is_staff_path(request) else self._past(request)


class StaffSessionMiddleware(StaffOnly, SessionMiddleware):
    """Sessions for staff."""


class StaffCsrfMiddleware(StaffOnly, CsrfViewMiddleware):
    """Django's token for staff; public forms are guarded by their origin instead (PublicMiddleware)."""

    def process_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # the page of another status, too
        if not is_staff_path(request):
            return None
        try:
            return super().process_view(request, *args, **kwargs)
        except refusals.TOO_MUCH:
            return http.too_large(request)


class StaffAuthenticationMiddleware(StaffOnly, AuthenticationMiddleware):
    """`request.user` for staff; a public view that asks for it is a defect and fails."""


class StaffSecondFactorMiddleware(StaffOnly, OTPMiddleware):
    """Sends staff who have typed a password only to the page that asks for their second factor."""

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        if not is_staff_path(request):
            return None
        match = request.resolver_match
        if match is not None and match.url_name in BEFORE_SECOND_FACTOR:
            return None
        from core import log_in_again, second_factor  # noqa: PLC0415 - models must be loaded first

        try:
            asked = log_in_again.ask(request)
        except refusals.TOO_MUCH:
            return http.too_large(request)
        if asked is not None:
            return asked
        missing = settings.SECOND_FACTOR and request.user.is_authenticated and not second_factor.is_proved(request)
        query = urlencode({"next": request.get_full_path()})
        return redirect(f"{reverse('admin:second_factor')}?{query}") if missing else None


class StaffMessageMiddleware(StaffOnly, MessageMiddleware):
    """Messages for staff."""


class StaffAxesMiddleware(StaffOnly, AxesMiddleware):
    """Locks out who guesses passwords."""


class StaffCSPMiddleware(StaffOnly, CSPMiddleware):
    """A policy with a nonce, which the editor in the admin needs."""

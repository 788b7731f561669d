"""Logging in again in place: a form sent after the session has ended goes on after the log-in.

What was typed stays on the page as hidden inputs, with the fields of the log-in beside it. Django's token has been
judged before (core.staff_middleware.StaffCsrfMiddleware), so this answers only posts from pages of ours.
"""

from http import HTTPStatus

import django_otp
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from core import refusals, second_factor
from core.second_factor import CodeForm

AGAIN = "_again"  # begins the names of the log-in's own inputs
AUTOSAVE = "_keep"


def ask(request: HttpRequest) -> HttpResponse | None:
    """Ask for what is missing, and return None once nothing is: the request then goes on to its view.

    Only for a post that carries something typed; anything else is led to the log-in as ever.
    """
    if request.method != "POST" or not (_is_again(request) or refusals.has_words(request)):
        return None
    if _is_in(request) and _has_factor(request):
        return None
    if AUTOSAVE in request.POST:
        return JsonResponse({"logged_out": True}, status=HTTPStatus.UNAUTHORIZED)
    page = None if _is_in(request) else _ask_password(request)
    if page is None and not _has_factor(request):
        page = _ask_code(request)
    if page is None:
        data = request.POST.copy()
        for name in [name for name in data if name.startswith(AGAIN)]:
            del data[name]
        request.POST = data  # type: ignore[assignment]  # what the view reads next
    return page


def _is_again(request: HttpRequest) -> bool:
    return any(name.startswith(AGAIN) for name in request.POST)


def _is_in(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_staff


def _has_factor(request: HttpRequest) -> bool:
    return (
        not settings.SECOND_FACTOR or second_factor.is_proved(request) or not django_otp.user_has_device(request.user)
    )


def _ask_password(request: HttpRequest) -> HttpResponse | None:
    posted = f"{AGAIN}-username" in request.POST
    form = AdminAuthenticationForm(request, data=request.POST if posted else None, prefix=AGAIN)
    if posted and form.is_valid():
        person = form.get_user()
        login(request, person)
        person.otp_device = None  # type: ignore[attr-defined]  # as OTPMiddleware does at the beginning of a request
        return None
    return _page(request, form, _("Your session has ended"), _("Log in, and what you typed is sent. Nothing is lost."))


def _ask_code(request: HttpRequest) -> HttpResponse | None:
    posted = f"{AGAIN}-code" in request.POST
    form = CodeForm(request.POST if posted else None, prefix=AGAIN)
    if posted and form.is_valid():
        device = django_otp.match_token(request.user, form.cleaned_data["code"])
        if device is not None:
            django_otp.login(request, device)
            return None
        form.refuse()
    return _page(request, form, _("Your second factor"), _("Then what you typed is sent. Nothing is lost."))


def _page(request: HttpRequest, form: object, title: str, words: str) -> HttpResponse:
    return refusals.refuse(request, HTTPStatus.UNAUTHORIZED, title, words, may_resend=True, form=form)

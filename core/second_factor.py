"""A second factor for staff: six digits from an app on their phone (TOTP, RFC 6238), or a recovery code.

django-otp keeps the devices, judges the codes and slows down who guesses; the pages are ours. While SECOND_FACTOR is
on, a person without one reaches no staff page but the one that sets it up (staff_middleware.py).
"""

import base64
import binascii
import secrets
from collections.abc import Callable
from typing import Any

import django_otp
from django import forms
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods
from django_otp.middleware import is_verified
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from core import audit, qr
from core.staff_request import staff

RECOVERY_CODES = 10
SALT = "core.second_factor.enrol"
HALF_AN_HOUR = 1800
read_or_post = require_http_methods(["GET", "HEAD", "POST"])


class CodeForm(forms.Form):
    """The digits."""

    code = forms.CharField(
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )

    def clean_code(self) -> str:
        """The code without the spaces that people type."""
        return self.cleaned_data["code"].replace(" ", "").replace("-", "").lower()

    def refuse(self) -> None:
        """Say that it does not fit; not whether it was old, wrong, or tried too often."""
        self.add_error("code", gettext("This code does not fit. Wait for the next one and try again."))


def urls(wrap: Callable) -> list[URLPattern]:
    """The two pages; `wrap` checks that a member of staff is logged in."""
    return [
        path("second-factor/", wrap(read_or_post(ask)), name="second_factor"),
        path("second-factor/set-up/", wrap(read_or_post(enrol)), name="second_factor_enrol"),
    ]


TRUSTED = "_second_factor_elsewhere"


def trust(request: HttpRequest) -> None:
    """Another way in has asked for a second factor, as this site's operator says it does."""
    request.session[TRUSTED] = True


def is_proved(request: HttpRequest) -> bool:
    """Whether this session has a second factor, ours or that of another way in."""
    return is_verified(request.user) or bool(request.session.get(TRUSTED))


def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the digits, once in a session."""
    if not django_otp.user_has_device(request.user):
        return redirect("admin:second_factor_enrol")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        device = django_otp.match_token(request.user, form.cleaned_data["code"])
        if device is not None:
            django_otp.login(request, device)
            return redirect(_next(request))
        form.refuse()
    return _page(request, "ask", title=gettext("Your second factor"), form=form)


def enrol(request: HttpRequest) -> HttpResponse:
    """Show a new key as a QR code; keep it once a code from it was typed. Who has one already types that first."""
    if django_otp.user_has_device(request.user) and not is_verified(request.user):
        return redirect("admin:second_factor")
    posted = request.method == "POST"
    key = _key(request.POST.get("key", "")) if posted else secrets.token_hex(20)
    form = CodeForm(request.POST if posted else None)
    if posted and form.is_valid():
        if key and _fits(key, form.cleaned_data["code"]):
            return _page(request, "codes", title=gettext("Your recovery codes"), codes=_keep(request, key))
        form.refuse()
    key = key or secrets.token_hex(20)
    device = TOTPDevice(user=request.user, key=key)
    shown = {
        "picture": qr.data_uri(device.config_url, scale=5, border=3),
        "typed": _typed(key),
        "key": signing.dumps(key, salt=SALT),
    }
    return _page(request, "enrol", title=gettext("Set up your second factor"), form=form, **shown)


@transaction.atomic
def _keep(request: HttpRequest, key: str) -> list[str]:
    """Replace whatever the person had; returns the recovery codes, which are shown this once."""
    user = staff(request).user
    forget(user=user)
    device = TOTPDevice.objects.create(user=user, name="Phone", key=key)
    spare = StaticDevice.objects.create(user=user, name=gettext("Recovery codes"))
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=spare, token=code) for code in codes])
    audit.record(by=user, on=user, what="Set up a second factor")
    django_otp.login(request, device)
    return codes


@transaction.atomic
def forget(*, user: User, by: audit.Staff = None) -> None:
    """Remove a lost second factor; the person sets up a new one at the next log-in."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    audit.record(by=by, on=user, what="Took the second factor away")


def _key(sealed: str) -> str:
    """The key of the picture that was shown, or an empty text when the page is too old or was made up."""
    try:
        return signing.loads(sealed, salt=SALT, max_age=HALF_AN_HOUR)
    except signing.BadSignature:
        return ""


def _fits(key: str, code: str) -> bool:
    return code.isdecimal() and TOTP(binascii.unhexlify(key)).verify(int(code), tolerance=1)


def _typed(key: str) -> str:
    """The key in groups of four, for who cannot take a picture of it."""
    text = base64.b32encode(binascii.unhexlify(key)).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _next(request: HttpRequest) -> str:
    wanted = request.GET.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, None) else reverse("admin:index")


def _page(request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
    return TemplateResponse(request, f"admin/second_factor/{name}.html", {**site.each_context(request), **context})

"""Two pages: one leads to the provider, the other takes whoever comes back, with one press of a button.

The way back is a GET, and no GET changes anything here: its page has a form with the code, and pressing it logs in.
That also lets every cookie of ours be SameSite=Strict, which a browser does not send along on the way back itself.
"""

from hmac import compare_digest

from django.conf import settings
from django.contrib.admin import site
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import controls, passwords, second_factor, tokens
from core.http import no_store
from integrations.oidc import identities, provider
from integrations.oidc.provider import Going

PURPOSE = "oidc-going"
COOKIE = "oidc"
MINUTES = 10


@passwords.way_in
def way() -> passwords.Way | None:
    """The button on the log-in page."""
    if not provider.is_set_up():
        return None
    return passwords.Way(
        settings.OIDC_NAME, reverse("admin:oidc"), reverse("admin:oidc_out"), identities.administrators
    )


def _refuse(request: HttpRequest, words: str, status: int = 403) -> HttpResponse:
    context = {**site.each_context(request), "title": _("You are not logged in"), "words": words}
    return no_store(TemplateResponse(request, "admin/oidc/refused.html", context, status=status))


@controls.open_page("oidc/", name="oidc")
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Off to the provider."""
    if not provider.is_set_up():
        return redirect("admin:login")
    following = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(following, None) and following.startswith(reverse("admin:index"))
    try:
        where, going = provider.set_out(following[:500] if is_ours else "")
    except provider.NotProved as error:
        return _refuse(request, str(error), 502)
    response = no_store(HttpResponse(status=302, headers={"Location": where}))
    response.set_cookie(
        COOKIE,
        tokens.seal(PURPOSE, {**going.as_data, "until": timezone.now().timestamp() + MINUTES * 60}),
        max_age=MINUTES * 60,
        path=reverse("admin:oidc"),
        secure=settings.SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


@controls.open_page("oidc/back/", name="oidc_back")
@require_http_methods(["GET", "HEAD", "POST"])
def come_back(request: HttpRequest) -> HttpResponse:
    """A page with one button; pressing it logs in."""
    given = request.POST if request.method == "POST" else request.GET
    if given.get("error") or not given.get("code"):
        return _refuse(request, _("The provider did not let you in, or you went back. Try again."))
    if request.method != "POST":
        context = {**site.each_context(request), "title": _("One more press"), "name": settings.OIDC_NAME}
        context |= {"code": given["code"], "state": given.get("state", "")}
        return no_store(TemplateResponse(request, "admin/oidc/back.html", context))
    response = _let_in(request, str(given["code"]), str(given.get("state", "")))
    response.delete_cookie(COOKIE, path=reverse("admin:oidc"), samesite="Strict")
    return response


def _going(request: HttpRequest, state: str) -> Going | None:
    """What we remember of whoever set out in this browser, if they came back with our state in time."""
    try:
        kept = tokens.unseal(PURPOSE, request.COOKIES.get(COOKIE, ""))
    except tokens.BadToken:
        return None
    is_in_time = kept.pop("until", 0) > timezone.now().timestamp()
    going = Going(**kept)
    return going if is_in_time and compare_digest(going.state.encode(), state.encode()) else None


def _let_in(request: HttpRequest, code: str, state: str) -> HttpResponse:
    going = _going(request, state)
    if going is None:
        return _refuse(
            request, _("This log-in was not begun in this browser, or more than ten minutes ago. Try again.")
        )
    try:
        claims = provider.claims(code, going)
    except provider.NotProved as error:
        return _refuse(request, str(error), 502)
    identity = identities.known(claims)
    user = identity.user
    if user is None:
        return _refuse(
            request,
            _("We don't know yet whose account this is. Ask an administrator to link account %(number)s to your log-in "
              "under “Accounts elsewhere”, then try again.") % {"number": identity.pk},
        )  # fmt: skip
    if not (user.is_active and user.is_staff):
        return _refuse(request, _("This log-in is switched off."))
    identities.used(identity=identity, claims=claims)
    login(request, user, backend=passwords.BACKEND)
    passwords.note_proof(request)
    if identities.has_second_factor(claims):
        second_factor.trust(request)
    return no_store(redirect(going.next or "admin:index"))


@controls.open_page("oidc/out/", name="oidc_out")
@require_safe
def log_out_there(request: HttpRequest) -> HttpResponse:
    """On to the provider's own page for logging out; of ours they are out already."""
    try:
        where = provider.way_out()
    except provider.NotProved as error:
        return _refuse(request, str(error), 502)
    return no_store(HttpResponse(status=302, headers={"Location": where})) if where else redirect("admin:login")

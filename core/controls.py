"""The staff pages that belong to no model: the switches, one's keys, and whether everything is set up."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.admin import ModelAdmin, site
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from core import company, lights, switches
from core.admin.keeping import KeepingAdmin
from core.models import KeysOn
from core.staff_request import staff

View = Callable[..., HttpResponseBase]
_more: list[tuple[str, View, str]] = []
_open: list[tuple[str, Callable[..., HttpResponse], str]] = []


def open_page(address: str, *, name: str) -> Callable:
    """Register a staff page for somebody who has no log-in yet; it must prove in its own way who asks."""

    def register(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        _open.append((address, view, name))
        return view

    return register


def page(address: str, *, name: str) -> Callable[[View], View]:
    """Register a staff page of another app that belongs to no model."""

    def register(view: View) -> View:
        _more.append((address, view, name))
        return view

    return register


read_or_post = require_http_methods(["GET", "HEAD", "POST"])


def urls(wrap: Callable) -> list[URLPattern]:
    """The pages; `wrap` checks that somebody of the staff is logged in."""
    return [
        path("switches/", wrap(read_or_post(show_switches)), name="switches"),
        path("drafts/<str:model>/<str:object_id>/", wrap(read_or_post(show_drafts)), name="drafts"),
        path("here/", wrap(require_POST(here)), name="here"),
        path("keys/", wrap(read_or_post(keys)), name="keys"),
        path("set-up/", wrap(require_http_methods(["GET", "HEAD"])(set_up)), name="set_up"),
        *(path(address, wrap(view), name=name) for address, view, name in _more),
        *(path(address, csrf_protect(never_cache(view)), name=name) for address, view, name in _open),
    ]


def show_switches(request: HttpRequest) -> HttpResponse:
    """Each switch with its button; one press."""
    if not request.user.has_perm("core.view_switch"):
        raise PermissionDenied
    if request.method == "POST":
        return _turn(request)
    standing = {switch.name: switch for switch in switches.standing()}
    rows = [(kind, standing.get(kind.name)) for kind in switches.KINDS]
    can_turn = request.user.has_perm("core.change_switch")
    context = {**site.each_context(request), "title": "Switches", "rows": rows, "can_turn": can_turn}
    return TemplateResponse(request, "admin/switches.html", context)


def _turn(request: HttpRequest) -> HttpResponse:
    name, turn = request.POST.get("name", ""), request.POST.get("turn", "")
    if not request.user.has_perm("core.change_switch") or name not in {kind.name for kind in switches.KINDS}:
        raise PermissionDenied
    is_extra = name in {kind.name for kind in switches.KINDS if kind.is_extra}
    if turn == "off":
        switches.turn_off(name=name, sentence=request.POST.get("sentence", "")[:200], by=staff(request).user)
        messages.success(request, _("Switched off.") if is_extra else _("Switched off. Visitors read your sentence."))
    else:
        switches.turn_on(name=name, by=staff(request).user)
        messages.success(request, _("Switched on.") if is_extra else _("Switched on again."))
    return redirect("admin:switches")


def keys(request: HttpRequest) -> HttpResponse:
    """Single keys in the queues, for oneself: off until one switches them on."""
    mine = KeysOn.objects.filter(user=staff(request).user)
    if request.method == "POST":
        if request.POST.get("turn") == "on":
            KeysOn.objects.get_or_create(user=staff(request).user)
        else:
            mine.delete()
        messages.success(request, _("Kept."))
        return redirect("admin:keys")
    context = {**site.each_context(request), "title": _("Keys"), "keys_are_on": mine.exists()}
    return TemplateResponse(request, "admin/keys.html", context)


def show_drafts(request: HttpRequest, model: str, object_id: str) -> HttpResponse:
    """What somebody typed into the form of a row, in revisions."""
    pages = _pages_of(model)
    if not isinstance(pages, KeepingAdmin) or not pages.keeps_drafts:
        raise Http404
    return pages.drafts_view(request, object_id)


def _pages_of(label: str) -> ModelAdmin | None:
    return {model._meta.label_lower: pages for model, pages in site._registry.items()}.get(label)


def here(request: HttpRequest) -> HttpResponse:
    """Somebody has a page before them: note it, and tell who else has. Only of what they may see."""
    named, number = request.POST.get("model", ""), request.POST.get("object", "")[:40]
    found = _pages_of(named)
    row = found.get_object(request, number) if found and number else None
    if found is None or (number and row is None) or not found.has_view_permission(request, row):
        raise PermissionDenied
    me = staff(request).user
    company.arrive(user=me, model=named, object_id=number)
    return JsonResponse({"others": company.others(user=me, model=named, object_id=number)})


def set_up(request: HttpRequest) -> HttpResponse:
    """Traffic lights: what a site needs to be trusted with signatures."""
    if not request.user.has_perm("core.view_switch"):
        raise PermissionDenied
    found = lights.all_lights(ask="look-up" in request.GET)
    context = {**site.each_context(request), "title": "Set-up", "lights": found}
    return TemplateResponse(request, "admin/set_up.html", context)

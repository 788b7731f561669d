"""Forms of the desk that lose nothing: drafts that keep themselves, and no writing over what a colleague changed."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.forms import BaseForm, ModelForm
from django.forms.boundfield import BoundField
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from core import audit, company, drafts
from core.admin import typed
from core.models import AuditEntry, FormDraft
from core.staff_request import staff

AUTOSAVE = "_keep"  # the same form, posted to be kept as a draft
DRAFT = "draft"  # in the address: the revision to bring back
TAKE = "_take-"  # and the name of a field: whose words
COPY = "copy"  # in the address: the row to copy
NEW = "add"  # stands in the address of what has no row yet


class KeepingAdmin(admin.ModelAdmin):
    """A ModelAdmin whose forms keep drafts, carry how their row stood when they were opened, and ask when a colleague
    has changed the same field meanwhile.
    """

    keeps_drafts = True
    copies_all_but: tuple[str, ...] | None = None  # fields that a copy of a row leaves empty; None: nothing is copied

    @property
    def _names(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Django's, after a look at what others changed; what was refused is 422."""
        if request.method != "POST" or not self.keeps_drafts:
            return super().changeform_view(request, object_id, form_url, extra_context)
        if AUTOSAVE in request.POST:
            return self._autosave(request, object_id)
        with transaction.atomic():
            response = self._meet(request, object_id) if object_id is not None else None
            if response is None:
                response = super().changeform_view(request, object_id, form_url, extra_context)
            if response.status_code == HTTPStatus.FOUND:
                drafts.settle(**self._whose(request, object_id))
        if isinstance(response, TemplateResponse) and (response.context_data or {}).get("errors"):
            response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        return response

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Django's page, with the stamp of its row, the draft that waits, and who else is there."""
        form = context["adminform"].form
        if self.keeps_drafts and form.fields:
            context.update(self._kept(request, form, obj))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _kept(self, request: HttpRequest, form: BaseForm, obj: Model | None) -> dict[str, Any]:
        whose = self._whose(request, str(obj.pk) if obj else None)
        found: dict[str, Any] = {"keeps": True, "drafts_url": self._drafts_url(obj), "opened": ""}
        found["most_bytes"] = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if obj is not None:
            found["opened"] = request.POST.get(typed.OPENED) or typed.stamp(typed.shown(form))
            found |= {"here": [self.opts.label_lower, obj.pk], "company": company.others(**whose)}
        if request.method == "POST":
            return found
        if self.copies_all_but is not None:
            found |= self._copy_in(request, form) if obj is None else self._copy_tool(request, obj)
        waiting = drafts.waiting(**whose)
        if number := request.GET.get(DRAFT, ""):
            brought = get_object_or_404(drafts.of(**whose), pk=number if number.isdecimal() else 0)
            for name, value in typed.initial(form, brought.typed).items():
                form.initial[name] = form[name].initial = value  # the latter was kept when the stamp was made
            found["brought"] = brought
        elif waiting is not None and self._differs(form, waiting):
            found["waiting_draft"] = waiting
        return found

    def _copy_tool(self, request: HttpRequest, obj: Model) -> dict[str, Any]:
        may = self.has_add_permission(request)
        return {"copy_url": f"{reverse(f'admin:{self._names}_add')}?{COPY}={obj.pk}"} if may else {}

    def _copy_in(self, request: HttpRequest, form: BaseForm) -> dict[str, Any]:
        """Fill a form for a new row with what another says; nothing is stored before somebody saves it."""
        if not (number := request.GET.get(COPY, "")):
            return {}
        row = self.get_object(request, number)
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        known = typed.shown(self.get_form(request, None)(instance=row))
        for name, value in typed.initial(form, known).items():
            if name not in (self.copies_all_but or ()):
                form.initial[name] = form[name].initial = value
        return {"copied": row}

    def _whose(self, request: HttpRequest, object_id: str | None) -> dict[str, Any]:
        number = "" if object_id in (None, NEW) else unquote(str(object_id))
        return {"user": staff(request).user, "model": self.opts.label_lower, "object_id": number}

    def _drafts_url(self, obj: Model | None) -> str:
        return reverse("admin:drafts", args=[self.opts.label_lower, obj.pk if obj else NEW])

    def _differs(self, form: BaseForm, draft: FormDraft) -> bool:
        now = typed.shown(form)
        return any(not typed.same(bound, draft.typed, now) for bound in self._known(form, draft))

    def _known(self, form: BaseForm, draft: FormDraft) -> list[BoundField]:
        """The fields that a draft says something about."""
        names = [(bound, set(typed.names_of(bound))) for bound in form]
        return [bound for bound, own in names if own & draft.typed.keys() or (own and typed.is_box(bound))]

    def _form_now(self, request: HttpRequest, obj: Model | None) -> ModelForm:
        """The form as the row stands now, with nothing typed."""
        form = self.get_form(request, obj, change=obj is not None)
        return form(instance=obj) if obj is not None else form(initial=self.get_changeform_initial_data(request))

    def _editable(self, request: HttpRequest, object_id: str | None) -> Model | None:
        """The row, None for a new one. Raises Http404 and PermissionDenied."""
        if object_id in (None, NEW):
            if not self.has_add_permission(request):
                raise PermissionDenied
            return None
        obj = self.get_object(request, unquote(str(object_id)))
        if obj is None:
            raise Http404
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        return obj

    def _autosave(self, request: HttpRequest, object_id: str | None) -> JsonResponse:
        """Keep what was typed as a draft and say when, and whether somebody has changed the row meanwhile."""
        obj = self._editable(request, object_id)
        form = self._form_now(request, obj)
        mine, now = typed.typed(form, request.POST), typed.shown(form)
        told = {"kept": "", "others": self._meanwhile(request, obj, form, now) if obj else ""}
        if any(not typed.same(bound, mine, now) for bound in form):
            draft = drafts.keep(**self._whose(request, object_id), typed=mine)
            told["kept"] = timezone.localtime(draft.kept_at).strftime("%H:%M")
        return JsonResponse(told)

    def _meanwhile(self, request: HttpRequest, obj: Model, form: BaseForm, now: typed.Posted) -> str:
        try:
            was = typed.read_stamp(request.POST.get(typed.OPENED, ""))
        except typed.NoStamp:
            return ""
        if all(typed.same(bound, was, now) for bound in form if self._is_in(bound, was)):
            return ""
        return self._who_changed(request, obj)

    def _is_in(self, bound: BoundField, was: typed.Posted) -> bool:
        return typed.is_box(bound) or bool(set(typed.names_of(bound)) & was.keys())

    def _who_changed(self, request: HttpRequest, obj: Model) -> str:
        """`Changed two minutes ago by mo`, by the record."""
        lines = AuditEntry.objects.filter(model=self.opts.label_lower, object_id=str(obj.pk))
        last = lines.exclude(what__in=audit.LOOKS).exclude(by_id=staff(request).user.pk).order_by("-pk").first()
        if last is None:
            return _("Changed meanwhile")
        words = {"ago": timesince(last.at, depth=1), "who": last.by_name or _("somebody else")}
        is_fresh = timezone.now() - last.at < timedelta(minutes=1)
        return (_("Changed just now by %(who)s") if is_fresh else _("Changed %(ago)s ago by %(who)s")) % words

    def _meet(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """Bring together what was typed and what others have saved since the form was opened; None: go on and save.

        What only they changed is taken over; a field that both changed is asked about. The row is locked from here to
        the end of the transaction, so that nobody comes between.
        """
        key = unquote(object_id)
        if self.get_object(request, key) is None:
            return None
        rows = self.model._default_manager.select_for_update(no_key=True, of=("self",))
        rows.filter(pk=key).values_list("pk").first()
        obj = self.get_object(request, key)
        if obj is None or not self.has_change_permission(request, obj):
            return None
        form = self._form_now(request, obj)
        now, data = typed.shown(form), request.POST.copy()
        try:
            was: typed.Posted | None = typed.read_stamp(request.POST.get(typed.OPENED, ""))
        except typed.NoStamp:
            was = None
        self._choose(form, data, was or {})
        mine = typed.typed(form, data)
        both, theirs = self._compare(form, mine, was, now)
        if both:
            drafts.keep(**self._whose(request, object_id), typed=mine)
            return self._ask_which(request, obj, both, data, was or {}, now)
        for bound in theirs:
            _put(data, bound, now)
        if theirs:
            named = ", ".join(str(bound.label) for bound in theirs)
            self.message_user(request, f"{self._who_changed(request, obj)}: {named}. {_('Both changes are kept.')}")
        data[typed.OPENED] = typed.stamp(now)
        request.POST = data  # type: ignore[assignment]  # what the view reads next
        return None

    def _compare(
        self, form: BaseForm, mine: typed.Posted, was: typed.Posted | None, now: typed.Posted
    ) -> tuple[list[BoundField], list[BoundField]]:
        """The fields that both changed, and those that only somebody else did."""
        both: list[BoundField] = []
        theirs: list[BoundField] = []
        for bound in form:
            own = typed.names_of(bound)
            if not own or typed.same(bound, mine, now):
                continue
            if was is None:
                both.append(bound)
            elif self._is_in(bound, was) and not typed.same(bound, was, now):
                (theirs if typed.same(bound, mine, was) else both).append(bound)
        return both, theirs

    def _choose(self, form: BaseForm, data: QueryDict, seen: typed.Posted) -> None:
        """Put in what somebody chose on the page that asks."""
        for bound in form:
            chosen = data.pop(TAKE + bound.html_name, [""])[-1]
            if chosen == "theirs":
                _put(data, bound, seen)
            elif chosen == "both" and typed.takes_both(bound):
                _put(data, bound, typed.both(bound, seen, typed.typed(form, data)))

    def _ask_which(
        self,
        request: HttpRequest,
        obj: Model,
        both: list[BoundField],
        data: QueryDict,
        was: typed.Posted,
        now: typed.Posted,
    ) -> TemplateResponse:
        mine = {name: data.getlist(name) for name in data}
        fields = [
            {
                "take": TAKE + bound.html_name,
                "label": bound.label,
                "theirs": typed.changed(bound, was, now),
                "yours": typed.changed(bound, was, mine),
                "both": typed.changed(bound, {}, typed.both(bound, now, mine)) if typed.takes_both(bound) else "",
                "is_rich": typed.is_rich(bound),
            }
            for bound in both
        ]
        own = {"csrfmiddlewaretoken", typed.OPENED}
        context = {
            **self.admin_site.each_context(request),
            "title": self._who_changed(request, obj),
            "opts": self.opts,
            "original": obj,
            "fields": fields,
            "carried": [(name, value) for name in data if name not in own for value in data.getlist(name)],
            "opened": typed.stamp(now),
            "files": sorted(request.FILES),
            "drafts_url": self._drafts_url(obj),
            **self.surroundings(request, obj),
        }
        return TemplateResponse(request, "admin/conflict.html", context, status=HTTPStatus.CONFLICT)

    def surroundings(self, request: HttpRequest, obj: Model | None = None) -> dict[str, Any]:
        """What stands around a page of this row, or of the list where there is none."""
        return {}

    def drafts_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The revisions of one form, each beside what stands there now; POST drops one for good (core/controls.py)."""
        obj = self._editable(request, object_id)
        mine = drafts.of(**self._whose(request, object_id))
        if request.method == "POST":
            number = request.POST.get("drop", "")
            mine.filter(pk=number if number.isdecimal() else 0).delete()
            messages.success(request, _("Dropped."))
            return redirect(self._drafts_url(obj))
        form = self._form_now(request, obj)
        now, back = (
            typed.shown(form),
            reverse(f"admin:{self._names}_{'change' if obj else 'add'}", args=[obj.pk] if obj else []),
        )
        revisions = [
            {
                "draft": draft,
                "bring": f"{back}?{DRAFT}={draft.pk}",
                "changes": [
                    (bound.label, typed.changed(bound, now, draft.typed), typed.is_rich(bound))
                    for bound in self._known(form, draft)
                    if not typed.same(bound, draft.typed, now)
                ],
            }
            for draft in mine
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Drafts"),
            "opts": self.opts,
            "original": obj,
            "back": back,
            "revisions": revisions,
            "days": settings.FORM_DRAFT_DAYS,
            **self.surroundings(request, obj),
        }
        return TemplateResponse(request, "admin/drafts.html", context)


def _put(data: QueryDict, bound: BoundField, posted: typed.Posted) -> None:
    """Make the field say what `posted` says."""
    for name in typed.names_of(bound):
        if name in posted:
            data.setlist(name, posted[name])
        else:
            data.pop(name, None)

"""Rules that remove many signatures: typed, counted, looked at, run, stopped, undone."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core import desk
from core.admin import AskForm, DateAndTime, HouseAdmin, SeenFilter, choose_from, with_nonce
from core.moments import within_reach
from core.staff_request import staff
from petitions.signatures import rules
from petitions.signatures.models import Rule
from petitions.statements.models import Statement


class RuleForm(forms.ModelForm):
    """The form of a rule. Every line that is filled in must match."""

    signed_from = forms.SplitDateTimeField(required=False, widget=DateAndTime, validators=[within_reach])
    signed_until = forms.SplitDateTimeField(required=False, widget=DateAndTime, validators=[within_reach])

    class Meta:
        model = Rule
        fields = ["statement", "domain", "signed_from", "signed_until", "via", "ip_key", "reason"]

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choose_from(self, "statement", desk.seen_by(user, Statement.objects.all()))
        if not user.has_perm("petitions.view_every_statement"):
            self.fields["statement"].required, self.fields["statement"].help_text = True, ""
        self.fields["reason"].help_text = _("Kept with every signature that it removes.")


@admin.register(Rule)
class RuleAdmin(HouseAdmin):
    """Rules: what each removed, its progress, and who started it."""

    list_display = ["__str__", "statement", "state", "progress", "created_by", "created_at"]
    list_filter = ["state", ("statement", SeenFilter)]
    list_select_related = ["statement", "created_by"]
    search_fields = ["domain", "reason"]
    search_help_text = gettext_lazy("Part of the domain or of the reason.")
    ordering = ["-pk"]
    fields = ["statement", "domain", "signed_from", "signed_until", "via", "ip_key", "reason", "state", "progress"]
    change_form_template = "admin/petitions/rule/change_form.html"

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("Removed"))
    def progress(self, obj: Rule) -> str:
        """How far it got."""
        return f"{obj.handled:,} of {obj.expected:,}"

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(require_POST(partial(self.turn, verb=verb, done=done))),
                name=f"petitions_rule_{name}",
            )
            for name, verb, done in [
                ("stop", rules.cancel, _("Stopped. What it removed so far can be undone.")),
                ("undo", rules.undo, _("The worker restores everything that it removed.")),
            ]
        ] + super().get_urls()

    def turn(self, request: HttpRequest, pk: int, verb: Callable, done: str) -> HttpResponse:
        """Stop it, or undo it."""
        if not request.user.has_perm("petitions.change_rule"):
            raise PermissionDenied
        rule = self.get_queryset(request).filter(pk=pk).first()
        if rule is None:
            raise Http404
        try:
            verb(rule=rule, by=staff(request).user)
            self.message_user(request, done, messages.SUCCESS)
        except rules.NotNow:
            self.message_user(request, _("That is not possible any more."), messages.ERROR)
        return redirect("admin:petitions_rule_change", pk)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        """Type, look at what would happen, confirm with one's password."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        form = RuleForm(posted, user=request.user, initial=request.GET.dict())
        sure = request.POST if "confirmed" in request.POST else None
        ask = AskForm(sure, request=request, asks={"password"})
        found = None
        if form.is_valid():
            if ask.is_valid():
                return self._start(request, form.save(commit=False))
            found = rules.preview(form.save(commit=False))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Remove by rule"),
            "opts": self.opts,
            "form": form,
            "ask": ask,
            "found": found,
            "media": with_nonce(request, self.media + form.media),
        }
        return TemplateResponse(request, "admin/petitions/rule/add.html", context)

    def _start(self, request: HttpRequest, rule: Rule) -> HttpResponse:
        rules.start(rule=rule, by=staff(request).user)
        self.message_user(
            request,
            _("Started: %(number)s to remove. The worker does it in batches.") % {"number": f"{rule.expected:,}"},
        )
        return redirect("admin:petitions_rule_change", rule.pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """How far it got, with the buttons that apply."""
        rule = self.get_object(request, object_id)
        may = request.user.has_perm("petitions.change_rule")
        state, handled = (rule.state, rule.handled) if rule is not None and may else ("", 0)
        extra = {
            "rule": rule,
            "can_stop": state == Rule.State.RUNNING,
            "can_undo": state in {Rule.State.DONE, Rule.State.CANCELLED} and handled,
        }
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

"""Who works on a statement: the people, the invited, what each role may do, and inviting in one step."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

import django_otp
from django import forms
from django.contrib import messages
from django.contrib.admin import site
from django.contrib.auth import login
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core import controls, desk, passwords, roles, tokens
from core.admin import choose_from
from core.staff_request import staff
from core.text.boxes import TextBox
from petitions.admin import duties
from petitions.admin.pages import StatementPages
from petitions.statements import inviting
from petitions.statements.models import Statement
from petitions.statements.team import Invitation

MAY = {
    roles.CAMPAIGNER: gettext_lazy("writes, publishes, sends mail, invites people"),
    roles.MODERATOR: gettext_lazy("reads comments, endorsements and held signatures first"),
    roles.AUDITOR: gettext_lazy("reads everything on the site, changes nothing"),
}


class InviteForm(forms.Form):
    """A mailbox, a role, and where: one step."""

    email = forms.EmailField(label=gettext_lazy("Mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=gettext_lazy("Role"), widget=forms.RadioSelect)
    moderates = forms.BooleanField(label=gettext_lazy("A campaigner who also moderates"), required=False)
    statements = forms.ModelMultipleChoiceField(
        label=gettext_lazy("For"), queryset=Statement.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    note = TextBox(
        label=gettext_lazy("A line from you"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = inviting.roles_for(by)
        cast(forms.ChoiceField, self.fields["role"]).choices = [(role, f"{role}: {MAY[role]}") for role in given]
        choose_from(self, "statements", desk.seen_by(by, Statement.objects.order_by("-id")))


@dataclass(frozen=True)
class Member:
    """One row of the table of people who work on the statement."""

    user: User
    roles: str
    duties: list[tuple[duties.Duty, bool]]
    has_factor: bool
    may_be_asked: bool  # can be let moderate


class TeamMixin(StatementPages):
    """For the ModelAdmin of statements."""

    def team(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The people and the form; POST invites, sends again, takes back, or lets somebody moderate."""
        statement, me = self._find(request, pk), staff(request).user
        if not me.has_perm("petitions.view_assignment"):
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        if posted is not None and not inviting.roles_for(me):
            raise PermissionDenied
        is_inviting = posted is not None and "invite" in posted
        form = InviteForm(posted if is_inviting else None, by=me, initial={"statements": [statement.pk]})
        if is_inviting and form.is_valid():
            self._try_to(request, lambda: self._invite(request, form))
            return redirect(request.path)
        if posted is not None and not is_inviting:
            self._try_to(request, lambda: self._act(request, statement))
            return redirect(request.path)
        context = {
            "title": _("Team"),
            "form": form if inviting.roles_for(me) else None,
            "members": members(statement),
            "invited": statement.invitations.filter(taken_at=None, taken_back_at=None).select_related("invited_by"),
            "duties": duties.neglected(statement),
            "may": MAY.items(),
        }
        page = self._page(request, "team", statement, **context)
        page.status_code = HTTPStatus.UNPROCESSABLE_ENTITY if is_inviting else HTTPStatus.OK
        return page

    def _invite(self, request: HttpRequest, form: InviteForm) -> None:
        typed = {**form.cleaned_data, "statements": list(form.cleaned_data["statements"])}
        done = inviting.invite(**typed, by=staff(request).user)
        if isinstance(done, User):
            words = _("%(name)s has a log-in already, and works on it from now on.") % {"name": done.get_username()}
        else:
            words = _("The invitation is on its way to %(email)s.") % {"email": done.email}
        messages.success(request, words)

    def _act(self, request: HttpRequest, statement: Statement) -> None:
        by = staff(request).user
        if number := request.POST.get("moderate", ""):
            user = get_object_or_404(User, pk=number if number.isdecimal() else 0)
            inviting.let_moderate(user=user, statement=statement, by=by)
            messages.success(request, _("%(name)s moderates from now on.") % {"name": user.get_username()})
            return
        verbs: dict[str, tuple[Callable[..., None], str]] = {
            "again": (inviting.send_again, _("Sent again. The link before leads nowhere.")),
            "back": (inviting.take_back, _("Taken back. The link leads nowhere.")),
        }
        for name, (verb, done) in verbs.items():
            if number := request.POST.get(name, ""):
                found = get_object_or_404(statement.invitations, pk=number if number.isdecimal() else 0)
                self._refuse_others(request, found)
                verb(invitation=found, by=by)
                messages.success(request, done)

    def _refuse_others(self, request: HttpRequest, invitation: Invitation) -> None:
        """Also for other statements than one looks after: not theirs alone to send or to take back."""
        if not desk.sees_all(request.user, invitation.statements.all()):
            raise inviting.NotYours

    def _try_to(self, request: HttpRequest, verb: Callable[[], None]) -> None:
        try:
            verb()
        except inviting.InvitingError as error:
            messages.error(request, str(error))


def members(statement: Statement) -> list[Member]:
    """The people who work on the statement, those who came first, first."""
    assigned = statement.assignments.values("user")
    people = User.objects.filter(pk__in=assigned, is_active=True).prefetch_related("groups").order_by("pk")
    needed = duties.all_of(statement)
    doing = {duty: set(duties.people(statement, duty).values_list("pk", flat=True)) for duty in needed}
    return [
        Member(
            user=user,
            roles=", ".join(group.name for group in user.groups.all()) or ("Everything" if user.is_superuser else "–"),
            duties=[(duty, user.pk in them) for duty, them in doing.items()],
            has_factor=django_otp.user_has_device(user),
            may_be_asked=any(group.name == roles.CAMPAIGNER for group in user.groups.all()),
        )
        for user in people
    ]


class ComeInForm(UserCreationForm):
    """A name and a password of one's own."""

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("first_name", "username")
        labels = {
            "first_name": gettext_lazy("Your name, for colleagues"),
            "username": gettext_lazy("Log-in name"),
        }


@controls.open_page("invitation/<str:token>/", name="invitation")
@require_http_methods(["GET", "HEAD", "POST"])
def come_in(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation's link: choose a password; POST makes the log-in, once. A second factor follows."""
    try:
        invitation_id, link_number = tokens.read_token(inviting.PURPOSE, token)
        invitation = inviting.find(invitation_id=invitation_id, link_number=link_number)
    except (tokens.BadToken, ValueError):
        return _refused(request, _("This link is not complete. Open it again from the mail."), HTTPStatus.NOT_FOUND)
    except inviting.InvitingError as error:
        return _refused(request, str(error), HTTPStatus.GONE)
    suggested = invitation.email.partition("@")[0][:150]
    form = ComeInForm(request.POST if request.method == "POST" else None, initial={"username": suggested})
    if form.is_valid():
        try:
            person = inviting.take(invitation_id=invitation_id, link_number=link_number, person=form.save(commit=False))
        except inviting.InvitingError as error:
            return _refused(request, str(error), HTTPStatus.GONE)
        login(request, person, backend=passwords.BACKEND)
        first = invitation.statements.order_by("pk").first()
        return redirect("admin:petitions_statement_overview", first.pk) if first else redirect("admin:index")
    context = {**site.each_context(request), "title": _("Welcome"), "form": form, "invitation": invitation}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return TemplateResponse(request, "admin/petitions/invitation.html", context, status=status)


def _refused(request: HttpRequest, words: str, status: HTTPStatus) -> HttpResponse:
    context = {**site.each_context(request), "title": _("This invitation does not work"), "words": words}
    return TemplateResponse(request, "admin/petitions/invitation.html", context, status=status)

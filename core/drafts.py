"""Drafts of the desk's forms: what somebody typed and has not saved, in revisions, for themselves alone.

A form posts itself every few moments (static/js/forms.js); what it holds is kept for the person and the row. Within
SAME_REVISION the newest revision is written over, later a new one begins. Saving the form settles its drafts: they no
longer wait, and can still be compared and brought back. All are forgotten after FORM_DRAFT_DAYS.
"""

from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from core.models import FormDraft

SAME_REVISION = timedelta(minutes=5)
MOST = 20  # revisions of one form; older ones go

Typed = dict[str, list[str]]


def of(*, user: User, model: str, object_id: str) -> QuerySet[FormDraft]:
    """The revisions of one form, the newest first; `model` is "app.model", `object_id` empty for a new row."""
    return FormDraft.objects.filter(user=user, model=model, object_id=object_id).order_by("-pk")


def waiting(*, user: User, model: str, object_id: str) -> FormDraft | None:
    """The newest revision, if the form was not saved since."""
    newest = of(user=user, model=model, object_id=object_id).first()
    return None if newest is None or newest.is_settled else newest


@transaction.atomic
def keep(*, user: User, model: str, object_id: str, typed: Typed) -> FormDraft:
    """Keep what was typed, as lists by name: over the newest revision while it is fresh, else as a new one."""
    typed = {name: [value.replace("\0", "") for value in values] for name, values in typed.items()}
    drafts = of(user=user, model=model, object_id=object_id)
    fresh = drafts.select_for_update().filter(is_settled=False, begun_at__gt=Now() - SAME_REVISION).first()
    if fresh is None:
        fresh = FormDraft(user=user, model=model, object_id=object_id, typed=typed)
        fresh.save()
        beyond = drafts.values_list("pk", flat=True)[MOST - 1 : MOST].first()
        drafts.filter(pk__lt=beyond or 0).delete()
    else:
        drafts.filter(pk=fresh.pk).update(typed=typed, kept_at=Now())
    fresh.refresh_from_db()
    return fresh


def settle(*, user: User, model: str, object_id: str) -> None:
    """The form was saved, so nothing of it waits."""
    of(user=user, model=model, object_id=object_id).filter(is_settled=False).update(is_settled=True)

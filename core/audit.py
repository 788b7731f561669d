"""Who did what, when, to what, and why."""

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

ADDED, CHANGED = ADDITION, CHANGE

Staff = AbstractBaseUser | AnonymousUser | None


def record(*, by: Staff, on: Model, what: str, why: str = "", label: str = "", flag: int = CHANGED) -> None:
    """Write down, in the caller's transaction, that `by` did `what` to `on`.

    `what` is a short sentence in the past tense without full stop, `why` the reason that was given. `label` stands for
    the object where its own name is somebody's name, which has no place in a record that outlives the person's data.
    Nothing is written for the machine itself (`by` is None): seeds, importers and timers.
    """
    if by is None:
        return
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(on),
        object_id=str(on.pk),
        object_repr=(label or str(on))[:200],
        action_flag=flag,
        change_message=f"{what}: {why}" if why else f"{what}.",
    )

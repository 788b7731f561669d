"""People who log in, for tests: Carol may do everything, others what the test says."""

import re
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client


def staff(name: str, *permissions: str) -> Client:
    """A client logged in as somebody who may look at everything and do what `permissions` (codenames) say."""
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    user.user_permissions.add(*Permission.objects.filter(codename__in=permissions))
    return logged_in(user)


def superuser(name: str) -> Client:
    """A client logged in as somebody who may do everything."""
    return logged_in(User.objects.create_superuser(name))


class Desk(Client):
    """A browser at the desk: what it posts to the form of a row carries how the row stood when the form was opened."""

    def post(self, path: str, data: Any = None, *args: Any, **options: Any) -> Any:
        """As Django's; the form is opened first, unless the test has done so."""
        if re.search(r"/change/(\?|$)", path) and isinstance(data, dict) and "_opened" not in data:
            found = re.search(r'name="_opened" value="([^"]*)"', self.get(path).content.decode(errors="replace"))
            data = {**data, **({"_opened": found[1]} if found else {})}
        return super().post(path, data, *args, **options)


def logged_in(user: User) -> Client:
    """A client with the user's session."""
    client = Desk()
    client.force_login(user)
    return client


def log() -> list[str]:
    """What the record says, oldest first."""
    return [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]


def everything() -> dict[str, list]:
    """All rows that staff can change, and the record."""
    ours = [apps.get_app_config(label) for label in ("petitions", "core", "mail")]
    models = [*(model for app in ours for model in app.get_models()), LogEntry]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}

"""People who log in, for tests: Carol may do everything, others what the test says."""

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


def logged_in(user: User) -> Client:
    """A client with the user's session."""
    client = Client()
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

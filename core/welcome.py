"""How somebody of the staff gets a password: by a link that works once. Nobody ever tells anybody a password.

It is Django's own link for a new password (django.contrib.auth.tokens): it goes by what the log-in is at this moment,
so it is over with the first password, and after PASSWORD_RESET_TIMEOUT.
"""

from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _

from core import audit
from core.http import no_store


class Unwelcome(Exception):
    """Nobody can be made an administrator so; the text says why."""


def link(user: User) -> str:
    """Where `user` chooses a password, once."""
    return settings.ORIGIN + reverse(
        "admin:welcome", args=[urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)]
    )


@transaction.atomic
def first_administrator(email: str) -> User:
    """A log-in that may do everything, named after its mailbox, without a password; the same again until it has one.

    Raises Unwelcome when somebody may do everything already, or `email` is no address.
    """
    try:
        validate_email(email)
    except ValidationError as error:
        raise Unwelcome(f"{email!r} is no address such as anna@example.org.") from error
    there = list(User.objects.select_for_update().filter(is_superuser=True, is_active=True))
    if any(user.has_usable_password() for user in there):
        raise Unwelcome("There is an administrator already: new people are added on the desk.")
    if found := next((user for user in there if user.email == email), None):
        return found
    made = User(username=email[:150], email=email, is_staff=True, is_superuser=True)
    made.set_unusable_password()
    made.save()
    audit.record(by=None, on=made, what="Made the first administrator", label=made.username)
    return made


class Welcome(views.PasswordResetConfirmView):
    """Django's page, in the frame of the desk."""

    template_name = "registration/password_reset_confirm.html"
    success_url = reverse_lazy("admin:login")
    title = _("Choose your password")

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """As Django's; kept by nobody."""
        return no_store(super().dispatch(request, *args, **kwargs))


def urls() -> list[URLPattern]:
    """The one page, for who has no password yet."""
    return [path("welcome/<str:uidb64>/<str:token>/", Welcome.as_view(), name="welcome")]

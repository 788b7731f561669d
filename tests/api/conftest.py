"""Programs, with and without a token."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from api import tokens
from api.models import Scope, Token
from publishers.models import Publisher


class Program(Client):
    """Something that comes with a token, and speaks JSON."""

    def __init__(self, secret: str = "") -> None:
        super().__init__(headers={"Authorization": f"Bearer {secret}"} if secret else {})

    def send(self, path: str, data: Any = None, *, method: str = "POST", **headers: str) -> HttpResponse:
        """Send JSON; `headers` with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = data if isinstance(data, str) else json.dumps(data)
        return self.generic(method, f"/api/v1/{path}", body, content_type="application/json", headers=named)

    def read(self, path: str, **query: Any) -> HttpResponse:
        """Ask for what is at an address."""
        return self.get(f"/api/v1/{path}", query)


def new_token(owner: User, *scopes: Scope, **values: Any) -> str:
    """A token of the site's first publisher for these scopes, or for all."""
    token = Token(
        publisher=Publisher.objects.first(),
        owner=owner,
        name="Members' list",
        reason="To test",
        scopes=list(scopes or Scope),
        **{"expires_at": timezone.now() + timedelta(days=1), **values},
    )
    return tokens.make(token=token)


@pytest.fixture
def anybody() -> Program:
    """A program without a token."""
    return Program()


@pytest.fixture
def owner() -> User:
    """Somebody who may do everything."""
    return User.objects.create_superuser("ada", email="ada@example.org")


@pytest.fixture
def program(owner) -> Program:
    """A program with a token that may do everything."""
    return Program(new_token(owner))


@pytest.fixture
def program_with(owner) -> Callable[..., Program]:
    """Makes a program whose token has only these scopes."""
    return lambda *scopes: Program(new_token(owner, *scopes))

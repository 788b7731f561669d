"""What Undersigned refuses to run on: a database that forgets what it has acknowledged. And settings that disagree.

A signature is thanked for once it is committed. With one of these settings off, a power cut takes back signatures that
people were told about, and nothing in the tables shows that they are gone.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.db import DatabaseError, connections

# What each setting guards against, in the words of PostgreSQL's own manual (Write Ahead Log, Settings).
DURABILITY = {
    "fsync": "a power cut can leave the whole database unreadable",
    "full_page_writes": "a power cut in the middle of a write can leave half-written pages",
    "synchronous_commit": "the last signatures before a crash are lost although people were thanked for them",
}

QUERY = "SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = 'off' ORDER BY name"


def unsafe_settings(database: str = "default") -> list[str]:
    """The names of the durability settings that are off, as this site's own connections see them."""
    with connections[database].cursor() as cursor:
        cursor.execute(QUERY, [list(DURABILITY)])
        return [name for (name,) in cursor.fetchall()]


def how_to_mend(name: str) -> str:
    """The statement that a database administrator types to switch `name` on again."""
    return (
        f"As a database administrator: ALTER SYSTEM SET {name} = on; SELECT pg_reload_conf(); then see that no "
        f"ALTER ROLE or ALTER DATABASE and no option of the connection sets it to off."
    )


@register(Tags.database)
def durability(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """An error for each durability setting that is off; `migrate` and `worker` refuse to start on one."""
    return [
        Error(f"PostgreSQL runs with {name} = off: {DURABILITY[name]}.", hint=how_to_mend(name), id="core.E001")
        for database in databases or []
        for name in unsafe_settings(database)
    ]


@register(deploy=True)
def deployed_durability(**kwargs: Any) -> list[CheckMessage]:
    """The same for `check --deploy`, which asks no database unless it is told to."""
    try:
        return durability(databases=["default"])
    except DatabaseError as error:
        hint = "Start PostgreSQL, or correct DATABASE_URL."
        return [Error(f"The database does not answer: {error}", hint=hint, id="core.E002")]


@register(Tags.security, deploy=True)
def proxies(**kwargs: Any) -> list[CheckMessage]:
    """Warnings where TRUSTED_PROXIES and ORIGIN can't both be true of one site."""
    secure = settings.ORIGIN.startswith("https://")
    if secure and not settings.TRUSTED_PROXIES:
        return [
            Caution(
                "ORIGIN is https, but TRUSTED_PROXIES=0 believes no proxy that says a visitor came by HTTPS: behind "
                "one, every page redirects to itself, and all visitors share one address.",
                hint="Set TRUSTED_PROXIES to the number of your proxies; 0 is right only where the web server itself "
                "speaks TLS.",
                id="core.W003",
            )
        ]
    if settings.TRUSTED_PROXIES and not secure and not settings.DEMO:
        return [
            Caution(
                f"TRUSTED_PROXIES={settings.TRUSTED_PROXIES}, but ORIGIN is http: passwords and addresses travel in "
                "the clear, and links in mails lead past the certificate that the proxy should have.",
                hint="Set ORIGIN to the https:// address that people see.",
                id="core.W004",
            )
        ]
    return []

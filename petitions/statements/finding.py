"""Which statement an address means, and the stamp that says whether a kept page of it is still true."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from core import identity
from core.http import no_store, public
from core.speed import kept, memory
from core.speed.prepared import run
from petitions.statements import availability
from petitions.statements.models import Statement, Version
from publishers import reading
from publishers.models import Publisher

_STAMP = f"""
SELECT concat_ws('.', st.id, extract(epoch from st.changed_at), sums.confirmed, sums.shown, sums.removed,
    sums.brought_in, {availability.OVER_SQL}, (SELECT count(*) FROM petitions_event e WHERE e.statement_id = st.id
        AND coalesce(e.ends_at, e.starts_at) > now()),
    (SELECT count(*) FROM petitions_update u WHERE u.statement_id = st.id AND u.published_at <= now()),
    current_date - st.handed_in_on, {{parts}})
FROM petitions_statement st, LATERAL (
    SELECT sum(confirmed) AS confirmed, sum(shown) AS shown, sum(removed) AS removed,
        sum(brought_in) AS brought_in
    FROM petitions_tally WHERE statement_id = st.id
) sums
WHERE st.slug = %(slug)s AND {availability.PUBLIC_SQL} AND {{home}}
"""
# Where its pages are, in SQL, as Statement.objects.at_home has it: at the site's own origin, or at one publisher's.
_AT_THE_SITE = """(st.publisher_id IS NULL OR EXISTS (SELECT 1 FROM publishers_publisher home WHERE home.origin = ''
    AND (home.id = st.publisher_id OR home.id = ANY(st.joint_with))))"""
_AT_ITS_OWN = "(st.publisher_id = %(here)s OR %(here)s = ANY(st.joint_with))"
_parts = ["NULL"]


def changes_with(part: str) -> None:
    """Register something of another app that kept pages depend on and that changes by itself, such as a due time.

    `part` is one value in SQL about the statement `st`, never NULL; it is looked up in the one query of the stamp. What
    people change is told by `Statement.objects.touch` instead.
    """
    _parts.append(part)


def _home() -> str:
    return _AT_THE_SITE if identity.here() is None else _AT_ITS_OWN


def _asked(slug: str) -> dict[str, Any]:
    here = identity.here()
    return {"slug": slug} if here is None else {"slug": slug, "here": here}


def stamp(slug: str) -> str:
    """A short text that changes whenever the statement's pages do. Raises Http404 unless it is public."""
    found = run(_STAMP.format(parts=", ".join(_parts), home=_home()), _asked(slug))
    if not found:
        raise Http404
    return found[0][0]


def find(slug: str) -> Statement:
    """The public statement of that slug. Raises Http404; drafts and hidden ones do not exist for visitors."""
    statement = Statement.objects.at_home().select_related("publisher").filter(slug=slug).first()
    if statement is None:
        raise Http404
    if statement.publisher:
        reading.learn(statement.publisher)
    return speaking(statement)


def speaking(statement: Statement) -> Statement:
    """Let the rest of the request speak for who publishes the statement, also where several share the site's origin."""
    if identity.here() is not None or statement.publisher_id is None:
        return statement
    own = identity.publisher(statement.publisher_id)
    if own.origin:
        others = (pk for pk in statement.joint_with if not identity.publisher(pk).origin)
        identity.speak_for(next(others, statement.publisher_id))
    elif own.pk != identity.publisher().pk:
        identity.speak_for(own.pk)
    return statement


def find_lately(slug: str) -> Statement:
    """As `find`, but kept for PAGE_FRESH_SECONDS: for posts that the database judges anew anyway."""
    key = f"statement.{identity.here()}.{slug}"
    known = speaking(memory.remember(key, settings.PAGE_FRESH_SECONDS, lambda: find(slug)))
    # What a view hangs on it must not stay with it. copy() does the same in five times the time.
    twin = Statement.__new__(Statement)
    twin.__dict__.update(known.__dict__)
    return twin


def statement_of(pk: int) -> Statement:
    """The statement of that row id, public or not, kept for PAGE_FRESH_SECONDS: for its address."""
    return memory.remember(f"statement#{pk}", settings.PAGE_FRESH_SECONDS, lambda: Statement.objects.get(pk=pk))


def find_version(slug: str) -> Version:
    """The version that is signed now of the public statement of that slug, with its statement, in one query.

    Raises Http404 as `find` does; whatever is public has a published version.
    """
    found = run(_VERSION.format(home=_home()), _asked(slug))
    if not found:
        raise Http404
    (values,) = found
    version = Version.from_db("default", _VERSION_COLUMNS, values[: len(_VERSION_COLUMNS)])
    rest = values[len(_VERSION_COLUMNS) :]
    version.statement = Statement.from_db("default", _STATEMENT_COLUMNS, rest[: len(_STATEMENT_COLUMNS)])
    if version.statement.publisher_id:
        # Read with the statement, so that a kept page and its stamp tell of the same look.
        who = Publisher.from_db("default", _PUBLISHER_COLUMNS, rest[len(_STATEMENT_COLUMNS) :])
        version.statement.publisher = who
        reading.learn(who)
    speaking(version.statement)
    return version


_VERSION_COLUMNS, _STATEMENT_COLUMNS, _PUBLISHER_COLUMNS = (
    [field.attname for field in model._meta.concrete_fields] for model in (Version, Statement, Publisher)
)
_TABLES = {"v": _VERSION_COLUMNS, "st": _STATEMENT_COLUMNS, "pub": _PUBLISHER_COLUMNS}
_SAID = ", ".join(f'{table}."{name}"' for table, names in _TABLES.items() for name in names)
_VERSION = f"""
SELECT {_SAID} FROM petitions_version v JOIN petitions_statement st ON st.id = v.statement_id
LEFT JOIN publishers_publisher pub ON pub.id = st.publisher_id
WHERE st.slug = %(slug)s AND {availability.PUBLIC_SQL} AND {{home}} AND v.published_at IS NOT NULL
ORDER BY v.number DESC LIMIT 1
"""


def with_statement(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the public `statement` of its slug; hidden ones answer 410, old slugs are core/resolver.py's."""

    @wraps(view)
    def found(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        try:
            statement = find_lately(slug) if request.method == "POST" else find(slug)
            return view(request, statement=statement, **kwargs)
        except Http404:
            return missing(request, slug)

    return found


def keep(request: HttpRequest, slug: str, name: str, render: Callable[[], str], **more: Any) -> HttpResponse:
    """A page of the public statement of that slug, kept under `name` while the statement's stamp is the same.

    `more` is what `core.speed.kept.keep` takes. Raises Http404 as `missing` does.
    """
    try:
        own = identity.here()
        return kept.keep(
            request,
            key=f"{name}.{slug}{'' if own is None else f'@{own}'}",
            stamp=lambda: stamp(slug),
            render=render,
            **more,
        )
    except Http404:
        return missing(request, slug)


def missing(request: HttpRequest, slug: str) -> HttpResponse:
    """410 for a hidden statement; one whose pages are at another origin leads there, with its source code.

    Raises Http404 for any other: whether its address is an old one is asked then.
    """
    elsewhere = Statement.objects.public().filter(slug=slug).first() if request.method in {"GET", "HEAD"} else None
    if elsewhere is not None and not Statement.objects.at_home().filter(slug=slug).exists():
        return public(HttpResponseRedirect(identity.publisher(elsewhere.publisher_id).home + request.get_full_path()))
    if Statement.objects.filter(slug=slug, hidden_at__isnull=False, published_at__isnull=False).exists():
        return no_store(render(request, "410.jinja", status=410))
    raise Http404

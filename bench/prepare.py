"""Runs inside Django: statements to sign, somebody to log in as, a long thread. Prints what others need as JSON."""

import json
import sys
from datetime import timedelta

import django

STATEMENTS = 32
COMMENTS = 5000
DEMO = "keep-our-libraries-open"


def main() -> None:
    """Write the world that signatures are then loaded into."""
    from petitions.models import Statement  # noqa: PLC0415 - Django must be set up first
    from petitions.signatures import consent  # noqa: PLC0415
    from submissions.kinds import everything  # noqa: PLC0415

    hot = Statement.objects.get(slug=DEMO)
    slugs = [DEMO, *(_statement(number) for number in range(1, STATEMENTS))]
    ids = dict(Statement.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    _staff()
    thread = _thread()
    json.dump(
        {
            "statement": hot.pk,
            "version": hot.version.pk if hot.version else None,
            "consent": consent.current(),
            "slug": DEMO,
            "statements": [ids[slug] for slug in slugs],
            "slugs": slugs,
            "thread": thread,
            "tables": {kind.name: kind.table for kind in everything()},
        },
        sys.stdout,
    )


def _statement(number: int) -> str:
    from petitions.models import Statement  # noqa: PLC0415
    from petitions.statements import publishing  # noqa: PLC0415

    statement = Statement.objects.create(slug=f"bench-{number}", title=f"Statement {number} of the benchmark")
    publishing.write_draft(statement=statement, body="<p>We sign this to see how fast it goes.</p>")
    publishing.publish(statement=statement)
    return statement.slug


def _staff() -> None:
    from django.contrib.auth.models import User  # noqa: PLC0415

    User.objects.create_superuser("bench", "bench@example.org", "bench-of-undersigned")


def _thread() -> str:
    """A statement with a thread of COMMENTS comments; returns its slug."""
    from django.utils import timezone  # noqa: PLC0415

    from comments import importers, threads  # noqa: PLC0415
    from petitions.models import Statement  # noqa: PLC0415

    now = timezone.now()
    rows = [
        importers.Row(str(n), "Amina Yusuf", f"Comment number {n} of a long thread.", now - timedelta(minutes=n))
        for n in range(1, COMMENTS + 1)
    ]
    importers.load(thread=threads.of(Statement.objects.get(slug="bench-1")), rows=rows)
    return "bench-1"


if __name__ == "__main__":
    django.setup()
    main()

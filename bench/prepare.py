"""Runs inside Django: statements to sign, somebody to log in as, a long thread. Prints what others need as JSON."""

import json
import sys

import django

STATEMENTS = 32
COMMENTS = 5000
DEMO = "keep-our-libraries-open"


def main() -> None:
    """Write the world that signatures are then loaded into."""
    from petitions.models import Statement  # noqa: PLC0415 - Django must be set up first

    hot = Statement.objects.get(slug=DEMO)
    slugs = [DEMO, *(_statement(number) for number in range(1, STATEMENTS))]
    ids = dict(Statement.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    _staff()
    thread = _thread()
    json.dump(
        {
            "statement": hot.pk,
            "version": hot.version.pk,
            "slug": DEMO,
            "statements": [ids[slug] for slug in slugs],
            "slugs": slugs,
            "thread": thread,
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
    from django.db import connection  # noqa: PLC0415

    from comments import threads  # noqa: PLC0415
    from petitions.models import Statement  # noqa: PLC0415

    found = threads.of(Statement.objects.get(slug="bench-1"))
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO comments_comment (thread_id, author_name, author_email, email_canonical, body, words_digest,
                state, source, confirmed_at, published_at)
            SELECT %s, 'Amina Yusuf', '', '', 'Comment number ' || n || ' of a long thread.', md5(n::text), 'published',
                'import', now() - n * interval '1 minute', now() - n * interval '1 minute'
            FROM generate_series(1, %s) n""",
            [found.pk, COMMENTS],
        )
    return "bench-1"


if __name__ == "__main__":
    django.setup()
    main()

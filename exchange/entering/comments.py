"""A post of another site: a draft of a statement, what was written below it, and its old addresses."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.text import slugify

from comments import importers, threads
from comments.models import Comment
from core import redirects, richtext
from core.audit import Staff
from core.models import Redirect, redirect_key
from exchange import judging, plain
from exchange.entering.people import FRESH, results
from exchange.models import Import, ImportRow
from petitions.models import Statement
from petitions.statements import assigning, publishing

Status = ImportRow.Status
COMMENT_PAGES = 50  # of WordPress's pages of comments that lead on


def enter(listed: Import) -> None:
    """Write the draft, or take the statement that was chosen; then its comments and where old addresses lead."""
    is_new = listed.statement is None
    if listed.statement is None:
        listed.statement = _draft(listed)
        listed.save(update_fields=["statement"])
    thread = threads.of(listed.statement)
    rows = list(listed.rows.filter(status__in=FRESH).order_by("line"))
    written = importers.write(thread=thread, rows=_rows(rows, _known(listed)))
    for row in rows:
        comment = written.get(row.read_as["key"])
        row.status, row.result_id = (Status.IN, comment.pk) if comment else (Status.HERE, None)
    ImportRow.objects.bulk_update(rows, ["status", "result_id"], batch_size=1000)
    _lead_on(listed, written)
    if is_new and listed.columns.get("closed"):
        threads.close(thread=thread)


def _draft(listed: Import) -> Statement:
    post = listed.columns
    title = str(post["title"])[:120] or str(listed)
    statement = Statement.objects.create(title=title, slug=_slug(title), summary=_summary(post))
    if listed.created_by:
        assigning.assign(statement=statement, user=listed.created_by)
    publishing.write_draft(statement=statement, body=richtext.clean_html(plain.paragraphs(str(post["html"]))))
    return statement


def _summary(post: dict) -> str:
    return " ".join(richtext.plain_text(str(post["excerpt"])).split())[:200]


def _slug(title: str) -> str:
    wanted = slugify(title)[:70].strip("-") or "statement"
    numbered = (f"{wanted}-{number}" if number else wanted for number in [0, *range(2, 1000)])
    return next(slug for slug in numbered if not publishing.is_slug_taken(slug))


def _known(listed: Import) -> set[tuple[str, str, str]]:
    """The comments that are there already, so that the same export brought in twice changes nothing."""
    there = Comment.objects.filter(thread__statement=listed.statement, source=Comment.Source.IMPORT)
    return {(name, digest, when.isoformat()) for name, digest, when in
            there.values_list("author_name", "words_digest", "created_at")}  # fmt: skip


def _rows(rows: list[ImportRow], known: set[tuple[str, str, str]]) -> Iterator[importers.Row]:
    """In the order of the list, where each stands after what it answers; an answer to what was left out stands by
    itself."""
    from comments import text  # noqa: PLC0415 - as its own module names it

    seen: set[str] = set()
    for row in rows:
        read_as, when = judging.opened(row), datetime.fromisoformat(row.read_as["written_at"])
        if (read_as["name"], text.digest(read_as["body"]), when.isoformat()) in known:
            continue
        odd = row.status == Status.ODD
        yield importers.Row(
            key=read_as["key"], name=read_as["name"], body=read_as["body"], written_at=when, email=read_as["email"],
            to=read_as["to"] if read_as["to"] in seen else "", state="waiting" if odd else read_as["state"],
            reason=row.reason,
        )  # fmt: skip
        seen.add(read_as["key"])


def _lead_on(listed: Import, written: dict[str, Comment]) -> None:
    """`/2021/07/…` leads to the statement, its pages of comments to the thread, and what names a comment to that."""
    old, statement = str(listed.columns.get("path", "")), listed.statement
    if not redirect_key(old) or statement is None:
        return
    thread = f"{statement.get_absolute_url()}comments/"
    redirects.move(old=old, new=statement.get_absolute_url())
    for page in range(1, COMMENT_PAGES + 1):
        redirects.move(old=f"{old}/comment-page-{page}", new=thread)
    for key, comment in written.items():
        redirects.move(old=f"{old}/comment-{key}", new=comment.get_absolute_url())


def published_then(listed: Import) -> datetime | None:
    """When the post was published on the old site, as long as its statement is a draft here."""
    written = str(listed.columns.get("written_at", "")) if listed.brings == "comments" else ""
    is_draft = listed.statement is not None and listed.statement.published_at is None
    return datetime.fromisoformat(written) if written and is_draft else None


def publish_as_then(*, listed: Import, by: Staff = None) -> None:
    """Publish the statement with the date of the post; nothing when it has none or is out already.

    Raises publishing.PublishingError.
    """
    then = published_then(listed)
    if then is not None and listed.statement is not None:
        publishing.publish(statement=listed.statement, at=then, by=by)


def take_back(listed: Import) -> int:
    """Remove the comments that nobody has changed, and the statement if it is still a draft; returns how many stay."""
    statement = listed.statement
    if statement is None:
        return 0
    brought = results(listed)
    kept = importers.take_back(thread=threads.of(statement), comments=brought)
    listed.rows.filter(status=Status.IN, result_id__in=kept).update(status=Status.KEPT)
    listed.rows.filter(status=Status.IN).update(status=Status.BACK, result_id=None)
    old = redirect_key(str(listed.columns.get("path", "")))
    if old and not kept and statement.published_at is None:
        Redirect.objects.filter(path=old).delete()
        Redirect.objects.filter(path__startswith=f"{old}/").delete()
        Import.objects.filter(pk=listed.pk).update(statement=None)
        listed.statement = None
        statement.delete()
    return len(kept)

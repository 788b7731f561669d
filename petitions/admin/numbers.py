"""The numbers of a statement: tables, each with its chart, as a page, as CSV and as SVG."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import desk, query
from core.http import no_store
from petitions.admin.charts import Mark, Table, as_csv, as_svg
from petitions.admin.pages import StatementPages
from petitions.news.models import Mailing, Update
from petitions.signatures import figures, joint_figures, places
from petitions.signatures.figures import GOOD, Figures, Way
from petitions.signatures.models import Meeting
from petitions.signatures.statistics import FIRST_HOURS, MOST_BARS
from petitions.statements.models import Statement

OTHERS, MARKS, SOURCES = 50, 20, 25
DAY = timedelta(days=1)


class NumbersMixin(StatementPages):
    """For the ModelAdmin of statements."""

    def numbers(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page; `?of=days&as=csv` is one of its tables as a file, `?with=7` compares it with another statement."""
        statement = self._find(request, pk)
        others = list(desk.seen_by(request.user, Statement.objects.exclude(pk=pk)).order_by("-id")[:OTHERS])
        asked = query.number(request, "with")
        other = next((one for one in others if one.pk == asked), None)
        found = figures.of(statement)
        tables = tables_of(found, other)
        if name := query.text(request, "as"):
            return _file(statement, tables, query.text(request, "of"), name)
        context = {"title": _("Numbers"), "tables": tables, "found": found, "others": others, "other": other}
        return self._page(request, "numbers", statement, **context)


FILES: dict[str, tuple[Callable[[Table], bytes], str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "svg": (as_svg, "image/svg+xml; charset=utf-8"),
}


def _file(statement: Statement, tables: list[Table], of: str, kind: str) -> HttpResponse:
    table = next((one for one in tables if one.name == of), None)
    if table is None or kind not in FILES:
        raise Http404
    write, content_type = FILES[kind]
    response = HttpResponse(write(table), content_type=content_type)
    name = f"{statement.slug}-{table.name}-{timezone.localdate():%Y-%m-%d}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return no_store(response)


def tables_of(found: Figures, other: Statement | None) -> list[Table]:
    """All that there is to tell, in the order in which people ask."""
    statement, days = found.statement, figures.by_day(found.statement)
    marks = marks_of(statement)
    tables = [_stands(found), _days(days, marks), _hours(statement, marks), _rate(statement), _ways(found)]
    if found.statement.joint_with:
        tables.append(_publishers(found.statement))
    tables += [_languages(found), *_places(statement), _mails(found)]
    if other is not None:
        tables.insert(1, _compared(statement, days, other))
    return [table for table in tables if table.rows]


def _stands(found: Figures) -> Table:
    sums, statement = found.all, found.statement
    rows = [
        (_("Agreed, and counting"), sums.people),
        (_("Brought in from elsewhere, counted apart"), sums.brought_in),
        (_("On paper, counted apart"), statement.paper),
        (_("Asked, not answered yet"), found.waiting),
        (_("Held for a look"), sums.held),
        (_("Removed"), sums.removed),
        (_("Taken back or erased"), found.gone),
        (_("Name on the public list"), sums.shown),
        (_("Name kept private"), found.private),
        (_("Want news by email"), sums.news),
    ]
    return Table("stands", _("How it stands"), [_("What"), _("People")], rows, draws=(1,))


def marks_of(statement: Statement) -> list[Mark]:
    """Events, news and mails that were, the newest of them."""
    now = timezone.now()
    events = statement.events.filter(starts_at__lte=now).order_by("-starts_at")[:MARKS]
    news = statement.updates.filter(published_at__lte=now).order_by("-published_at")[:MARKS]
    found = [Mark(one.starts_at, one.title, _("Event"), _page_of("event", one.pk)) for one in events]
    told = [(one.published_at, one) for one in news]
    found += [Mark(at, one.title, _("News"), _page_of("update", one.pk)) for at, one in told if at]
    mails = _mailings(statement)
    return found + [Mark(sent_at, one.title, _("Mail"), _page_of("update", one.pk)) for one, sent_at in mails]


def _mailings(statement: Statement) -> list[tuple[Update, datetime]]:
    rows = Mailing.objects.filter(update__statement=statement, started_at__lte=timezone.now())
    ordered = rows.select_related("update").order_by("-started_at")[:MARKS]
    return [(one.update, one.started_at) for one in ordered if one.started_at]


def _page_of(kind: str, pk: int) -> str:
    return reverse(f"admin:petitions_{kind}_change", args=[pk])


def _day(day: date) -> str:
    return formats.date_format(day, "j M Y")


def _days(days: list[tuple[date, int]], marks: list[Mark]) -> Table:
    """A bar for each day, or for so many days that they can be told apart."""
    wide = -(-len(days) // MOST_BARS)
    groups = [days[at : at + wide] for at in range(0, len(days), wide)]
    unit = ngettext("a day", "in %(number)s days", wide) % {"number": wide}
    rows = [(_day(group[0][0]), sum(number for _, number in group)) for group in groups]
    title, head = _("Signatures by the day"), [_("From"), _("Signatures")]
    return Table("days", title, head, rows, draws=(1,), unit=unit, starts=[g[0][0] for g in groups], marks=marks)


def _hours(statement: Statement, marks: list[Mark]) -> Table:
    hours = figures.by_hour(statement, FIRST_HOURS)
    rows = [(formats.date_format(timezone.localtime(hour), "D j M, H:i"), number) for hour, number in hours]
    title, head = _("Signatures by the hour, in the last three days"), [_("From"), _("Signatures")]
    starts = [hour for hour, _ in hours]
    return Table("hours", title, head, rows, draws=(1,), unit=_("an hour"), starts=starts, marks=marks)


def _rate(statement: Statement) -> Table:
    days = figures.asked_by_day(statement)
    wide = -(-len(days) // MOST_BARS)
    groups = [days[at : at + wide] for at in range(0, len(days), wide)] if days else []
    rows = []
    for group in groups:
        asked, agreed = sum(day[1] for day in group), sum(day[2] for day in group)
        rows.append((_day(group[0][0]), asked, agreed, _percent(agreed, asked)))
    note = _(
        "The line across is %(good)s %%. Fewer agree where the mail goes to the spam folder, comes late, or is not "
        "understood. People have two weeks to answer: the newest days still rise."
    )
    return Table(
        "rate", _("How many of those who were asked have agreed, by the day they were asked"),
        [_("From"), _("Asked"), _("Agreed"), _("Of a hundred")], rows, draws=(3,), is_line=True, most=100, level=GOOD,
        unit="%", note=note % {"good": GOOD}, starts=[group[0][0] for group in groups],
    )  # fmt: skip


def _percent(part: int, whole: int) -> int | str:
    return round(100 * part / whole) if whole else "–"


def _ways(found: Figures) -> Table:
    names = names_of(found.statement)
    head = [_("From"), _("Count now"), _("Asked"), _("Agreed"), _("Of a hundred"), _("Held"), _("Removed"), _("News")]
    first, rest = found.ways[:SOURCES], found.ways[SOURCES:]
    rows = [_way(said(way.source, names), [way]) for way in first]
    rows += [_way(_("All other sources"), rest)] if rest else []
    note = _(
        "Asked and agreed: as far back as the worker has counted. Codes stand in links that you give out (?via=…)."
    )
    return Table("sources", _("Where people came from"), head, rows, draws=(1,), note=note)


def _way(words: str, ways: Sequence[Way]) -> tuple[str | int, ...]:
    """A line for one source, or for several together."""
    asked, agreed = sum(way.asked for way in ways), sum(way.agreed for way in ways)
    counted = sum(way.people + way.brought_in for way in ways)
    held, removed, news = (sum(getattr(way, name) for way in ways) for name in ("held", "removed", "news"))
    return words, counted, asked, agreed, _percent(agreed, asked), held, removed, news


def names_of(statement: Statement) -> dict[str, str]:
    """What codes that we made stand for: meetings, and the links in mails."""
    meetings = Meeting.objects.filter(statement=statement).values_list("code", "place")
    news = statement.updates.only("title")
    return {code: _("Meeting: %(place)s") % {"place": place} for code, place in meetings} | {
        one.via: _("Mail: %(title)s") % {"title": one.title} for one in news
    }


def said(source: str, names: dict[str, str]) -> str:
    """A source in words."""
    kind, _colon, code = source.partition(":")
    fixed = {
        "page": _("The statement's own page"),
        "embed": _("The form on other websites"),
        "paper": _("Paper, typed in"),
        "import": _("Imports"),
        "other": _("Others"),
    }
    if not code:
        return fixed.get(kind, kind)
    if kind == "embed":
        return _("The form on other websites: %(code)s") % {"code": code}
    return names.get(code) or _("Links with the code %(code)s") % {"code": code}


def _publishers(statement: Statement) -> Table:
    rows = [(one.publisher.name, one.signed_here, one.want_news) for one in joint_figures.of(statement)]
    head = [_("Publisher"), _("Signed on its pages"), _("Want its news")]
    note = _("Everybody counts once. Whose news they want is a box for each publisher, which nobody ticks for them.")
    return Table("publishers", _("Who publishes it together"), head, rows, draws=(1,), note=note)


def _languages(found: Figures) -> Table:
    rows = [(language(code), people) for code, people in found.languages]
    return Table("languages", _("Languages of the page they signed on"), [_("Language"), _("People")], rows, draws=(1,))


def language(code: str) -> str:
    try:
        return str(translation.get_language_info(code)["name_translated"])
    except KeyError:
        return code


def _places(statement: Statement) -> list[Table]:
    note = _("A place is named once %(fewest)s people live there.") % {"fewest": places.FEWEST}
    return [
        Table(
            f"places-{number}", one.label, [_("Place"), _("People")],
            [*one.rows, (_("Elsewhere"), one.others), (_("No answer"), one.silent)], draws=(1,), note=note,
        )
        for number, one in enumerate(places.places_of(statement), start=1)
    ]  # fmt: skip


def _mails(found: Figures) -> Table:
    by_code = {way.source.removeprefix("via:"): way for way in found.ways}
    rows = []
    for update, sent_at in _mailings(found.statement):
        way = by_code.get(update.via)
        before, after = (
            figures.within(found.statement, sent_at + shift, sent_at + shift + DAY) for shift in (-DAY, 0 * DAY)
        )
        sent = formats.date_format(timezone.localtime(sent_at), "j M Y, H:i")
        rows.append((update.title, sent, way.people if way else 0, before, after))
    head = [_("Mail"), _("Sent"), _("Signed by its link"), _("Signatures in the day before"), _("In the day after")]
    note = _("Nobody's reading or clicking is followed: these are signatures, by the code in the mail's link.")
    return Table("mails", _("What mails brought"), head, rows, draws=(2,), note=note)


def _compared(statement: Statement, days: list[tuple[date, int]], other: Statement) -> Table:
    """Both from their first day on, added up."""
    one, two = (_added_up(each) for each in (days, figures.by_day(other)))
    longest = max(len(one), len(two))
    wide = -(-longest // MOST_BARS)
    rows = [
        (_("Day %(number)s") % {"number": at + 1}, one[at] if at < len(one) else "–", two[at] if at < len(two) else "–")
        for at in range(0, longest, wide)
    ]
    head = [_("Since it was published"), str(statement), str(other)]
    starts = [date(1, 1, 1) + at * DAY for at in range(0, longest, wide)]
    title = _("Beside “%(other)s”: signatures, added up from the first day") % {"other": other}
    return Table("compared", title, head, rows, draws=(1, 2), is_line=True, starts=starts)


def _added_up(days: list[tuple[date, int]]) -> list[int]:
    total, found = 0, []
    for _day_of, number in days:
        total += number
        found.append(total)
    return found

"""The page behind the link in the mail. Opening it changes nothing; a button agrees to exactly what it shows."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from core import tokens
from core.http import redirect_303
from submissions import agreeing, status
from submissions.kinds import Details, everything
from submissions.status import Status

CONFIRM = "agree-confirm"


@dataclass(frozen=True)
class Block:
    """One submission on the page: its status, its content, and which parts differ from others like it."""

    status: Status
    details: Details | None
    differs: frozenset[str] = frozenset()
    own_url: str = ""

    @property
    def value(self) -> str:
        """The value that its buttons send."""
        return f"{self.status.number}.{self.status.id:x}"

    @property
    def is_waiting(self) -> bool:
        """Whether it can be agreed to."""
        return self.status.state == "waiting"


@tokens.answers(CONFIRM)
def confirm(request: HttpRequest, token: str, ids: tuple[int, ...]) -> HttpResponse:
    """Everything that will be recorded, for all that the mail listed; POST agrees to one, ends one, or stops mail."""
    known = {kind.number for kind in everything()}
    pairs = [pair for pair in zip(ids[::2], ids[1::2], strict=False) if pair[0] in known]
    if not pairs:
        return tokens.unknown(request)
    pressed = _pressed(request, pairs) if request.method == "POST" else None
    if pressed and pressed[0] == "agree":
        return _agree(request, token, pairs, pressed)  # which asks where they stand only if it can't be agreed to
    found = status.of(pairs)
    if not found:
        return tokens.unknown(request)
    if pressed is None:
        return page(request, token, found)
    verb, number, pk, _ = pressed
    if verb == "stop":
        agreeing.stop_mail(found[0])
    elif not agreeing.disown(number, pk):
        verb = ""  # it was over before: the page says how it stands
    return page(request, token, status.of(pairs), said=verb)


def _pressed(request: HttpRequest, pairs: list[tuple[int, int]]) -> tuple[str, int, int, str] | None:
    """Which button: its verb, the submission it names, and the choice that goes with it. None for nonsense.

    An empty POST, such as a mail program's own button sends, agrees where the mail listed one thing only.
    """
    if "stop" in request.POST:
        return "stop", *pairs[0], ""
    for verb in ("agree", "disown"):
        number, _, rest = request.POST.get(verb, "").partition(".")
        pk, _, choice = rest.partition(".")
        try:
            pair = int(number), int(pk, 16)
        except ValueError:
            continue
        return (verb, *pair, choice) if pair in pairs else None
    if len(pairs) == 1 and not {"agree", "disown"} & set(request.POST):
        return "agree", *pairs[0], ""
    return None


def _agree(
    request: HttpRequest, token: str, pairs: list[tuple[int, int]], pressed: tuple[str, int, int, str]
) -> HttpResponse:
    _, number, pk, choice = pressed
    try:
        agreed = agreeing.agree(number, pk, choice)
    except agreeing.NotAgreed as refusal:
        found = status.of(pairs)
        answer = 409 if refusal.state == "closed" else 200
        return page(request, token, found, status=answer) if found else tokens.unknown(request)
    others = [one for one in pairs if one != (number, pk)]
    if any(one.state == "waiting" for one in status.of(others)):
        return redirect_303(reverse("confirm", args=[token]) + "?done=" + f"{number}.{pk:x}")
    return redirect_303(agreed.url)


def page(request: HttpRequest, token: str, found: list[Status], *, said: str = "", status: int = 200) -> HttpResponse:
    """The page for these submissions; `said` is the result of the last button pressed."""
    blocks = list(blocks_of(found))
    waiting = [block for block in blocks if block.is_waiting]
    context = {
        "blocks": blocks,
        "waiting": waiting,
        "only": blocks[0] if len(blocks) == 1 else None,
        "said": said,
        "done": request.GET.get("done", ""),
        "here": reverse("confirm", args=[token]),
        "statement_url": reverse("statement", args=[found[0].slug]),
    }
    return render(request, "submissions/confirm.jinja", context, status=status)


def blocks_of(found: list[Status]) -> Iterator[Block]:
    """The submissions with what they say, in order; words that differ between those of one kind and page are marked."""
    details = details_of(found)
    said: dict[tuple[int, int, str], set[str]] = {}
    for one in found:
        for row in details[one.pair].rows if one.state == "waiting" and one.pair in details else ():
            said.setdefault((one.number, one.statement_id, str(row.label)), set()).add(str(row.value))
    for one in found:
        own_url = one.kind.url(one.result_id, is_reader=True) if one.state == "agreed" and one.result_id else ""
        here = [one.number, one.statement_id]
        differs = {label for (*place, label), values in said.items() if place == here and len(values) > 1}
        yield Block(one, details.get(one.pair), frozenset(differs), own_url)


def details_of(found: list[Status], *, is_reader: bool = True) -> dict[tuple[int, int], Details]:
    """What these say, by kind and id; what was agreed says nothing any more, because its words live elsewhere.

    Who has not read the mail (`is_reader` false) is shown what was typed, and nothing that we know besides.
    """
    told: dict[tuple[int, int], Details] = {}
    for kind in {one.kind for one in found}:
        ids = [one.id for one in found if one.number == kind.number and one.state != "agreed"]
        rows = list(kind.model._default_manager.filter(pk__in=ids)) if ids else []
        say = kind.details if is_reader else kind.typed
        told |= {(kind.number, pk): details for pk, details in say(rows).items()} if rows else {}
    return told

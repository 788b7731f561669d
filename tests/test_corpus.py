"""The corpus (tests/corpus/README.md) through every door, and back out of every format."""

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape
from xml.etree import ElementTree

import icalendar
import pytest
from django.utils import timezone
from docx import Document

from comments import importers as comment_importers
from comments.models import Comment, CommentSubmission
from core.addresses import canonical
from core.forms import AddressField
from organisations import motion
from organisations.importers import bring_in
from organisations.models import Endorsement, EndorsementSubmission
from petitions.actions import calendar
from petitions.models import Event, SheetLine, Signature, SignatureSubmission, Update
from petitions.signatures import exports, importers
from petitions.travel import card
from tests import corpus
from tests.comments import making
from tests.factories import CommentFactory, EventFactory, SignatureFactory, StatementFactory
from tests.organisations.form import posted, row
from tests.staff import superuser

pytestmark = pytest.mark.django_db

NAMES = [(typed, stored, held.split()) for typed, stored, held, _ in corpus.lines("names.tsv") if stored]
# What a browser can send; half a surrogate pair is no text that it could.
SENT = [(typed, stored, held) for typed, stored, held in NAMES if "\ud800" not in typed]
STORED = [(stored, sorted(held)) for _typed, stored, held in SENT]
ORGANISATIONS = [(typed, stored, odd.split()) for typed, stored, odd, _ in corpus.lines("organisations.tsv")]
WORDS = [(typed, stored) for typed, stored, _ in corpus.lines("prose.tsv")]
LANGUAGES = [name for _language, name, _letters in corpus.lines("languages.tsv")]


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries", ask_affiliation=True)


def signed():
    return [(one.name, sorted(one.signals.split())) for one in SignatureSubmission.objects.order_by("pk")]


@pytest.mark.parametrize("path", ["/statements/libraries/sign/", "/embed/libraries/form/"])
def test_names_at_the_form_and_the_embedded_form(client, statement, path):
    for number, (typed, _stored, _held) in enumerate(SENT):
        data = {"name": typed, "email": f"signer-{number}@example.org", "affiliation": typed}
        assert client.post(path, data, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303
    assert signed() == STORED
    assert list(SignatureSubmission.objects.order_by("pk").values_list("affiliation", flat=True)) == [
        stored for stored, _held in STORED
    ]


def test_names_and_words_under_comments(client, statement):
    for number, (typed, _stored, _held) in enumerate(SENT):
        body = f"{WORDS[number % len(WORDS)][0]}\n{number}"
        answer = making.post(client, name=typed, email=f"writer-{number}@example.org", body=body)
        assert answer.status_code == 303
    found = CommentSubmission.objects.order_by("pk")
    assert [(one.author_name, sorted(one.signals.split())) for one in found] == STORED
    assert [one.body for one in found] == [f"{WORDS[n % len(WORDS)][1]}\n{n}" for n in range(len(SENT))]


def test_names_of_organisations_and_of_who_speaks_for_them(client, statement):
    for number, (typed, _stored, _odd) in enumerate(ORGANISATIONS):
        data = posted(organisation=typed, contact_name=typed, town=typed, contact_email=f"branch-{number}@example.org")
        assert client.post("/statements/libraries/endorse/form/", data).status_code == 303
    found = EndorsementSubmission.objects.order_by("pk")
    assert [(one.name, one.contact_name, one.town) for one in found] == [
        (stored, stored, stored) for _typed, stored, _odd in ORGANISATIONS
    ]
    # A bare domain is odd in a person's name only; the representative's is one.
    assert [set(odd) - set(one.signals.split()) for one, (_t, _s, odd) in zip(found, ORGANISATIONS, strict=True)] == [
        set()
    ] * len(ORGANISATIONS)


def test_names_and_words_through_the_importers(statement):
    now = timezone.now()
    rows = [
        importers.Row(name=typed, email=f"signer-{number}@example.org", signed_at=now, answers={"affiliation": typed})
        for number, (typed, _stored, _held) in enumerate(NAMES)
    ]
    assert importers.load(statement=statement, rows=rows) == len(NAMES)
    assert set(Signature.objects.values_list("name", "affiliation")) == {(stored, stored) for _, stored, _ in NAMES}
    written = [
        comment_importers.Row(key=str(number), name=NAMES[number][0], body=typed, written_at=now)
        for number, (typed, _stored) in enumerate(WORDS)
    ]
    comment_importers.load(thread=statement.thread, rows=written)
    assert list(Comment.objects.order_by("pk").values_list("author_name", "body")) == [
        (NAMES[number][1], stored) for number, (_typed, stored) in enumerate(WORDS)
    ]
    for number, (typed, _stored, _odd) in enumerate(ORGANISATIONS):
        bring_in(statement=statement, row=row(typed, town=str(number), message=typed))
    assert list(Endorsement.objects.order_by("pk").values_list("name", "public_message")) == [
        (stored, stored) for _typed, stored, _odd in ORGANISATIONS
    ]


def test_names_typed_by_staff_from_paper(statement):
    carol = superuser("carol")
    lines = {f"line-{number}-name": typed for number, (typed, _stored, _held) in enumerate(SENT)}
    grid = {"number": 1, "line-TOTAL_FORMS": len(SENT), "line-INITIAL_FORMS": 0, "statement": statement.pk}
    assert carol.post("/admin/petitions/sheet/add/", {**grid, **lines}).status_code == 302
    assert list(SheetLine.objects.order_by("pk").values_list("name", flat=True)) == [stored for stored, _ in STORED]


@pytest.mark.parametrize(("typed", "right", "source"), corpus.lines("mailboxes.tsv"))
def test_addresses_at_every_form(typed, right, source):
    """All forms ask with one field; here it is asked, and its column."""
    field = AddressField()
    if right.startswith("!"):
        with pytest.raises(Exception) as refused:  # noqa: PT011 - the code is looked at
            field.clean(typed)
        assert refused.value.code == right[1:]
    else:
        column = SignatureSubmission._meta.get_field("email")
        assert (field.clean(typed), column.get_prep_value(typed), column.formfield().clean(typed)) == (right,) * 3


def test_addresses_through_the_importer(statement):
    taken = sorted({right for _, right, _ in corpus.lines("mailboxes.tsv") if not right.startswith("!")})
    typed = [typed for typed, right, _ in corpus.lines("mailboxes.tsv") if not right.startswith("!")]
    rows = [importers.Row(name="A", email=one, signed_at=timezone.now()) for one in typed]
    importers.load(statement=statement, rows=rows)
    found = set(Signature.objects.values_list("email", flat=True))
    assert {canonical(email) for email in taken} == {canonical(email) for email in found}
    assert found <= set(taken)


@pytest.mark.django_db(transaction=True)
def test_every_name_comes_back_out_of_tables_lists_and_calendars(client, statement):
    """Names of sixty languages, and all that broke others."""
    names = list(dict.fromkeys([*LANGUAGES, *(stored for _, stored, _ in NAMES)]))
    now = timezone.now()
    for number, name in enumerate(names):
        SignatureFactory(statement=statement, name=name, show_name=True, confirmed_at=now - timedelta(seconds=number))
    rows = exports.export(statement=statement, what=exports.DELIVERY, why="", by=None)
    table = list(csv.reader(io.StringIO(b"".join(rows).decode("utf-8-sig"), newline="")))[1:]
    # A spreadsheet would compute `=…`: an apostrophe stands before it (core/csv.py).
    assert [cells[0].removeprefix("'") if cells[0].startswith("'=") else cells[0] for cells in table] == names
    page, seen = "/statements/libraries/signatures/", []
    while page:
        html = client.get(page).content.decode()
        seen += [unescape(found).strip() for found in re.findall(r"<bdi[^>]*>(.*?)</bdi>", html, re.S)]
        following = re.search(r'href="(/statements/libraries/signatures/[?]after=[^"]+)"', html)
        page = unescape(following[1]) if following else ""
    assert [name for name in names if name not in seen] == []
    events = [EventFactory.build(statement=statement, title=name, changed_at=now) for name in names]
    read = icalendar.Calendar.from_ical(calendar.write(events))
    assert [str(entry["summary"]) for entry in read.walk("VEVENT")] == names


def feed(client, path):
    entries = ElementTree.fromstring(client.get(path).content).iter("{http://www.w3.org/2005/Atom}entry")
    return [entry.find("{http://www.w3.org/2005/Atom}title").text for entry in entries]


@pytest.mark.parametrize("part", range(4))
def test_titles_and_names_come_back_out_of_feeds_data_and_papers(client, statement, part):
    names = LANGUAGES[part::4]
    now = timezone.now()
    for number, name in enumerate(names):
        CommentFactory(statement=statement, author_name=name, published_at=now - timedelta(seconds=number))
        at = now - timedelta(seconds=number)
        Update.objects.create(statement=statement, title=name, slug=f"n-{number}", body="<p>x</p>", published_at=at)
        EventFactory(statement=statement, title=name, starts_at=now + timedelta(days=1, seconds=number))
    stored = list(Update.objects.values_list("title", flat=True))
    assert feed(client, "/statements/libraries/comments/feed/") == [f"{name} says" for name in stored]
    assert feed(client, "/statements/libraries/feed/") == stored
    data = json.loads(client.get("/statements/libraries.json").content)
    assert [[one["title"] for one in data[what]] for what in ("updates", "events")] == [stored, stored]
    motion.write(statement=statement, notes="\n".join(names))
    written = Document(io.BytesIO(client.get("/statements/libraries/motion.docx").content))
    said = [paragraph.text for paragraph in written.paragraphs]
    assert [name for name in stored if not any(line.endswith(f"\t{name}") for line in said)] == []
    assert client.get("/statements/libraries/motion.pdf").content.startswith(b"%PDF-")
    assert [card.draw(card.of_event(event))[:4] for event in Event.objects.all()[:3]] == [b"\x89PNG"] * 3

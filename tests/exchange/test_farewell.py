"""A farewell: a closed statement as plain pages that need no server and say nothing that visitors could not read."""

import io
import posixpath
import re
import zipfile
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from comments import threads
from core.models import AuditEntry
from exchange import keeping
from exchange.farewell import plain, writing
from exchange.models import Farewell
from organisations import listing
from organisations.models import Logo
from petitions.models import Statement, Update
from petitions.statements import counting
from tests.factories import (
    CommentFactory,
    EndorsementFactory,
    EventFactory,
    OrganisationFactory,
    SignatureFactory,
    StatementFactory,
)
from tests.organisations.pictures import picture
from tests.publishers.several import ORIGIN, second
from tests.staff import superuser

pytestmark = pytest.mark.django_db


def closed_statement(names: int = 120) -> Statement:
    """One that has everything: names for two pages, a private one, an organisation with a logo, news, an event."""
    ago = timezone.now() - timedelta(days=9)
    statement = StatementFactory(published_at=ago, slug="libraries", title="Keep the libraries open")
    for number in range(names):
        SignatureFactory(statement=statement, name=f"Shown Signer {number}", show_name=True)
    SignatureFactory(statement=statement, name="Private Signer")
    logo = Logo.objects.create(data=picture("WEBP", 8, 8), width=8, height=8)
    organisation = OrganisationFactory(name="Lantern Union", slug="lantern-union", logo=logo)
    EndorsementFactory(
        statement=statement, organisation=organisation, name="Lantern Union", state="listed", listed_at=ago
    )
    CommentFactory(statement=statement, body="Our whole street came.")
    CommentFactory(statement=statement, body="Waits for a look.", state="waiting")
    EventFactory(statement=statement, slug="protest", starts_at=ago)
    Update.objects.create(statement=statement, title="We won", slug="we-won", body="<p>Thanks.</p>", published_at=ago)
    counting.recount(statement=statement, repair=True)
    threads.recount(statement.thread)
    listing.recount(statement=statement)
    Statement.objects.filter(pk=statement.pk).update(closed_at=ago + timedelta(days=5))
    statement.refresh_from_db()
    return statement


def written(statement) -> dict[str, bytes]:
    """The files of its farewell."""
    farewell = writing.start(statement=statement, why="It is over")
    while keeping.work(Farewell):
        pass
    farewell.refresh_from_db()
    assert (farewell.state, farewell.problem) == ("done", "")
    with zipfile.ZipFile(io.BytesIO(b"".join(keeping.zipped(farewell)))) as opened:
        return {path: opened.read(path) for path in opened.namelist()}


def test_everything_that_visitors_read_is_there_and_nothing_else():
    files = written(closed_statement())
    pages = {path for path in files if path.endswith(".html")}
    assert pages >= {
        "index.html", "signatures.html", "history.html", "updates.html", "updates-we-won.html", "events-protest.html",
        "privacy.html",}  # fmt: skip
    text = b" ".join(files[path] for path in sorted(pages)).decode()
    named = set(re.findall(r"Shown Signer (\d+)", text))
    assert len(named) == 120  # the second page of names as well
    for said in ("Our whole street came.", "Lantern Union", "Thanks.", "This is a copy of"):
        assert said in text, said
    for said in ("Private Signer", "Waits for a look.", "signer-", "<script", "<form", "<input", "csrf"):
        assert said not in text, said


def test_every_link_is_relative_and_leads_to_a_file_of_the_folder(settings):
    files = written(closed_statement())
    dead, loaded = [], set()
    for path, content in files.items():
        if not path.endswith((".html", ".css")):
            continue
        text = content.decode()
        found = (
            re.findall(r'(?:href|src)="([^"#]+)', text)
            if path.endswith(".html")
            else re.findall(r'url\("([^"]+)', text)
        )
        for address in found:
            if address.startswith(("https://", "mailto:", "data:")):
                continue
            whole = posixpath.normpath(posixpath.join(posixpath.dirname(path), address))
            loaded.add(whole)
            dead += [] if whole in files else [(path, address)]
        assert settings.ORIGIN not in re.sub(r"<(p|small|code|dd|meta|link)\b[^>]*>[^<]*", "", text), path
    assert dead == []
    assert {one.rpartition(".")[2] for one in loaded} == {"html", "css", "webp", "svg"}


def test_it_is_asked_of_the_host_of_its_publisher():
    """At the site's own address there is only the way to where it is."""
    statement, own = closed_statement(names=3), second()
    Statement.objects.filter(pk=statement.pk).update(publisher=own.publisher)
    files = written(Statement.objects.get(pk=statement.pk))
    text = files["index.html"].decode()
    assert f"The original stood at {ORIGIN}/statements/libraries/." in text
    assert {"index.html", "updates-we-won.html", "assets/static/css/undersigned.css"} <= set(files)
    assert "Mill Road Tenants" in text


def test_what_is_open_gets_none(statement):
    with pytest.raises(writing.NotClosed, match="that is closed"):
        writing.start(statement=statement, why="x")


def test_the_command_writes_a_folder(tmp_path):
    closed_statement(names=3)
    out = StringIO()
    call_command("farewell", "libraries", str(tmp_path / "pages"), stdout=out)
    assert out.getvalue().endswith(f"Open {tmp_path / 'pages' / 'index.html'}.\n")
    assert "Keep the libraries open" in (tmp_path / "pages" / "index.html").read_text()
    assert Farewell.objects.count() == 0
    with pytest.raises(CommandError, match="can't be written"):
        call_command("farewell", "libraries", str(tmp_path / "pages"), stdout=out)
    with pytest.raises(CommandError, match="There is no statement"):
        call_command("farewell", "nothing", str(tmp_path / "x"), stdout=out)


def test_the_desk_offers_what_is_closed_and_writes_down_why():
    statement, other = closed_statement(names=1), StatementFactory()
    carol = superuser("carol")
    add = reverse("admin:exchange_farewell_add")
    refused = carol.post(add, {"statement": other.pk, "reason": "Over"})
    assert (refused.status_code, Farewell.objects.count()) == (200, 0)
    carol.post(add, {"statement": statement.pk, "reason": "Over"})
    assert Farewell.objects.get().statement == statement
    assert AuditEntry.objects.latest("pk").why == "Over"


@pytest.mark.parametrize(
    ("given", "plainly"),
    [
        ('<a href="/gone/">There</a>', "There"),
        ('<a href="/kept/?a=1&amp;b=2#x">There</a>', '<a href="kept.html">There</a>'),
        ('<a href="https://else.example/">Out</a>', '<a href="https://else.example/">Out</a>'),
        ('<a href="javascript:x()">Out</a>', "Out"),
        ("<form><input><p>Sign <b>here</b></p></form>After", "After"),
        ('<p onclick="x()" data-y="1" class="z">&amp;&#39;</p>', '<p class="z">&amp;&#39;</p>'),
        ('<img src="/kept/" srcset="/kept/ 1x, /gone/ 2x" alt="&quot;">', '<img src="kept.html" srcset="kept.html 1x,  2x" alt="&quot;">'),
        ('<link rel="alternate" href="/feed/"><meta http-equiv="refresh" content="0">', ""),
    ],
)  # fmt: skip
def test_a_page_made_plain(given, plainly):
    def leads(address):
        if address.startswith("https://else.example"):
            return address
        return "kept.html" if "/kept/" in address else None

    assert plain.page(given, at="https://here.example/", leads=leads, notice="") == plainly

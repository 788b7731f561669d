"""Hand-over packs: what is in them, how they are made, and how anybody proves one."""

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.urls import reverse
from docx import Document
from python_calamine import CalamineWorkbook

from core import audit
from core.models import AuditEntry
from exchange import keeping
from exchange.models import HandOver, Pack, PackPart
from exchange.packs import collecting, handing, papers
from petitions.models import Signature, Statement
from petitions.statements import counting
from tests import pdf_reading
from tests.factories import EndorsementFactory, OrganisationFactory, SignatureFactory, StatementFactory
from tests.staff import staff, superuser

pytestmark = pytest.mark.django_db
PRIVATE = "Secret Signer"
SIGNED = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)


@pytest.fixture
def signed(statement) -> Statement:
    """Six who show their names, one who doesn't, one held; two organisations, one of them declined."""
    under = {"statement": statement, "confirmed_at": SIGNED}
    for name in ("Zoe Zed", "=SUM(1)", "ámbar Ruiz", "Ada Long", "علي حسن", "Bo <b>Bold</b>"):
        SignatureFactory(**under, name=name, show_name=True, postcode="E1 6AN" if name < "B" else "")
    SignatureFactory(**under, name=PRIVATE, postcode="N1 9GU", affiliation="A hidden place")
    SignatureFactory(statement=statement, name="Held Person", state="held", show_name=True)
    Signature.objects.filter(name="Ada Long").update(affiliation="teacher", personal_capacity=True, position=1)
    organisation = OrganisationFactory(name="Lantern Union")
    EndorsementFactory(
        statement=statement, organisation=organisation, name="Lantern Union", state="listed", listed_at=SIGNED
    )
    EndorsementFactory(statement=statement, name="Declined Club", state="declined", decided_reason="No branch.")
    counting.recount(statement=statement, repair=True)
    return statement


def made(statement, **options) -> Pack:
    """A pack, made to its end."""
    pack = handing.start(statement=statement, **{"order": "letter", "why": "For the council", **options})
    while keeping.work(Pack):
        pass
    pack.refresh_from_db()
    return pack


def unpacked(pack) -> dict[str, bytes]:
    """What is in it, by path."""
    with zipfile.ZipFile(io.BytesIO(b"".join(keeping.zipped(pack)))) as opened:
        assert opened.testzip() is None
        return {path: opened.read(path) for path in opened.namelist()}


def rows(data: bytes) -> list[list[str]]:
    """The cells of a table."""
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_pack_has_every_paper_and_table_and_nobody_who_did_not_allow_it(signed):
    pack = made(signed)
    files = unpacked(pack)
    assert list(files) == [
        "statement.pdf", "statement.docx", "names.csv", "names.xlsx", "days.csv", "certificate.json",
        "names/names-001.pdf", "names/names-001.docx", "SHA256SUMS"]  # fmt: skip
    shown = ["Ada Long", "ámbar Ruiz", "Bo <b>Bold</b>", "'=SUM(1)", "Zoe Zed", "علي حسن"]
    table = rows(files["names.csv"])
    assert [row[0] for row in table] == ["name", *shown]
    assert table[1] == ["Ada Long", "teacher", "yes", "E1 6AN", "", "2026-03-04", "here"]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(files["names.xlsx"])).get_sheet_by_index(0)
    assert [[str(cell) for cell in row] for row in sheet.to_python()] == table
    assert rows(files["days.csv"]) == [["day", "people", "brought_in"], ["2026-03-04", "7", "0"]]
    everything = b"".join(files.values()) + json.dumps(pack.facts).encode() + json.dumps(pack.files).encode()
    words = " ".join(map(pdf_reading.text, (files["statement.pdf"], files["names/names-001.pdf"])))
    for word in (PRIVATE, "Held Person", "A hidden place", "N1 9GU", "signer-", "Declined Club"):
        assert (word.encode() in everything, word in words) == (False, False), word


def test_the_papers_are_accessible_and_say_what_was_promised(signed):
    pack = made(signed)
    files = unpacked(pack)
    front, names = files["statement.pdf"], files["names/names-001.pdf"]
    assert pdf_reading.about(front)["claims"] == 1
    assert pdf_reading.about(names)["claims"] == 1
    words = pdf_reading.text(front)
    version = signed.version
    asks = f"{signed.who.name} asks Eastside Council."
    for said in (asks, "Our libraries belong to all of us.", "Lantern Union", "Ada Long, teacher (in a personal capacity)",
                 "6 people allowed that their names are shown", "1 people count and keep"):  # fmt: skip
        assert said in words, said
    assert version.sha256 in words.replace(" ", "")
    written = Document(io.BytesIO(files["names/names-001.docx"]))
    assert [one.text for one in written.paragraphs][2:5] == [
        "A",
        "Ada Long, teacher (in a personal capacity)\námbar Ruiz",
        "B",
    ]
    text = "\n".join(one.text for one in Document(io.BytesIO(files["statement.docx"])).paragraphs)
    assert ("Our libraries belong to all of us." in text, asks in text, papers.address(pack) in text) == (True,) * 3


def test_the_certificate_tells_numbers_hashes_and_where_the_record_stood(signed):
    audit.record(by=superuser("carol").get(reverse("admin:index")).wsgi_request.user, on=signed, what="Looked")
    line = AuditEntry.objects.latest("pk")
    pack = made(signed)
    facts = json.loads(unpacked(pack)["certificate.json"])
    assert facts == pack.facts
    assert facts["record"] == {"line": line.pk, "sha256": line.hash}
    assert facts["numbers"] == {
        "people": 7, "brought_in": 0, "shown": 6, "private": 1, "paper": 0, "names_only": 0,
        "organisations": signed.organisations, "removed": 0}  # fmt: skip
    assert [(one["number"], one["sha256"], one["signed"]) for one in facts["versions"]] == [
        (1, signed.version.sha256, 7)]  # fmt: skip


def test_volumes_are_cut_and_a_worker_goes_on_where_another_stopped(signed, monkeypatch):
    monkeypatch.setattr(collecting, "VOLUME", 2)
    monkeypatch.setattr(keeping, "SECONDS", 1e-9)
    pack = handing.start(statement=signed, order="letter", why="x")
    keeping.work(Pack)
    pack.refresh_from_db()
    assert (pack.files_written, pack.files_in_all) == (1, 13)
    keeping.stop(asked=pack)
    assert keeping.work(Pack) == 0
    Signature.objects.all().update(name="Changed Since")  # what was read stays what it was
    keeping.resume(asked=pack)
    while keeping.work(Pack):
        pass
    pack.refresh_from_db()
    files = unpacked(pack)
    assert pack.state == "done"
    assert [path for path in files if path.endswith(".docx") and "names" in path] == [
        "names/names-001.docx", "names/names-002.docx", "names/names-003.docx"]  # fmt: skip
    assert "Changed Since" not in files["names.csv"].decode()
    assert "volume 2 of 3" in pdf_reading.text(files["names/names-002.pdf"])
    with pytest.raises(keeping.NotNow):
        keeping.stop(asked=pack)


def test_by_place_small_places_are_no_places(statement):
    for number in range(12):
        SignatureFactory(statement=statement, name=f"Local {number:02}", show_name=True, postcode="E1 6AN")
    SignatureFactory(statement=statement, name="Alone Here", show_name=True, postcode="N1 9GU")
    pack = made(statement, order="place")
    written = Document(io.BytesIO(unpacked(pack)["names/names-001.docx"]))
    heads = [one.text for one in written.paragraphs if one.style.name == "Heading 2"]
    assert heads == ["E1", "Elsewhere"]
    assert written.paragraphs[-1].text == "Alone Here"


def test_nobody_at_all_is_a_pack_as_well(statement):
    files = unpacked(made(statement))
    assert rows(files["names.csv"]) == [["name", *collecting.ANSWERS, "signed_on", "agreed"]]
    assert "Nobody allowed that their name is handed over." in pdf_reading.text(files["names/names-001.pdf"])


def test_its_public_page_proves_the_pack_and_names_nobody(client, signed):
    pack = made(signed)
    data = b"".join(keeping.zipped(pack))
    assert (sha256(data).hexdigest(), b"".join(keeping.zipped(pack)) == data) == (pack.sha256, True)
    address = reverse("pack", args=[signed.slug, pack.code])
    assert papers.address(pack).endswith(address)
    page = client.get(address)
    assert (page.status_code, page["X-Robots-Tag"], pack.sha256 in page.text) == (200, "noindex", True)
    for name in ("Ada Long", "Zoe Zed", PRIVATE):
        assert name not in page.text
    sums = dict(line.split("  ")[::-1] for line in unpacked(pack)["SHA256SUMS"].decode().splitlines())
    one = sha256(unpacked(pack)["names/names-001.pdf"]).hexdigest()
    assert sums["names/names-001.pdf"] == one
    yes = client.get(address, {"sha256": f" {one.upper()} "}).text
    assert "Yes: this is the SHA-256 of the file names/names-001.pdf in this pack." in yes
    assert "Yes: this is the SHA-256 of this pack." in client.get(address, {"sha256": pack.sha256}).text
    assert "No: neither this pack nor a file in it" in client.get(address, {"sha256": "0" * 64}).text
    assert client.post(address).status_code == 405
    PackPart.objects.all().delete()  # the files are gone after a week; the proof stays
    assert client.get(address).text == page.text


def test_a_pack_that_is_not_done_or_of_another_statement_has_no_page(client, signed):
    pack = handing.start(statement=signed, order="letter", why="x")
    assert client.get(reverse("pack", args=[signed.slug, pack.code])).status_code == 404
    done = made(StatementFactory())
    assert client.get(reverse("pack", args=[signed.slug, done.code])).status_code == 404
    with pytest.raises(handing.NotMade):
        handing.start(statement=StatementFactory(published_at=None), order="letter", why="x")


def test_who_was_given_it_is_written_down_and_the_page_says_so(signed):
    pack = made(signed)
    carol = superuser("carol")
    page = reverse("admin:exchange_pack_change", args=[pack.pk])
    answer = carol.post(page, {"recipient": "Eastside Council", "handed_on": "2026-03-09", "note": "", "tells": "on"})
    assert list(map(str, get_messages(answer.wsgi_request))) == ["It is written down."]
    assert list(HandOver.objects.values_list("pack", "recipient", "handed_on")) == [
        (pack.pk, "Eastside Council", date(2026, 3, 9))]  # fmt: skip
    signed.refresh_from_db()
    assert (signed.handed_in_to, signed.handed_in_on) == ("Eastside Council", date(2026, 3, 9))
    assert "Eastside Council" in carol.get(page).text
    refused = carol.post(page, {"recipient": "", "handed_on": "2026-03-09"})
    assert (refused.status_code, HandOver.objects.count()) == (200, 1)


def test_the_desk_asks_why_and_who_and_the_record_has_it(signed):
    carol = superuser("carol")
    carol_user = carol.get(reverse("admin:index")).wsgi_request.user
    carol_user.set_password("right")
    carol_user.save()
    carol.force_login(carol_user)
    add = reverse("admin:exchange_pack_add")
    typed = {"statement": signed.pk, "order": "letter", "reason": "For the council", "password": "wrong"}
    assert (carol.post(add, typed).status_code, Pack.objects.count()) == (200, 0)
    carol.post(add, {**typed, "password": "right"})
    pack = Pack.objects.get()
    assert AuditEntry.objects.latest("pk").what == "Had a file written (hand-over pack)"
    while keeping.work(Pack):
        pass
    answer = carol.post(reverse("admin:exchange_pack_download", args=[pack.pk]))
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{signed.slug}-pack-')
    pack.refresh_from_db()
    assert sha256(b"".join(answer.streaming_content)).hexdigest() == pack.sha256
    assert AuditEntry.objects.latest("pk").what == "Downloaded a file (hand-over pack)"
    only_looks = staff("bo")
    assert only_looks.post(reverse("admin:exchange_pack_download", args=[pack.pk])).status_code == 403


def test_a_pack_that_is_done_has_a_hash(statement):
    with pytest.raises(ValidationError, match="has its SHA-256"):
        Pack(statement=statement, state="done").full_clean()

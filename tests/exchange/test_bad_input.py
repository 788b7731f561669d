"""What people choose by mistake, and what lists have in them: a sentence each, nothing lost, nothing half done."""

import io
import struct
import zipfile
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from exchange import columns, dates, judging, running, sources
from exchange.files import Unreadable
from exchange.models import Brings, Import, ImportRow
from petitions.models import Signature
from tests.exchange import lists
from tests.exchange.test_files import bomb, locked
from tests.staff import superuser

pytestmark = pytest.mark.django_db
ROWS = [["Name", "Email", "Date"], ["Ada Long", "ada@example.org", "2021-03-04"]]
SPREAD = (
    "This spreadsheet is spread over too many cells; perhaps one stands far below or far to the right of the list. "
    "Copy the list into a new one, or save it as CSV, and choose that file."
)
UNKNOWN = (
    "The file doesn't say how its letters are written, and Western European they are not. Say how under “Its letters are "
    "written as”, such as Central European or Cyrillic, and choose the file again."
)
DAMAGED = "This spreadsheet can't be read. Open it, save it as CSV, and choose that file."


def lying():
    """A spreadsheet whose sheet unpacks to a thousand times what the zip says of it."""
    data = bytearray(lists.xlsx(ROWS, padding=b" " * 3_000_000))
    name = b"xl/worksheets/sheet1.xml"
    at = data.rindex(name) - 46
    data[at + 24 : at + 28] = struct.pack("<I", 900)
    at = data.index(name) - 30
    data[at + 22 : at + 26] = struct.pack("<I", 900)
    return bytes(data)


def word():
    return lists.packed({"word/document.xml": "<w/>", "[Content_Types].xml": "<Types/>"})


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("leaflet.pdf", b"%PDF-1.7", "This is a PDF, not a list. Choose a CSV file, a spreadsheet or a WordPress export."),
        ("minutes.docx", word(), "This is a zip of other files. Unpack it, and choose the list that is inside."),
        ("people.xlsx", locked(), "This file is locked with a password. Save it without one, and choose it again."),
        ("people.xlsx", bomb(), "This file would unpack to far more than a list can be. It was not opened."),
        ("people.xlsx", lying(), DAMAGED),
        ("people.xlsx", lists.xlsx(ROWS)[:-200], "This file is damaged: it can't be unpacked. Save or download it once more."),
        ("people.xlsx", lists.xlsx(ROWS, far="XFD1048576"), SPREAD),
        ("people.xlsx", lists.xlsx(ROWS, far="XFD9"), "This table has more than 200 columns. Keep those with names, addresses and dates."),
        ("people.csv", "Name;Email\nКатя;k@example.org\n".encode("cp1251"), ""),
        ("people.csv", "Name;Email\nŁukasz Źdźbło;l@example.org\n".encode("cp1250"), UNKNOWN),
        ("people.xlsx", lists.xlsx([]), "There are no rows in this file."),
    ],
)  # fmt: skip
def test_the_page_says_what_it_is_and_keeps_nothing(statement, name, content, sentence):
    """Wrong letters are read all the same, and the page says so beside the first rows: nothing else can tell."""
    carol = superuser("carol")
    typed = {"statement": statement.pk, "file": SimpleUploadedFile(name, content)}
    page = carol.post(reverse("admin:exchange_import_add"), typed, follow=True)
    if sentence:
        assert page.context["form"].errors == {"file": [sentence]}
        assert (Import.objects.count(), ImportRow.objects.count()) == (0, 0)
    else:
        assert "It was read as Western European: look at the rows below." in page.text
        assert "Êàòÿ" in page.text  # as whoever looks at the rows sees at once


def test_a_stray_cell_within_bounds_costs_nothing(statement):
    listed = lists.read(lists.xlsx(ROWS, far="D300"), name="people.xlsx", statement=statement)
    lists.check(listed)
    assert lists.outcome(listed) == [(2, "new", ""), (300, "invalid", "There is no name.")]


AT = datetime(2021, 3, 4, 10, 11, 12, tzinfo=UTC)
NOON = datetime(2021, 3, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2021-03-04T10:11:12Z", AT),
        ("2021-03-04 11:11:12 +0100", AT),
        ("04/03/2021 10:11:12", AT),
        ("4.3.21", NOON),
        ("4 March 2021", NOON),
        ("March 4th, 2021 10:11 am", AT.replace(second=0)),
        ("4 de marzo de 2021", NOON),
        ("4. März 2021, 10:11", AT.replace(second=0)),
        ("Thu, 04 Mar 2021 10:11:12 +0000", AT),
        ("1614852672", AT),
        ("04/03/21 10:11:12 PM", AT.replace(hour=22)),
        ("31.02.2021", None),
        ("yesterday", None),
        ("44259", None),
    ],
)
def test_dates_are_read_in_every_style_or_not_at_all(written, meant):
    found = dates.read(written, day_first=True, zone=ZoneInfo("UTC"))
    assert found == meant


def test_five_styles_of_dates_in_one_list_and_the_wrong_ones_say_so(statement):
    written = ["2021-03-04", "04.03.2021", "4 March 2021", "03/25/2021", "1614852672", "31.02.2021", "yesterday"]
    rows = "".join(f'Person {at},p{at}@example.org,"{day}"\n' for at, day in enumerate(written))
    listed = lists.bring_in(lists.read(f"name,email,date\n{rows}", statement=statement))
    assert lists.outcome(listed)[5:] == [
        (7, "invalid", "“31.02.2021” is no date that we can read."),
        (8, "invalid", "“yesterday” is no date that we can read."),
    ]
    signed = Signature.objects.order_by("name").values_list("confirmed_at", flat=True)
    assert [found.date() for found in signed] == [
        date(2021, 3, 4), date(2021, 3, 4), date(2021, 3, 4), date(2021, 3, 25), date(2021, 3, 4)]  # fmt: skip
    text = b"".join(judging.rejected(listed)).decode()
    assert text.count("\r\n") == 3  # the headings and the two: as they came, to be mended and brought in later
    assert '"7","“31.02.2021” is no date that we can read.","Person 5","p5@example.org","31.02.2021"' in text


@pytest.mark.parametrize(
    ("headings", "places"),
    [
        ("Vorname;Nachname;E-Mail-Adresse;Datum;PLZ", "given_name family_name email signed_at postcode"),
        ("Prénom;Nom;Adresse e-mail;Horodateur;Code postal", "given_name family_name email signed_at postcode"),
        ("Nombre;Apellidos;Correo electrónico;Fecha;País", "given_name family_name email signed_at country"),
        ("Nome;Cognome;Indirizzo email;Data;CAP", "given_name family_name email signed_at postcode"),
        ("Voornaam;Achternaam;E-mailadres;Tijdstempel;Land", "given_name family_name email signed_at country"),
        ("Imię;Nazwisko;Adres e-mail;Sygnatura czasowa;Kod pocztowy", "given_name family_name email signed_at postcode"),
        ("Ad;Soyad;E-posta;Zaman damgası;Ülke", "given_name family_name email signed_at country"),
        ("Имя;;Электронная почта;Отметка времени;", "name  email signed_at "),
        ("الاسم;;البريد الإلكتروني;;", "name  email  "),
    ],
)  # fmt: skip
def test_headings_are_known_in_nine_languages(headings, places):
    found = columns.match(headings.split(";"), brings=Brings.PEOPLE)
    assert found == {name: at for at, name in enumerate(places.split(" ")) if name}


def test_headings_that_nobody_knows_are_matched_by_hand_once(statement):
    content = "Käsnimi,Posti,Päiv\nAda Long,ada@example.org,2021-03-04\n"
    listed = lists.read(content, statement=statement)
    with pytest.raises(running.NotMatched) as refused:
        lists.check(listed)
    assert str(refused.value) == (
        "Say which column has the names, and for people which one has the addresses."
    )  # fmt: skip
    from exchange import staging  # noqa: PLC0415 - at its place in the story

    staging.match(listed=listed, chosen={"name": 0, "email": 1, "signed_at": 2})
    lists.bring_in(listed)
    assert Signature.objects.get().name == "Ada Long"
    again = lists.read(content.replace("Ada", "Bo").replace("ada@", "bo@"), statement=statement)
    assert again.columns == {"name": 0, "email": 1, "signed_at": 2}


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+SUM(A1)", "@SUM(A1)", "＝1+1", "-cmd(1)"])
def test_a_formula_for_a_name_is_held_and_never_computed(statement, name):
    listed = lists.bring_in(lists.read(f'name,email,date\n"{name}",f@example.org,2021-03-04\n', statement=statement))
    row = Signature.objects.get()
    assert (row.name, row.state) == (name.replace("＝", row.name[0]), "held")
    assert "begins like a formula" in row.held_reason
    assert lists.outcome(listed)[0][1] == "in"


@pytest.mark.parametrize("name", ["<b>Ada</b>", "<script>alert(1)</script>", "Ada <img src=x onerror=alert(1)>"])
def test_html_in_a_name_says_so_and_stops_no_other(statement, name):
    listed = lists.bring_in(lists.read(
        f'name,email,date\n"{name}",a@example.org,2021-03-04\nBo Short,b@example.org,2021-03-04\n', statement=statement
    ))  # fmt: skip
    assert lists.outcome(listed) == [(2, "invalid", "There is HTML in the name."), (3, "in", "")]
    assert list(Signature.objects.values_list("name", flat=True)) == ["Bo Short"]
    carol = superuser("carol")
    page = carol.get(reverse("admin:exchange_import_change", args=[listed.pk])).text
    assert (name in page, name.replace("<", "&lt;").replace(">", "&gt;") in page) == (False, True)


def test_an_export_in_two_files_of_which_one_is_something_else_keeps_nothing(statement):
    from exchange import staging  # noqa: PLC0415 - at its place in the story

    chosen = [("a.xml", io.BytesIO(lists.wxr().encode())), ("b.csv", io.BytesIO(b"name\nAda\n"))]
    with pytest.raises(Unreadable, match="Only WordPress exports may be several files"):
        staging.read_in(chosen=chosen, statement=statement)
    assert Import.objects.count() == 0


def test_every_source_is_tried_before_any_other():
    names = [source.name for source in sources.SOURCES]
    assert len(names) == len(set(names))
    assert zipfile.is_zipfile(io.BytesIO(lists.xlsx(ROWS)))

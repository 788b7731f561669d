"""Files that are no list, or none that can be read: a sentence each, and nothing half done."""

import io
import struct
import zipfile

import pytest

from exchange import files, judging, plain, staging
from exchange.encodings import separator
from exchange.files import Unreadable
from exchange.models import Import, ImportRow
from tests.exchange import lists

pytestmark = pytest.mark.django_db


class Huge(io.BytesIO):
    """Says that it has 3 GB, and has nothing."""

    def seek(self, offset, whence=0):
        return 3 * 1024**3 if whence == 2 else super().seek(offset, whence)


def locked():
    """A zip whose directory says that its files are encrypted."""
    data = bytearray(lists.packed({"xl/workbook.xml": "<workbook/>"}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 8 : at + 10] = struct.pack("<H", 1)
    return bytes(data)


def bomb():
    return lists.packed({"xl/workbook.xml": b"0" * 60_000_000}, zipfile.ZIP_DEFLATED)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"\xef\xbb\xbf \r\n", "This file is empty."),
        (b"%PDF-1.7 ...", "This is a PDF, not a list. Choose a CSV file, a spreadsheet or a WordPress export."),
        (b"<!DOCTYPE html><p>x", "This is a web page, not a list. Choose a CSV file, a spreadsheet or a WordPress export."),
        (locked(), "This file is locked with a password. Save it without one, and choose it again."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16le"), "This file is locked with a password. Save it without one, and choose it again."),
        (bomb(), "This file would unpack to far more than a list can be. It was not opened."),
        (b"PK\x03\x04 cut off", "This file is damaged: it can't be unpacked. Save or download it once more."),
        (lists.packed({"photo.jpg": b"x"}), "This is a zip of other files. Unpack it, and choose the list that is inside."),
        (b"<?xml version='1.0'?><feed/>", "This XML file is no WordPress export. In WordPress, choose Tools, Export, Posts."),
        (lists.wxr().encode()[:-60], "This export breaks off or is damaged at line 9. Export it from WordPress once more."),
        (b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'b'>]><rss>&a;</rss>", "This XML file defines entities, which no WordPress export does. It was not read."),
        (b"name,email\n" + (b"x," * 300 + b"\n") * 3, "This table has more than 200 columns. Keep those with names, addresses and dates."),
        (b'name,email\n"Ada,' + b"a" * 30_000, "Line 2 has a cell of more than 20,000 characters. A quotation mark may be missing before it."),
    ],
)  # fmt: skip
def test_what_is_no_list_says_so_and_leaves_nothing(statement, content, sentence):
    with pytest.raises(Unreadable) as refused:
        lists.read(content, statement=statement)
    assert str(refused.value) == sentence
    assert (Import.objects.count(), ImportRow.objects.count()) == (0, 0)


def test_what_is_too_large_is_not_opened(statement):
    for most, sentence in [
        (files.LARGEST, "This file is larger than 2 GB. Split it, and bring the parts in one after the other."),
        (files.LARGEST_UPLOAD, "This file is larger than 64 MB. Ask whoever runs the site to bring it in with `undersigned import`."),
    ]:  # fmt: skip
        with pytest.raises(Unreadable, match=sentence[:20]) as refused:
            staging.read_in(chosen=[("big.csv", Huge(b"x"))], statement=statement, most=most)
        assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("encoding", "chosen", "is_guess"),
    [("utf-8", "", False), ("utf-8-sig", "", False), ("utf-16", "", False), ("cp1252", "", True), ("cp1250", "cp1250", False)],
)  # fmt: skip
def test_letters_are_read_as_they_were_written(statement, encoding, chosen, is_guess):
    name = "Käthe" if encoding != "cp1250" else "Łukasz Źdźbło"
    listed = lists.read(f"name,email\n{name},k@example.org\n".encode(encoding), statement=statement, encoding=chosen)
    assert [row.cells[0] for row in listed.rows.all()] == [name]
    assert ("Western European" in " ".join(listed.remarks)) is is_guess


def test_a_chosen_encoding_that_does_not_fit_says_so(statement):
    with pytest.raises(Unreadable) as refused:
        lists.read("name\nKäthe".encode("cp1252"), statement=statement, encoding="utf-8")
    assert str(refused.value) == "The letters of this file can't be read as UTF-8. Choose “Find out”, or another one."


def test_separators_are_told_by_what_makes_rows_alike():
    assert separator(["a;b;c", "1,5;2;3", "2,5;3;4"]) == ";"
    assert separator(["Smith, John", "Mill, Ada", "Alone"]) == ","
    assert separator(["one name", "another"]) == ""


def test_html_of_another_site_becomes_our_plain_text():
    html = """<p>Hello <b>all</b> &amp; <a href="https://example.org/x">see here</a></p><script>bad()</script>
<blockquote><p>First</p><blockquote>Deeper</blockquote></blockquote><ol><li>One</li><li>Two</li></ol><ul><li>Dot</li></ul>Last<br>line"""
    assert plain.text(html) == (
        "Hello all & see here (https://example.org/x)\n\n> First\n>\n> > Deeper\n\n1. One\n2. Two\n\n- Dot\n\nLast\nline"
    )


def test_the_rejected_rows_are_a_file_that_no_spreadsheet_computes(statement):
    listed = lists.check(lists.read('name,email,date\n"=1+1",nobody,2021-03-04\n', statement=statement))
    assert b"".join(judging.rejected(listed)).decode() == (
        '\ufeff"Line","Why","name","email","date"\r\n'
        '"2","An email address has an @ in it, like name@example.com","\'=1+1","nobody","2021-03-04"\r\n'
    )

"""`undersigned import` and `undersigned export`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from exchange.models import Import
from petitions.models import Signature
from tests.exchange import lists

AGREED = ["--collected-by", "Eastside", "--words", "I agree.", "--agreed-when", "2021"]


@pytest.mark.django_db
def test_a_dry_run_tells_and_keeps_nothing_and_the_run_brings_in(statement, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("name,email,date\nAda,ada@example.org,2021-03-04\nBo,nobody,2021-03-04\n")
    told = StringIO()
    call_command("import", str(path), "--dry-run", "--statement", statement.slug, *AGREED, stdout=told)
    assert told.getvalue().splitlines() == [
        "1 can't be read", "1 new", "line 3: An email address has an @ in it, like name@example.com"]  # fmt: skip
    assert (Import.objects.count(), Signature.objects.count()) == (0, 0)
    call_command("import", str(path), "--statement", statement.slug, *AGREED, stdout=StringIO())
    assert list(Signature.objects.values_list("email", flat=True)) == ["ada@example.org"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "options", "sentence"),
    [
        (b"%PDF-1.4", ["--statement", "x"], "This is a PDF, not a list."),
        (b"name,email\nA,b@example.org\n", [], "Say with --statement which statement these people signed."),
        (b"name,email\nA,b@example.org\n", ["--statement", "x"], "There is no statement “x”."),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path, content, options, sentence):
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=sentence[:20]):
        call_command("import", str(path), *options, stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_an_archive_goes_out_and_is_tried_where_it_came_from(statement, tmp_path):
    lists.bring_in(lists.read("name,email,date\nAda,ada@example.org,2021-03-04\n", statement=statement))
    path = tmp_path / "site.zip"
    told = StringIO()
    call_command("export", str(path), stdout=told, stderr=StringIO())
    assert told.getvalue() == f"{path}: 1 signatures, 1 consents.\n"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="is there already"):
        call_command("export", str(path), stdout=StringIO(), stderr=StringIO())
    with pytest.raises(CommandError, match="here already"):
        call_command("import", str(path), "--dry-run", stdout=StringIO())

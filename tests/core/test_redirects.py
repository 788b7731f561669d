"""One table of old addresses: each once, none in a circle, none to another site."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from core import redirects
from core.models import AuditEntry, Redirect, redirect_key
from petitions.statements import publishing
from tests.factories import StatementFactory
from tests.staff import superuser

pytestmark = pytest.mark.django_db
LIST = "/admin/core/redirect/"


def rows():
    return dict(Redirect.objects.values_list("path", "target"))


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("/A//B/", "/a/b"),
        ("a", "/a"),
        ("/a/?x=1#y", "/a"),
        ("/cafe\u0301/", "/café"),
        ("/", ""),
        ("/a\0b", "/ab"),
        ("/\u0410/", "/а"),
    ],
)
def test_the_key_of_an_address(typed, key):
    assert redirect_key(typed) == key


@pytest.mark.parametrize("written", ["/petition/42", "/Petition//42/", "petition/42?x=1"])
def test_an_address_is_kept_once_whatever_its_spelling(written):
    Redirect.objects.create(path="/petition/42", target="/statements/")
    with pytest.raises(IntegrityError, match="unique"), transaction.atomic():
        Redirect.objects.create(path=written, target="/events/")
    redirects.move(old=written, new="/events/")
    assert rows() == {"/petition/42": "/events/"}


def write(*ways):
    for old, new in ways:
        Redirect.objects.create(path=old, target=new)


def test_a_way_of_many_steps_is_one_step():
    write(("/c", "/d/"), ("/a", "/b/"), ("/b", "/c/"), ("/d", "/e/?x=1"))
    assert rows() == dict.fromkeys(["/a", "/b", "/c", "/d"], "/e/?x=1")


@pytest.mark.parametrize(
    "ways", [[("/a", "/A/")], [("/a", "/b/"), ("/b", "/a")], [("/a", "/b"), ("/b", "/c"), ("/c", "/a/?x")]]
)
def test_the_database_closes_no_circle(ways):
    *first, last = ways
    write(*first)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        write(last)
    assert refused.value.__cause__.diag.constraint_name == "redirect_not_in_a_circle"


@pytest.mark.django_db(transaction=True)
def test_two_who_write_half_a_circle_each_at_once_close_none():
    begin, errors = threading.Barrier(2), []

    def race(*way):
        try:
            begin.wait()
            write(way)
        except IntegrityError as error:
            errors.append(error.__cause__.diag.constraint_name)
        finally:
            connection.close()

    threads = [threading.Thread(target=race, args=pair) for pair in [("/a", "/b/"), ("/b", "/a/")]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (errors, len(rows())) == (["redirect_not_in_a_circle"], 1)


def test_staff_write_them_and_are_told_what_is_wrong():
    root, statement = superuser("root"), StatementFactory(slug="libraries")
    wrong = {
        ("/", "/statements/"): "path",
        ("/events/", "/statements/"): "path",
        ("/petition/42", "https://elsewhere.example/"): "target",
        ("/petition/42", "//elsewhere.example/"): "target",
        ("/petition/42", "/nowhere/"): "target",
        ("/statements/libraries", "/statements/libraries/"): "__all__",
    }
    for (path, target), field in wrong.items():
        page = root.post(f"{LIST}add/", {"path": path, "target": target})
        assert ((path, target), list(page.context["adminform"].form.errors)) == ((path, target), [field])
        assert page.context["adminform"].form["target"].value() == target
    typed = {"path": "http://testserver/Petition/42/", "target": statement.get_absolute_url()}
    assert root.post(f"{LIST}add/", typed).status_code == 302
    assert rows() == {"/petition/42": "/statements/libraries/"}
    assert AuditEntry.objects.filter(what__startswith="Leads from /petition/42 to /statements/libraries/").count() == 1
    publishing.rename_slug(statement=statement, slug="new")
    page = root.get(f"/admin/petitions/statement/{statement.pk}/change/").content.decode()
    assert "/petition/42" in page
    assert "/statements/libraries" in page


def test_a_new_statement_takes_no_address_that_leads_elsewhere():
    redirects.move(old="/statements/market/", new="/events/")
    assert publishing.is_slug_taken("market")

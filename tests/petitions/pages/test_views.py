"""Public pages: the same bytes for everybody, no cookie, a fixed number of queries."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from core import redirects, richtext
from petitions.models import Statement, Version
from petitions.statements import counting
from tests.factories import SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def statement() -> Statement:
    return StatementFactory(slug="libraries", title="Keep our libraries open")


def confirmed(statement: Statement, number: int, **fields: object) -> None:
    SignatureFactory.create_batch(
        number, statement=statement, state="confirmed", confirmed_at=timezone.now(), show_name=True, **fields
    )
    counting.recount(statement=statement, repair=True)


PUBLIC = ["home", "statements", "privacy", "accessibility", "robots"]
UNDER = ["statement", "signatures", "history", "share", "count"]


def urls(statement: Statement) -> list[str]:
    return [reverse(name) for name in PUBLIC] + [reverse(name, args=[statement.slug]) for name in UNDER]


def test_public_pages_set_no_cookie_and_are_the_same_for_everybody(client, statement, django_user_model):
    confirmed(statement, 3)
    staff = type(client)()
    staff.force_login(django_user_model.objects.create_superuser("carol", "carol@example.org", "x"))
    for url in urls(statement):
        stranger, known = client.get(url), staff.get(url)
        assert (url, stranger.status_code, stranger.content) == (url, 200, known.content)
        assert (url, stranger.cookies.output(), known.cookies.output()) == (url, "", "")
        assert "cookie" not in stranger.get("Vary", "").lower()
        assert stranger["Cache-Control"].startswith("public")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_statement_page_takes_the_same_queries_at_one_and_three(
    client, statement, rows, django_assert_max_num_queries
):
    confirmed(statement, rows)
    client.get(statement.get_absolute_url())
    with django_assert_max_num_queries(1):
        client.get(statement.get_absolute_url())
    cache.clear()
    with django_assert_max_num_queries(12):
        client.get(statement.get_absolute_url())


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("signatures", 5), ("count", 3)])
def test_lists_take_the_same_queries_at_one_and_three(
    client, statement, rows, name, queries, django_assert_num_queries
):
    confirmed(statement, rows)
    with django_assert_num_queries(queries):
        client.get(reverse(name, args=[statement.slug]))


def test_the_first_page_of_names_is_kept_like_the_statement(client, statement, django_assert_max_num_queries):
    confirmed(statement, 3)
    url = reverse("signatures", args=[statement.slug])
    client.get(url)
    with django_assert_max_num_queries(1):
        response = client.get(url)
    assert response["X-Robots-Tag"] == "noindex"


def test_the_count_is_right_at_once(client, statement, settings):
    settings.PAGE_FRESH_SECONDS = 0
    confirmed(statement, 30)
    assert "30" in client.get(statement.get_absolute_url()).content.decode()
    confirmed(statement, 1)
    assert "31" in client.get(statement.get_absolute_url()).content.decode()
    numbers = json.loads(client.get(reverse("count", args=["libraries"])).content)
    assert (numbers["signatures"], numbers["organisations"], numbers["open"]) == (31, 0, True)


def test_count_json_may_be_read_from_anywhere(client, statement):
    response = client.get(reverse("count", args=["libraries"]))
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get(statement.get_absolute_url())


def test_drafts_and_scheduled_statements_do_not_exist(client):
    draft = StatementFactory(slug="draft", published_at=None)
    soon = StatementFactory(slug="soon", published_at=timezone.now() + timedelta(days=1))
    for hidden in (draft, soon):
        for name in [*UNDER, "sign"]:
            assert (name, client.get(reverse(name, args=[hidden.slug])).status_code) == (name, 404)
        assert (
            client.post(reverse("sign", args=[hidden.slug]), {"name": "A", "email": "a@example.org"}).status_code == 404
        )


def test_a_hidden_statement_is_gone(client, statement):
    Statement.objects.update(hidden_at=timezone.now())
    for name in UNDER:
        assert (name, client.get(reverse(name, args=["libraries"])).status_code) == (name, 410)
    assert "libraries" not in client.get("/statements/").content.decode()


def test_an_old_address_leads_to_the_new_one(client, statement):
    redirects.move(old="/statements/library/", new=statement.get_absolute_url())
    response = client.get("/statements/library/?via=wa")
    assert (response.status_code, response["Location"]) == (301, "/statements/libraries/?via=wa")
    assert client.get("/statements/library/history/")["Location"] == "/statements/libraries/history/"


def test_a_closed_statement_says_so_and_has_no_form(client, statement):
    Statement.objects.update(published_at=timezone.now() - timedelta(days=2), closed_at=timezone.now())
    html = client.get(statement.get_absolute_url()).content.decode()
    assert ('action="/statements/libraries/sign/"' in html, "closed" in html.lower()) == (False, True)


def test_names_are_paged_by_key_and_nobody_is_missed(client, statement):
    for number in range(230):
        confirmed_at = timezone.now() - timedelta(minutes=number // 3)
        SignatureFactory(
            statement=statement,
            name=f"Signer {number:03}",
            state="confirmed",
            confirmed_at=confirmed_at,
            show_name=True,
        )
    SignatureFactory(statement=statement, name="Secret Sid", state="confirmed", confirmed_at=timezone.now())
    seen, url = [], reverse("signatures", args=["libraries"])
    while url:
        response = client.get(url)
        assert response["X-Robots-Tag"] == "noindex"
        assert "Secret Sid" not in response.content.decode()
        seen += [signature.name for signature in response.context["names"]]
        url = response.context["next_url"]
    assert sorted(seen) == [f"Signer {number:03}" for number in range(230)]


@pytest.mark.parametrize("key", ["x", "~", "2020~1", "9999-99-99~1", "2020-01-01T00:00:00~1", "1~" + "9" * 30, "\0~1"])
def test_a_garbled_page_key_shows_the_first_page(client, statement, key):
    confirmed(statement, 1)
    assert len(client.get(reverse("signatures", args=["libraries"]), {"after": key}).context["names"]) == 1


def test_via_is_filled_in_and_cannot_break_out(client, statement):
    url = statement.get_absolute_url()
    assert 'name="via" value="wa"' in client.get(url, {"via": "wa"}).content.decode()
    for bad in ['"><script>', "a" * 33, "ä", " ", "wa\nx"]:
        assert client.get(url, {"via": bad}).content == client.get(url).content


def test_the_database_refuses_to_edit_a_published_text(statement):
    from django.db import IntegrityError, transaction  # noqa: PLC0415  used by this test alone

    version = Version.objects.get(statement=statement)
    for change in (lambda: Version.objects.update(body="<p>Other</p>"), version.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert richtext.plain_text(Version.objects.get().body) == richtext.plain_text(version.body)

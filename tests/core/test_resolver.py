"""Addresses as people have them in hand, and where each of them leads."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import get_resolver, resolve

from core import redirects, resolver, tokens
from core.models import Redirect
from organisations.models import Organisation
from petitions.actions.events import save_event
from petitions.models import SignatureSubmission, Update
from petitions.news.updates import save_update
from petitions.signatures import thanking
from petitions.statements import publishing
from tests.asking import ask
from tests.factories import EventFactory, OrganisationFactory, SignatureFactory, StatementFactory

pytestmark = pytest.mark.django_db
PAGE = "/statements/libraries/"

# Sources: openstreetmap-website#1844, snappymail#1902, urlwatch#387, mysociety/petitions#44, RFC 2045 6.7, RFC 3986 C.
STUCK = [
    ".", ")", ",", ">", ";", ":", "!", "?!", "\"", "'", "’", "”", "»", "…", "...", "\\", "*", "_", "**", "|", "`", "]",
    "](", "}", "&gt;", "&quot;", "&amp;", " ", "\u00a0", "\u200b", "\ufeff", "\u2060", "\r\n", "%20", "%3E", "/)", "/>",
    "/ ", "//", "/&gt;", "><", ">,", ").", "）", "。", "、", "請簽名", " and pass it on", "> wrote:", "=", "=\r\n",
    "/.", "%E2%80%8B", "\u2026/", "\"/>", "\u202c",
    "&fbclid=abc", "/&utm_source=x", "?utm_source=x", "#sign", "\u00b7x",
]  # fmt: skip


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries")


def ask_for(client, path: str, query: str = "", method: str = "get", **more):
    """The answer to exactly this path, as a server hands it on (PEP 3333)."""
    return getattr(client, method)("/", PATH_INFO=path.encode().decode("latin-1"), QUERY_STRING=query, **more)


def test_what_is_stuck_to_the_end_is_left_out(client, statement):
    answers = {tail: ask_for(client, PAGE.rstrip("/") + tail, "via=wa") for tail in STUCK}
    found = {tail: (answer.status_code, answer.get("Location")) for tail, answer in answers.items()}
    assert found == dict.fromkeys(STUCK, (301, f"{PAGE}?via=wa"))


def test_a_link_in_a_mail_opens_its_page_whatever_is_stuck_to_it(client, statement):
    token = tokens.make_token("agree-confirm", 1, ask(statement).pk)
    answers = {tail: ask_for(client, f"/confirm/{token}{tail}") for tail in STUCK}
    found = {
        tail: (answer.status_code, answer.get("Location"), answer["Cache-Control"]) for tail, answer in answers.items()
    }
    assert found == dict.fromkeys(STUCK, (301, f"/confirm/{token}/", "no-store"))
    assert client.get(f"/confirm/{token}/").status_code == 200


def test_a_post_to_such_an_address_acts(client, statement):
    for number, tail in enumerate(STUCK, 1):
        typed = {"name": "N", "email": f"n{number}@example.org"}
        answer = ask_for(client, f"{PAGE}sign{tail}", method="post", data=typed)
        assert (tail, answer.status_code, SignatureSubmission.objects.count()) == (tail, 303, number)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/Statements/Libraries/", PAGE),
        ("/STATEMENTS/LIBRARIES", PAGE),
        ("//statements//libraries//", PAGE),
        ("/statements\\libraries\\", PAGE),
        ("/statements/libraries", PAGE),
        ("/statements/libraries.JSON", "/statements/libraries.json"),
        ("/statements/libraries.json/", "/statements/libraries.json"),
        ("/statements/libraries/COUNT.json.", "/statements/libraries/count.json"),
        ("/statements/libraries/events.ics)", "/statements/libraries/events.ics"),
        ("/Embed/libraries/badge.svg>", "/embed/libraries/badge.svg"),
        ("/embed/libraries/Form", "/embed/libraries/form/"),
        ("/feed", "/feed/"),
        ("/Robots.txt", "/robots.txt"),
        ("/http://testserver/statements/libraries/", PAGE),
        ("/https:/testserver/statements/libraries/.", PAGE),
        ("/statements/=\r\nlibraries/", PAGE),
        ("/statements/libraries=2F", PAGE),
        ("/ADMIN", "/admin/"),
    ],
)
def test_case_slashes_and_soft_breaks(client, statement, typed, meant):
    answer = ask_for(client, typed)
    assert (answer.status_code, answer["Location"]) == (301, meant)


@pytest.mark.parametrize(
    ("before", "inside"), [(20, "=\r\n"), (20, "="), (30, " "), (30, "\r\n"), (25, "\u200b"), (13, "=2E")]
)
def test_a_token_that_a_mail_program_broke_is_joined(client, statement, before, inside):
    token = tokens.make_token("agree-confirm", 1, ask(statement).pk)
    broken = token.replace(".", "=2E", 1) if inside == "=2E" else token[:before] + inside + token[before:]
    answer = ask_for(client, f"/CONFIRM/{broken}/")
    assert (answer.status_code, answer["Location"]) == (301, f"/confirm/{token}/")


@pytest.mark.parametrize("cut", [0, 5, 14, 30])
def test_a_token_cut_in_two_gives_a_page_that_helps(client, statement, cut):
    token = tokens.make_token("agree-confirm", 1, ask(statement).pk)
    answer = client.get(f"/confirm/{token[:cut] or 'x'}/")
    assert answer.status_code == 404
    assert "Some email programs break a long link in two." in answer.content.decode()


def test_the_letters_of_a_token_are_taken_as_they_are(client, statement):
    token = tokens.make_token("agree-confirm", 1, ask(statement).pk)
    assert client.get(f"/confirm/{token.upper()}/").status_code == 404


@pytest.mark.parametrize("garbage", ["3D{}", "{}.", "{}>", "{} ", "{}=\r\n", "{}\u200b", "{}&gt;"])
def test_a_sealed_value_in_a_query_is_read_through_what_is_stuck_to_it(garbage):
    sealed = tokens.seal("waiting", {"e": 1})
    assert tokens.unseal("waiting", garbage.format(sealed)) == {"e": 1}


@pytest.mark.parametrize("garbage", ["3D{}", "{}.", "{}>", "{} ", "{}=\r\n"])
def test_who_comes_to_say_thank_you_does_too(client, statement, garbage):
    url, _, value = thanking.url(SignatureFactory(statement=statement)).partition("?k=")
    assert client.get(url, {"k": garbage.format(value)}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere/",
        "/statements/never/",
        "/statements/never.",
        "/a" * 600,
        "/never>>>",
        "/never%00",
        "/events/never.ics)",
    ],
)
def test_what_never_was_stays_unknown_and_helps(client, statement, path):
    answer = client.get(path)
    assert (answer.status_code, "We can't find that page" in answer.content.decode()) == (404, True)
    assert statement.get_absolute_url() in answer.content.decode()


@pytest.mark.parametrize(
    "path", [PAGE, f"{PAGE}sign/", "/statements/libraries.json", "/oembed/?url=http://testserver/statements/libraries/"]
)
def test_a_right_address_asks_no_redirect(client, statement, path, monkeypatch):
    monkeypatch.setattr(redirects, "lead", None)
    assert client.get(path).status_code == 200


def test_an_unknown_address_asks_the_redirects_once(client, django_assert_num_queries):
    with django_assert_num_queries(2):  # the statements of the page that helps, and the redirects
        client.get("/petition/42/")


# -- what has moved --


def moved(statement):
    publishing.rename_slug(statement=statement, slug="new")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (PAGE, "/statements/new/"),
        ("/statements/libraries", "/statements/new/"),
        ("/Statements/LIBRARIES.", "/statements/new/"),
        (f"{PAGE}history/", "/statements/new/history/"),
        ("/statements/libraries.json", "/statements/new.json"),
        (f"{PAGE}count.json", "/statements/new/count.json"),
        (f"{PAGE}events.ics", "/statements/new/events.ics"),
        (f"{PAGE}feed/", "/statements/new/feed/"),
        (f"{PAGE}comments/feed/", "/statements/new/comments/feed/"),
        (f"{PAGE}comments/", "/statements/new/comments/"),
        ("/embed/libraries/", "/embed/new/"),
        ("/embed/libraries/form/", "/embed/new/form/"),
        ("/embed/libraries/badge.svg", "/embed/new/badge.svg"),
        (f"{PAGE}card-v1.png", "/statements/new/card-v1.png"),
        (f"{PAGE}motion.docx", "/statements/new/motion.docx"),
        (f"{PAGE}endorse/form/", "/statements/new/endorse/form/"),
    ],
)
@pytest.mark.parametrize("method", ["get", "head"])
def test_every_address_under_an_old_slug_leads_on(client, statement, old, new, method):
    moved(statement)
    answer = getattr(client, method)(f"{old}?via=wa&x=%26")
    assert (answer.status_code, answer["Location"]) == (301, f"{new}?via=wa&x=%26")
    page = getattr(client, method)(new)
    for name in ("Cache-Control", "Access-Control-Allow-Origin", "X-Robots-Tag"):
        assert (name, answer.get(name)) == (name, page.get(name))


def under_a_slug() -> list[str]:
    """The route of each page under a statement."""
    found = [
        value[0][0][0]
        for name in get_resolver().reverse_dict
        if isinstance(name, str)
        for value in get_resolver().reverse_dict.getlist(name)
    ]
    return sorted({route for route in found if route.startswith(("statements/%(slug)s", "embed/%(slug)s"))})


def test_no_address_under_an_old_slug_is_unknown(client, statement):
    others = {"number": 1, "pk": 1, "update": "news", "code": "blog", "organisation": "union", "position": 1}
    routes = [f"/{route}" % {"slug": "libraries", **others} for route in under_a_slug()]
    before = {route: client.get(route).status_code for route in routes}
    moved(statement)
    after = {route: client.get(route).status_code for route in routes}
    assert len(routes) > 30
    assert after == {route: {404: 404, 405: 405}.get(status, 301) for route, status in before.items()}


@pytest.mark.parametrize(
    "path", [f"{PAGE}sign/", f"{PAGE}sign", "/embed/libraries/form/", "/STATEMENTS/libraries/sign/."]
)
def test_a_form_that_was_open_is_sent_to_what_the_old_slug_names(client, statement, path):
    moved(statement)
    answer = client.post(path, {"name": "Kept", "email": "kept@example.org"})
    assert (answer.status_code, SignatureSubmission.objects.get().statement_id) == (303, statement.pk)
    wrong = client.post(path, {"name": "Kept Name", "email": "nonsense"})
    assert (wrong.status_code, 'value="Kept Name"' in wrong.content.decode()) == (422, True)


def test_a_post_from_another_site_is_refused_at_an_old_address_too(client, statement):
    moved(statement)
    answer = client.post(
        f"{PAGE}sign/", {"name": "N", "email": "n@example.org"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert (answer.status_code, SignatureSubmission.objects.count()) == (403, 0)


def test_old_slugs_of_events_news_and_organisations(client, statement):
    event, update = (
        EventFactory(statement=statement, slug="march"),
        save_update(
            update=Update(
                statement=statement, title="N", slug="news", body="<p>N</p>", published_at=statement.published_at
            )
        ),
    )
    event.slug, update.slug = "long-march", "good-news"
    save_event(event=event)
    save_update(update=update)
    assert client.get("/events/march/")["Location"] == "/events/long-march/"
    assert client.get("/Events/March.ics.")["Location"] == "/events/long-march.ics"
    assert client.get(f"{PAGE}updates/news/")["Location"] == f"{PAGE}updates/good-news/"
    moved(statement)
    assert client.get(f"{PAGE}updates/good-news/")["Location"] == "/statements/new/updates/good-news/"
    assert client.get(f"{PAGE}updates/news/")["Location"] == "/statements/new/updates/good-news/"


def test_where_a_statement_is_hidden_its_old_address_is_gone(client, statement, admin_user):
    moved(statement)
    publishing.hide(statement=statement, reason="x", by=admin_user)
    assert [getattr(client, method)(f"{PAGE}sign/").status_code for method in ("get", "head", "post")] == [
        410,
        410,
        410,
    ]


def test_a_draft_is_told_of_by_no_old_address(client, statement):
    redirects.move(old="/petition/7", new=StatementFactory(published_at=None, slug="draft").get_absolute_url())
    answer = client.get("/petition/7")
    assert (answer.status_code, "draft" in answer.content.decode()) == (404, False)


@pytest.mark.parametrize(
    "path", ["/petition/42", "/Petition/42/", "//petition/42.", "/petition/42/sign/", "/PETITION/42/history"]
)
def test_paths_of_a_site_that_was_here_before(client, statement, path):
    redirects.move(old="/petition/42", new=PAGE)
    below = "sign/" if "sign" in path else "history/" if "history" in path else ""
    assert ask_for(client, path)["Location"] == PAGE + below
    assert client.get("/petition/43").status_code == 404


def test_an_old_path_in_any_script_and_with_a_query_of_its_own(client, statement):
    redirects.move(old="/campañas/Água.html", new=f"{PAGE}?via=old")
    assert client.get("/campan\u0303as/água.html?x=1")["Location"] == f"{PAGE}?via=old&x=1"


def test_redirects_follow_renames_in_one_step_and_what_leads_below_too(client, statement):
    redirects.move(old="/petition/42", new=PAGE)
    redirects.move(old="/form/42", new=f"{PAGE}sign/")
    moved(statement)
    publishing.rename_slug(statement=statement, slug="newest")
    ends = {
        "/petition/42": "/statements/newest/",
        PAGE.rstrip("/"): "/statements/newest/",
        "/statements/new": "/statements/newest/",
    }
    assert dict(Redirect.objects.exclude(path="/form/42").values_list("path", "target")) == ends
    assert client.get("/form/42")["Location"] == "/statements/newest/sign/"


@pytest.mark.parametrize(
    "target", ["//evil.example/", "/\\evil.example", "https://evil.example/", "/\t/evil.example", "evil", ""]
)
def test_nobody_is_led_to_another_site(target):
    with pytest.raises(IntegrityError, match="redirect_stays_here"), transaction.atomic():
        Redirect.objects.create(path="/x", target=target)


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "/\\evil.example/",
        "//evil.example/statements/libraries/",
        "/https://evil.example/statements/libraries/",
        "//evil.example/..",
        "/%2Fevil.example/",
    ],
)
def test_no_path_leads_to_another_site(client, statement, path):
    answer = ask_for(client, path)
    assert (answer.status_code, answer.get("Location")) == (404, None)


def test_it_is_the_same_for_machines_that_ask_for_the_card(client, statement):
    moved(statement)
    for address in (
        "http://testserver/statements/new", "http://testserver/statements/libraries/", "https://TESTSERVER/Statements/new/.",
        "http://testserver:80/statements/new/", " http://testserver/statements/new/ ", "http://testserver//statements/libraries>",
    ):  # fmt: skip
        answer = client.get("/oembed/", {"url": address})
        assert (address, answer.status_code) == (address, 200)
        assert "/statements/new/" in answer.json()["html"]
    for address in (
        "http://elsewhere.example/statements/new/", "http://testserver.evil.example/statements/new/",
        "http://testserver/statements/never/", "ftp://testserver/statements/new/", "http://testserver:x/",
        "/statements/new/", "http://[", "",
    ):  # fmt: skip
        assert (address, client.get("/oembed/", {"url": address}).status_code) == (address, 404)


def test_what_is_posted_over_http_goes_on_to_https(settings):
    settings.SECURE_SSL_REDIRECT = True
    client = Client()
    answers = {method: getattr(client, method)("/mine/?x=1") for method in ("get", "head", "post")}
    assert {method: answer.status_code for method, answer in answers.items()} == {"get": 301, "head": 301, "post": 308}
    assert {answer["Location"] for answer in answers.values()} == {"https://testserver/mine/?x=1"}


def test_organisations_that_merged_keep_their_pictures(client, statement):
    assert resolve("/statements/x/organisations/y.png").kwargs == {"slug": "x", "organisation": "y"}
    assert resolver._homes["statements", "organisation"] == "organisation"
    assert Organisation.objects.count() == 0
    OrganisationFactory()

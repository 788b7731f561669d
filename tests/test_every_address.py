"""What holds for each public address, found by walking the URL configuration: a new one is tested unasked."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from core import tokens
from exchange.models import Import, ImportRow, Inquiry, Pack
from integrations.fediverse import keeping, publishing
from integrations.models import Actor
from organisations.models import Logo
from petitions.models import CallToAction, Statement, Update
from petitions.pages import sign_views
from petitions.signatures import thanking
from publishers import drawing, founding, look, writing
from publishers.models import Page
from submissions.models import Correspondence
from tests.asking import ask
from tests.factories import EndorsementFactory, EventFactory, OrganisationFactory, SignatureFactory, StatementFactory
from tests.organisations.pictures import picture
from tests.petitions.actions.making import come

pytestmark = [pytest.mark.django_db, pytest.mark.whole]

NOT_PUBLIC = ("admin/", "static/", "media/")
# Pages that answer only to a signed value which their bare address lacks, or to a row that is not there.
NEEDS_MORE = re.compile(
    r"/(check-email|thanks)/$|^/manage/(?!endorse).*/details/$|^/readyz$|/comments/1/report/$|^/\w+/comment"
    r"|^/oembed/$|/form/sent/$|^/api/nothing$|^/api/v1/.*/(names|signatures|decision)$|^/api/v1/moderation/"
    r"|^/\.well-known/webfinger$|^/fediverse/.*/inbox/$"
    r"|^/api/v1/events/|^/api/v1/.*/news/"
)
CHANGES = re.compile(r"/api/v1/(events/[^/]+$|statements/[^/]+/news/)")  # what a program changes by PATCH
UNKNOWN = ["/no-such-page/", "/statements/no-such-statement/", "/confirm/garbled/", "/manage/signed-manage.1.x/"]


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLPattern):
            yield route
        elif not route.startswith(NOT_PUBLIC):
            yield from routes(pattern, route)


def asked_by_mail(statement: Statement) -> Inquiry:
    """Somebody on a list who was asked whether to be kept."""
    listed = Import.objects.create(statement=statement, source="list", brings="people", asks=True)
    row = ImportRow.objects.create(of=listed, line=1, read_as={"name": "Ada Long"}, private={"email": "a@example.org"})
    return Inquiry.objects.create(
        of=listed, statement=statement, row=row, mailbox_key=b"1" * 16, address_key=b"1" * 16, state="asked",
        queued_at=timezone.now(),
    )  # fmt: skip


class World:
    """A published statement with all that hangs on it, and what stands for it in an address."""

    def __init__(self) -> None:
        self.statement = StatementFactory()
        self.event = EventFactory(statement=self.statement, takes_names=True)
        CallToAction.objects.create(statement=self.statement, kind="email", words="Write to us", email="us@example.org")
        self.update = Update.objects.create(
            statement=self.statement, title="News", slug="news", body="<p>News.</p>", published_at=timezone.now()
        )
        self.signature = SignatureFactory(statement=self.statement)
        self.asked = ask(self.statement)
        self.attendance = come(self.event)
        self.written_to = Correspondence.objects.create(mailbox_key=self.asked.mailbox_key)
        logo = Logo.objects.create(data=picture("WEBP", 1, 1), width=1, height=1)
        self.organisation = OrganisationFactory(logo=logo)
        listed = {"organisation": self.organisation, "state": "listed", "listed_at": timezone.now()}
        self.endorsement = EndorsementFactory(statement=self.statement, **listed)
        self.publisher = founding.found().publisher
        self.page = writing.save(page=Page(publisher=self.publisher, title="About", slug="about", body="<p>Us.</p>"))
        writing.publish(page=self.page)
        self.pack = Pack.objects.create(statement=self.statement, state="done", sha256="0" * 64)
        self.inquiry = asked_by_mail(self.statement)
        self.actor = Actor(publisher=self.publisher, name="eastside")
        keeping.save(actor=self.actor)
        keeping.switch_on(actor=self.actor)
        publishing.find()
        self.post = self.actor.posts.first()
        self.picture = drawing.keep(drawing.Drawing(picture("WEBP", 1, 1), 1, 1))

    def examples(self, route: str, parameter: str) -> list[str]:
        """What may stand in a route; a new kind of parameter is to be added here."""
        own = {"organisations": self.organisation.slug, "events": self.event.slug}
        own |= {"p": self.publisher.slug, "pages": self.page.slug}
        named = {
            "look": look.path("#005f73", "noto")[6:-4],
            "pictures": self.picture.name,
            "fediverse": self.actor.name,
        }
        slug = own.get(route.split("/", maxsplit=1)[0], self.statement.slug)
        found = {
            "slug": [slug],
            "name": [named.get(route.split("/", maxsplit=1)[0], "")],
            "organisation": [self.organisation.slug],
            "uuid": [str(self.organisation.logo.uuid)],
            "pk": [str(self.post.pk) if route.startswith("fediverse/") else "1"],
            "before": ["0"],
            "number": ["1"],
            "position": ["1"],
            "update": [self.update.slug],
            "code": [self.pack.code if "/packs/" in route else "blog"],
            "news": [self.update.slug],
            "rest": ["nothing"],
            "scope": ["sign.1"],
            "token": [tokens.make_token(purpose, *self.ids(purpose)) for purpose in purposes(route)],
        }
        return found[parameter]

    def ids(self, purpose: str) -> list[int]:
        """The ids that a link of this purpose carries; 1 leads nowhere, which must not do harm either."""
        signed, endorsed = [self.signature.pk], [self.endorsement.pk]
        own = {"agree": [1, self.asked.pk], "signed": signed, "updates": signed, "endorsed": endorsed}
        own |= {"attendance": [self.attendance.pk], "inquiry": [self.inquiry.pk]}
        own |= {"mine": [self.written_to.pk, int.from_bytes(self.written_to.mailbox_key), 1]}
        return own.get(purpose.partition("-")[0], [1])

    def fill(self, route: str) -> list[str]:
        """The addresses of a route."""
        parameter = re.search(r"<(?:\w+:)?(\w+)>", route)
        if parameter is None:
            return ["/" + route]
        values = self.examples(route, parameter[1])
        return [path for value in values for path in self.fill(route.replace(parameter[0], value, 1))]


@pytest.fixture
def addresses() -> list[str]:
    """Every public address, filled in with a live statement and with links that mails carry."""
    world = World()
    statement, signature = world.statement, world.signature
    waiting = {"s": statement.pk, "i": world.asked.pk, "m": 0, "e": world.asked.email, "r": "K7M", "v": ""}
    sealed = tokens.seal(sign_views.SignWaiting.purpose, waiting)
    found = [
        thanking.url(signature),
        f"{reverse('check_email', args=[statement.slug])}?k={sealed}",
    ]
    for route in routes(get_resolver()):
        found += [] if route.startswith(NOT_PUBLIC) else world.fill(route)
    return found


def purposes(route: str) -> list[str]:
    prefix = route.split("/", maxsplit=1)[0]
    return [purpose for purpose in tokens._pages if purpose.endswith(f"-{prefix}")]


def snapshot() -> dict[str, str]:
    """A digest of each table's rows."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        digests = {}
        for table in tables:
            cursor.execute(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
            digests[table] = cursor.fetchone()[0]
        return digests


def test_the_walk_finds_them(addresses):
    paths = {re.sub(r"\?.*", "", address) for address in addresses}
    assert {"/", "/statements/", "/healthz", "/readyz", "/metrics", "/privacy/"} <= paths
    assert [path for path in paths if path.startswith("/confirm/agree-confirm.")]
    assert len(paths) >= 18


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_changes_nothing(client, addresses, method):
    """Mail scanners, previews and prefetching browsers follow every link."""
    before = snapshot()
    assert len(before) > 10
    for address in [*addresses, *UNKNOWN]:
        getattr(client, method)(address)
        assert (address, snapshot()) == (address, before)


@pytest.mark.parametrize("method", ["get", "head"])
def test_every_address_answers(client, addresses, method):
    answers = {address: getattr(client, method)(address).status_code for address in addresses}
    needs_more = {address for address in addresses if NEEDS_MORE.search(address)}
    wrong = {path: status for path, status in answers.items() if status != 200 and path not in needs_more}
    to_a_mail = {path: 302 for path in answers if path.endswith(("/write/", "/write/1/"))}
    assert wrong == {"/favicon.ico": 301, **to_a_mail}
    assert len(to_a_mail) == 2
    assert {answers[path] for path in needs_more} <= {400, 401, 404, 405, 503}


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_nobody_gets_a_cookie(client, addresses, method):
    """With one, or with `Vary: Cookie`, no cache could hold the page (and a banner would have to ask for leave)."""
    for address in [*addresses, *UNKNOWN]:
        answer = getattr(client, method)(address)
        vary = {part.strip().lower() for part in answer.headers.get("Vary", "").split(",")}
        assert (address, dict(answer.cookies), "cookie" in vary) == (address, {}, False)


def test_nothing_comes_from_elsewhere(client, addresses):
    """Every picture, style and script is our own."""
    for address in addresses:
        answer = client.get(address)
        page = answer.content.decode() if answer["Content-Type"].startswith("text/html") else ""
        loaded = re.findall(r"<(?:script|img|iframe|source|embed)\b[^>]*\bsrc=\"(https?:)?//", page)
        loaded += re.findall(r"<link\b[^>]*rel=\"(?:stylesheet|preload|icon)\"[^>]*href=\"(?:https?:)?//", page)
        assert (address, loaded) == (address, [])


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "DELETE"])
def test_methods_that_no_page_knows_are_refused(client, addresses, method):
    answers = {address: client.generic(method, address).status_code for address in addresses}
    known = {address for address in answers if method == "PATCH" and CHANGES.match(address)}
    assert {answers.pop(address) for address in known} <= {415}  # no JSON was sent
    assert {address: status for address, status in answers.items() if status not in {404, 405}} == {}


def test_an_ending_makes_no_second_address_of_a_page(client, addresses):
    """A cache that keeps what ends like a picture must not be led to somebody's own page."""
    answers = {address: client.get(f"{address.partition('?')[0]}x.css").status_code for address in addresses}
    assert {address: status for address, status in answers.items() if status != 404} == {}

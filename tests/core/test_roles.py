"""Who may open what: every staff page with every role. A page that is not in the table fails."""

import re
import zlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from api.models import Token
from comments.models import SiteRules
from core import audit, roles
from core.models import AuditEntry, Redirect
from exchange.models import Archive, ArchivePart, Farewell, FarewellPart, Import, Pack, PackPart
from integrations.models import Actor, Endpoint, Identity, Newsletter, Notice, WebhookEvent
from mail.models import AllowedHost, OutgoingRequest
from organisations.models import Logo, Motion
from petitions.models import Copublisher, Meeting, Rule, SavedText, Statement, Update
from petitions.signatures import paper
from petitions.statements import assigning
from publishers import founding
from publishers.models import Membership, Page, Publisher
from tests.asking import ask
from tests.comments.making import ask as comment_asked
from tests.core.pages_of_roles import PAGES
from tests.factories import (
    CommentFactory,
    EndorsementFactory,
    EventFactory,
    OrganisationFactory,
    OutgoingEmailFactory,
    SignatureFactory,
    StatementFactory,
)
from tests.organisations.form import ask as endorse_asked
from tests.petitions.actions.making import ask as coming_asked
from tests.petitions.actions.making import come
from tests.staff import logged_in

pytestmark = pytest.mark.django_db
LETTERS = {"A": roles.ADMINISTRATOR, "C": roles.CAMPAIGNER, "M": roles.MODERATOR, "U": roles.AUDITOR}
OWN = {"index", "keys", "password_change", "password_change_done", "second_factor_enrol", "second_factor"}
# About the site and its publisher, not about a statement.
OF_THE_SITE = {"app_list", "document", "document_pdf", *(name for name in PAGES if name.startswith("publishers_"))}
ANYBODY = {"invitation", "jsi18n", "login", "logout", "oidc", "oidc_back", "oidc_out", "welcome"}


def pages(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, str]]:
    """The name and the route of every staff page."""
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLPattern):
            yield pattern.name or "", route
        else:
            yield from pages(pattern, route)


STAFF_PAGES = {name: route for name, route in pages(get_resolver()) if route.startswith("admin/") and name}


class World:
    """A row of everything, all under one statement; `name` tells several worlds apart."""

    def __init__(self, name: str = "root") -> None:
        now = timezone.now()
        self.statement = StatementFactory()
        under = {"statement": self.statement}
        logo = Logo.objects.create(data=b"RIFF" + name.encode(), width=1, height=1)
        root = User.objects.create_superuser(name)
        organisation = OrganisationFactory()
        signature = SignatureFactory(**under, state="held")
        audit.record(by=root, on=self.statement, what="Looked")
        rows = [
            self.statement,
            signature,
            ask(self.statement),
            endorse_asked(self.statement),
            comment_asked(self.statement.thread),
            event := EventFactory(**under, takes_names=True),
            coming_asked(event),
            come(event, "b@example.org"),
            Update.objects.create(**under, title="News", slug="news", body="<p>News</p>"),
            SavedText.objects.create(**under, name="News", body="<p>News</p>"),
            Rule.objects.create(**under, domain="mill.example", reason="x", state="done", handled=1),
            Meeting.objects.create(**under, place="Mill Hall", starts_at=now, ends_at=now + timedelta(hours=1)),
            paper.type_in(**under, number=1, lines=[("Amina", "")]),
            assigning.assign(**under, user=root),
            EndorsementFactory(**under, logo=logo, organisation=organisation),
            organisation,
            Motion.objects.create(**under),
            CommentFactory(**under, state="waiting"),
            self.statement.thread,
            SiteRules.objects.get(),
            OutgoingRequest.objects.create(kind="test", host="hooks.example.org", state="failed"),
            AllowedHost.objects.create(host=f"hooks-{self.statement.pk}.example.org", why="Our list"),
            Endpoint.objects.create(
                url="https://hooks.example.org/", recipient="Bo", events=["signature.agreed"], secret="x"
            ),
            Newsletter.objects.create(
                publisher=founding.found().publisher,
                recipient="Bo",
                program="civicrm",
                url="https://a.example",
                list_id="1",
            ),
            Identity.objects.create(issuer="https://id.example", subject=f"x{self.statement.pk}"),
            Actor.objects.create(
                publisher=Publisher.objects.create(
                    name="B", slug=f"b-{name}", legal_name="B", contact_email="b@example.org", position=9
                ),
                name=f"b{self.statement.pk}",
            ),
            Notice.objects.create(name="Room", chat="ntfy", about=["waiting"], secret="x"),
            WebhookEvent.objects.create(type="signature.agreed", key=f"x{self.statement.pk}", happened_at=now),
            OutgoingEmailFactory(state="failed", kind="signature_receipt", context={"signature": signature.pk}),
            Redirect.objects.create(path=f"/petition/{self.statement.pk}", target="/statements/"),
            AuditEntry.objects.latest("pk"),
            founding.found().publisher,
            Token.objects.create(
                publisher=founding.found().publisher,
                owner=root,
                name="List",
                scopes=["names:read"],
                reason="x",
                digest=f"{self.statement.pk:064x}",
                hint="abcd",
                expires_at=now + timedelta(days=9),
            ),
            Page.objects.create(
                publisher=founding.found().publisher, title="About", slug=f"about-{name}", body="<p>Us</p>"
            ),
            root,
            Membership.objects.create(user=root, publisher=founding.found().publisher, role="auditor"),
            Group.objects.get(name=roles.AUDITOR),
            Import.objects.create(**under, source="list", brings="names", state="done", file_sha256=name),
            archive := Archive.objects.create(**under, state="done"),
            pack := Pack.objects.create(**under, state="done", sha256="0" * 64),
            farewell := Farewell.objects.create(**under, state="done"),
        ]
        PackPart.objects.create(of=pack, path=".zip", number=1, data=zlib.compress(b"PK"))
        FarewellPart.objects.create(of=farewell, path=".zip", number=1, data=zlib.compress(b"PK"))
        ArchivePart.objects.create(of=archive, path="manifest.json", number=1, data=zlib.compress(b"{}"))
        self.keys = {row._meta.label_lower.replace(".", "_"): row.pk for row in rows}
        joint = Copublisher.objects.create(**under, publisher=founding.found().publisher, accepted_at=now)
        self.keys |= dict.fromkeys(("joint_statement", "joint_contacts"), joint.pk)

    def address(self, name: str) -> str:
        """The page of that name, about the row that it is about."""
        route = STAFF_PAGES[name]
        if name == "app_list":
            return "/admin/petitions/"
        if name == "view_on_site":
            return "/admin/r/0/0/"
        if name in {"document", "document_pdf"}:
            return "/" + re.sub(r"<[^>]+>", "breach", route)
        of = "petitions_statement" if name in OF_A_STATEMENT else "_".join(name.split("_")[:2])
        return "/" + re.sub(r"<[^>]+>", str(self.keys.get(of, 1)), route)


# Pages about a statement under the name of what stands there.
OF_A_STATEMENT = {"organisations_endorsement_arrange", "organisations_endorsement_enter"}


def opens(client: Client, address: str) -> bool:
    """Whether the page lets this person in: they see it, or pressing its button leads on."""
    answer = client.get(address)
    if answer.status_code == 405:
        answer = client.post(address)
    if answer.status_code == 302:
        return not answer.url.startswith(("/admin/login/", "/admin/?")) and answer.url != "/admin/"
    return answer.status_code == 200


@pytest.fixture
def world() -> World:
    roles.establish()
    return World()


def person(role: str, *statements: Statement) -> Client:
    user = User.objects.create_user(role.lower(), is_staff=True, email=f"{role}@example.org")
    user.groups.add(Group.objects.get(name=role))
    for statement in statements:
        assigning.assign(statement=statement, user=user)
    return logged_in(user)


def test_every_page_is_declared():
    assert sorted(set(STAFF_PAGES) - ANYBODY) == sorted(PAGES)


@pytest.mark.whole
@pytest.mark.parametrize("letter", LETTERS)
def test_every_page_opens_for_those_it_is_declared_for_and_nobody_else(world, letter):
    client = person(LETTERS[letter], world.statement)
    found = {name: opens(client, world.address(name)) for name in PAGES}
    assert {name for name in PAGES if found[name] != (letter in PAGES[name])} == set()


@pytest.mark.whole
@pytest.mark.parametrize("letter", ["C", "M"])
def test_nobody_opens_what_is_about_a_statement_of_others(world, letter):
    client = person(LETTERS[letter])
    about = [name for name in PAGES if "<" in STAFF_PAGES[name] and letter in PAGES[name] and name not in OF_THE_SITE]
    opened = {name for name in about if opens(client, world.address(name))}
    assert opened == {f"organisations_organisation_{page}" for page in ("change", "history")}  # a public directory
    assert len(about) - len(opened) > 20


@pytest.mark.whole
def test_without_a_role_nothing_opens_but_home(world):
    client = logged_in(User.objects.create_user("nobody", is_staff=True))
    common = {name for name, letters in PAGES.items() if letters == "ACMU" and opens(client, world.address(name))}
    assert {name for name in PAGES if opens(client, world.address(name))} == common
    # The list of the one row of rules leads to that row, which does not open.
    assert common - {"comments_siterules_changelist"} == OWN


@pytest.mark.whole
def test_who_is_not_of_the_staff_sees_the_log_in_page_only(world):
    for client in (Client(), logged_in(User.objects.create_user("amina"))):
        assert {name for name in PAGES if opens(client, world.address(name))} == set()


def test_the_auditor_only_looks_and_the_administrator_may_do_everything(world):
    assert {name.partition(".")[2].partition("_")[0] for name in roles.declared(roles.AUDITOR)} == {"view"}
    administrator = Group.objects.get(name=roles.ADMINISTRATOR).permissions
    assert administrator.count() == Permission.objects.filter(content_type__app_label__in=roles._ours()).count()


def test_establishing_roles_again_takes_back_what_was_added_by_hand(world):
    auditor = Group.objects.get(name=roles.AUDITOR)
    auditor.permissions.add(Permission.objects.get(codename="delete_statement"))
    roles.establish()
    assert not auditor.permissions.filter(codename="delete_statement").exists()


def test_who_writes_a_statement_looks_after_it(world):
    client = person(roles.CAMPAIGNER)
    typed = {
        "title": "Mine",
        "slug": "mine",
        "kind": "petition",
        "language": "en",
        "signed_by": "both",
        "body": "<p>x</p>",
    }
    assert client.post("/admin/petitions/statement/add/", typed).status_code == 302
    assert [row.slug for row in client.get("/admin/petitions/statement/").context["cl"].result_list] == ["mine"]

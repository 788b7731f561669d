"""Who looks after one statement changes nothing of another, and can't question what lists mask (hostile hands).

Two worlds, one under statement A and one under B. Every staff page that is about a row is walked with a row of each, by
everybody: as a reader, with the page's own form filled in, and with every action of every list.
"""

import re
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.utils import timezone

from core import roles
from core.admin.base import HouseAdmin
from core.models import AuditEntry
from organisations import deciding
from organisations.models import Organisation
from petitions.models import Statement
from petitions.statements import assigning
from tests.core.pages_of_roles import PAGES
from tests.core.test_roles import LETTERS, STAFF_PAGES, World, opens
from tests.factories import (
    CommentFactory,
    EndorsementFactory,
    EventFactory,
    OrganisationFactory,
    OutgoingEmailFactory,
    SignatureFactory,
    StatementFactory,
)
from tests.staff import logged_in, staff, superuser

pytestmark = pytest.mark.django_db

# Pages about a row, and who opens them for a row of the statement that they are *not* assigned to. Whoever sees all
# statements opens what their role opens (pages_of_roles.py); of others this is all. A page that is about a row and in
# neither table fails test_every_page_about_a_row_is_walked.
OF_OTHERS = {
    # The directory is public: everybody on the staff reads it, and it lists as it is.
    "organisations_organisation_change": "CM",
    "organisations_organisation_history": "CM",
}
# About the site, not about a statement.
OF_THE_SITE = {
    "comments_siterules_change",
    "comments_siterules_history",
    "app_list",
    "view_on_site",
    "document",
    "document_pdf",
}
OF_THE_SITE |= {name for name in PAGES if name.startswith(("api_", "publishers_"))}
OPEN_TO_ALL = {"invitation", "login", "oidc", "oidc_back", "oidc_out", "welcome"}
ABOUT_A_ROW = sorted(name for name, route in STAFF_PAGES.items() if "<" in route and name not in OPEN_TO_ALL)


@pytest.fixture
def worlds() -> tuple[World, World]:
    roles.establish()
    return World("of-a"), World("of-b")


def person(letter: str, statement: Statement) -> Client:
    """Somebody of the staff: site administrator S, the four roles, N without any, or X, who is not logged in."""
    if letter == "X":
        return Client()
    if letter == "S":
        return superuser("site-administrator")
    user = User.objects.create_user(f"person-{letter}", is_staff=True, email=f"person-{letter}@example.org")
    if letter in LETTERS:
        user.groups.add(Group.objects.get(name=LETTERS[letter]))
        assigning.assign(statement=statement, user=user)
    return logged_in(user)


def expected(name: str, letter: str, *, is_of_others: bool) -> bool:
    if letter == "S":
        return bool(PAGES[name])
    if letter in {"N", "X"} or letter not in PAGES[name]:
        return False
    return not is_of_others or letter in "AU" or letter in OF_OTHERS.get(name, "")


def test_every_page_about_a_row_is_walked():
    assert [name for name in ABOUT_A_ROW if name not in PAGES] == []
    assert {name for name in OF_OTHERS if name not in ABOUT_A_ROW} == set()


@pytest.mark.whole
@pytest.mark.parametrize("letter", "SACMUNX")
def test_every_page_with_a_row_of_ones_own_and_of_others(worlds, letter):
    mine, others = worlds
    client = person(letter, mine.statement)
    wrong = {}
    for name in ABOUT_A_ROW:
        if name in OF_THE_SITE:
            continue
        for is_of_others, world in ((False, mine), (True, others)):
            found = opens(client, world.address(name))
            if found != expected(name, letter, is_of_others=is_of_others):
                wrong[name, is_of_others] = found
    assert wrong == {}


class Fields(HTMLParser):
    """What a page's forms would send, if nobody typed anything."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if (tag == "input" and given.get("type") not in {"checkbox", "radio", "file", "submit"}) or "checked" in given:
            self.values[name] = given.get("value") or ("on" if given.get("type") == "checkbox" else "")
        elif tag == "textarea":
            self._area = name
            self.values[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self.values[self._select] = given.get("value") or ""
        elif tag == "button" and name:
            self.values.setdefault(name, given.get("value") or "")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


SURE = {"sure": "1"}  # where an address takes only posts


def filled_in(html: str) -> dict[str, str]:
    """The form of a page as its reader could send it: every text changed a little, nothing left to be asked."""
    parser = Fields()
    parser.feed(html)
    values = {name: value for name, value in parser.values.items() if name and name != "csrfmiddlewaretoken"}
    for name in ("name", "title", "place", "town", "note", "reason", "question", "body", "author_name", "why"):
        if name in values:
            values[name] = (values[name] or "Something") + " x"
    return {**values, "confirmed": "1", "post": "yes", "reason": "Because", "_save": "1", "confirm": "1"}


SEVERAL = {"organisations_endorsement_change", "petitions_update_mail"}  # forms of several buttons
MORE = [{}, *({"decision": verb} for verb in ("approve", "decline", "undo")), {"action": "start"}, {"action": "test"}]
# Who logs in and who looks is written down.
LOOKS = {"core_auditdraft", "core_auditentry", "django_session", "auth_user"}


def rows() -> dict[str, set[str]]:
    """Every row of every table that a decision could change, as the database has it."""
    tables = sorted({model._meta.db_table for model in apps.get_models()} - LOOKS)
    found: dict[str, set[str]] = {table: set() for table in tables}
    one_by_one = (f"SELECT '{table}', to_jsonb(one)::text FROM {table} one" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(one_by_one))  # in one question, since it is asked a hundred times
        for table, row in cursor.fetchall():
            found[table].add(row)
    return found


@pytest.mark.whole
def test_no_form_of_others_changes_anything(worlds):
    mine, others = worlds
    root, clients, forms = superuser("root"), {letter: person(letter, mine.statement) for letter in "CMUNX"}, {}
    for name in ABOUT_A_ROW:
        if name not in OF_THE_SITE:
            answer = root.get(others.address(name))
            html = answer.content.decode(errors="replace") if answer.status_code == 200 and not answer.streaming else ""
            forms[name] = filled_in(html) if "text/html" in answer.get("Content-Type", "") else SURE
    before = rows()
    for letter, client in clients.items():
        for name, typed in forms.items():
            for more in MORE if name in SEVERAL else MORE[:1]:
                client.post(others.address(name), {**typed, **more})
        changed = {table: now for table, now in rows().items() if now != before[table]}
        assert (letter, changed) == (letter, {})
    assert len(forms) > 60


def actions() -> list[tuple[str, str]]:
    """Every action of every list, by the list's address."""
    return [
        (f"{model._meta.app_label}/{model._meta.model_name}", str(getattr(action, "__name__", action)))
        for model, pages in site._registry.items()
        for action in [*(pages.actions or []), "delete_selected"]
    ]


@pytest.mark.whole
@pytest.mark.parametrize("letter", "CMU")
def test_no_action_of_a_list_reaches_what_others_look_after(worlds, letter):
    mine, others = worlds
    client = person(letter, mine.statement)
    before = rows()
    for address, action in actions():
        key = address.replace("/", "_")
        chosen = [mine.keys[key], others.keys[key]] if key == "organisations_organisation" else [others.keys[key]]
        typed = {"action": action, "_selected_action": chosen, "confirmed": "1", "post": "yes", "reason": "Because"}
        client.post(f"/admin/{address}/?state=all", {**typed, "keep": str(chosen[0]), "index": "0"})
    assert {table: now for table, now in rows().items() if now != before[table]} == {}
    assert len(actions()) > 20


def test_nothing_can_be_put_under_what_others_look_after(worlds):
    mine, others = worlds
    client = person("C", mine.statement)
    day = {"starts_at_0": "2027-05-01", "starts_at_1": "10:00", "ends_at_0": "2027-05-01", "ends_at_1": "11:00"}
    typed = {"title": "x", "slug": "x", "place": "Hall", "status": "scheduled", "timezone": "Europe/London", **day}
    typed |= {"body": "<p>x</p>", "published_at_0": "2027-05-01", "published_at_1": "10:00", "number": "7"}
    typed |= {"line-TOTAL_FORMS": "1", "line-INITIAL_FORMS": "0", "line-0-name": "Amina", "notes": "a", "resolves": "b"}
    before = rows()
    for page in ("event", "update", "meeting", "sheet"):
        client.post(f"/admin/petitions/{page}/add/", {**typed, "statement": others.statement.pk})
    client.post("/admin/organisations/motion/add/", {**typed, "statement": others.statement.pk})
    moved = {**typed, "statement": others.statement.pk}
    client.post(f"/admin/petitions/event/{mine.keys['petitions_event']}/change/", moved)
    client.post(f"/admin/petitions/update/{mine.keys['petitions_update']}/change/", moved)
    assert rows() == before


def test_an_autocomplete_offers_only_what_one_looks_after(worlds):
    mine, _ = worlds
    client = person("C", mine.statement)
    for model in ("organisations.motion", "petitions.event", "petitions.update"):
        app, _, name = model.partition(".")
        asked = {"app_label": app, "model_name": name, "field_name": "statement", "term": ""}
        found = client.get(f"/admin/autocomplete/?{urlencode(asked)}").json()["results"]
        assert [one["id"] for one in found] == [str(mine.statement.pk)]


def test_a_filter_by_what_rows_have_in_common_tells_nothing_of_others():
    statement, other = StatementFactory(), StatementFactory()
    mine = SignatureFactory(statement=statement, ip_key="k" * 22)
    theirs = SignatureFactory(statement=other, ip_key="k" * 22)
    said = CommentFactory(statement=statement, ip_key="c" * 22)
    written = CommentFactory(statement=other, ip_key="c" * 22)
    roles.establish()
    client = person("M", statement)

    def found(address: str) -> list[int]:
        return [row.pk for row in client.get(f"/admin/{address}").context["cl"].result_list]

    assert found(f"petitions/signature/?like=network-{mine.pk}") == [mine.pk]
    assert AuditEntry.objects.latest("pk").why == f"who has in common: network-{mine.pk}"
    assert found(f"petitions/signature/?like=network-{theirs.pk}") == []
    assert found(f"comments/comment/?state=all&like=network-{said.pk}") == [said.pk]
    assert found(f"comments/comment/?state=all&like=network-{written.pk}") == []


def lists() -> list[tuple[str, HouseAdmin]]:
    return [(f"/admin/{m._meta.app_label}/{m._meta.model_name}/", pages) for m, pages in site._registry.items()]


def filters_of(pages: HouseAdmin) -> set[str]:
    """What a list can be filtered by, as people see it."""
    own = {one.parameter_name for one in pages.list_filter if isinstance(one, type)}
    return own | {one if isinstance(one, str) else one[0] for one in pages.list_filter if not isinstance(one, type)}


def test_no_list_answers_a_question_about_a_column_that_it_has_no_filter_for():
    asked = []
    for _, pages in lists():
        for field in pages.opts.concrete_fields:
            ways = ["__startswith", "__regex", "__gt", "__in", "__contains"]
            ways += [] if field.name in filters_of(pages) else ["", "__exact", "__isnull"]
            asked += [way for way in ways if pages.lookup_allowed(f"{field.name}{way}", "1", None)]
    assert asked == []


@pytest.mark.parametrize(
    "question",
    [
        "signature/?mailbox_key__startswith=a",
        "signature/?email__regex=^a",
        "signature/?postcode=E1",
        "signature/?statement__contact_email__startswith=a",
        "signature/?state__in=held,removed",
        "signaturesubmission/?email__startswith=a",
    ],
)
def test_a_question_that_no_filter_asks_is_refused(question):
    assert superuser("carol").get(f"/admin/petitions/{question}").status_code == 400


@pytest.mark.parametrize(
    ("address", "make"),
    [
        ("petitions/signature/", lambda: SignatureFactory(email="kanarienvogel@example.org")),
        ("comments/comment/?state=all", lambda: CommentFactory(author_email="kanarienvogel@example.org")),
        ("organisations/endorsement/?state=all", lambda: EndorsementFactory(contact_email="kanarienvogel@example.org")),
        ("mail/outgoingemail/?state=all", lambda: OutgoingEmailFactory(recipient="kanarienvogel@example.org")),
    ],
)
def test_a_search_knows_a_masked_address_only_as_a_whole(address, make):
    row, carol = make(), superuser("carol")

    def found(term: str) -> list[int]:
        shown = carol.get(f"/admin/{address}{'&' if '?' in address else '?'}{urlencode({'q': term})}")
        return [one.pk for one in shown.context["cl"].result_list]

    assert found("kanarienvogel@example.org") == [row.pk]
    parts = ["kanarien", "kanarienvogel@", "kanarienvogel@example", "k@example.org"]
    assert [found(part) for part in parts] == [[]] * 4


def test_an_organisation_that_stands_elsewhere_too_is_listed_as_it_is(statement):
    other = StatementFactory()
    shared = OrganisationFactory(name="Tenants’ Union", website="https://tenants.example/")
    EndorsementFactory(statement=other, organisation=shared, state="listed", listed_at=timezone.now())
    waits = EndorsementFactory(
        statement=statement, name="Tenants’ Union", town=shared.town, website="https://evil.example/"
    )
    roles.establish()
    client = person("M", statement)
    typed = {"decision": "approve", "seen": waits.edition}
    page = client.post(f"/admin/organisations/endorsement/{waits.pk}/change/", typed, follow=True).content.decode()
    waits.refresh_from_db()
    shared.refresh_from_db()
    assert (waits.state, waits.organisation, shared.website) == ("listed", shared, "https://tenants.example/")
    assert "also endorses statements that others look after" in page
    deciding.undo(endorsement=waits, by=User.objects.get(username="person-M"))
    assert Organisation.objects.get(pk=shared.pk).website == "https://tenants.example/"


def test_whoever_looks_after_all_of_its_statements_changes_an_organisation(statement):
    other = StatementFactory()
    shared = OrganisationFactory(name="Tenants’ Union")
    for one in (statement, other):
        EndorsementFactory(statement=one, organisation=shared, state="listed", listed_at=timezone.now())
    roles.establish()
    client = person("M", statement)
    address = f"/admin/organisations/organisation/{shared.pk}/change/"
    typed = {"name": "Renters’ Union", "kind": shared.kind, "town": shared.town, "website": shared.website}
    assert client.post(address, typed).status_code == 403
    assigning.assign(statement=other, user=User.objects.get(username="person-M"))
    assert client.post(address, typed).status_code == 302
    assert Organisation.objects.get(pk=shared.pk).name == "Renters’ Union"


def test_evidence_tells_nothing_of_what_others_look_after(statement):
    other = StatementFactory(title="A draft that nobody has heard of")
    mine = EndorsementFactory(statement=statement, contact_email="rep@example.org", ip_key="n" * 22)
    EndorsementFactory(statement=other, name="Quiet Club", contact_email="rep@example.org", ip_key="n" * 22)
    roles.establish()
    address = f"/admin/organisations/endorsement/{mine.pk}/change/"
    pages = [client.get(address).content.decode() for client in (person("M", statement), superuser("carol"))]
    told = ["Quiet Club", "A draft that nobody has heard of", "from the same network"]
    assert [[words in page for words in told] for page in pages] == [[False] * 3, [True] * 3]


@pytest.mark.whole
def test_no_address_below_r_fails():
    event, draft = EventFactory(), StatementFactory(published_at=None)
    carol = superuser("carol")
    kinds = [*ContentType.objects.order_by("pk").values_list("pk", flat=True), 0, 10**30, "x"]
    keys = [1, event.pk, 0, 10**30, "x", "1/2", "%00", "2027-01-01"]
    found = {carol.get(f"/admin/r/{kind}/{key}/").status_code for kind in kinds for key in keys}
    assert found == {302, 404}

    def page_of(row: object) -> tuple[int, str]:
        answer = carol.get(f"/admin/r/{ContentType.objects.get_for_model(row).pk}/{row.pk}/")
        return answer.status_code, answer.get("Location", "")

    assert (page_of(event), page_of(draft)) == ((302, event.get_absolute_url()), (404, ""))
    nobody = staff("nobody")
    User.objects.get(username="nobody").user_permissions.clear()
    kind = ContentType.objects.get_for_model(event).pk
    assert nobody.get(f"/admin/r/{kind}/{event.pk}/").status_code == 404


def test_tabs_of_the_queue_count_what_one_looks_after(statement):
    for one in (statement, StatementFactory(), StatementFactory()):
        CommentFactory(statement=one, state="waiting")
    roles.establish()
    page = person("M", statement).get("/admin/comments/comment/")
    assert re.findall(r"'label': 'Waiting', 'count': (\d+)", str(page.context["tabs"])) == ["1"]


CHANGE_SOMETHING = """
    auth_group_change auth_user_change comments_comment_approve comments_comment_bin comments_comment_edit
    comments_comment_leave_out comments_comment_spam comments_thread_change core_redirect_change
    exchange_archive_download exchange_farewell_download exchange_import_undo exchange_pack_download
    integrations_identity_change integrations_newsletter_off
    integrations_newsletter_pause integrations_newsletter_start integrations_newsletter_try
    integrations_notice_change joint_statement mail_allowedhost_change organisations_endorsement_arrange
    organisations_endorsement_change organisations_motion_change organisations_organisation_change
    petitions_event_change petitions_event_tell petitions_meeting_change petitions_rule_undo petitions_savedtext_change
    petitions_statement_calls petitions_statement_change petitions_statement_close petitions_statement_hide
    petitions_statement_notable petitions_statement_outcome petitions_statement_reopen petitions_statement_settings
    petitions_statement_unhide petitions_update_change petitions_update_mail
""".split()


@pytest.mark.whole
def test_the_same_forms_change_things_in_the_hands_of_who_may(worlds):
    _, others = worlds
    root, did = superuser("root"), []
    for name in ABOUT_A_ROW:
        if name in OF_THE_SITE or name.endswith("_delete"):
            continue
        answer, before = root.get(others.address(name)), rows()
        html = answer.content.decode(errors="replace") if "text/html" in answer.get("Content-Type", "") else ""
        root.post(others.address(name), filled_in(html) if html else SURE)
        did += [name] if rows() != before else []
    assert sorted(did) == CHANGE_SOMETHING, sorted(set(did) ^ set(CHANGE_SOMETHING))

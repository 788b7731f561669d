"""The staff pages of statements, events and news."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from core import redirects
from core.models import AuditEntry
from petitions.admin.checklist import checks
from petitions.admin.steps import STEPS
from petitions.models import Event, Statement
from petitions.statements import publishing
from tests.factories import OutgoingEmailFactory, SignatureFactory, StatementFactory
from tests.staff import everything, log, logged_in, staff

pytestmark = pytest.mark.django_db

TEXT = "<p>We ask the council to keep all nine libraries open.</p>"
NEW = "<p>We ask the council to keep all ten libraries open.</p>"
LIST = "/admin/petitions/statement/"
SIGNATURES = "/admin/petitions/signature/"
MAIL = "/admin/mail/outgoingemail/"


@pytest.fixture
def draft() -> Statement:
    return StatementFactory(published_at=None, body=TEXT, slug="libraries")


@pytest.fixture
def statement(draft) -> Statement:
    publishing.publish(statement=draft)
    return draft


def at(statement: Statement, page: str) -> str:
    return f"{LIST}{statement.pk}/{page}/"


def form_of(client: Client, url: str) -> dict[str, str]:
    """What a browser would post from the page's form."""
    form = client.get(url).context["adminform"].form
    typed = {}
    for bound in form:
        data = bound.field.widget.get_context(bound.html_name, bound.value(), {})["widget"]
        for part in data.get("subwidgets", [data]):
            typed[part["name"]] = part["value"] or ""
    return {name: value for name, value in typed.items() if not isinstance(value, bool) and name != "image"}


def test_writing_a_draft_and_changing_it(carol):
    typed = {"title": "Keep them open", "slug": "open", "kind": "petition", "language": "en", "body": TEXT}
    typed["signed_by"] = "both"
    assert carol.post(f"{LIST}add/", typed).status_code == 302
    statement = Statement.objects.get(slug="open")
    assert [version.body for version in statement.versions.all()] == [TEXT]
    changed = {**form_of(carol, at(statement, "change")), "body": NEW + "<script>1</script>", "title": "Keep all open"}
    assert carol.post(at(statement, "change"), changed).status_code == 302
    statement.refresh_from_db()
    assert (statement.title, statement.versions.get().body, statement.published_at) == ("Keep all open", NEW, None)


def test_saving_does_not_undo_what_somebody_did_meanwhile(carol, rf, statement):
    request = rf.post(
        at(statement, "change"), {**form_of(carol, at(statement, "change")), "summary": "Another summary"}
    )
    request.user = User.objects.get(username="carol")
    page = site._registry[Statement]
    loaded = page.get_object(request, str(statement.pk))
    form = page.get_form(request, loaded, change=True)(request.POST, instance=loaded)
    assert form.is_valid()
    publishing.close(statement=statement)
    page.save_model(request, form.save(commit=False), form, change=True)
    stored = Statement.objects.get(pk=statement.pk)
    assert (stored.summary, stored.closed_at) == ("Another summary", statement.closed_at)


def test_a_new_address_keeps_the_old_one(carol, statement):
    carol.post(at(statement, "change"), {**form_of(carol, at(statement, "change")), "slug": "nine-libraries"})
    assert list(redirects.to("/statements/nine-libraries/")) == ["/statements/libraries"]
    assert "libraries" in carol.get(at(statement, "change")).content.decode()


def test_an_address_that_leads_elsewhere_is_an_error_in_the_form(carol, statement):
    other = StatementFactory(slug="market")
    publishing.rename_slug(statement=other, slug="new-market")
    page = carol.post(at(statement, "change"), {**form_of(carol, at(statement, "change")), "slug": "market"})
    assert page.context["adminform"].form.errors == {"slug": [str(publishing.SlugTaken())]}


def test_saving_drops_kept_pages(carol, statement):
    before = statement.changed_at
    carol.post(at(statement, "change"), {**form_of(carol, at(statement, "change")), "summary": "All nine."})
    assert Statement.objects.get(pk=statement.pk).changed_at > before


def test_publishing_asks_first_then_locks(carol, draft):
    page = carol.get(at(draft, "publish"))
    assert page.context["checks"][0].light == "green"
    assert Statement.objects.get(pk=draft.pk).published_at is None
    assert carol.post(at(draft, "publish")).url == f"/admin/petitions/statement/{draft.pk}/"
    draft.refresh_from_db()
    assert (draft.status, draft.version.number) == ("open", 1)
    assert log() == ["Published."]


def test_scheduling_asks_for_a_time_to_come(carol, draft):
    past = carol.post(at(draft, "schedule"), {"at_0": "2020-01-01", "at_1": "12:00"})
    assert past.context["form"].errors == {"at": ["Choose a time in the future, or publish it now."]}
    carol.post(at(draft, "schedule"), {"at_0": "2099-07-01", "at_1": "12:00"})
    draft.refresh_from_db()
    assert (draft.status, f"{timezone.localtime(draft.published_at):%d %H:%M %Z}") == ("scheduled", "01 12:00 BST")


def test_a_verb_that_refuses_says_so(carol, statement):
    page = carol.post(at(statement, "publish"), follow=True)
    assert [str(message) for message in page.context["messages"]] == [publishing.AlreadyPublished.message]


def test_hiding_needs_a_reason(carol, statement):
    page = carol.post(at(statement, "hide"), {"reason": ""})
    assert page.context["form"].errors == {"reason": ["This field is required."]}
    carol.post(at(statement, "hide"), {"reason": "Names a private person"})
    assert Statement.objects.get(pk=statement.pk).hidden_at is not None
    carol.post(at(statement, "unhide"))
    assert Statement.objects.get(pk=statement.pk).hidden_at is None
    assert log() == ["Hidden: Names a private person", "Shown again."]


def test_closing_reopening_and_the_outcome(carol, statement):
    carol.post(at(statement, "close"))
    assert Statement.objects.get(pk=statement.pk).status == "closed"
    carol.post(at(statement, "reopen"))
    assert Statement.objects.get(pk=statement.pk).status == "open"
    carol.post(at(statement, "outcome"), {"outcome": "<p>All stay open.</p>"})
    assert Statement.objects.get(pk=statement.pk).outcome == "<p>All stay open.</p>"


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("draft", ["publish", "schedule"]),
        ("scheduled", ["publish", "schedule", "hide"]),
        ("open", ["close", "hand_in", "outcome", "hide"]),
        ("closed", ["reopen", "hand_in", "outcome", "hide"]),
        ("hidden", ["close", "hand_in", "outcome", "unhide"]),
    ],
)
def test_the_buttons_are_those_that_make_sense(carol, draft, state, buttons):
    if state != "draft":
        later = timezone.now() + timedelta(days=1) if state == "scheduled" else None
        publishing.publish(statement=draft, at=later)
    if state == "closed":
        publishing.close(statement=draft)
    if state == "hidden":
        publishing.hide(statement=draft, reason="Why", by=None)
    page = carol.get(at(draft, "change"))
    assert [step.name for step in page.context["place"].steps] == buttons
    assert [f"/statement/{draft.pk}/{name}/" in page.content.decode() for name in buttons] == [True] * len(buttons)


@pytest.mark.parametrize("step", [*STEPS, "correct"], ids=lambda step: getattr(step, "name", step))
def test_each_button_takes_its_own_permission(viewer, draft, step):
    name, permission = (step.name, step.permission) if step in STEPS else ("correct", "correct_statement")
    publishing.publish(statement=draft)
    before = everything()
    assert viewer.get(at(draft, name)).status_code == 403
    assert viewer.post(at(draft, name), {"reason": "Why"}).status_code == 403
    assert everything() == before
    assert staff("cam", permission).get(at(draft, name)).status_code == 200


def test_buttons_are_for_those_who_may_look(statement):
    user = User.objects.create_user("eve", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="hide_statement"))
    client = logged_in(user)
    assert client.post(at(statement, "hide"), {"reason": "Why"}).status_code == 403
    assert client.get(at(statement, "preview")).status_code == 403


def test_a_viewer_sees_everything_and_changes_nothing(viewer, draft):
    before = everything()
    page = viewer.get(at(draft, "change"))
    assert (page.status_code, page.context["place"].steps, page.context["can_correct"]) == (200, [], False)
    assert TEXT in page.content.decode()
    assert viewer.post(at(draft, "change"), {"title": "Mine"}).status_code == 403
    assert viewer.get(f"{LIST}add/").status_code == 403
    assert everything() == before


def test_only_drafts_are_deleted(carol, draft):
    other = StatementFactory()
    assert carol.post(at(other, "delete"), {"post": "yes"}).status_code == 403
    assert carol.post(at(draft, "delete"), {"post": "yes"}).status_code == 302
    assert list(Statement.objects.all()) == [other]


def test_the_checklist_shows_what_is_missing(draft):
    draft.addressed_to = draft.summary = ""
    publishing.write_draft(statement=draft, body="")
    lights = [check.light for check in checks(draft)]
    assert lights == ["red", "green", "amber", "amber", "green", *3 * ["amber"], "red", "amber", "amber"]
    publishing.write_draft(statement=draft, body=f"<p>{'word ' * 901}</p>")
    assert (checks(draft)[0].light, checks(draft)[0].label) == ("amber", "The text: 901 words")


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_writes_nothing(carol, draft, statement, method):
    signature, mail = SignatureFactory(statement=statement), OutgoingEmailFactory(state="failed")
    event = Event.objects.create(statement=statement, title="March", slug="march", starts_at=timezone.now())
    pages = [at(statement, name) for name in ["change", "correct", "preview", "preview/all", "history", "delete"]]
    pages += [at(statement, step.name) for step in STEPS] + [LIST, f"{LIST}add/", SIGNATURES, MAIL]
    pages += [f"{SIGNATURES}{signature.pk}/change/", f"{MAIL}{mail.pk}/change/", "/admin/", "/admin/jsi18n/"]
    pages += ["/admin/petitions/event/", f"/admin/petitions/event/{event.pk}/change/", "/admin/petitions/update/"]
    before = everything()
    codes = {page: getattr(carol, method)(page).status_code for page in pages}
    assert {page: code for page, code in codes.items() if code != 200} == {at(statement, "delete"): 403}
    record = AuditEntry.objects.order_by("pk").values_list("by_name", "what", "label")
    people = [("carol", "Looked at", f"Signature {signature.pk}"), ("carol", "Looked at", f"Outgoing e-mail {mail.pk}")]
    assert list(record) == (people if method == "get" else [])
    assert everything() | {"AuditEntry": []} == before


def test_scripts_of_the_editor_carry_the_nonce(carol, draft):
    for page in ["change", "outcome", "correct"]:
        statement = draft if page == "change" else StatementFactory(body=TEXT)
        html = carol.get(at(statement, page))
        nonce = re.search(r"'nonce-([^']+)'", html["Content-Security-Policy"])[1]
        scripts = re.findall(r"<script[^>]*>", html.content.decode())
        assert [tag for tag in scripts if "importmap" in tag or "module" in tag] != []
        inline = [tag for tag in scripts if "src=" not in tag]
        assert [tag for tag in inline if f'nonce="{escape(nonce)}"' not in tag and "application/json" not in tag] == []


@pytest.mark.parametrize("url", [LIST, SIGNATURES, MAIL + "?state=all", "/admin/petitions/event/"])
def test_lists_cost_the_same_at_one_and_three_rows(carol, url):
    def add(number: int) -> None:
        statement = StatementFactory(slug=f"s{number}")
        SignatureFactory(statement=statement)
        OutgoingEmailFactory()
        Event.objects.create(statement=statement, title="March", slug=f"e{number}", starts_at=timezone.now())

    counts = []
    for rows in (1, 2):
        for number in range(rows):
            add(10 * rows + number)
        carol.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert carol.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 10


def test_event_times_are_those_of_the_place(carol, statement):
    typed = {
        "statement": statement.pk, "title": "March", "slug": "march", "status": "scheduled", "timezone": "Europe/Paris",
        "starts_at_0": "2026-10-17", "starts_at_1": "12:00", "ends_at_0": "", "ends_at_1": "",
    }  # fmt: skip
    assert carol.post("/admin/petitions/event/add/", typed).status_code == 302
    event = Event.objects.get()
    assert (event.starts_at.isoformat(), event.sequence) == ("2026-10-17T10:00:00+00:00", 0)
    url = f"/admin/petitions/event/{event.pk}/change/"
    assert carol.get(url).context["adminform"].form.initial["starts_at"].strftime("%H:%M") == "12:00"
    carol.post(url, {**typed, "summary": "Bring a book."})
    assert (Event.objects.get().sequence, Event.objects.get().starts_at) == (0, event.starts_at)
    carol.post(url, {**typed, "starts_at_1": "13:00"})
    assert Event.objects.get().sequence == 1


def test_an_unknown_time_zone_is_an_error(carol, statement):
    page = carol.post("/admin/petitions/event/add/", {"timezone": "Europe/Nowhere", "title": "March"})
    assert page.context["adminform"].form.errors["timezone"] == [
        "Choose a time zone from the list, such as Europe/London."
    ]


def test_deleting_news_drops_kept_pages(carol, statement):
    typed = {"statement": statement.pk, "title": "Handed in", "slug": "handed-in", "body": "<p>We did.</p>"}
    carol.post("/admin/petitions/update/add/", {**typed, "published_at_0": "", "published_at_1": ""})
    update, before = statement.updates.get(), Statement.objects.get(pk=statement.pk).changed_at
    assert before > statement.changed_at
    carol.post(f"/admin/petitions/update/{update.pk}/delete/", {"post": "yes"})
    assert Statement.objects.get(pk=statement.pk).changed_at > before

"""Nothing typed is lost on the desk: stamps, conflicts, drafts, and who else is there."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from core import company, drafts, retention
from core.admin import typed
from core.models import FormDraft, Looking
from petitions.models import Event
from tests.factories import CommentFactory, EventFactory, SignatureFactory, StatementFactory
from tests.staff import logged_in, superuser

pytestmark = pytest.mark.django_db


class Form(dict):
    """The event's form as somebody opened it, and what they change in it."""

    def __init__(self, client, url: str) -> None:
        page = client.get(url)
        form = page.context["adminform"].form
        super().__init__({name: values[0] for name, values in typed.shown(form).items() if values})
        self["_opened"] = page.context["opened"]


@pytest.fixture
def two():
    """Two people with the same event before them, each with the form as it was."""
    event = EventFactory(statement=StatementFactory(), title="March", venue="Square")
    carol, dave = superuser("carol"), superuser("dave")
    url = f"/admin/petitions/event/{event.pk}/change/"
    return event, url, (carol, Form(carol, url)), (dave, Form(dave, url))


def test_a_form_without_a_stamp_changes_nothing_unasked(two):
    event, url, (carol, mine), _ = two
    answer = carol.post(url, {**mine, "title": "Rally", "_opened": ""})
    event.refresh_from_db()
    assert (answer.status_code, event.title) == (409, "March")


def test_what_only_a_colleague_changed_is_taken_over_and_said(two):
    event, url, (carol, mine), (dave, theirs) = two
    assert dave.post(url, {**theirs, "venue": "Town hall"}).status_code == 302
    answer = carol.post(url, {**mine, "title": "Rally"}, follow=True)
    event.refresh_from_db()
    assert (event.title, event.venue) == ("Rally", "Town hall")
    assert "by dave: Venue. Both changes are kept." in answer.content.decode()


@pytest.mark.parametrize(("take", "expected"), [("yours", "Rally"), ("theirs", "Meeting"), ("both", "Meeting / Rally")])
def test_a_field_that_both_changed_is_asked_about(two, take, expected):
    event, url, (carol, mine), (dave, theirs) = two
    dave.post(url, {**theirs, "title": "Meeting"})
    answer = carol.post(url, {**mine, "title": "Rally", "venue": "Park"})
    html = answer.content.decode()
    event.refresh_from_db()
    assert (answer.status_code, event.title, event.venue) == (409, "Meeting", "Square")
    assert "by dave" in html
    assert "while you were writing" in html
    assert re.findall(r'name="(_take-\w+)" value="(\w+)"', html) == [
        ("_take-title", "yours"), ("_take-title", "theirs"), ("_take-title", "both"),
    ]  # fmt: skip
    carried = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))
    done = carol.post(url, {**carried, "_take-title": take})
    event.refresh_from_db()
    assert (done.status_code, event.title, event.venue) == (302, expected, "Park")
    assert FormDraft.objects.get(user__username="carol").is_settled


def test_the_same_change_by_two_is_no_conflict(two):
    _event, url, (carol, mine), (dave, theirs) = two
    dave.post(url, {**theirs, "title": "Rally"})
    assert carol.post(url, {**mine, "title": "Rally"}).status_code == 302


def test_a_third_change_while_choosing_is_asked_about_again(two):
    event, url, (carol, mine), (dave, theirs) = two
    dave.post(url, {**theirs, "title": "Meeting"})
    html = carol.post(url, {**mine, "title": "Rally"}).content.decode()
    carried = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))
    Event.objects.filter(pk=event.pk).update(title="Picnic")
    assert carol.post(url, {**carried, "_take-title": "yours"}).status_code == 409
    event.refresh_from_db()
    assert event.title == "Picnic"


def test_what_is_refused_is_422_and_keeps_the_stamp(two):
    _event, url, (carol, mine), _ = two
    answer = carol.post(url, {**mine, "title": ""})
    assert (answer.status_code, answer.context["opened"]) == (422, answer.wsgi_request.POST["_opened"])


def test_a_form_keeps_itself_as_a_draft_for_one_person_and_gives_it_back(two):
    event, url, (carol, mine), (dave, _) = two
    answer = carol.post(url, {**mine, "title": "Half a ti", "_keep": "1"})
    draft = FormDraft.objects.get()
    assert answer.json() == {"kept": timezone.localtime(draft.kept_at).strftime("%H:%M"), "others": ""}
    event.refresh_from_db()
    assert (event.title, draft.user.username, draft.typed["title"]) == ("March", "carol", ["Half a ti"])
    assert carol.get(url).context["waiting_draft"] == draft
    brought = carol.get(f"{url}?draft={draft.pk}")
    assert (brought.context["adminform"].form["title"].value(), brought.context["brought"]) == ("Half a ti", draft)
    assert "waiting_draft" not in dave.get(url).context
    assert dave.get(f"{url}?draft={draft.pk}").status_code == 404
    assert carol.post(url, {**mine, "title": "Whole title"}).status_code == 302
    assert "waiting_draft" not in carol.get(url).context


def test_a_new_row_has_drafts_too_and_what_nobody_changed_is_none():
    carol, add = superuser("carol"), "/admin/petitions/statement/add/"
    form = carol.get(add).context["adminform"].form
    opened = {name: values[0] for name, values in typed.shown(form).items() if values}
    assert carol.post(add, {**opened, "_keep": "1"}).json()["kept"] == ""
    carol.post(add, {**opened, "title": "Save the baths", "body": "<p>Now</p>", "_keep": "1"})
    draft = FormDraft.objects.get()
    assert (draft.object_id, draft.typed["body"]) == ("", ["<p>Now</p>"])
    assert carol.get(f"{add}?draft={draft.pk}").context["adminform"].form["title"].value() == "Save the baths"


def test_an_autosave_says_that_a_colleague_changed_the_row(two):
    _event, url, (carol, mine), (dave, theirs) = two
    dave.post(url, {**theirs, "title": "Meeting"})
    told = carol.post(url, {**mine, "title": "Ral", "_keep": "1"}).json()
    assert told["others"].endswith("by dave")


def test_revisions_begin_anew_after_a_while_and_are_compared_and_dropped(two):
    event, _url, (carol, _mine), (dave, _) = two
    me = User.objects.get(username="carol")
    whose = {"user": me, "model": "petitions.event", "object_id": str(event.pk)}
    first = drafts.keep(**whose, typed={"title": ["One\0"]})
    assert drafts.keep(**whose, typed={"title": ["Two"]}).pk == first.pk
    FormDraft.objects.update(begun_at=timezone.now() - timedelta(minutes=6))
    second = drafts.keep(**whose, typed={"title": ["Three"]})
    assert [one.typed for one in drafts.of(**whose)] == [{"title": ["Three"]}, {"title": ["Two"]}]
    page = f"/admin/drafts/petitions.event/{event.pk}/"
    html = carol.get(page).content.decode()
    assert "Three" in html
    assert "Two" in html
    assert "Three" not in dave.get(page).content.decode()
    dave.post(page, {"drop": second.pk})
    carol.post(page, {"drop": first.pk})
    assert list(drafts.of(**whose)) == [second]


def test_no_more_than_so_many_revisions_are_kept(two, monkeypatch):
    event, _, _, _ = two
    monkeypatch.setattr(drafts, "MOST", 3)
    whose = {"user": User.objects.get(username="carol"), "model": "petitions.event", "object_id": str(event.pk)}
    for number in range(5):
        drafts.keep(**whose, typed={"title": [str(number)]})
        FormDraft.objects.update(begun_at=timezone.now() - timedelta(minutes=6))
    assert [one.typed["title"] for one in drafts.of(**whose)] == [["4"], ["3"], ["2"]]


def test_drafts_of_a_read_only_page_and_of_others_rows_are_not_there(two):
    event, url, _, _ = two
    nobody = logged_in(User.objects.create_user("nobody", is_staff=True))
    assert nobody.get(f"/admin/drafts/petitions.event/{event.pk}/").status_code == 404
    assert nobody.post(url, {"title": "x", "_keep": "1"}).status_code == 404
    assert superuser("root").get("/admin/drafts/petitions.signature/1/").status_code == 404
    assert FormDraft.objects.count() == 0


def test_drafts_and_looks_are_forgotten(two, settings):
    _event, *_ = two
    me = User.objects.get(username="carol")
    for days in (13, 15):
        drafts.keep(user=me, model="petitions.event", object_id=str(days), typed={"title": ["x"]})
        FormDraft.objects.filter(object_id=str(days)).update(kept_at=timezone.now() - timedelta(days=days))
        company.arrive(user=me, model="petitions.event", object_id=str(days))
    Looking.objects.filter(object_id="15").update(seen_at=timezone.now() - timedelta(hours=49))
    for step in retention.steps():
        if step.model in (FormDraft, Looking):
            step.run()
    assert [one.object_id for one in FormDraft.objects.all()] == ["13"]
    assert [one.object_id for one in Looking.objects.all()] == ["13"]


def test_one_sees_who_else_is_there_and_only_of_what_one_may_see(two):
    event, url, (carol, _), (dave, _) = two
    seen = {"model": "petitions.event", "object": str(event.pk)}
    assert carol.post("/admin/here/", seen).json() == {"others": ""}
    assert dave.post("/admin/here/", seen).json() == {"others": "carol is here, too."}
    assert carol.get(url).context["company"] == "dave is here, too."
    nobody = logged_in(User.objects.create_user("nobody", is_staff=True))
    assert nobody.post("/admin/here/", seen).status_code == 403
    assert carol.get("/admin/here/").status_code == 405
    Looking.objects.update(seen_at=timezone.now() - timedelta(minutes=3))
    assert carol.get(url).context["company"] == ""


def test_a_decision_about_what_was_decided_meanwhile_says_so_first():
    signature = SignatureFactory(state="held", name="Amina")
    carol, dave = superuser("carol"), superuser("dave")
    chosen = {"_selected_action": signature.pk, f"seen-{signature.pk}": signature.submission_id or ""}
    stood = {f"stood-{signature.pk}": "held"}
    dave.post("/admin/petitions/signature/", {"action": "release", **chosen, **stood, "confirmed": "1"})
    answer = carol.post(
        "/admin/petitions/signature/", {"action": "remove", **chosen, **stood, "confirmed": "1", "reason": "Fake"}
    )
    signature.refresh_from_db()
    html = answer.content.decode()
    assert (answer.status_code, signature.state) == (409, "confirmed")
    assert "decided by dave" in html
    assert "Nothing is done yet" in html
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))
    carol.post("/admin/petitions/signature/", {**again, "reason": "Fake"})
    signature.refresh_from_db()
    assert signature.state == "removed"


def test_a_button_on_a_comment_that_was_decided_meanwhile_says_so_first():
    comment = CommentFactory(state="waiting", statement=StatementFactory())
    carol, dave = superuser("carol"), superuser("dave")
    stood = {f"stood-{comment.pk}": "waiting"}
    dave.post(f"/admin/comments/comment/{comment.pk}/approve/", stood)
    url = f"/admin/comments/comment/{comment.pk}/spam/?back=state%3Dwaiting"
    answer = carol.post(url, stood)
    comment.refresh_from_db()
    assert (answer.status_code, comment.state) == (409, "published")
    assert "decided by dave" in answer.content.decode()
    assert carol.post(url, {f"stood-{comment.pk}": "published"}).status_code == 302
    comment.refresh_from_db()
    assert comment.state == "spam"

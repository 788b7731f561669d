"""What representatives get: the form's answers, their links, their own page."""

import io
import re
from datetime import date, timedelta
from html import escape
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from core import tokens
from mail.models import OutgoingEmail, Suppression
from organisations import deciding, endorsing, logos, thanking
from organisations.endorse_views import MOST_BODY
from organisations.models import MANAGE, Endorsement, EndorsementSubmission, Organisation, Words
from petitions.models import Statement
from submissions import codes
from tests.asking import confirm_url, mail_all, value_of
from tests.factories import EndorsementFactory, StatementFactory
from tests.moments import from_now
from tests.organisations.form import agree, ask, endorse, endorse_with_logo, posted
from tests.organisations.pictures import png, png_header

pytestmark = pytest.mark.django_db
FORM = "/statements/libraries/endorse/form/"
TOO_HEAVY = "The logo must be smaller than 2 MB. Save it smaller, then choose it again."


def upload(data: bytes = b"", name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data or png(), content_type="image/png")


def test_the_form_is_one_page_without_a_cookie(client, statement):
    response = client.get(FORM)
    assert (response.status_code, response["Cache-Control"], response.cookies) == (200, "no-store", {})
    fields = [field.name for field in response.context["form"] if not field.is_hidden and field.name != "website_2"]
    assert fields == [
        "organisation", "kind", "town", "website", "contact_name", "contact_role", "contact_email", "agreed_how",
        "agreed_on", "publish_contact", "message", "logo",
    ]  # fmt: skip


def test_posting_leads_to_the_waiting_page_and_the_mail(client, statement):
    response = client.post(FORM, posted(website="lantern.example.org", logo=upload(), publish_contact="on"))
    assert response.status_code == 303
    page = client.get(response["Location"])
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    assert "branch@lantern.example.org" in page.content.decode()
    submission = EndorsementSubmission.objects.get()
    assert (submission.website, submission.publish_contact, submission.logo.width) == (
        "https://lantern.example.org", True, 60
    )  # fmt: skip


def test_the_answer_is_the_same_for_everybody(client, statement):
    def answer(**more):
        response = client.post(FORM, posted(**more))
        page = client.get(response["Location"])
        body = page.content.decode().replace(quote(page.context["k"]), "K").replace(page.context["k"], "K")
        return response.status_code, len(response["Location"]), sorted(response.headers), page.status_code, body

    new, repeated = answer(), answer()
    endorsement = agree(EndorsementSubmission.objects.latest("pk"))
    waiting = answer()
    deciding.approve(endorsement=endorsement)
    listed = answer()
    Suppression.objects.create(mailbox_key=bytes(endorsement.mailbox_key))
    assert new == repeated == waiting == listed == answer()


TOMORROW = "tomorrow"  # for whom the test writes the date


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"organisation": ""}, "organisation", "Enter the name of your organisation or branch"),
        ({"organisation": "\u200b \u3164"}, "organisation", "Enter the name of your organisation or branch"),
        ({"kind": ""}, "kind", "Choose what type of organisation it is"),
        ({"website": "javascript:alert(1)"}, "website", "Enter a website like example.org"),
        ({"website": "not a website"}, "website", "Enter a website like example.org"),
        ({"contact_name": ""}, "contact_name", "Enter your name"),
        ({"contact_role": ""}, "contact_role", "Enter your role"),
        ({"contact_email": "nobody"}, "contact_email", "An email address has an @ in it, like name@example.com"),
        ({"agreed_how": ""}, "agreed_how", "Say how this was agreed"),
        ({"agreed_on": ""}, "agreed_on", "Enter the date it was agreed"),
        ({"agreed_on": "when we met"}, "agreed_on", "Enter the date like 3 November 2026 or 03/11/2026"),
        ({"agreed_on": TOMORROW}, "agreed_on",
         "The date it was agreed must be today or in the past"),
        ({"agreed_on": "1998-01-01"}, "agreed_on", "Check the date: that is more than three years ago"),
        ({"message": "x" * 301}, "message", "Ensure this value has at most 300 characters (it has 301)."),
        ({"contact_email": "branch@gmial.com"}, "contact_email", "Did you mean branch@gmail.com?"),
    ],
)  # fmt: skip
def test_wrong_input_keeps_what_was_typed_and_says_how_to_mend_it(client, statement, change, field, said):
    if change.get("agreed_on") == TOMORROW:
        change = {"agreed_on": (timezone.localdate() + timedelta(days=1)).isoformat()}
    response = client.post(FORM, posted(town="Estaside", **change))
    assert (response.status_code, dict(response.context["form"].errors)) == (422, {field: [said]})
    assert 'value="Estaside"' in response.content.decode()
    assert (EndorsementSubmission.objects.count(), OutgoingEmail.objects.count()) == (0, 0)


def test_an_address_that_looks_misspelt_can_be_kept_or_corrected(client, statement):
    typed = posted(contact_email="branch@gmial.com")
    assert client.post(FORM, {**typed, "email_choice": "keep"}).status_code == 303
    assert client.post(FORM, {**typed, "email_choice": "branch@gmail.com"}).status_code == 303
    assert set(EndorsementSubmission.objects.values_list("email", flat=True)) == {
        "branch@gmial.com",
        "branch@gmail.com",
    }


@pytest.mark.parametrize("how", ["2026-11-03", "03/11/2026", "3 November 2026", "3 Nov 2026"])
def test_dates_are_read_as_people_write_them(client, statement, how):
    assert client.post(FORM, posted(agreed_on=how)).status_code == 303
    assert EndorsementSubmission.objects.get().agreed_on.isoformat() == "2026-11-03"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<svg><script/></svg>", "We can't use SVG files. Save the logo as a PNG, then choose it again."),
        (png_header(30_000, 30_000), logos.TOO_BIG),
        (
            png() + b"\0" * logos.MOST_BYTES,
            TOO_HEAVY,
        ),
    ],
    ids=["svg", "bomb", "heavy"],
)
def test_a_hostile_logo_is_an_error_beside_its_field(client, statement, data, said):
    response = client.post(FORM, posted(logo=upload(data)))
    assert (response.status_code, dict(response.context["form"].errors)) == (422, {"logo": [said]})
    assert 'value="Lantern Union, Eastside branch"' in response.content.decode()


def test_a_good_logo_is_asked_for_again_when_something_else_is_wrong(client, statement):
    response = client.post(FORM, posted(logo=upload(), kind=""))
    assert "Choose the logo again: it could not be kept." in response.content.decode()


def test_a_body_that_no_logo_needs_is_413(client, statement):
    response = client.post(FORM, posted(logo=upload(b"\0" * (MOST_BODY + 1))))
    assert (response.status_code, EndorsementSubmission.objects.count()) == (413, 0)


def test_a_post_from_another_site_is_refused(client, statement):
    response = client.post(FORM, posted(), headers={"Sec-Fetch-Site": "cross-site"})
    assert (response.status_code, EndorsementSubmission.objects.count()) == (403, 0)


@pytest.mark.parametrize(
    "change", [{"closed_at": timedelta(hours=-1)}, {"signed_by": "people"}], ids=["closed", "people"]
)
def test_where_organisations_cannot_sign_the_post_is_409_and_what_was_typed_stays(client, statement, change):
    Statement.objects.filter(pk=statement.pk).update(**from_now(change))
    response = client.post(FORM, posted(message="Solidarity"))
    assert (response.status_code, EndorsementSubmission.objects.count()) == (409, 0)
    assert "Solidarity" in response.content.decode()
    assert client.get(FORM).status_code == 200
    meeting = {"meets_on": timezone.localdate().isoformat(), "email": "a@example.org"}
    assert client.post("/statements/libraries/motion/", meeting).status_code == 409


def test_a_statement_for_organisations_only_takes_no_people_and_the_other_way_round(client, statement):
    Statement.objects.filter(pk=statement.pk).update(signed_by="organisations")
    page = client.get("/statements/libraries/").content.decode()
    assert ('action="/statements/libraries/sign/"' in page, "Add your organisation or branch" in page) == (False, True)
    assert client.post("/statements/libraries/sign/", {"name": "A B", "email": "a@example.org"}).status_code == 409
    Statement.objects.filter(pk=statement.pk).update(signed_by="people", changed_at=timezone.now())
    page = client.get("/statements/libraries/").content.decode()
    assert ('action="/statements/libraries/sign/"' in page, "Add your organisation or branch" in page) == (True, False)


def manage_url(endorsement: Endorsement) -> str:
    return reverse("manage", args=[tokens.make_token(MANAGE, endorsement.pk)])


def test_the_confirm_page_shows_all_that_will_be_recorded_and_names_organisations_without_links(client, statement):
    submission = ask(
        statement, website="https://lantern.example.org", publish_contact=True, message="Solidarity",
        logo=logos.draw(io.BytesIO(png())), agreed_on=date(2026, 11, 3),
    )  # fmt: skip
    page = client.get(confirm_url(submission))
    (block,) = page.context["blocks"]
    assert [(str(row.label), str(row.value)) for row in block.details.rows] == [
        ("Organisation or branch", "Lantern Union, Eastside branch"),
        ("Type", "Union branch"),
        ("Town or area", "Eastside"),
        ("Website", "https://lantern.example.org"),
        ("Your name", "Winsome Nembhard"),
        ("Your role", "Branch secretary"),
        ("How it was agreed", "A members' meeting"),
        ("Date agreed", "3 November 2026"),
        ("Your name and role are public", "Yes"),
        ("Message of support", "Solidarity"),
        ("Logo", "As shown below"),
    ]
    html = page.content.decode()
    assert 'src="data:image/webp;base64,' in html
    assert not re.search(r"<a [^>]*>[^<]*(lantern\.example|Lantern Union)", html)
    assert 'href="https://lantern' not in html


def test_every_typed_column_is_a_row_of_the_confirm_page(client, statement):
    typed = {field.name for field in Words._meta.get_fields()} - {"name_key", "publish_contact", "kind", "agreed_how",
                                                                 "agreed_on"}  # fmt: skip
    canaries = {name: f"Canary {place}" for place, name in enumerate(sorted(typed))}
    canaries["website"] = "https://canary.example"
    submission = ask(statement)
    EndorsementSubmission.objects.filter(pk=submission.pk).delete()
    EndorsementSubmission.objects.create(
        **{field.attname: getattr(submission, field.attname) for field in submission._meta.fields} | canaries
    )
    (block,) = client.get(confirm_url(submission)).context["blocks"]
    values = [str(row.value) for row in block.details.rows]
    assert [name for name, canary in canaries.items() if canary not in values] == []


@pytest.mark.parametrize(
    ("stands", "said"),
    [
        ("waiting", "This replaces what you sent before."),
        ("listed", "The list shows what was approved until a person has looked at this"),
        ("declined", "A person checks it anew"),
    ],
)
def test_the_confirm_page_says_what_its_button_does_to_what_was_agreed_before(client, statement, stands, said):
    endorsement = endorse_with_logo(statement)
    if stands == "listed":
        deciding.approve(endorsement=endorsement)
    elif stands == "declined":
        deciding.decline(endorsement=endorsement, reason="No.")
    page = client.get(confirm_url(ask(statement))).content.decode()
    assert (said in page, 'src="data:image/webp;base64,' in page) == (True, True)


def test_opening_links_changes_nothing_and_pressing_twice_says_so(client, statement):
    submission, endorsement = ask(statement), endorse(statement, organisation="Lantern")
    before = [list(model.objects.order_by("pk").values()) for model in (Endorsement, EndorsementSubmission)]
    for url in (confirm_url(submission), manage_url(endorsement), manage_url(endorsement) + "details/"):
        for _ in range(5):
            client.get(url)
            client.head(url)
    assert [list(model.objects.order_by("pk").values()) for model in (Endorsement, EndorsementSubmission)] == before
    done = client.post(confirm_url(submission))
    assert (done.status_code, client.get(done["Location"]).status_code) == (303, 200)
    again = client.post(confirm_url(submission))
    assert (again.status_code, "You&#39;ve already confirmed this" in again.content.decode()) == (200, True)


def test_by_code_on_the_waiting_page(client, statement):
    waits = client.post(FORM, posted())["Location"]
    submission = EndorsementSubmission.objects.get()
    assert "Winsome Nembhard" in client.get(waits).content.decode()
    assert client.get(waits, headers={"Accept": "application/json"}).json() == {"next": None}
    typed = {"action": "code", "code": codes.code_of(endorsing.NUMBER, bytes(submission.digest))}
    assert (client.post(waits, typed).status_code, Endorsement.objects.count()) == (422, 0), "no mail has gone out yet"
    mail_all()
    right = client.post(waits, typed)
    assert (right.status_code, Endorsement.objects.get().state) == (303, "waiting")
    page = client.get(right["Location"]).content.decode()
    assert ("Lantern Union, Eastside branch" in page, "/manage/endorsed-manage." in page) == (True, True)


def test_a_code_leads_to_the_confirm_page_where_there_is_something_to_be_told(client, statement):
    deciding.approve(endorsement=endorse(statement))
    waits = client.post(FORM, posted(message="Newer"))["Location"]
    mail_all()
    submission = EndorsementSubmission.objects.latest("pk")
    typed = {"action": "code", "code": codes.code_of(endorsing.NUMBER, bytes(submission.digest))}
    response = client.post(waits, typed)
    assert ("/confirm/agree-confirm." in response["Location"], Endorsement.objects.get().message) == (True, "")


def test_a_tab_that_polls_learns_that_it_is_done_and_nothing_else(client, statement):
    waits = client.post(FORM, posted())["Location"]
    agree(EndorsementSubmission.objects.get())
    where = client.get(waits, headers={"Accept": "application/json"}).json()["next"]
    page = client.get(where)
    shown = page.content.decode()
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    assert [word for word in ("Lantern", "Winsome", "/manage/", "data:image") if word in shown] == []


@pytest.mark.parametrize("how", ["listed", "declined", "withdrawn"])
def test_the_thank_you_page_of_what_was_decided_is_the_representatives_own(client, statement, how):
    endorsement = endorse(statement)
    if how == "listed":
        deciding.approve(endorsement=endorsement)
    elif how == "declined":
        deciding.decline(endorsement=endorsement, reason="No.")
    else:
        endorsing.withdraw(endorsement_id=endorsement.pk)
    reader, stranger = (client.get(thanking.url(endorsement, is_reader=is_reader)) for is_reader in (True, False))
    assert (reader.status_code, reader["Location"]) == (303, manage_url(endorsement))
    assert (stranger.status_code, "Lantern" in stranger.content.decode()) == (200, False)
    other = thanking.url(endorsement).replace("/libraries/", "/other/")
    StatementFactory(slug="other")
    assert client.get(other).status_code == 404


@pytest.mark.parametrize("purpose", ["agree-confirm", "signed-manage", "endorse-manage", "endorsed-thanks", "nonsense"])
def test_a_link_opens_its_own_page_only(client, statement, purpose):
    endorsement = endorse(statement)
    token = tokens.make_token(purpose, endorsement.pk)
    for path in (f"/manage/{token}/", f"/manage/{token}/details/"):
        if purpose == "signed-manage" and not path.endswith("details/"):
            continue
        assert client.get(path).status_code == 404


def test_disowning_from_the_confirm_page(client, statement):
    submission = ask(statement)
    response = client.post(confirm_url(submission), {"disown": value_of(submission)})
    assert (response.status_code, Endorsement.objects.count()) == (200, 0)
    submission.refresh_from_db()
    assert submission.ended_at is not None


def test_the_managers_page_has_the_toolkit_with_the_organisations_own_code(client, statement):
    endorsement = endorse(statement)
    assert "Spread the word" not in client.get(manage_url(endorsement)).content.decode()
    deciding.approve(endorsement=endorsement)
    organisation = Organisation.objects.get()
    response = client.get(manage_url(endorsement))
    assert response["Cache-Control"] == "no-store"
    context = response.context
    for key in ("share_url", "snippet"):
        assert f"?via={organisation.via}" in context[key]
    words = endorsement.message or f"We support “{statement.title}”. Sign it here, too."
    assert context["form_code"] == (
        f"<p>{escape(words, quote=False)}</p>\n"
        f'<iframe src="http://testserver/embed/{statement.slug}/form/?via={organisation.via}"'
        f' title="{escape(statement.title)}" width="100%" height="900" loading="lazy"></iframe>\n'
        f'<p><a href="http://testserver/statements/{statement.slug}/via/{organisation.via}/">'
        f'<img src="http://testserver/embed/{statement.slug}/badge.svg?via={organisation.via}"'
        f' alt="{escape(statement.title)}" height="32"></a></p>'
    )
    for key in ("image_url", "poster_url", "list_url", "organisation_url", "via_url"):
        path = context[key].removeprefix("http://testserver")
        assert client.get(path).status_code == 200


def test_details_can_be_changed_by_the_link_and_wait_for_a_look(client, statement):
    endorsement = endorse_with_logo(statement)
    deciding.approve(endorsement=endorsement)
    url = manage_url(endorsement) + "details/"
    assert client.post(url, posted(kind="")).status_code == 422
    response = client.post(url, posted(organisation="Lantern East", message="New", no_logo="on"))
    assert response.status_code == 303
    endorsement.refresh_from_db()
    assert (endorsement.state, endorsement.name, endorsement.logo, endorsement.changed_at is not None) == (
        "listed", "Lantern East", None, True
    )  # fmt: skip
    assert Organisation.objects.get().logo is not None
    deciding.approve(endorsement=endorsement)
    assert Organisation.objects.get().logo is None


def test_a_declined_one_has_no_details_to_change(client):
    endorsement = EndorsementFactory()
    deciding.decline(endorsement=endorsement, reason="No.")
    assert client.get(manage_url(endorsement) + "details/").status_code == 404

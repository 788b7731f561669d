"""Never a word of what is not approved, on any public address (SAFETY T17, T18)."""

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from organisations import deciding, endorsing, importers
from petitions.models import Statement
from tests.moments import from_now
from tests.organisations.form import agree, ask, endorse, endorse_with_logo, row

pytestmark = pytest.mark.django_db
CANARY = "Kanarienvogel"


def test_a_logo_is_public_only_while_it_is_listed_and_can_run_nothing(client, statement):
    endorsement = endorse_with_logo(statement)
    url = endorsement.logo.get_absolute_url()
    assert client.get(url).status_code == 404
    deciding.approve(endorsement=endorsement)
    response = client.get(url)
    assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert Image.open(io.BytesIO(response.content)).format == "WEBP"
    Statement.objects.filter(pk=statement.pk).update(hidden_at=timezone.now())
    assert client.get(url).status_code == 404
    Statement.objects.filter(pk=statement.pk).update(hidden_at=None)
    endorsing.withdraw(endorsement_id=endorsement.pk)
    assert client.get(url).status_code == 404


PUBLIC = (
    "/", "/statements/", "/statements/libraries/", "/statements/libraries/count.json",
    "/statements/libraries/organisations/", f"/statements/libraries/organisations/?q={CANARY}",
    "/statements/libraries/organisations/?kind=union_branch", "/statements/libraries/endorse/",
    "/statements/libraries/endorse/form/", "/statements/libraries/motion/", "/statements/libraries/motion.txt",
    "/statements/libraries/signatures/", "/statements/libraries/history/", "/statements/libraries/share/",
    "/statements/libraries/comments/", "/organisations/kanarienvogel/",
    "/statements/libraries/organisations/kanarienvogel.png", "/statements/libraries/organisations/kanarienvogel.pdf",
)  # fmt: skip


def leaks(client: Client) -> list[str]:
    """The public addresses whose answer holds the canary."""
    found = []
    for url in PUBLIC:
        response = client.get(url)
        shown = (
            response.content.decode(errors="replace").replace(f"“<bdi>{CANARY}</bdi>”", "").replace(f'"{CANARY}"', "")
        )
        if CANARY in shown:
            found.append(url)
    return found


@pytest.mark.parametrize("state", ["asked", "waiting", "declined", "withdrawn", "undone", "changed"])
def test_nothing_unapproved_is_on_any_public_address(client, statement, state):
    importers.bring_in(statement=statement, row=row("Eastside Trades Council"))
    first = {"organisation": CANARY, "message": CANARY, "town": CANARY, "contact_name": CANARY, "contact_role": CANARY}
    if state == "changed":
        endorsement = endorse(statement)
        deciding.approve(endorsement=endorsement)
        endorsing.revise(endorsement_id=endorsement.pk, name=CANARY, message=CANARY, town=CANARY, publish_contact=True)
    else:
        submission = ask(statement, publish_contact=True, website="https://kanarienvogel.example", **first)
        endorsement = agree(submission) if state != "asked" else None
        if state == "declined":
            deciding.decline(endorsement=endorsement, reason=CANARY)
        if state in {"withdrawn", "undone"}:
            deciding.approve(endorsement=endorsement)
            assert leaks(client) != []
        if state == "withdrawn":
            endorsing.withdraw(endorsement_id=endorsement.pk)
        if state == "undone":
            deciding.undo(endorsement=endorsement)
    assert leaks(client) == []
    listed = 2 if state == "changed" else 1
    assert client.get("/statements/libraries/count.json").json()["organisations"] == listed
    for name in ("png", "pdf"):
        assert client.get(f"/statements/libraries/organisations/kanarienvogel.{name}").status_code == 404


def test_the_representatives_address_and_unpublished_name_are_nowhere(client, statement):
    endorsement = endorse(statement, contact_name=CANARY, contact_email="kanarienvogel@example.org", message="Hello")
    deciding.approve(endorsement=endorsement)
    page = client.get(endorsement.organisation.get_absolute_url()).content.decode()
    assert ("Hello" in page, CANARY in page, "kanarienvogel@" in page) == (True, False, False)
    assert leaks(client) == []


@pytest.mark.parametrize("change", [{"hidden_at": timedelta(0)}, {"published_at": None}], ids=["hidden", "draft"])
def test_a_statement_that_is_not_public_takes_its_organisations_with_it(client, statement, change):
    organisation = importers.bring_in(statement=statement, row=row("Lantern Union")).organisation
    url = organisation.get_absolute_url()
    assert client.get(url).status_code == 200
    Statement.objects.filter(pk=statement.pk).update(**from_now(change))
    assert client.get(url).status_code == 404
    for path in (
        "organisations/",
        "endorse/",
        "endorse/form/",
        "motion/",
        "motion.docx",
        "organisations/lantern-union.png",
    ):
        assert client.get(f"/statements/libraries/{path}").status_code == (410 if "hidden_at" in change else 404)

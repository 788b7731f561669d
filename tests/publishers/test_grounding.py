"""The ground of the law: chosen with a reason; form, notice, record of consent and a signer's own page follow it."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from core import identity
from core.models import AuditEntry
from integrations.models import Endpoint, EventType
from petitions.models import SignatureSubmission
from petitions.signatures import basis, consent, thanking
from publishers import bases, founding, grounding, reading
from publishers.documents import writing
from publishers.models import Publisher
from submissions import own_links
from submissions.models import ConsentText
from tests.factories import SignatureFactory, StatementFactory
from tests.staff import staff, superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher() -> Publisher:
    return founding.found().publisher


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries")


def choose(publisher, code, **more):
    return grounding.choose(publisher=publisher, basis=code, **{"law": "Petitions Act", "why": "Decided", **more})


def words_of(path: str) -> str:
    return " ".join(Client().get(path).content.decode().split())


CONSENT, MEMBERS, TASK = "you ask us to record that", "You sign as a member of ours", "you petition us, and the law"


@pytest.mark.parametrize(("code", "said"), [(bases.CONSENT, CONSENT), (bases.MEMBERS, MEMBERS), (bases.TASK, TASK)])
def test_the_form_says_it_and_what_is_recorded_is_what_was_shown(publisher, statement, code, said):
    choose(publisher, code, children="Under 13? Ask a parent first.")
    page = words_of("/statements/libraries/")
    assert [one in page for one in (CONSENT, MEMBERS, TASK)] == [one == said for one in (CONSENT, MEMBERS, TASK)]
    sentence = basis.sentence(identity.publisher())
    assert sentence.endswith(". Under 13? Ask a parent first.")
    Client().post("/statements/libraries/sign/", {"name": "Amina", "email": "amina@example.org"})
    kept = SignatureSubmission.objects.get().consent
    assert kept.text.split("\n") == [sentence, *map(str, consent.CHOICES)]
    assert kept.notice == consent.words().notice
    assert consent.words().sentence == sentence


@pytest.mark.parametrize(
    ("code", "articles", "verb"),
    [
        (bases.CONSENT, ["6(1)(a)", "9(2)(a)"], "You can take that back at any time with the link in our emails."),
        (bases.MEMBERS, ["6(1)(f)", "9(2)(d)"], "You can object at any time"),
        (bases.TASK, ["6(1)(e)", "9(2)(g)"], "You can object at any time"),
    ],
)
def test_the_notice_names_its_articles_and_how_to_get_out(publisher, code, articles, verb):
    choose(publisher, code, joint="Lantern Union, post@lantern.example\nHarbour Group", children="Under 13? Ask.")
    notice = words_of("/privacy/")
    others = {"6(1)(f)", "9(2)(d)", "6(1)(e)", "9(2)(g)"} - set(articles)
    assert ([one for one in articles if one not in notice], [one for one in others if one in notice]) == ([], [])
    assert verb in notice
    assert "Together with us, these answer for it: Lantern Union, post@lantern.example; Harbour Group." in notice
    assert "Under 13? Ask." in notice
    assert ("Petitions Act" in notice) == (code == bases.TASK)


def test_what_was_agreed_to_before_keeps_its_words(publisher, statement):
    before = consent.current()
    choose(publisher, bases.MEMBERS)
    after = consent.current()
    assert before != after
    assert CONSENT in ConsentText.objects.get(pk=before).text
    assert MEMBERS in ConsentText.objects.get(pk=after).text


def test_taking_a_signature_off_is_an_objection_then(publisher, statement):
    signature = SignatureFactory(statement=statement)
    assert basis.leaving(identity.publisher()) == "Take my name off"
    choose(publisher, bases.MEMBERS)
    assert basis.leaving(identity.publisher()) == "Object, and take my name off"
    page = words_of(f"/manage/{own_links.token(thanking.MANAGE, signature.pk, signature.link_number)}/")
    assert "Object, and take my name off</button>" in page
    assert "That is your objection to our keeping it" in page


@pytest.mark.parametrize(
    ("code", "more", "refused"),
    [
        (bases.MEMBERS, {"why": " "}, grounding.NoReason),
        (bases.TASK, {"law": " "}, grounding.NoLaw),
    ],
)
def test_without_a_reason_or_a_law_nothing_changes(publisher, code, more, refused):
    with pytest.raises(refused):
        choose(publisher, code, **more)
    publisher.refresh_from_db()
    assert (publisher.basis, AuditEntry.objects.count()) == (bases.CONSENT, 0)


def test_members_are_not_passed_on(publisher):
    hears = [EventType.SIGNATURE_AGREED, EventType.SIGNATURE_WITHDRAWN]
    hook = Endpoint.objects.create(
        url="https://hooks.example.org/a", recipient="Lantern Union", events=hears, may_have_mailbox=True, secret="s"
    )
    with pytest.raises(grounding.PassedOn):
        choose(publisher, bases.MEMBERS)
    Endpoint.objects.filter(pk=hook.pk).update(may_have_mailbox=False)
    assert choose(publisher, bases.MEMBERS).basis == bases.MEMBERS


def test_the_database_knows_no_task_without_a_law_and_no_other_ground(publisher):
    for values in ({"basis": "task"}, {"basis": "whim"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Publisher.objects.filter(pk=publisher.pk).update(**values)


def test_the_documents_say_it_too(publisher):
    choose(publisher, bases.TASK)
    who = reading.identity_of(Publisher.objects.get(pk=publisher.pk))
    told = " ".join(str(getattr(part, "words", "")) for part in writing.named("activities").parts(who))
    assert "Public task: UK GDPR Article 6(1)(e) and, as a signature can reveal opinions, 9(2)(g)." in told
    assert "The law that gives the task: Petitions Act." in told


def test_an_administrator_chooses_it_on_the_desk_and_the_record_says_why(publisher):
    ada = superuser("ada")
    assert ada.get("/admin/legal-ground/").status_code == 200
    typed = {"basis": "members", "law": "", "joint": "Harbour Group", "children": "", "reason": "Committee, 3 May"}
    assert ada.post("/admin/legal-ground/", {**typed, "reason": ""}).status_code == 422
    answer = ada.post("/admin/legal-ground/", typed)
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/data-protection/?of={publisher.slug}")
    publisher.refresh_from_db()
    assert (publisher.basis, publisher.joint_controllers) == ("members", "Harbour Group")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.what, entry.why) == ("Chose the ground of the law: 6(1)(f) and 9(2)(d)", "Committee, 3 May")
    shown = ada.get("/admin/data-protection/").content.decode()
    assert "Members and regular contacts of a not-for-profit (6(1)(f), 9(2)(d))." in " ".join(shown.split())


def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(publisher):
    typed = {"basis": "task", "law": "", "joint": "Harbour Group", "children": "", "reason": "Committee"}
    answer = superuser("ada").post("/admin/legal-ground/", typed)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"law": ["Name the law that gives you the task."]}
    assert "Harbour Group" in answer.content.decode()


def test_an_auditor_reads_and_does_not_choose(publisher):
    auditor = staff("auditor")
    assert "/admin/legal-ground/" not in auditor.get("/admin/data-protection/").content.decode()
    assert [auditor.get("/admin/legal-ground/").status_code, auditor.post("/admin/legal-ground/").status_code] == [
        403
    ] * 2

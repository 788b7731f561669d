"""What the desk refuses is refused on a page of ours, with everything that was typed; a lost session loses nothing."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.models import FormDraft
from petitions.models import Event
from tests.core.test_keeping import Form
from tests.factories import EventFactory, StatementFactory
from tests.staff import staff, superuser

pytestmark = pytest.mark.django_db
TYPED = {"note": "A long and careful note", "reason": "Because"}


def hidden(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))


def test_a_role_that_was_taken_away_loses_no_text():
    answer = staff("mo").post(f"/admin/petitions/statement/{StatementFactory().pk}/hide/", TYPED)
    html = answer.content.decode()
    assert (answer.status_code, "You may not do this" in html, "A long and careful note" in html) == (403, True, True)
    assert "Send it again" not in html


@pytest.mark.parametrize(("site", "may"), [("same-origin", True), ("cross-site", False)])
def test_an_old_token_gives_the_text_back_and_sends_again_only_what_came_from_here(site, may):
    User.objects.create_superuser("carol")
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get())
    statement = StatementFactory()
    url = f"/admin/petitions/statement/{statement.pk}/hide/"
    answer = client.post(url, {**TYPED, "csrfmiddlewaretoken": "x" * 32}, headers={"Sec-Fetch-Site": site})
    html = answer.content.decode()
    assert (answer.status_code, "A long and careful note" in html) == (403, True)
    assert ("Send it again" in html) is may
    if may:
        again = hidden(html)
        assert client.post(url, again, headers={"Sec-Fetch-Site": site}).status_code == 302
        statement.refresh_from_db()
        assert statement.hidden_at


def test_too_much_at_once_is_413_whoever_sends_it(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    carol = superuser("carol")
    body = {"reason": "x" * 2000}
    for client in (carol, Client(enforce_csrf_checks=True)):
        answer = client.post("/admin/petitions/statement/1/hide/", body)
        assert answer.status_code in (403, 413)
    assert "too much at once" in carol.post("/admin/petitions/statement/1/hide/", body).content.decode()


def test_a_database_that_is_away_loses_no_text(monkeypatch):
    def away(**typed):
        raise OperationalError("away")

    carol = superuser("carol")
    monkeypatch.setattr("petitions.admin.statements.assigning.assign", away)
    monkeypatch.setattr("petitions.admin.statements.publishing.write_draft", away)
    add = "/admin/petitions/statement/add/"
    typed = {"title": "Save the baths", "slug": "baths", "kind": "petition", "language": "en", "signed_by": "both"}
    answer = carol.post(add, {**typed, "body": "<p>We, the undersigned</p>"})
    html = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "We, the undersigned" in html
    assert "Send it again" in html


def test_a_lost_session_logs_in_in_place_and_the_text_is_saved():
    carol = superuser("carol")
    User.objects.filter(username="carol").update(password="")
    user = User.objects.get()
    user.set_password("a-very-long-password")
    user.save()
    event = EventFactory(statement=StatementFactory(), title="March")
    carol.force_login(user)
    url = f"/admin/petitions/event/{event.pk}/change/"
    mine = Form(carol, url)
    lost = Client(enforce_csrf_checks=False)
    asked = lost.post(url, {**mine, "title": "Rally"})
    assert (asked.status_code, "Your session has ended" in asked.content.decode()) == (401, True)
    carried = hidden(asked.content.decode())
    wrong = lost.post(url, {**carried, "_again-username": "carol", "_again-password": "wrong"})
    assert (wrong.status_code, "Rally" in wrong.content.decode(), "wrong" in wrong.content.decode()) == (
        401,
        True,
        False,
    )
    done = lost.post(url, {**carried, "_again-username": "carol", "_again-password": "a-very-long-password"})
    event.refresh_from_db()
    assert (done.status_code, event.title) == (302, "Rally")
    assert lost.get(url).status_code == 200


def test_a_lost_session_asks_for_the_second_factor_too(settings):
    settings.SECOND_FACTOR = True
    user = User.objects.create_superuser("carol", password="a-very-long-password")
    device = TOTPDevice.objects.create(user=user, name="Phone", key="11" * 20)
    statement = StatementFactory()
    url = f"/admin/petitions/statement/{statement.pk}/hide/"
    client = Client()
    carried = hidden(client.post(url, {"reason": "A long reason"}).content.decode())
    asked = client.post(url, {**carried, "_again-username": "carol", "_again-password": "a-very-long-password"})
    assert (asked.status_code, "second factor" in asked.content.decode()) == (401, True)
    code = TOTP(device.bin_key).token()
    done = client.post(url, {**hidden(asked.content.decode()), "_again-code": f"{code:06d}"})
    statement.refresh_from_db()
    assert (done.status_code, bool(statement.hidden_at)) == (302, True)


def test_an_autosave_without_a_session_is_told_so_and_a_bare_post_is_led_to_the_log_in():
    event = EventFactory(statement=StatementFactory())
    url = f"/admin/petitions/event/{event.pk}/change/"
    answer = Client().post(url, {"title": "Rally", "_keep": "1"})
    assert (answer.status_code, answer.json()) == (401, {"logged_out": True})
    assert Client().post(url).status_code == 302
    assert FormDraft.objects.count() == 0


def test_who_logs_in_in_place_may_do_no_more_than_their_role():
    User.objects.create_user("nobody", password="a-very-long-password", is_staff=True)
    event = EventFactory(statement=StatementFactory(), title="March")
    url = f"/admin/petitions/event/{event.pk}/change/"
    typed = {"title": "Rally", "_again-username": "nobody", "_again-password": "a-very-long-password"}
    answer = Client().post(url, typed)
    assert (answer.status_code, Event.objects.get().title) == (403, "March")
    assert "Rally" in answer.content.decode()

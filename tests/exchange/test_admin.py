"""Lists that came in, on the desk."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from petitions.models import Signature
from tests.exchange import lists
from tests.staff import superuser

pytestmark = pytest.mark.django_db


def test_a_list_is_taken_back_only_by_whoever_ticked_the_box(statement):
    listed = lists.read("Name;E-Mail;Datum\nAda Long;ada@example.org;04.03.2021\n", statement=statement)
    lists.bring_in(listed)
    carol, address = superuser("carol"), reverse("admin:exchange_import_undo", args=[listed.pk])
    page = carol.get(reverse("admin:exchange_import_change", args=[listed.pk])).text
    assert (f'action="{address}"' in page, 'name="sure" value="1" required' in page) == (True, True)
    said = list(map(str, get_messages(carol.post(address).wsgi_request)))
    assert (said, Signature.objects.count()) == (["Nothing was taken back: tick the box first."], 1)
    carol.post(address, {"sure": "1"})
    assert Signature.objects.count() == 0

"""Our own addresses are those that Django would say."""

from uuid import uuid4

import pytest
from django.urls import NoReverseMatch, reverse

from core.speed import links


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("home", ()),
        ("statement", ("keep-our-libraries-open",)),
        ("statement", ("عرب",)),
        ("comment_report", ("libraries", 12)),
        ("logo", (uuid4(),)),
    ],
)
def test_a_path_is_what_django_would_say(name, args):
    try:
        expected = reverse(name, args=args)
    except NoReverseMatch:
        with pytest.raises(NoReverseMatch):
            links.path(name, *args)
    else:
        assert links.path(name, *args) == expected


@pytest.mark.parametrize(("name", "args"), [("nowhere", ()), ("statement", ()), ("statement", ("a", "b"))])
def test_what_leads_nowhere_is_an_error(name, args):
    with pytest.raises(NoReverseMatch):
        links.path(name, *args)

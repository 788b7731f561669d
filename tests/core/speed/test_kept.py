"""Kept pages are true, small and the same for everybody."""

import gzip

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import RequestFactory
from django.utils import translation

from core.speed import kept


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


class Source:
    """A page that counts how often it was made."""

    def __init__(self):
        self.stamp, self.rendered, self.asked = "1", 0, 0

    def answer(self, fill=None, **headers):
        def stamp():
            self.asked += 1
            if isinstance(self.stamp, Exception):
                raise self.stamp
            return self.stamp

        def render():
            self.rendered += 1
            return f'<p>Version {self.stamp}</p><input name="via" value="">'

        request = RequestFactory().get("/", **headers)
        return kept.keep(request, key="k", stamp=stamp, render=render, fill=fill)


def test_it_is_rendered_once_until_its_stamp_changes():
    source = Source()
    first, second = source.answer(), source.answer()
    assert (first.content, source.rendered) == (second.content, 1)
    source.stamp = "2"
    assert (b"Version 2" in source.answer().content, source.rendered) == (True, 2)


def test_it_is_kept_for_each_language():
    source = Source()
    source.answer()
    with translation.override("cy"):
        source.answer()
    source.answer()
    assert source.rendered == 2


def test_the_stamp_is_not_asked_for_again_while_fresh(settings):
    settings.PAGE_FRESH_SECONDS = 60
    source = Source()
    for _ in range(5):
        source.answer()
    assert (source.asked, source.rendered) == (1, 1)


def test_no_stampede_when_it_changes(settings):
    settings.PAGE_FRESH_SECONDS = 0.0001
    source = Source()
    source.answer()
    source.stamp = "2"
    cache.add("rendering.en-gb.k", 1, 5)
    assert (b"Version 1" in source.answer().content, source.rendered) == (True, 1)


def test_an_unchanged_page_is_304():
    source = Source()
    etag = source.answer()["ETag"]
    again = source.answer(HTTP_IF_NONE_MATCH=etag)
    assert (again.status_code, again.content) == (304, b"")


def test_it_is_packed_once_and_unpacks_to_the_same():
    source = Source()
    packed = source.answer(HTTP_ACCEPT_ENCODING="gzip, br")
    assert (packed["Content-Encoding"], packed["Vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(packed.content) == source.answer().content


def test_a_source_code_is_filled_in_without_another_page():
    source = Source()
    filled = source.answer(fill=(b'name="via" value=""', b'name="via" value="wa"'))
    assert b'name="via" value="wa"' in filled.content
    assert (b'value=""' in source.answer().content, source.rendered) == (True, 1)


def test_while_the_database_is_away_the_page_stays_as_it_was():
    source = Source()
    source.answer()
    source.stamp = OperationalError("no connection")
    assert (b"Version 1" in source.answer().content, source.rendered) == (True, 1)
    asked = source.asked
    assert (b"Version 1" in source.answer().content, source.asked) == (True, asked)


def test_without_a_kept_page_the_trouble_is_told():
    source = Source()
    source.stamp = OperationalError("no connection")
    with pytest.raises(OperationalError):
        source.answer()

"""Countries: which there are, what they are called, and that choosing one costs nobody a list made anew."""

import os
import re
import subprocess
import sys

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from core import countries
from local.environment import ROOT, sealed

OPTION = re.compile(r'<option value="(\w*)"( selected)?>([^<]*)</option>')


def drawn(value: str = "", first: str = "") -> list[tuple[str, str, str]]:
    select = countries.CountrySelect()
    select.first = first
    return OPTION.findall(select.render("country", value, {"id": "id_country"}))


def test_they_are_those_of_iso_3166_and_kosovo():
    known = set(countries.names())
    assert (len(known), "XK" in known) == (249 + 1, True)
    assert known & set("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ UK 001".split()) == set()
    assert {"GB", "FR", "TW", "PS", "VA", "HK", "AX"} <= known


@pytest.mark.parametrize(
    ("language", "named"),
    [("en-gb", "Germany"), ("de", "Deutschland"), ("ar", "ألمانيا"), ("pt-br", "Alemanha"), ("tlh", "Germany")],
)
def test_they_are_called_as_the_reader_calls_them(language, named):
    with translation.override(language):
        assert countries.name("DE") == named


def test_a_code_that_is_none_is_its_own_name():
    assert countries.name("QQ") == "QQ"


def test_they_stand_in_the_order_of_the_alphabet_whatever_their_accents():
    order = list(countries.names())
    assert order[:3] == ["AF", "AX", "AL"]  # Afghanistan, Åland Islands, Albania
    assert order[-1] == "ZW"


@pytest.mark.parametrize(
    ("language", "country"), [("ar", "EG"), ("de", "DE"), ("pt", "BR"), ("eo", ""), ("nonsense", ""), ("", "")]
)
def test_a_language_is_at_home_somewhere(language, country):
    assert countries.home_of(language) == country


@pytest.mark.parametrize(("typed", "kept"), [("FR", "FR"), (" fr ", "FR"), ("", ""), (None, "")])
def test_a_code_is_kept_in_capitals(typed, kept):
    assert countries.CountryField(required=False).clean(typed) == kept


@pytest.mark.parametrize("typed", ["EU", "QQ", "France", "F", "é", "FR\0"])
def test_what_is_no_country_is_refused(typed):
    with pytest.raises(ValidationError, match="Choose a country from the list, or leave it empty"):
        countries.CountryField(required=False).clean(typed)


def test_the_box_begins_with_none_and_the_likely_one_and_has_each_once():
    options = drawn(first="GB")
    assert options[:3] == [("", "", ""), ("GB", "", "United Kingdom"), ("AF", "", "Afghanistan")]
    assert sorted(code for code, _, _ in options) == sorted(["", *countries.names()])
    assert drawn()[:2] == [("", "", ""), ("AF", "", "Afghanistan")]
    assert drawn(first="QQ") == drawn()


@pytest.mark.parametrize("value", ["FR", "GB"])
def test_what_was_chosen_is_marked(value):
    assert [code for code, chosen, _ in drawn(value, first="GB") if chosen] == [value]


@pytest.mark.parametrize("value", ["", None, "QQ", '"><script>', "F"])
def test_what_is_none_marks_nothing_and_is_not_drawn(value):
    html = countries.CountrySelect().render("country", value, {"id": "id_country"})
    assert html == countries.CountrySelect().render("country", "", {"id": "id_country"})


def test_the_element_is_a_select_of_its_name_that_browsers_fill_in():
    html = countries.CountrySelect().render("country", "", {"id": "id_country", "class": "form-control"})
    assert re.match(r"<select[^>]*>", html)[0] == (
        '<select autocomplete="country" class="form-control" id="id_country" name="country">'
    )


def test_the_list_is_put_together_once_for_each_language():
    drawn("FR", first="SE")
    before = countries._options.cache_info()
    drawn("DE", first="SE")
    after = countries._options.cache_info()
    assert (after.misses, after.hits) == (before.misses, before.hits + 1)
    assert after.maxsize == countries._names.cache_info().maxsize == 32


def test_a_web_process_starts_without_the_names():
    code = (
        "import sys; from django.core.wsgi import get_wsgi_application as begin; begin();"
        "import undersigned.urls, petitions.pages.views; print([one for one in sys.modules if one == 'babel'])"
    )
    environment = sealed(
        DATABASE_URL="postgresql:///nowhere?host=/nowhere", DEBUG="1", SECRET_KEY="x" * 60, SITE_NAME="x",
        ORIGIN="http://testserver", CONTACT_EMAIL="post@example.org", EMAIL_URL="smtp://127.0.0.1:9",
        DJANGO_SETTINGS_MODULE="undersigned.settings",
    )  # fmt: skip
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr

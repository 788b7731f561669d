"""Parts of pages: what they take, what they refuse, what they show."""

import re
from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import Context, Template, engines
from django.template.loader import get_template
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from jinja2 import UndefinedError, nodes

from core import components
from core.components import Misspelt
from core.templatetags import ui
from local.environment import ROOT

TALLY = {
    "people": 1284,
    "elsewhere": 0,
    "organisations": 12,
    "percent": 64,
    "next_goal": 2000,
    "goal_reached": False,
    "show_numbers": True,
    "paper": 0,
}


# Asked for by name in Python.
DRAWN_BY_APPS = {"comments", "wall", "voices"}


def draw(source, **context):
    given = {"site": {"off": {}}, **context}
    return re.sub(r"\s+", " ", engines["jinja2"].env.from_string(source).render(given)).strip()


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('{{ component("signed_by") }}', "component signed_by needs tally"),
        ('{{ component("signed_by", tally=t, colour="red") }}', "component signed_by does not take colour"),
    ],
)
def test_a_part_that_is_misspelt_fails(source, message):
    with pytest.raises(Misspelt, match=f"^{re.escape(message)}$"):
        draw(source, t=TALLY)


def test_no_page_misspells_a_part():
    """Also where it is drawn only now and then."""
    jinja, asked = engines["jinja2"].env, 0
    for path in (ROOT / "templates").rglob("*.jinja"):
        for call in jinja.parse(path.read_text()).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "component":
                asked += 1
                components.declared(call.args[0].value).check(call.args[0].value, {given.key for given in call.kwargs})
    assert asked > 80


def test_there_is_no_loud_notice():
    with pytest.raises(Misspelt, match=r"^there is no loud notice$"):
        draw('{% call notice("loud") %}x{% endcall %}')


@pytest.fixture
def write(settings, tmp_path):
    """Components of our own: `write("echo", "{# takes: a #}{{ a }}")`."""
    jinja, django = settings.TEMPLATES
    settings.TEMPLATES = [{**jinja, "DIRS": [tmp_path]}, django]
    (tmp_path / "components").mkdir()
    return lambda name, source: (tmp_path / "components" / f"{name}.jinja").write_text(source)


def test_a_part_sees_what_it_takes_and_the_site(write):
    write("echo", "{# takes: a, b=two #}{{ a }} {{ b }} {{ site.name }}")
    given = {"one": "<one>", "site": {"name": "Eastside"}}
    assert draw('{{ component("echo", a=one) }}', **given) == "&lt;one&gt; two Eastside"
    assert draw('{{ component("echo", a=one, b=one) }}', **given) == "&lt;one&gt; &lt;one&gt; Eastside"


def test_a_part_sees_nothing_else_of_the_page(write):
    write("echo", "{# takes: a #}{{ a }} {{ leak }}")
    with pytest.raises(UndefinedError, match="'leak' is undefined"):
        draw('{{ component("echo", a=leak) }}', leak="leak")


def test_a_method_that_nobody_called_is_no_words(write):
    write("echo", "{# takes: a #}{{ a.copy }}")
    with pytest.raises(Misspelt, match=r"is to be called$"):
        draw('{{ component("echo", a=a) }}', a={"copy": "words"})


def test_a_part_that_declares_nothing_fails(write):
    write("echo", "<p>{{ a }}</p>")
    message = "components/echo.jinja must begin with {# takes: … #}"
    with pytest.raises(Misspelt, match=f"^{re.escape(message)}$"):
        draw('{{ component("echo", a=a) }}', a="a")


@pytest.mark.parametrize(
    ("asked", "message"),
    [("", "component echo needs a"), (", a=1, leak=2", "component echo does not take leak")],
)
def test_a_part_within_a_part_is_checked_too(write, asked, message):
    write("outer", '{# takes: #}{{ component("echo"' + asked + ") }}")
    write("echo", "{# takes: a #}{{ a }}")
    with pytest.raises(Misspelt, match=f"^{message}$"):
        draw('{{ component("outer") }}')


def test_every_component_is_declared_and_used():
    folder = ROOT / "templates"
    written = {path.stem: path.read_text() for path in (folder / "components").iterdir()}
    asked = re.compile(r'\bcomponent\("(\w+)"')
    used = {name for path in folder.rglob("*.jinja") for name in asked.findall(path.read_text())} | DRAWN_BY_APPS
    undeclared = [name for name in written if not written[name].startswith("{# takes:")]
    assert (len(used) > 10, undeclared, written.keys() ^ used) == (True, [], set())


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, "1,284 people and 12 organisations have signed 64% Next goal: 2,000"),
        ({"organisations": 1}, "1,284 people and 1 organisation have signed 64% Next goal: 2,000"),
        ({"organisations": 0}, "1,284 people have signed 64% Next goal: 2,000"),
        (
            {"goal_reached": True, "next_goal": 5000},
            "1,284 people and 12 organisations have signed 64% Goal reached – now 5,000",
        ),
        ({"people": 7, "show_numbers": False}, "Be one of the first to sign"),
    ],
)
def test_the_count_says_what_is_so(changes, shown):
    assert words(draw('{{ component("count_bar", tally=tally) }}', tally={**TALLY, **changes})) == shown


@pytest.mark.parametrize(
    ("people", "show_numbers", "shown"),
    [(2310, True, "2,310 people have signed"), (1, False, "1 person signed"), (7, False, "7 people signed")],
)
def test_a_closed_count_asks_for_nothing(people, show_numbers, shown):
    tally = {**TALLY, "people": people, "organisations": 0, "show_numbers": show_numbers}
    assert words(draw('{{ component("count_bar", tally=tally, is_open=no) }}', tally=tally, no=False)) == shown


def test_the_bar_has_a_name_and_a_value():
    shown = draw('{{ component("count_bar", tally=tally) }}', tally=TALLY)
    assert '<progress value="64" max="100" aria-label="Progress to the goal">' in shown


class Form(forms.Form):
    """A form that can go wrong in each way."""

    name = forms.CharField(label="Name", error_messages={"required": "Enter your name"})
    how = forms.ChoiceField(
        label="How", choices=[("a", "A")], widget=forms.RadioSelect, error_messages={"required": "Choose how"}
    )
    agree = forms.BooleanField(required=False, label="Agree")
    website_2 = forms.CharField(required=False, label="Trap")

    def clean(self):
        if self.data.get("name") == "nobody":
            raise forms.ValidationError("Nobody cannot sign")


def test_problems_lead_to_their_fields():
    assert components.problems(Form({})) == [("id_name", "Enter your name"), ("id_how_0", "Choose how")]


def test_a_problem_of_the_whole_form_leads_nowhere():
    shown = draw('{{ component("error_summary", form=form) }}', form=Form({"name": "nobody", "how": "a"}))
    assert "<li>Nobody cannot sign</li>" in shown


def test_the_summary_takes_the_focus_and_links_to_each_field():
    shown = draw('{{ component("error_summary", form=form) }}', form=Form({}))
    assert '<div class="problem" role="alert" tabindex="-1" autofocus>' in shown
    assert re.findall(r'<a href="#(\w+)">([^<]+)', shown) == [
        ("id_name", "Enter your name"),
        ("id_how_0", "Choose how"),
    ]


def test_there_is_no_summary_without_a_problem():
    assert draw('{{ component("error_summary", form=form) }}', form=Form({"name": "A", "how": "a"})) == ""


def test_what_was_typed_is_kept_but_boxes_and_traps_are_not_words():
    filled = Form({"name": "Amina", "how": "a", "agree": "on", "website_2": "x"})
    assert components.typed(filled) == [("Name", "Amina"), ("How", "a")]


def test_a_notice_escapes_what_is_put_in():
    shown = draw('{% call notice("done") %}<p>{{ name }}</p>{% endcall %}', name="<b>")
    assert shown == '<div class="notice notice-done"><p>&lt;b&gt;</p></div>'


def test_a_time_of_day_stays_together():
    assert components.nbsp("1:30 p.m.") == "1:30\u00a0p.m."


def test_a_time_for_machines_has_no_split_seconds():
    time = datetime(2026, 7, 1, 12, 0, 5, 123456, tzinfo=UTC)
    assert (components.iso(time), components.iso(None)) == ("2026-07-01T13:00:05+01:00", "")


LATE = datetime(2026, 5, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "pattern"),
    [(LATE, "j F Y"), (LATE, "l j F Y, P"), (LATE, "j F Y, H:i"), (date(2026, 12, 6), "j F Y"), (None, "j F Y")],
)
def test_a_date_is_said_as_in_djangos_templates(time, pattern):
    theirs = Template(f"{{{{ time|date:'{pattern}' }}}}").render(Context({"time": time}))
    assert draw(f"{{{{ time|date('{pattern}') }}}}", time=time) == theirs


def test_a_date_is_said_in_the_readers_language():
    with translation.override("cy"):
        assert draw("{{ time|date('j F Y') }}", time=date(2026, 12, 6)) == "6 Rhagfyr 2026"


def test_a_sentence_is_as_it_is_and_what_is_filled_in_is_escaped():
    source = '{{ _("You\'ve <b>signed</b>") }} {% trans name=name %}for {{ name }}{% endtrans %} {{ _("100%%") }}'
    assert draw(source, name="<i>") == "You've <b>signed</b> for &lt;i&gt; 100%"


def test_a_sentence_is_said_in_the_readers_language():
    with translation.override("cy"):
        assert draw('{{ _("Yes") }}') == gettext("Yes") != "Yes"


def test_a_field_keeps_its_own_class():
    form = Form()
    form.fields["name"].widget.attrs["class"] = "short"
    assert re.search(r'class="([^"]+)"', ui.dressed(form["name"]))[1] == "form-control short"
    assert isinstance(ui.dressed(form["name"]), SafeString)


@pytest.mark.parametrize("name", ["forms/field.html", "admin/index.html", "emails/confirm.txt"])
def test_the_end_of_a_name_says_which_engine_draws_it(name):
    assert type(get_template(name).backend).__name__ == "DjangoTemplates"
    assert type(get_template("base.jinja").backend).__name__ == "Jinja2"


def test_lines_are_paragraphs_and_escaped():
    assert draw("{{ a|linebreaks }}", a="One <b>\nTwo") == "<p>One &lt;b&gt;<br>Two</p>"

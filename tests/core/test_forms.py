"""The house's form: what it takes, what it says, and what it looks like to a machine that reads it aloud."""

import re
import time

import pytest
from django import forms

from core import spam
from core.forms import AddressField, HouseForm, PersonNameField

LONGEST = "a" * 64 + "@" + ".".join(["b" * 61] * 3) + ".org"


class Form(HouseForm):
    """One field of each kind."""

    name = PersonNameField(label="Full name", help_text="As you want it to appear.")
    email = AddressField(label="Email")
    how = forms.ChoiceField(label="How", choices=[("a", "One way"), ("b", "Another")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="I agree", help_text="You can change your mind.", required=False)


def form(**data):
    typed = {"name": "Amina Yusuf", "email": "amina@example.org", "how": "a", **data}
    return Form(typed, scope="test.1")


def html(filled):
    return str(filled.drawn)


def errors(**data):
    return {field: list(messages) for field, messages in form(**data).errors.items()}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Amina Yusuf", "Amina Yusuf"),
        ("  Amina  Yusuf ", "Amina Yusuf"),
        ("Þóra Jónsdóttir", "Þóra Jónsdóttir"),
        ("O’Brien-Smith", "O’Brien-Smith"),
        ("李伟", "李伟"),
        ("محمد", "محمد"),
        ("Amina Y", "Amina Y"),
        ("=SUM(A1)", "=SUM(A1)"),
        ("@amina", "@amina"),
        ("x" * 255, "x" * 255),
        ("\u202eAmina\u202c", "Amina"),
        ("Amina\nYusuf", "Amina Yusuf"),
        ("Amina\x00", "Amina"),
        ("12345", "12345"),
        ("x" * 255 + "\u200b", "x" * 255),
    ],
)
def test_a_name_is_kept_as_a_person_writes_it(name, kept):
    filled = form(name=name)
    assert (filled.errors, filled.cleaned_data["name"]) == ({}, kept)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "Enter your full name"),
        ("   ", "Enter your full name"),
        ("\u202e\u200b", "Enter your full name"),
        ("x" * 256, "Your name must be 255 characters or fewer"),
    ],
)
def test_a_name_is_refused_with_a_reason(name, message):
    assert errors(name=name) == {"name": [message]}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a+b@example.co.uk", "a+b@example.co.uk"),
        ("Amina@EXAMPLE.org ", "Amina@example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("amina@bücher.example", "amina@bücher.example"),
        (LONGEST, LONGEST),
    ],
)
def test_an_address_is_taken_by_its_form_alone(typed, kept):
    filled = form(email=typed)
    assert (filled.errors, filled.cleaned_data["email"]) == ({}, kept)


def test_the_longest_address_is_the_longest_there_may_be():
    assert len(LONGEST) == 254


def test_what_is_no_address_is_refused_with_the_reason():
    assert errors(email="amina") == {"email": ["An email address has an @ in it, like name@example.com"]}
    assert errors(email="x" + LONGEST) == {
        "email": ["Check the address: the part before the @ is longer than 64 characters"]
    }


@pytest.mark.parametrize("typed", ["", "  ", "\u200b"])
def test_an_empty_address_is_asked_for(typed):
    assert errors(email=typed) == {"email": ["Enter your email address"]}


@pytest.mark.parametrize(
    ("data", "flags"),
    [
        ({}, set()),
        ({"website_2": "buy"}, {"honeypot"}),
        ({"stamp": "junk"}, {"forged_stamp"}),
        ({"website_2": "buy", "stamp": "junk"}, {"honeypot", "forged_stamp"}),
        ({"website_2": "\0" * 999, "stamp": "\0"}, {"honeypot", "forged_stamp"}),
        ({"name": "http://spam.example"}, {"link"}),
        ({"name": "Amina spam.com", "website_2": "buy"}, {"honeypot", "link"}),
        ({"name": "..."}, {"no_letter"}),
        ({"name": "M\u0430ria"}, {"mixed"}),
        ({"name": "Z\u0335\u0321\u0327\u0322\u0328"}, {"piled"}),
    ],
)
def test_robots_and_odd_names_give_themselves_away_and_are_not_refused(data, flags):
    filled = form(**data)
    assert (filled.is_valid(), filled.flags) == (True, flags)


def test_a_form_that_comes_back_at_once_was_not_typed(monkeypatch):
    moment = 1_800_000_000
    monkeypatch.setattr(time, "time", lambda: moment)
    given = spam.stamp("test.1")
    assert (form(stamp=given).flags, form(stamp=spam.stamp("test.2")).flags) == ({"too_fast"}, {"forged_stamp"})


def test_a_fresh_form_carries_a_stamp_of_its_own():
    value = re.search(r'name="stamp" value="([^"]+)"', html(Form(scope="test.1")))[1]
    assert value == spam.stamp("test.1")


def test_a_refused_form_keeps_the_stamp_it_came_with():
    assert 'name="stamp" value="as-it-was"' in html(form(name="", stamp="as-it-was"))


def test_what_describes_a_field_is_on_the_page():
    page = html(form(name="", email="amina@", how="", website_2=""))
    described = set(" ".join(re.findall(r'aria-describedby="([^"]+)"', page)).split())
    ids = set(re.findall(r' id="([^"]+)"', page))
    assert described - ids == set()
    assert {"id_name_helptext", "id_name_error", "id_email_error", "id_how_error", "id_agree_helptext"} <= described


def test_hints_and_errors_stand_before_the_box():
    page = html(form(name=""))
    places = [
        page.index(text)
        for text in ("Full name<", "As you want it", "Enter your full name", '<input type="text" name="name"')
    ]
    assert places == sorted(places)


def test_the_browser_is_asked_to_judge_nothing():
    assert re.findall(r"\srequired\b|placeholder", html(Form(scope="test.1"))) == []


def test_the_trap_is_no_stop_for_people():
    trap = re.search(r'<div class="trap".*?</div>', html(Form(scope="test.1")), re.DOTALL)[0]
    assert [text in trap for text in ('aria-hidden="true"', 'tabindex="-1"', 'autocomplete="off"')] == [True] * 3


@pytest.mark.parametrize(
    "attribute",
    ['type="email"', 'autocomplete="email"', 'spellcheck="false"', 'autocapitalize="none"'],
)
def test_phones_know_what_to_offer_for_an_address(attribute):
    assert attribute in re.search(r'<input[^>]*name="email"[^>]*>', html(Form(scope="test.1")))[0]


def test_no_browser_cuts_off_what_is_pasted_around_an_address():
    assert "maxlength" not in re.search(r'<input[^>]*name="email"[^>]*>', html(Form(scope="test.1")))[0]


def test_phones_know_what_to_offer_for_a_name():
    assert 'autocomplete="name"' in re.search(r'<input[^>]*name="name"[^>]*>', html(Form(scope="test.1")))[0]


class Asking(HouseForm):
    """A form whose words depend on whom it asks."""

    agree = forms.BooleanField(required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, label, **kwargs):
        super().__init__(*args, scope="test.2", **kwargs)
        self.fields["agree"].label = label


def test_an_empty_form_is_drawn_once_for_each_wording():
    words = [
        re.findall(r"<label[^>]*>([^<]+)|name=\"version\" value=\"(\d*)", html(Asking(label=label, initial=initial)))
        for label, initial in (("Agree", {"version": 1}), ("Sign", {"version": 2}), ("Agree", {"version": 3}))
    ]
    trap = ("Leave this empty", "")
    assert words == [
        [("Agree", ""), trap, ("", "1")],
        [("Sign", ""), trap, ("", "2")],
        [("Agree", ""), trap, ("", "3")],
    ]


@pytest.mark.parametrize("speed", [True, False])
@pytest.mark.parametrize("typed", [None, {}, {"name": "A", "email": "amina@", "stamp": "as-it-was", "website_2": "x"}])
def test_it_is_drawn_and_judged_the_same_without_speed(settings, monkeypatch, speed, typed):
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000)
    settings.SPEED = True
    fast = form(**typed) if typed is not None else Form(scope="test.1")
    expected = (html(fast), fast.errors, getattr(fast, "cleaned_data", None))
    settings.SPEED = speed
    again = form(**typed) if typed is not None else Form(scope="test.1")
    assert (html(again), again.errors, getattr(again, "cleaned_data", None)) == expected


def test_a_field_that_one_form_changes_stays_as_it_was_for_the_next():
    Form(scope="test.1")["name"].field.widget.attrs["class"] = "changed"
    assert 'class="changed"' not in html(Form(scope="test.1"))
    assert "class" not in Form.base_fields["name"].widget.attrs


def test_what_one_person_typed_is_not_drawn_for_the_next():
    assert 'value="Amina Yusuf"' in html(form(email="nonsense"))
    assert "Amina Yusuf" not in html(Form(scope="test.1"))


def test_each_empty_form_carries_its_own_stamp():
    drawn = html(Form(scope="test.1")), html(Form(scope="other.1"))
    stamps = [re.search(r'name="stamp" value="([^"]+)"', page)[1] for page in drawn]
    # Only the scope is judged here; whether it is too fast depends on when in its ten minutes a stamp was made.
    assert [spam.judge("test.1", stamp) == "forged_stamp" for stamp in stamps] == [False, True]

"""Whatever is posted to a public door, and whatever is written into an address: an answer, never a 500."""

import random

import pytest
from django.test import Client
from django.urls import get_resolver

from core import tokens
from petitions.signatures import optional, thanking
from submissions.confirm_views import CONFIRM
from tests.asking import ask, confirm_url, sign
from tests.factories import CommentFactory, StatementFactory

pytestmark = pytest.mark.django_db

WILD = [
    "",
    " ",
    "x",
    "0",
    "-1",
    "1" * 40,
    "1e9",
    "NaN",
    "\x00",
    "a\x00b",
    "\ud7ff",
    "\ufeff",
    "\u202e" * 3,
    "\u200b",
    "🏴\U000e0067\U000e0062",
    "é" * 300,
    "a" * 70_000,
    "<script>",
    "' OR 1=1 --",
    "%s %(x)s %",
    "{{ 7 }}",
    "../../etc",
    "a@b",
    "a@example.org",
    "amina@example.org, bo@example.org",
    "@",
    "a@" + "b" * 300 + ".org",
    "é@dæmi.is",
    "on",
    "1.1",
    "1.ffffffffffffffffffff",
    "１.１",
    "9.1",
    "1.1.second",
    ".",
    "1." * 50,
    "2026-01-01",
    "0001-01-01T00:00:00+23:59~1",
    "9999-12-31T23:59:59-23:59~9",
    "\r\nBcc: x@example.org",
    "\x0b\x0c\x85",
    "null",
    "[]",
    '{"a": 1}',
]
FIELDS = [
    "name",
    "email",
    "email_choice",
    *optional.NAMES,
    "show_name",
    "email_updates",
    "via",
    "version",
    "k",
    "action",
    "code",
    "agree",
    "disown",
    "stop",
    "body",
    "parent",
    "reason",
    "after",
    "q",
    "url",
    "page",
    "sort",
    "kind",
    "organisation",
    "website",
    "contact_name",
    "contact_role",
    "contact_email",
    "agreed_how",
    "agreed_on",
    "message",
    "n",
    "maxwidth",
    "format",
    "t",
    "stamp",
    "also_sign",
    "sign",
    "town",
    "author_name",
    "author_email",
    "words",
]


def doors() -> list[str]:
    """The addresses of all public pages, with what they are about still to be filled in."""
    found = []
    for pattern in get_resolver().url_patterns:
        inner = pattern.url_patterns if hasattr(pattern, "url_patterns") else [pattern]
        for one in inner:
            deeper = one.url_patterns if hasattr(one, "url_patterns") else [one]
            found += [
                str(pattern.pattern) * (one is not pattern) + str(one.pattern) * (deeper != [one]) + str(last.pattern)
                for last in deeper
                if not str(pattern.pattern).startswith("admin")
            ]
    return ["/" + one for one in dict.fromkeys(found)]


class Guesser:
    """Fills addresses and forms with what nobody ought to write there, and now and then with what is right."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.statement = StatementFactory(**dict.fromkeys(optional.SWITCHES, True))
        self.comment = CommentFactory(statement=self.statement)
        self.waiting = ask(self.statement)
        self.signature = sign(self.statement, "bo@example.org")
        self.token = confirm_url(self.waiting).split("/")[2]
        page = Client().post(f"/statements/{self.statement.slug}/sign/", {"name": "Cy", "email": "cy@example.org"})
        self.k = page["Location"].split("k=")[1]

    def wild(self) -> str:
        found = self.chance.choice(WILD)
        return (
            found if self.chance.random() < 0.9 else "".join(chr(self.chance.randrange(1, 0xD7FF)) for _ in range(40))
        )

    def forged(self) -> str:
        whole = self.chance.choice(
            [
                self.token,
                tokens.make_token(thanking.MANAGE, self.signature.pk),
                self.k,
                tokens.make_token(CONFIRM, 1, 2**40),
                tokens.make_token(CONFIRM, 99, 1),
                tokens.make_token("nothing", 1),
                tokens.make_token(thanking.THANKS, 7, 7, 7),
            ]
        )
        cut = self.chance.randrange(len(whole))
        return self.chance.choice(
            [whole, whole[:cut], whole + "x", whole[:cut] + "A" + whole[cut + 1 :], whole.upper()]
        )

    def value(self, name: str) -> str:
        right = {
            "k": self.forged(),
            "name": "Amina",
            "email": "amina@example.org",
            "action": self.chance.choice(["code", "resend", "change", "withdraw", "show", "start", "stop"]),
            "code": "123456",
            "agree": f"1.{self.waiting.pk:x}",
        }
        return right[name] if name in right and self.chance.random() < 0.4 else self.wild()

    def fields(self) -> dict[str, object]:
        names = self.chance.sample(FIELDS, self.chance.randrange(0, 14))
        return {name: self.value(name) if self.chance.random() < 0.95 else [self.wild(), self.wild()] for name in names}

    def address(self, door: str) -> str | None:
        numbers = {"<int:pk>": self.chance.choice(["1", "0", str(self.comment.pk), "9" * 12, "9" * 30])}
        slugs = {"<slug:slug>": self.chance.choice([self.statement.slug] * 6 + ["nothing", "-", "_"])}
        found = door
        for part, value in {**numbers, **slugs, "<str:token>": self.forged().replace("/", "")}.items():
            found = found.replace(part, value)
        return None if "<" in found or "?P" in found else found.replace("\\", "").replace("^", "").replace("$", "")


@pytest.mark.parametrize("seed", range(3))
def test_no_guess_is_answered_by_an_error(seed, settings):
    """Exceptions reach the test by themselves; the answers are of those that pages have."""
    guesser, client = Guesser(seed), Client()
    ways = [door for door in doors() if guesser.address(door)]
    assert {"/statements/<slug:slug>/sign/", "/mine/", "/embed/<slug:slug>/form/"} <= set(ways)
    for number in range(250):
        door = ways[number % len(ways)] if number < len(ways) else guesser.chance.choice(ways)
        address, fields = guesser.address(door), guesser.fields()
        ask = client.post if guesser.chance.random() < 0.6 else client.get
        answer = ask(address, fields)
        assert answer.status_code != 500, (address, fields)


def test_a_body_that_is_no_form(settings):
    guesser, client = Guesser(7), Client()
    for door in ("/statements/{}/sign/", "/embed/{}/form/", "/statements/{}/check-email/"):
        path = door.format(guesser.statement.slug)
        for body, kind in [
            (b"\xff\xfe", "application/x-www-form-urlencoded"),
            (b"{", "application/json"),
            (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
            (b"name=%FF%00", "text/plain"),
            (b"name=%FF%00&email=%C3", "application/x-www-form-urlencoded"),
            (b"", ""),
        ]:
            assert client.post(path, body, content_type=kind).status_code != 500

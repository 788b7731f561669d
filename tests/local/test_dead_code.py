"""What nothing uses is found, and what is used where vulture does not look is left alone."""

import pytest

from local import dead_code

CODE = '''
from django.contrib.admin import ModelAdmin
from django.db.models import TextChoices


class Rows(ModelAdmin):
    list_display = ["shown", "asked__deep"]
    forgotten = 1

    def shown(self, row):
        return row

    def mislaid(self):
        """Not even shown."""


class Kind(TextChoices):
    ONE = "one"


@registered
def called():
    column_of_sql, asked, deep, drawn = 1, 2, 3, 4
    return "SELECT column_of_sql FROM there"


def lost() -> "Rows":
    return Kind
'''


@pytest.fixture
def code(tmp_path, monkeypatch):
    (tmp_path / "code.py").write_text(CODE)
    monkeypatch.setattr(dead_code, "CODE", [str(tmp_path)])
    monkeypatch.setattr(dead_code, "REGISTER", ["registered"])
    monkeypatch.setattr(dead_code, "words_of_templates", lambda: iter(["drawn"]))
    monkeypatch.setattr(dead_code, "KEPT", {"lost": "for the test"})


def test_what_nothing_uses_is_found(code):
    assert sorted(item.name for item in dead_code.unused()) == ["forgotten", "lost", "mislaid"]


def test_what_is_kept_is_not_told_and_a_stale_reason_is(code, capsys, monkeypatch):
    assert dead_code.main() == 1
    assert [line.split("'")[1] for line in capsys.readouterr().out.splitlines()] == ["forgotten", "mislaid"]
    monkeypatch.setattr(dead_code, "KEPT", {"lost": "", "forgotten": "", "mislaid": "", "shown": "no more"})
    assert (dead_code.main(), capsys.readouterr().out) == (1, "shown: KEPT has to keep it no more\n")
    del dead_code.KEPT["shown"]
    assert (dead_code.main(), capsys.readouterr().out) == (0, "")


def test_templates_use_what_stands_in_their_tags():
    assert {"statement", "csrf_token"} <= set(dead_code.words_of_templates())

"""Every sentence for people can be translated: it is marked, in templates and in code, and made of no pieces."""

import ast
import fnmatch
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.environment import ROOT
from tests import marking

CODE = ["api", "comments", "core", "exchange", "integrations", "mail", "organisations", "petitions", "publishers"]
CODE += ["submissions", "undersigned"]
TEMPLATES = {".jinja", ".html", ".txt"}

# What stays in one language, and why.
ONE_LANGUAGE = {
    "*/migrations/*": "what the database was told once",
    "*/management/commands/*": "the command line speaks to whoever runs the site, as its logs and settings do",
    "undersigned/operations/*": "the same",
    "undersigned/environment/*": "the same, before any language is known",
    "core/backups/*": "the same",
    "core/welcome.py": "the same: the command that makes the first administrator",
    "*/checks.py": "Django's checks, on the command line",
    "*/schema.py": "SQL",
    "core/tls.py": "said before settings are right, to whoever sets the site up",
    "core/watching.py": "names of numbers, for Prometheus",
    "core/health.py": "for programs that watch",
    "core/audit.py": "the record is kept in one language, whoever reads it",
    "api/*": "one description for programs, which compare its words, and their problems (RFC 9457)",
    "integrations/fediverse/receiving.py": "answers to servers, in English as all of ActivityPub",
    "integrations/fediverse/signing.py": "the same",
    "integrations/fediverse/views.py": "the same",
    "mail/outbound/*": "kept with the request that failed, and in the log",
    "exchange/archive/layout.py": "written into an archive, for whoever reads it anywhere",
    "comments/akismet.py": "kept with the comment, as the reason why it waits",
    "*/personal.py": "the register: docs/personal-data.md and what a person is given are written from it",
}
# Single texts of files that are marked otherwise.
NO_SENTENCES = {
    "comments/posting.py": {"Withdrawn by its writer": "kept with the comment"},
    "core/http.py": {"Internal Server Error": "the name of the status"},
    "exchange/sources.py": dict.fromkeys(("Change.org", "Action Network", "Google Forms"), "the name of a product"),
    "exchange/packs/collecting.py": {"The text that people signed": "a message of the catalogue, looked up there"},
    "exchange/packs/word.py": dict.fromkeys(
        ("List Bullet", "List Number", "Table Grid"), "the name of a style in Word"
    ),
    "integrations/newsletters/connectors/civicrm.py": {"Agreed to mail": "the name of a group at CiviCRM"},
    "integrations/newsletters/models.py": {"Action Network": "the name of a product"},
    "mail/inbox.py": dict.fromkeys(("Yahoo Mail", "Proton Mail"), "the name of a product"),
    "petitions/news/updates.py": {"Mailed to {}, not to {}{}": "a line of the record"},
    "petitions/statements/publishing.py": {"Corrected the {}, version {}": "a line of the record"},
    "petitions/travel/embeds.py": {"Only JSON is written here.": "for programs (oEmbed)"},
    "submissions/requests.py": {
        "Gave a person all that we have of them": "a line of the record",
        "Erased one thing at a person’s request": "a line of the record",
        "Erased all of a person at their request": "a line of the record",
        "Corrected something at a person’s request": "a line of the record",
    },
    "publishers/look.py": {'"U {}","U other","U {} local"': "SQL"},
    "undersigned/settings.py": {"Eastside Campaign": "the publisher of the demo, from the settings"},
    "templates/admin/publishers/documents.html": {"PDF": "the name of a format"},
    "templates/admin/exchange/pack/change.html": {"SHA-256": "the name of a hash"},
    "templates/exchange/pack.jinja": {"SHA-256": "the name of a hash"},
    "templates/petitions/history.jinja": {"SHA-256": "the name of a hash"},
}
# Still to be marked. A file without an unmarked sentence may not stand here.
BUSY = "others work on it"
LEFT = {
    "exchange/archive/loading.py": BUSY,
    "integrations/newsletters/connectors/__init__.py": BUSY,
    "integrations/newsletters/connectors/action_network.py": BUSY,
    "integrations/newsletters/handing.py": BUSY,
    "integrations/newsletters/keeping.py": BUSY,
    "integrations/notices/keeping.py": BUSY,
    "integrations/oidc/provider.py": BUSY,
    "petitions/news/models.py": BUSY,
}


def _files() -> Iterator[Path]:
    for folder in CODE:
        yield from sorted((ROOT / folder).rglob("*.py"))
    yield from sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in TEMPLATES)


def _unmarked(path: Path) -> list[tuple[int, str]]:
    name = str(path.relative_to(ROOT))
    if any(fnmatch.fnmatch(name, pattern) for pattern in ONE_LANGUAGE):
        return []
    spared = NO_SENTENCES.get(name, {})
    return [(line, words) for line, words in marking.in_file(path) if words not in spared]


@pytest.fixture(scope="module")
def unmarked() -> dict[str, list[tuple[int, str]]]:
    """What is unmarked in each file that has any."""
    return {str(path.relative_to(ROOT)): found for path in _files() if (found := _unmarked(path))}


def test_every_sentence_is_marked(unmarked):
    """Wrap it: `_("…")`, `{% trans %}`, `{% translate %}`, ngettext for numbers; whole, with named places."""
    found = [f"{name}:{line} {words}" for name, lines in unmarked.items() if name not in LEFT for line, words in lines]
    assert found == []


def test_what_is_left_is_really_left(unmarked):
    assert [name for name in LEFT if name not in unmarked] == []


def test_each_exception_is_needed():
    names = [str(path.relative_to(ROOT)) for path in _files()]
    assert [pattern for pattern in ONE_LANGUAGE if not fnmatch.filter(names, pattern)] == []
    found = {name: {words for _, words in marking.in_file(ROOT / name)} for name in NO_SENTENCES}
    assert [(name, words) for name, spared in NO_SENTENCES.items() for words in spared.keys() - found[name]] == []


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ('<p>{{ _("Hello") }}</p>', []),
        ("<p>Hello</p>", [(1, "Hello")]),
        ("<p>{% trans %}Hello{% endtrans %} Anna</p>", [(1, "Anna")]),
        ("{% blocktranslate %}Hello{% endblocktranslate %}\n<b>you</b>", [(2, "you")]),
        ('<img alt="A map">', [(1, 'alt="A map"')]),
        ('<input type="submit" value="Send"><input value="Anna">', [(1, 'value="Send"')]),
        ('{{ component("pager", next_label="Next page") }}', [(1, '"Next page"')]),
        ('{{ component("pager", next_label=_("Next page")) }}', []),
        ('{% include "x.html" with label="Send it" %}', [(1, '"Send it"')]),
        ("{{ number }} {{ number|pluralize }}", [(1, "|pluralize")]),
        ("{# not shown #}<code>pip install</code><script>let words = 1</script>", []),
        ("{% block bodyclass %}{{ block.super }} decision{% endblock %}", []),
    ],
)
def test_finds_words_in_a_template(template, found):
    assert marking.in_template(template, is_mail=False) == found


def test_finds_words_in_a_mail_of_plain_text():
    text = '{% load i18n %}{% translate "Hello," %}\n\nWe write.\n{{ url }}#comments\n'
    assert marking.in_template(text, is_mail=True) == [(3, "We write.")]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('messages.success(request, "It is kept.")', ["It is kept."]),
        ('messages.success(request, _("It is kept."))', []),
        ('messages.success(request, f"{number} are kept.")', ["{} are kept."]),
        ('messages.success(request, _("%(n)d kept.") % {"n": 1})', []),
        ('name = CharField(label="Name")', ["Name"]),
        ('class Meta:\n    verbose_name = "endorsement"', ["endorsement"]),
        ('"""Explains the module."""', []),
        ('raise ValueError("This is no name.")', []),
        ('raise ValidationError("This is no name.")', ["This is no name."]),
        ('logger.info("Sent it to nobody.")', []),
        ('audit.record(by=by, what="Closed the comments")', []),
        ('cursor.execute("SELECT name FROM people")', []),
        ('if said == "Never heard of it.": pass', []),
        ('KEYS = [Key("a", "Approve", action="approve")]', ["Approve"]),
    ],
)
def test_finds_sentences_in_code(code, found):
    assert [marking.words_of(node) for node in marking.in_code(ast.parse(code))] == found

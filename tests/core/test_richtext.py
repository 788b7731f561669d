"""Rich text is clean in the database whichever way it was written."""

import re
from collections.abc import Callable

import pytest

from core.richtext import clean_html, mail_text, plain_text, words
from petitions.models import Statement, Version
from tests.factories import StatementFactory

HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example>x</sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><circle/></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object><embed src='javascript:alert(1)'>",
    "<form action='https://evil.example'><input name=email><button>Sign</button></form>",
    "<p style='position:fixed;inset:0' class='btn' id='sign'>x</p>",
    "<p onmouseover='alert(1)'>x</p>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' &#106;avascript:alert(1)'>x</a>",
    "<a href='java&#x0A;script:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<a href='/admin/'>x</a>",
    "<a href='https://example.org' target='_blank' onclick='alert(1)'>x</a>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<base href='https://evil.example/'><meta http-equiv=refresh content='0;url=//evil.example'>",
    "<template><script>alert(1)</script></template>",
    "<details open ontoggle=alert(1)>x</details>",
    "<p>unclosed <strong>bold <em>both",
]
TAGS = ["p", "br", "strong", "em", "h2", "h3", "ul", "ol", "li", "blockquote"]
ALLOWED = re.compile(
    rf'</?({"|".join(TAGS)})>|<ol( start="\d+")?( type="[1aAiI]")?>'
    r'|<a( href="(https?://|mailto:)[^"\s]*")? rel="noopener nofollow">|</a>'
)


def foreign(html: str) -> list[str]:
    """The tags in `html` that are not on our list."""
    return [tag for tag in re.findall(r"<[^>]*>", html) if not ALLOWED.fullmatch(tag)]


def by_create(html: str) -> str:
    return Statement.objects.create(title="x", slug="x", preface=html).preface


def by_save(html: str) -> str:
    statement = StatementFactory()
    statement.preface = html
    statement.save()
    return statement.preface


def by_save_of_one_field(html: str) -> str:
    statement = StatementFactory()
    statement.preface = html
    statement.save(update_fields=["preface"])
    return statement.preface


def by_update(html: str) -> str:
    statement = StatementFactory()
    Statement.objects.filter(pk=statement.pk).update(preface=html)
    return Statement.objects.get(pk=statement.pk).preface


def by_bulk_create(html: str) -> str:
    Statement.objects.bulk_create([Statement(title="x", slug="x", preface=html)])
    return Statement.objects.get(slug="x").preface


def by_bulk_update(html: str) -> str:
    statement = StatementFactory()
    statement.preface = html
    Statement.objects.bulk_update([statement], ["preface"])
    return Statement.objects.get(pk=statement.pk).preface


def by_update_or_create(html: str) -> str:
    statement = StatementFactory(published_at=None)
    version, _ = Version.objects.update_or_create(statement=statement, published_at=None, defaults={"body": html})
    return version.body


PATHS = [by_create, by_save, by_save_of_one_field, by_update, by_bulk_create, by_bulk_update, by_update_or_create]


@pytest.mark.django_db
@pytest.mark.parametrize("write", PATHS, ids=lambda write: write.__name__)
def test_every_way_of_writing_cleans(write: Callable[[str], str]):
    for hostile in HOSTILE:
        returned = write(f"<p>before</p>{hostile}<p>after</p>")
        stored = Statement.objects.order_by("-pk").values_list("preface", "versions__body").first()
        assert returned in stored
        assert foreign(returned) == []
        assert "before" in returned
        Version.objects.filter(published_at=None).delete()
        Statement.objects.filter(slug="x").delete()


@pytest.mark.parametrize("html", HOSTILE)
def test_cleaning_leaves_nothing_foreign_and_is_idempotent(html):
    cleaned = clean_html(html)
    assert foreign(cleaned) == []
    assert clean_html(cleaned) == cleaned


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Fish &amp; chips &lt; 5 &gt; 3</p>", "<p>Fish &amp; chips &lt; 5 &gt; 3</p>"),
        ("<p>“Quoted”, it’s</p>", "<p>“Quoted”, it’s</p>"),
        ('<p>"straight" it\'s</p>', '<p>"straight" it\'s</p>'),
        ("<p>نحن الموقعين أدناه، نطلب</p>", "<p>نحن الموقعين أدناه، نطلب</p>"),
        ("<p>a<br>b</p>", "<p>a<br>b</p>"),
        ("<ol><li><p>one</p></li></ol>", "<ol><li><p>one</p></li></ol>"),
        ("<h2>Two</h2><h3>Three</h3>", "<h2>Two</h2><h3>Three</h3>"),
        ("<h1>One</h1>", "One"),
        ("<p><b>b</b></p>", "<p>b</p>"),
        ("<p>naïve café 👩‍👧</p>", "<p>naïve café 👩‍👧</p>"),
    ],
)
def test_what_people_write_survives(html, expected):
    assert clean_html(html) == expected
    assert clean_html(expected) == expected


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        ("https://example.org/a?b=1#c", True),
        ("http://example.org", True),
        ("HTTPS://EXAMPLE.ORG", True),
        ("mailto:post@example.org", True),
        ("ftp://example.org", False),
        ("tel:+441234", False),
        ("javascript:alert(1)", False),
        ("https:/example.org", False),
        ("//example.org", False),
        ("page/", False),
        ("#here", False),
        ("", False),
    ],
)
def test_links_lead_to_web_and_mail_only(href, kept):
    target = f' href="{href}"' if kept else ""
    assert clean_html(f'<p><a href="{href}">x</a></p>') == f'<p><a{target} rel="noopener nofollow">x</a></p>'


@pytest.mark.parametrize("html", ["", "<p></p>", "<p><br></p>", "<p>&nbsp;</p>", "<h2></h2>", "<p> </p>\n<p></p>"])
def test_an_empty_document_is_an_empty_text(html):
    assert clean_html(html) == ""


def test_words_are_counted_as_a_reader_reads_them():
    assert words("<h2>Two words</h2><ul><li><p>one</p></li><li><p>two&nbsp;three</p></li></ul>") == 5


def test_plain_text_parts_blocks_and_reads_entities():
    html = "<p>Fish &amp; chips</p><p>5 &lt; 6<br>a <strong>b</strong></p>"
    assert plain_text(html) == "Fish & chips\n\n5 < 6\n\na b"


def test_a_mail_s_text_keeps_links_and_lists():
    html = '<p>See <a href="https://example.org/?a=1&amp;b=2" rel="nofollow">our <b>plan</b></a>.</p>'
    html += "<ul><li><p>One</p></li><li>Two</li></ul><p>End.</p>"
    assert mail_text(html) == "See our plan (https://example.org/?a=1&b=2).\n- One\n- Two\n\nEnd."
    assert mail_text('<p><a href="https://example.org/">https://example.org/</a></p>') == "https://example.org/"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("www.example.org", "https://www.example.org"),
        ("eastside.org.uk/demands?a=1", "https://eastside.org.uk/demands?a=1"),
        ("post@example.org", "mailto:post@example.org"),
        ("page.html", None),
        ("/statements/", None),
        ("javascript:alert(1).org", None),
        ("java script.org", None),
        ("//example.org", None),
    ],
)
def test_an_address_without_its_scheme_is_a_link_and_a_path_is_none(typed, expected):
    link = f'<p><a href="{expected}" rel="noopener nofollow">x</a></p>'
    without = '<p><a rel="noopener nofollow">x</a></p>'
    cleaned = clean_html(f'<p><a href="{typed}">x</a></p>')
    assert cleaned == (link if expected else without)
    assert clean_html(cleaned) == cleaned


def test_an_address_that_the_editor_linked_by_itself_is_asked_for_encrypted_and_a_written_one_stays():
    rel = 'rel="noopener nofollow"'
    guessed, written = "http://www.example.org/a?b=1&amp;c=2", "http://example.org"
    html = f'<p><a href="{guessed}">www.example.org/a?b=1&amp;c=2</a> <a href="{written}">http://example.org</a></p>'
    assert clean_html(html) == (
        f'<p><a href="https://www.example.org/a?b=1&amp;c=2" {rel}>www.example.org/a?b=1&amp;c=2</a>'
        f' <a href="{written}" {rel}>http://example.org</a></p>'
    )

"""The WordPress plugin, run by PHP from Debian against what this site answers.

A harness plays the functions of WordPress that it asks for. Where PHP can't be had, the tests say so and sleep.
"""

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.utils import timezone

from petitions.models import Statement
from petitions.statements import counting
from tests.factories import EventFactory, SignatureFactory, StatementFactory
from tests.integrations.wordpress.playing import PHP, PLUGIN, SITE, play, record

pytestmark = [pytest.mark.django_db, pytest.mark.whole]
API = "/api/v1/statements/keep-it"


@pytest.fixture
def keep_it(settings):
    settings.ORIGIN = SITE
    statement = StatementFactory(
        slug="keep-it", title="Keep <it> & open", summary='They said: "close it".', goal=100, signed_by="both"
    )
    SignatureFactory.create_batch(30, statement=statement)
    Statement.objects.filter(pk=statement.pk).update(organisations=1)
    counting.recount(statement=statement, repair=True)
    return statement


def oembed(site: str = SITE) -> str:
    return "/oembed/?format=json&url=" + quote(f"{site}/statements/keep-it/", safe="")


def shown(client, *show, paths=(API,), **more):
    return play(*show, answers=record(client, *paths), **more)


def test_every_file_is_php_that_an_old_php_reads_too():
    files = sorted(PLUGIN.rglob("*.php"))
    assert len(files) == 7
    for file in files:
        done = subprocess.run([PHP, "-l", str(file)], capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        guard = "defined( 'WP_UNINSTALL_PLUGIN' )" if file.name == "uninstall.php" else "defined( 'ABSPATH' )"
        assert guard in file.read_text() or file.name == "editor.asset.php"
        # What came after PHP 7.4: these are its readers' servers.
        assert re.findall(r"\?->|\bmatch\s*\(|\benum\s|readonly |#\[", file.read_text()) == []


def test_a_card_is_drawn_by_the_server_and_everything_in_it_is_escaped(client, keep_it):
    done = shown(client, ("shortcode", {"statement": "keep-it"}), ("block", {"statement": "keep-it", "via": "blog"}))
    card, block = done["shown"]
    assert card == (
        '<div class="undersigned-card"><p class="undersigned-who">Eastside Campaign</p>'
        '<p class="undersigned-title" lang="en" dir="auto">Keep &lt;it&gt; &amp; open</p>'
        '<p lang="en" dir="auto">They said: &quot;close it&quot;.</p>'
        '<p class="undersigned-count">30 people and 1 organisation have signed</p>'
        '<progress value="30" max="100" aria-label="Progress to the goal"></progress>'
        f'<p><a class="undersigned-button wp-element-button" href="{SITE}/statements/keep-it/?via=wordpress">'
        'Read and sign<span class="screen-reader-text">: Keep &lt;it&gt; &amp; open</span></a></p></div>'
    )
    assert block == f'<div class="wp-block-undersigned-statement">{card.replace("via=wordpress", "via=blog")}</div>'
    assert (done["asked"], done["enqueued"], done["domains"]) == (
        [f"{SITE}{API}"], ["undersigned.css"], ["undersigned"])  # fmt: skip


def test_the_form_is_asked_for_by_nobody_before_a_click(client, keep_it):
    wanted = ("shortcode", {"statement": "keep-it", "show": "form", "via": "our-blog"})
    (quiet,) = shown(client, wanted)["shown"]
    assert re.findall(r"<(iframe|img|script|link)|\bsrc=", quiet.replace("data-undersigned-src=", "")) == []
    assert f'data-undersigned-src="{SITE}/embed/keep-it/form/?via=our-blog"' in quiet
    assert f'<a href="{SITE}/statements/keep-it/?via=our-blog#sign">Sign on its own page</a>' in quiet
    assert 'hidden>Show the form</button>' in quiet  # fmt: skip
    done = shown(client, wanted, saved={"site": SITE, "click": False, "minutes": 5})
    assert done["shown"] == [
        f'<div class="undersigned-form"><iframe src="{SITE}/embed/keep-it/form/?via=our-blog"'
        ' title="Sign: Keep &lt;it&gt; &amp; open" width="100%" height="900" loading="lazy"></iframe></div>'
    ]
    assert client.get("/embed/keep-it/form/?via=our-blog").status_code == 200


def test_the_number_stands_in_a_sentence_and_small_ones_are_not_told(client, keep_it):
    few = StatementFactory(slug="few")
    SignatureFactory(statement=few)
    counting.recount(statement=few, repair=True)
    done = shown(
        client, ("shortcode", {"statement": "keep-it", "show": "count"}),
        ("shortcode", {"statement": "few", "show": "count"}), paths=(API, "/api/v1/statements/few"),
    )  # fmt: skip
    assert done["shown"] == [
        '<span class="undersigned-count">30 people and 1 organisation have signed</span>',
        '<span class="undersigned-count">Be one of the first to sign</span>',
    ]  # fmt: skip


def test_events_that_are_not_over_stand_in_the_time_of_the_place(client, keep_it):
    soon = (timezone.now() + timedelta(days=9)).replace(hour=17, minute=30, second=0, microsecond=0)
    EventFactory(statement=keep_it, title="Over", starts_at=timezone.now() - timedelta(days=2))
    on = EventFactory(
        statement=keep_it, title="Read-in <now>", starts_at=soon, timezone="Asia/Kolkata", venue="Town Hall"
    )
    EventFactory(statement=keep_it, title="Talk", starts_at=soon + timedelta(days=1), status="cancelled", venue="")
    path = f"{API}/events?limit=100"
    (html,) = shown(client, ("shortcode", {"statement": "keep-it", "show": "events"}), paths=(API, path))["shown"]
    items = [re.sub(r"<time[^>]*>", "<time>", item) for item in re.findall(r"<li>(.*?)</li>", html)]
    assert items[0] == (
        f'<a href="{SITE}{on.get_absolute_url()}">Read-in &lt;now&gt;</a>'
        f" <time>{soon:%-d %B %Y} 23:00</time>, Town Hall"
    )
    assert items[1].startswith("<strong>Cancelled:</strong> <a href=")
    assert (len(items), "Over" in html) == (2, False)
    (none,) = shown(client, ("shortcode", {"statement": "keep-it", "show": "events"}))["shown"]
    assert none == '<p class="undersigned-events">No events are planned at the moment.</p>'


def test_a_pasted_link_shows_the_card_and_other_links_are_left_to_wordpress(client, keep_it):
    links = [f"{SITE}/statements/keep-it/", f"{SITE}/statements/keep-it", "https://other.example/statements/keep-it/",
             f"{SITE}/events/x/", "keep-it"]  # fmt: skip
    done = shown(client, *[("link", link) for link in links])
    assert [str(html)[:28] for html in done["shown"]] == ['<div class="undersigned-card'] * 2 + ["None"] * 3
    assert done["asked"] == [f"{SITE}{API}"]


def test_where_the_api_is_closed_oembed_tells_what_it_can(client, keep_it):
    done = shown(client, ("shortcode", {"statement": "keep-it"}), paths=(oembed(),))
    assert done["asked"] == [f"{SITE}{API}", f"{SITE}{oembed()}"]
    (card,) = done["shown"]
    assert re.sub("<[^>]*>", "|", card).split("|")[2:6:2] == ["Eastside Campaign", "Keep &lt;it&gt; &amp; open"]


def test_answers_are_kept_and_outlive_a_site_that_is_down(client, keep_it):
    wanted = ("shortcode", {"statement": "keep-it", "show": "count"})
    first = shown(client, wanted, wanted)
    assert first["asked"] == [f"{SITE}{API}"]
    kept = first["transients"]
    assert play(wanted, transients=kept)["asked"] == []
    for one in kept.values():
        one["until"] = 1  # long ago
    down = play(wanted, wanted, transients=kept)
    assert (down["shown"], down["asked"]) == (first["shown"], [f"{SITE}{API}"])
    assert first["shown"][0].startswith('<span class="undersigned-count">30 people')
    broken = {f"{SITE}{API}": {"status": 200, "body": "<html>"}, f"{SITE}{oembed()}": {"status": 503, "body": "{}"}}
    assert play(wanted, answers=broken)["shown"] == [""]
    huge = {f"{SITE}{API}": {"status": 200, "body": '{"title": "' + "x" * 1_100_000 + '"}'}}
    assert play(wanted, answers=huge)["shown"] == [""]


@pytest.mark.parametrize(
    "answer",
    [
        {"title": "<script>alert(1)</script>", "url": "javascript:alert(1)", "open": True},
        {"title": "x", "url": f"{SITE}/", "publisher": {"name": "<img src=1>"}, "summary": "<b>", "language": '"><i>'},
        {"title": "x", "url": f"{SITE}/", "numbers": {"signatures": "<b>9", "organisations": -1, "goal": [1]}},
    ],
)  # fmt: skip
def test_a_site_that_was_taken_over_gets_no_html_into_the_page(answer):
    answers = {f"{SITE}{API}": {"status": 200, "body": json.dumps(answer)}}
    shows = [("shortcode", {"statement": "keep-it", "show": show}) for show in ("card", "form", "count", "events")]
    html = "".join(play(*shows, answers=answers)["shown"])
    assert re.findall(r"<(script|img|b|i)\b|javascript:", html) == []


def test_nothing_typed_leads_elsewhere_and_only_editors_read_what_is_wrong(client, keep_it):
    typed = ["", "../admin", "https://evil.example/statements/keep-it/", "a b", 'x"><script>']
    done = shown(client, *[("shortcode", {"statement": one}) for one in typed])
    assert (done["shown"], done["asked"]) == ([""] * 5, [])
    (hint,) = shown(client, ("shortcode", {"statement": ""}), editor=True)["shown"]
    assert hint.startswith('<p class="undersigned-hint">Undersigned: name the statement')
    unset = play(("shortcode", {"statement": "keep-it"}), saved=None)
    assert (unset["shown"], unset["asked"]) == ([""], [])
    assert "via=wordpress" in shown(client, ("shortcode", {"statement": "keep-it", "via": '"><i>'}))["shown"][0]


def test_settings_are_cleaned_shown_and_forgotten():
    saves = [
        {"site": " HTTPS://Sign.Example:8443/statements/x/?a=1 ", "minutes": "0"},
        {"site": "javascript:alert(1)", "click": "1", "minutes": "99999"},
        {"site": "https://user:secret@sign.example"},
        "nonsense",
    ]
    done = play(*[("save", one) for one in saves], ("settings", None), ("uninstall", None), editor=True)
    *cleaned, page, queries = done["shown"]
    assert cleaned == [
        {"site": "https://sign.example:8443", "click": False, "minutes": 1},
        {"site": "", "click": True, "minutes": 1440},
        {"site": "", "click": False, "minutes": 5},
        {"site": "", "click": True, "minutes": 5},
    ]
    assert f'value="{SITE}" placeholder' in page
    assert 'name="undersigned[click]" value="1" checked="checked"' in page
    assert page.count("<label") == 3
    assert "undersigned" not in done["options"]
    assert [query.split("LIKE ")[1].replace("\\", "") for query in queries] == [
        "'_transient_undersigned_%'", "'_transient_timeout_undersigned_%'"]  # fmt: skip


def test_what_the_folder_tells_wordpress_agrees():
    head = (PLUGIN / "undersigned.php").read_text()
    readme, block = (PLUGIN / "readme.txt").read_text(), json.loads((PLUGIN / "block" / "block.json").read_text())
    (version,) = set(re.findall(r"(?:Version:\s+|Stable tag: |UNDERSIGNED_VERSION', ')([\d.]+)", head + readme))
    assert (block["version"], f"= {version} =" in readme) == (version, True)
    assert re.findall(r"Requires PHP:\s+(\S+)", head + readme) == ["7.4", "7.4"]
    assert re.findall(r"Requires at least:\s+(\S+)", head + readme) == ["6.3", "6.3"]
    assert re.findall(r"^\s?\*?\s*License:\s+(\S+)", head + readme, re.MULTILINE) == ["MIT", "MIT"]
    node = shutil.which("node")
    for script in sorted(PLUGIN.rglob("*.js")):
        assert re.findall(r"https?://|innerHTML|eval\(", script.read_text()) == []
        if node:
            subprocess.run([node, "--check", str(script)], check=True, timeout=60)


def test_the_folder_is_the_plugin_and_nothing_else():
    inside = sorted(str(Path(file).relative_to(PLUGIN)) for file in PLUGIN.rglob("*") if file.is_file())
    assert inside == [
        "assets/undersigned.css", "assets/undersigned.js", "block/block.json", "block/editor.asset.php",
        "block/editor.js", "includes/client.php", "includes/places.php", "includes/settings.php", "includes/views.php",
        "readme.txt", "undersigned.php", "uninstall.php",
    ]  # fmt: skip

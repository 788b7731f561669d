"""Page views are counted from the log that the edge writes, as it writes it."""

import gzip
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core import page_views
from local.environment import ROOT

LOG = """\
2026-03-01T09:00:00+00:00 GET / 200 5120 0.001
2026-03-01T09:00:01+00:00 GET /statements/libraries/ 200 9120 0.003
2026-03-01T23:59:59+00:00 GET /statements/libraries/ 304 0 0.000
2026-03-02T00:00:00+00:00 GET /cy/statements/libraries/ 200 9120 0.003
2026-03-02T00:00:01+00:00 POST /statements/libraries/sign/ 303 0 0.010
2026-03-02T00:00:02+00:00 HEAD /statements/libraries/ 200 0 0.001
2026-03-02T00:00:03+00:00 GET /statements/nothing/ 404 900 0.001
2026-03-02T00:00:04+00:00 GET /statements/libraries/count.json 200 40 0.001
2026-03-02T00:00:05+00:00 GET /static/css/undersigned.css 200 4000 0.000
2026-03-02T00:00:06+00:00 GET /admin/ 200 4000 0.100
2026-03-02T00:00:07+00:00 GET /confirm/- 200 4000 0.010
2026-03-02T00:00:08+00:00 GET /statements/libraries/feed/ 200 4000 0.010
2026-03-02T00:00:09+00:00 GET /with a blank/ 404 900 0.001
"""
TABLE = """\
day,page,views
2026-03-01,/statements/libraries/,2
2026-03-01,/,1
2026-03-02,/cy/statements/libraries/,1
"""


def counted(*arguments, **options):
    out, err = StringIO(), StringIO()
    call_command("views", *arguments, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_pages_are_counted_by_day_and_nothing_else_is(tmp_path):
    log = tmp_path / "access.log"
    log.write_text(LOG)
    assert counted(log) == (TABLE, "")
    assert counted(log, least=2) == ("".join(TABLE.splitlines(keepends=True)[:2]), "")


def test_several_logs_and_packed_ones_are_one_table(tmp_path):
    lines = LOG.splitlines(keepends=True)
    (tmp_path / "access.log").write_text("".join(lines[2:]))
    with gzip.open(tmp_path / "access.log.1.gz", "wt") as packed:
        packed.write("".join(lines[:2]))
    assert counted(*sorted(tmp_path.iterdir())) == (TABLE, "")


def test_what_is_piped_in_is_read(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO(LOG))
    assert counted() == (TABLE, "")


def test_lines_of_another_form_are_told_and_left_out(tmp_path):
    """The usual form of nginx, with addresses of visitors, is not that of our file."""
    log = tmp_path / "access.log"
    usual = '203.0.113.9 - - [01/Mar/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 5120 "-" "Mozilla/5.0"\n'
    log.write_bytes((LOG + usual).encode() + b"\xff\xfe\n")
    out, err = counted(log)
    assert out == TABLE
    assert err == "2 lines are of another form than deploy/nginx/undersigned.conf writes, and were left out.\n"


def test_a_log_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere.log can't be read: No such file or directory."):
        counted(tmp_path / "nowhere.log")


def test_the_form_is_the_one_that_our_nginx_writes():
    written = re.search(r"log_format undersigned '([^']+)'", (ROOT / "deploy/nginx/undersigned.conf").read_text())[1]
    told = {
        "time_iso8601": "2026-03-01T09:00:00+00:00",
        "request_method": "GET",
        "undersigned_path": "/",
        "status": "200",
        "body_bytes_sent": "5120",
        "request_time": "0.001",
    }
    line = re.sub(r"\$(\w+)", lambda found: told[found[1]], written)
    assert page_views.count([f"{line}\n"]).by == {("2026-03-01", "/"): 1}

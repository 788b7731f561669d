"""A site as it would run for real."""

import os
import runpy
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import ConnectionHandler

from local.environment import sealed
from undersigned.environment import reading

pytestmark = pytest.mark.whole

ROOT = Path(__file__).parent.parent
REAL = {
    "ORIGIN": "https://petitions.example.org",
    "SITE_NAME": "Eastside Campaign",
    "CONTACT_EMAIL": "post@example.org",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "TRUSTED_PROXIES": "1",
    "EMAIL_URL": "smtp://user:password@mail.example.org:587/?tls=starttls",
}


def check(**settings: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py check --deploy` with these settings and the database of this run."""
    environment = {**os.environ, **sealed(**{**REAL, "DATABASE_URL": os.environ["DATABASE_URL"], **settings})}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the browser tests set it
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Reads the settings file as a new process would, in the environment of a real site and what is said."""

    def read(**chosen: str) -> dict[str, Any]:
        for name, value in sealed(**{**REAL, "DATABASE_URL": os.environ["DATABASE_URL"], **chosen}).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(reading, "_asked", set())
        return runpy.run_path(str(ROOT / "undersigned" / "settings.py"))

    return read


def test_the_deployment_checks_are_clean():
    done = check()
    assert (done.returncode, done.stdout.partition(" (")[0]) == (0, "System check identified no issues"), done.stderr


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("SECRET_KEY", "", "Set SECRET_KEY in the environment or in .env"),
        ("SECRET_KEY", "short", "SECRET_KEY is too short"),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL must look like postgresql://"),
        ("ORIGIN", "petitions.example.org", "write scheme and host only"),
        ("TRUSTED_PROXIES", "-1", "write a whole number"),
        ("EMAIL_URL", "mail.example.org", "EMAIL_URL must look like smtp://"),
        (
            "EMAIL_URL",
            "smtp://u:p@mail.example.org:587?starttls=true",
            "EMAIL_URL has no option 'starttls'. It knows tls.",
        ),
        ("DATABASE_URL", "postgresql://u:p@127.0.0.1/x?foo=1", "DATABASE_URL has no option 'foo'."),
        ("CONTACT_EMAIL", "post at example.org", "write a mailbox such as post@example.org."),
        ("EMAIL_BACKEND", "anymail.backends.mailgun.EmailBackend", "EMAIL_URL and EMAIL_BACKEND both say how mail"),
        ("FEDIVERSE_CREATOR", "eastside@union.place", "write it like @eastside@union.place."),
        ("DKIM_SELECTOR", "mail._domainkey.example.org.", "write it like mail2026."),
        ("TIME_ZONE", "Europe/Londn", "Did you mean Europe/London?"),
        ("EXTRA_HOSTS", "*", "name each one"),
        ("DEMO", "1", "DEMO=1 has published passwords"),
        ("DEMO", "perhaps", "write 1 or 0"),
    ],
)
def test_nonsense_is_refused_with_a_sentence_that_says_how_to_mend_it(settings_of, setting, value, sentence):
    with pytest.raises(ImproperlyConfigured) as refusal:  # tests/undersigned/test_cli.py: how a command tells it
        settings_of(**{setting: value})
    assert sentence in str(refusal.value)


def test_what_libpq_is_told_reaches_it(settings_of):
    url = os.environ["DATABASE_URL"]
    url += ("&" if "?" in url else "?") + "sslmode=verify-full&sslrootcert=/etc/our-ca.pem&options=-c%20search_path%3Dx"
    databases = ConnectionHandler(settings_of(DATABASE_URL=url)["DATABASES"])
    found = databases["default"].get_connection_params()
    assert (found["sslmode"], found["sslrootcert"], found["options"]) == (
        "verify-full",
        "/etc/our-ca.pem",
        "-c search_path=x -c statement_timeout=5000 -c lock_timeout=2000 "
        "-c idle_in_transaction_session_timeout=15000 -c plan_cache_mode=force_generic_plan",
    )


HOME_PAGE = """
import django
django.setup()
from django.test import Client
answer = Client().get("/", HTTP_HOST="petitions.example.org", HTTP_X_FORWARDED_PROTO="https")
print(answer.status_code, answer.get("Location"), answer.text.partition(".")[0])
"""


def test_a_proxy_that_is_not_counted_leads_to_no_redirect_for_ever():
    settings = sealed(**{**REAL, "DATABASE_URL": os.environ["DATABASE_URL"], "TRUSTED_PROXIES": "0"})
    command = [sys.executable, "-W", "ignore", "-c", HOME_PAGE]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    assert done.stdout == "500 None This site is not set up yet\n", done.stderr


# Some 60 MB together, for files and pictures that few processes are ever asked for.
LATE = [
    "arabic_reshaper",
    "bidi",
    "disposable_email_domains",
    "dns",
    "docx",
    "fontTools",
    "icalendar",
    "PIL",
    "segno",
    "tldextract",
    "typst",
]


def test_a_web_process_loads_what_every_visitor_needs_and_no_more():
    code = (
        "import sys, undersigned.wsgi; from django.urls import get_resolver; get_resolver().url_patterns; "
        f"print([name for name in {LATE} if name in sys.modules])"
    )
    settings = sealed(**{**REAL, "DATABASE_URL": os.environ["DATABASE_URL"]})
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("chosen", "expected"), [({}, False), ({"HSTS_PRELOAD": "1"}, True)])
def test_browsers_are_asked_to_preload_https_only_by_choice(settings_of, chosen, expected):
    found = settings_of(**chosen)
    assert (found["SECURE_HSTS_PRELOAD"], found["SECURE_HSTS_INCLUDE_SUBDOMAINS"]) == (expected, True)

"""A .env as people write it, and the sentences for what can't be read."""

import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from undersigned import environment
from undersigned.environment import file, reading

NAMES = ("SITE_NAME", "CONTACT_EMAIL", "EXTRA_HOSTS")


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Reads bytes as a .env; returns what of NAMES is then in the environment."""
    for name in NAMES:  # put back to what it was when the test ends, whatever the file says
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr(file, "lines", {})
    monkeypatch.setattr(reading, "_asked", set(NAMES))

    def read(content: bytes | str) -> dict[str, str]:
        path = tmp_path / ".env"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        environment.read_env_file(path)
        return {name: os.environ[name] for name in NAMES if name in os.environ}

    return read


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("SITE_NAME=Eastside Campaign", "Eastside Campaign"),
        ("export SITE_NAME=Eastside", "Eastside"),
        ("  SITE_NAME = Eastside  ", "Eastside"),
        ('SITE_NAME="Eastside # Campaign"', "Eastside # Campaign"),
        ("SITE_NAME='Eastside # Campaign' # who we are", "Eastside # Campaign"),
        ("SITE_NAME=Eastside   # who we are", "Eastside"),
        ("SITE_NAME=pass#word", "pass#word"),
        ("SITE_NAME=#word", "#word"),
        ("SITE_NAME= # nothing yet", ""),
        ("SITE_NAME=", ""),
        ("SITE_NAME=''", ""),
        ("""SITE_NAME="It's ours\"""", "It's ours"),
        ("""SITE_NAME='We say "no"'""", 'We say "no"'),
        (r'SITE_NAME="We say \"no\""', 'We say "no"'),
        ("SITE_NAME=a=b=c", "a=b=c"),
        ("SITE_NAME=${HOME} $5", "${HOME} $5"),
        ("SITE_NAME=Bürgerbüro 東", "Bürgerbüro 東"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_line_is_read_as_it_was_meant(read, line, value, end, mark):
    assert read(mark + line.encode() + end.encode()) == {"SITE_NAME": value}


def test_lines_stand_for_themselves(read):
    assert read("# ours\r\n\r\nSITE_NAME=A\r\n#SITE_NAME=B\r\n  # and\r\nexport CONTACT_EMAIL='b'\r\n") == {
        "SITE_NAME": "A",
        "CONTACT_EMAIL": "b",
    }


def test_what_the_process_was_given_wins(read, monkeypatch):
    monkeypatch.setenv("SITE_NAME", "Given")
    assert read("SITE_NAME=Written\nCONTACT_EMAIL=c") == {"SITE_NAME": "Given", "CONTACT_EMAIL": "c"}


def test_no_file_is_no_setting(tmp_path):
    environment.read_env_file(tmp_path / ".env")
    assert file.lines == {}


FORM = "write NAME=value, and a value with quotes in it within quotes of the other kind."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("\n\nSITE_NAME", f".env, line 3: {FORM}"),
        ("SITE_NAME: Eastside", f".env, line 1: {FORM}"),
        ("set SITE_NAME=Eastside", f".env, line 1: {FORM}"),
        ('A=1\n\n# b\nSITE_NAME="Eastside', f".env, line 4: {FORM}"),
        ('SITE_NAME="Eastside" Campaign', f".env, line 1: {FORM}"),
        (
            'SITE_NAME="Eastside\nCampaign"',
            ".env, line 1: SITE_NAME goes over several lines, or a quote is not closed. Write one line, or name a "
            "file: SITE_NAME_FILE=/run/secrets/site_name.",
        ),
        ("SITE-NAME=Eastside", ".env, line 1: a name has letters, digits and _ only."),
        (
            "SITE_NAME=A\n\nSITE_NAME=B",
            ".env, line 3: SITE_NAME stands on line 1 already. Keep one of them.",
        ),
        (b"EXTRA_HOSTS=x\nSITE_NAME=B\xfcro", ".env, line 2: this is not UTF-8. Save the file as UTF-8."),
        ("SITE_NAME=A".encode("utf-16"), ".env, line 1: this is not UTF-8. Save the file as UTF-8."),
        (
            "SITE_NAME=A".encode("utf-16-le"),
            ".env holds NUL characters, which no setting can: save it as UTF-8.",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(read, content, sentence):
    with pytest.raises(ImproperlyConfigured) as refused:
        read(content)
    assert str(refused.value) == sentence


def test_a_folder_in_its_place_is_told(tmp_path):
    (tmp_path / ".env").mkdir()
    with pytest.raises(ImproperlyConfigured, match=r"\.env cannot be read: Is a directory\.$"):
        environment.read_env_file(tmp_path / ".env")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("\nCONTACT_MAIL=x", ".env, line 2: there is no setting CONTACT_MAIL. Did you mean CONTACT_EMAIL?"),
        ("contact_email=x", ".env, line 1: there is no setting contact_email. Did you mean CONTACT_EMAIL?"),
        # PostgreSQL's and the C library's own begin so, and these are none of them.
        ("LANGUAGES=de", ".env, line 1: there is no setting LANGUAGES. The settings are listed in .env.example."),
        ("ZZZ=x", ".env, line 1: there is no setting ZZZ. The settings are listed in .env.example."),
        ("SITE_NAME_FILES=x", ".env, line 1: there is no setting SITE_NAME_FILES. Did you mean SITE_NAME_FILE?"),
        (
            "UNDERSIGNED_HOME=/srv",
            ".env, line 1: UNDERSIGNED_HOME says where this file is, so it can't stand in it. Set it in the "
            "environment.",
        ),
    ],
)
def test_a_name_that_nobody_asks_for_is_refused(read, monkeypatch, content, sentence):
    for name in ("CONTACT_MAIL", "contact_email", "LANGUAGES", "ZZZ", "SITE_NAME_FILES", "UNDERSIGNED_HOME"):
        monkeypatch.setenv(name, "foreign, and nobody's business")
    reading._asked.add("SITE_NAME_FILE")
    read("SITE_NAME=A\r\n")
    environment.refuse_unknown()
    read(content)
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.refuse_unknown()
    assert str(refused.value) == sentence


def test_what_other_programs_read_may_stand_beside(read, monkeypatch):
    names = [
        "POSTGRES_PASSWORD",
        "PGSSLROOTCERT",
        "LANG",
        "LC_ALL",
        "TZ",
        "COMPOSE_PROJECT_NAME",
        "https_proxy",
        "ANYMAIL_MAILGUN_API_KEY",
    ]
    for name in names:
        monkeypatch.setenv(name, "x")
    read("".join(f"{name}=x\n" for name in names))
    environment.refuse_unknown()
    assert list(file.lines) == names


@pytest.mark.parametrize("written", ["CONTACT_MAIL", "contact_email"])
def test_a_setting_that_is_missing_names_what_may_have_been_meant(read, monkeypatch, written):
    monkeypatch.setenv(written, "x")
    reading._asked.clear()
    read(f"\n{written}=x")
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.text("CONTACT_EMAIL")
    assert str(refused.value) == (
        f"Set CONTACT_EMAIL in the environment or in .env (see .env.example). Line 2 of .env says {written}."
    )

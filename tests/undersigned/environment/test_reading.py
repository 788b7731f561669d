"""Single values, from the environment or from a file that it names."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from undersigned import environment


def refused(ask, *arguments) -> str:
    with pytest.raises(ImproperlyConfigured) as found:
        ask(*arguments)
    return str(found.value)


@pytest.mark.parametrize(
    ("ask", "content", "value"),
    [
        (environment.text, b"\xef\xbb\xbf a secret \r\n", "a secret"),
        (environment.flag, b"1\n", True),
    ],
)
def test_a_file_may_hold_it(tmp_path, monkeypatch, ask, content, value):
    (tmp_path / "file").write_bytes(content)
    monkeypatch.setenv("THING_FILE", str(tmp_path / "file"))
    assert ask("THING") == value


def test_files_that_cannot_be_read(tmp_path, monkeypatch):
    path = tmp_path / "file"
    monkeypatch.setenv("THING_FILE", str(path))
    told = [refused(environment.text, "THING")]
    path.write_bytes(b"\xfc")
    told.append(refused(environment.text, "THING"))
    monkeypatch.setenv("THING", "x")
    told.append(refused(environment.text, "THING"))
    assert told == [
        f"THING_FILE names {path}, which cannot be read: No such file or directory.",
        f"THING_FILE names {path}, which is not UTF-8.",
        "THING and THING_FILE are both set: keep one of them.",
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", True),
        ("TRUE", True),
        (" yes ", True),
        ("on", True),
        ("0", False),
        ("No", False),
        ("off", False),
        ("", True),
    ],
)
def test_switches(monkeypatch, written, value):
    monkeypatch.setenv("THING", written)
    assert environment.flag("THING", default=True) is value


@pytest.mark.parametrize("written", ["-1", "1.5", "one", "0x1", "1 0", "²", "9" * 5000])
def test_numbers_that_are_none(monkeypatch, written):
    monkeypatch.setenv("THING", written)
    assert refused(environment.number, "THING", 3) == f"THING is {written!r}: write a whole number, at least 0."


def test_time_zones(monkeypatch):
    told = []
    for written in ("europe/london", "America/New_York", ""):
        monkeypatch.setenv("THING", written)
        told.append(environment.zone("THING", "Europe/Berlin"))
    monkeypatch.setenv("THING", "Europe/Londn")
    told.append(refused(environment.zone, "THING", "Europe/Berlin"))
    assert told == [
        "Europe/London",
        "America/New_York",
        "Europe/Berlin",
        "THING is 'Europe/Londn', which is no time zone. Did you mean Europe/London? Write one such as Europe/London.",
    ]

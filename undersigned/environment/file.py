"""The .env file as people and other programs write it: python-dotenv's grammar, and sentences where it is silent."""

import os
import re
from io import StringIO
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from dotenv.parser import Binding, parse_stream

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# The names that stand in the file, each with its line; and the file's own name, for sentences.
lines: dict[str, int] = {}
file_name = ".env"


def read_env_file(path: Path) -> None:
    """Put the `NAME=value` lines of `path` into the environment; what is set already wins.

    Taken are `export` before a name, spaces around `=`, values in single or double quotes, comments, any ends of lines
    and a byte order mark. A line of any other form, a name that stands twice, a value of several lines and bytes that
    are no UTF-8 raise ImproperlyConfigured.
    """
    global file_name  # noqa: PLW0603 - a process has one such file
    file_name = path.name
    lines.clear()
    if not path.exists():
        return
    for name, value in _entries(_text_of(path)).items():
        os.environ.setdefault(name, value)


def _text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImproperlyConfigured(f"{path} cannot be read: {error.strerror}.") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ImproperlyConfigured(f"{file_name}, line {line}: this is not UTF-8. Save the file as UTF-8.") from error
    if "\0" in text:
        raise ImproperlyConfigured(f"{file_name} holds NUL characters, which no setting can: save it as UTF-8.")
    return text


def _entries(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for binding in parse_stream(StringIO(text, newline="")):
        if binding.key is None and not binding.error:
            continue
        line = _line_of(binding)
        name, value = _proved(binding, line)
        if name in found:
            raise ImproperlyConfigured(
                f"{file_name}, line {line}: {name} stands on line {lines[name]} already. Keep one of them."
            )
        found[name], lines[name] = value, line
    return found


def _line_of(binding: Binding) -> int:
    """Where it begins; python-dotenv counts the empty lines before it as a part of it."""
    written = binding.original.string
    before = written[: len(written) - len(written.lstrip())]
    return binding.original.line + len(re.findall(r"\r\n|\r|\n", before))


def _proved(binding: Binding, line: int) -> tuple[str, str]:
    """The name and the value; refused when the line has another form."""
    where = f"{file_name}, line {line}"
    name, value = binding.key, binding.value
    if binding.error or name is None or value is None:
        raise ImproperlyConfigured(
            f"{where}: write NAME=value, and a value with quotes in it within quotes of the other kind."
        )
    if not NAME.fullmatch(name):
        raise ImproperlyConfigured(f"{where}: a name has letters, digits and _ only.")
    if re.search(r"[\r\n]", value):
        raise ImproperlyConfigured(
            f"{where}: {name} goes over several lines, or a quote is not closed. Write one line, or name a file: "
            f"{name}_FILE=/run/secrets/{name.lower()}."
        )
    return name, value

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from core import register


class Command(BaseCommand):
    """`manage.py personal`"""

    help = "Prints the register of personal columns as Markdown (docs/personal-data.md)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a table for each model, and which of its columns are nobody's."""
        for line in _page():
            self.stdout.write(line)


def _page() -> Iterator[str]:
    yield "# Personal data"
    yield ""
    yield "Every column that tells something about somebody. `manage.py personal` prints this page, with the days that"
    yield "your own settings say; the worker forgets accordingly. The privacy notice has the same in a few words."
    for model, columns in register.everything():
        personal = {name: entry for name, entry in columns.items() if entry != register.NOT_PERSONAL}
        yield ""
        yield f"## {model._meta.label}"
        yield ""
        if personal:
            yield "| column | whose | why | until | setting | erasing |"
            yield "|---|---|---|---|---|---|"
        for name, entry in personal.items():
            names = ", ".join(f"`{setting}`" for setting in entry.until.settings)
            yield f"| `{name}` | {entry.whose} | {entry.why} | {entry.until} | {names} | {entry.erase} |"
        rest = ", ".join(f"`{name}`" for name in columns if name not in personal)
        if rest:
            yield from ([""] if personal else [])
            yield f"Nobody's: {rest}."

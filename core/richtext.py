"""Rich text from one declaration: what the editor offers is what the cleaner lets through.

The editor's own field cleans in forms only; this one cleans whatever is written, by any ORM path.
"""

import re
from typing import Any

import nh3
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django_prose_editor.config import allowlist_from_extensions, expand_extensions
from django_prose_editor.fields import ProseEditorField

from core.text import kinds, tidying

EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "Heading": {"levels": [2, 3]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "HardBreak": True,
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto"]},
}

_SAFE_LINK = re.compile(r"(https?://|mailto:)[^\s]+", re.IGNORECASE)


# As people write an address: without its scheme. What ends in no country or well-known end could be the name of a file.
_ENDS = "org com net info eu uk ie de fr es it nl be at ch pl pt se no dk fi us ca au nz int coop scot wales cymru"
_BARE = re.compile(rf"(www\.[^\s/]+\.[a-z]{{2,}}|([a-z0-9-]+\.)+({'|'.join(_ENDS.split())}))([/?#]\S*)?", re.IGNORECASE)
_MAILBOX = re.compile(r"[^\s@<>\"/:]+@[^\s@<>\"/:]+\.[a-z]{2,}", re.IGNORECASE)


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    """Give links that lack it their scheme, and drop those that are neither http(s) nor mailto: a relative one would
    lead elsewhere in mails and embeds.
    """
    if (tag, name) != ("a", "href") or _SAFE_LINK.fullmatch(value):
        return value
    if _BARE.fullmatch(value):
        return f"https://{value}"
    return f"mailto:{value}" if _MAILBOX.fullmatch(value) else None


def _cleaner() -> nh3.Cleaner:
    allowed = allowlist_from_extensions(expand_extensions(EXTENSIONS))
    allowed["attributes"]["a"] = {"href"}
    allowed["link_rel"] = "noopener nofollow"
    return nh3.Cleaner(**allowed, attribute_filter=_keep_attribute)


_CLEANER = _cleaner()
# An address that was written without its scheme and that the editor made a link of by itself.
_GUESSED = re.compile(r'(<a\b[^>]*?\bhref=")http(://([^"]+)"[^>]*>\3</a>)')
_LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]+)"[^>]*>(.*?)</a>', re.S)
_BREAK = re.compile(r"</(?:p|h[23]|li|blockquote)>|<br\s*/?>")
_TAG = re.compile(r'<(?:[^">]|"[^"]*")*>')
_EMPTY = re.compile(r"^(<(p|br|h[23])\s*/?>|</(p|h[23])>|&nbsp;|\s)*$")


def clean_html(html: str) -> str:
    """The part of `html` on the allow-list; an empty document becomes an empty string.

    Cleaning again changes nothing (idempotent), so a text can be stored, loaded and stored again. Characters that no
    document may hold are mended (core/text/tidying.py), once entities such as `&#11;` have become characters.
    """
    cleaned = _GUESSED.sub(r"\1https\2", tidying.marked_up(_CLEANER.clean(tidying.marked_up(html))))
    return "" if _EMPTY.match(cleaned) else cleaned


def words(html: str) -> int:
    """How many words a reader reads in `html`."""
    return len(_TAG.sub("", _BREAK.sub(" ", html)).replace("&nbsp;", " ").split())


def plain_text(html: str) -> str:
    """The text of `html` without tags; blocks are parted by a blank line."""
    parted = _BREAK.sub("\n\n", html)
    text = nh3.clean(parted, tags=set())
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&nbsp;", " "), ("&amp;", "&")):
        text = text.replace(entity, character)
    return re.sub(r"\n\s*\n+", "\n\n", text).strip()


def mail_text(html: str) -> str:
    """The text of `html` as a mail has it: links written out, a dash before each item of a list."""
    written = _LINK.sub(lambda link: link[2] if link[1] == link[2] else f"{link[2]} ({link[1]})", html)
    items = re.sub(r"<li[^>]*>\s*(<p[^>]*>)?", "<li>- ", written)
    return re.sub(r"\n\n(?=- )", "\n", plain_text(items)) if "<li>" in items else plain_text(items)


class RichTextField(ProseEditorField):
    """HTML that is clean in the database whichever way it was written: create, save, update or bulk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("extensions", EXTENSIONS)
        kwargs.setdefault("sanitize", clean_html)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        """As itself, so that migrations know of its check; the editor's own field calls itself a TextField."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "core.richtext.RichTextField", args, kwargs

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        return kinds.RICH.check(connection.ops.quote_name(str(self.column)))

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return clean_html(value) if isinstance(value, str) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Put the cleaned text on the instance too, so that what is shown next is what was stored."""
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = clean_html(value)
            setattr(model_instance, self.attname, value)
        return value

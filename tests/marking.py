"""Finds sentences for people that nobody can translate: in templates, and in the syntax tree of our code.

What is a sentence is guessed: in a template any word outside of tags; in code a literal that begins with a capital and
has a second word, or any words that go where people read them (`label=`, `help_text=`, …). Keep the guess simple: what
it takes wrongly for a sentence is named in `NO_SENTENCES`, with the reason.
"""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

WORD = re.compile(r"[^\W\d_]{2,}")
# What a template says itself, marked or not to be read: taken out before the words are looked for.
MARKED = re.compile(
    r"\{#.*?#\}|\{%-?\s*(?P<tag>trans|blocktranslate|comment)\b.*?%\}.*?\{%-?\s*end(?P=tag)\s*-?%\}"
    r"|\{%-?\s*block bodyclass\s*-?%\}.*?\{%-?\s*endblock\s*-?%\}",
    re.DOTALL,
)
PLACES = re.compile(r"\{%-?\s*(?P<tag>\w*).*?%\}|\{\{.*?\}\}", re.DOTALL)
ATTRIBUTE = re.compile(r'[\w-]+="[^"]*"')  # kept in a variable, `{% set %}`, for several elements
ADDRESS = re.compile(r"[#/?&][\w/.?=&-]+")
ATTRIBUTES = {"alt", "title", "placeholder", "aria-label", "aria-description", "data-words", "data-label"}
UNREAD = {"script", "style", "code", "kbd"}
# A literal within `{{ }}` or `{% %}` that begins like a sentence, or a filter that glues plurals.
LITERAL = re.compile(r'(?<!_\()"\(?[A-Z][a-z]+[^"]*"')
GLUED = re.compile(r"\|\s*(?:plural|pluralize|yesno)\b")

MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
# Two words that begin with a capital, or one with a full stop; or words after what is filled in.
SENTENCE = re.compile(
    r"""[“"(]?[A-Z][^\W\d_]*(?:[’'-][a-z]+)?[ ,:.…].*[a-z]{2}|[“"(]?[A-Z][a-z’']+ [^\W\d_]|[A-Z][a-z]+\.$"""
    r"""|\{\}:? [a-z]+ [a-z]""",
    re.DOTALL,
)
FIRST = re.compile(r"[A-Z][a-z]+(?:[ .]|$)")
NAME = re.compile(r"[a-z]+(?:[_.-][a-z_.-]+)")  # of a field or a kind, not for people
SQL = re.compile(
    r"\(?(?:SELECT|UPDATE|DELETE|INSERT|CASE|WHEN|EXISTS|FROM|WHERE|AND|COPY|CREATE|DROP|ALTER|ORDER|JOIN|WITH|LOCK|SET|NULL"
    r"|NOT|LEFT|NOTIFY|LISTEN|EXPLAIN|VACUUM|ANALYZE|TRUNCATE|REINDEX|GROUP|HAVING|LIMIT|VALUES|ON|BEFORE|AFTER)\b"
)
# Where people read whatever stands there, be it one word.
READ = {"label", "help_text", "verbose_name", "verbose_name_plural", "violation_error_message", "short_description"}
READ |= {"description", "empty_label", "empty_value_display", "consequence", "done", "search_help_text", "advice"}
# What takes words for people beside names.
READ_CALLS = {
    "Key",
    "decision",
    "_action",
    "message_user",
    "success",
    "warning",
    "error",
    "Check",
    "Light",
    "judged",
    "tile",
}
READ_CALLS |= {"Alarm", "Step", "_wanted", "ValidationError", "add_error", "Kind", "Question", "Choice"}
# Calls whose words no reader of a page meets.
PROGRAMMERS = {"ValueError", "TypeError", "LookupError", "KeyError", "RuntimeError", "AssertionError", "Misspelt"}
PROGRAMMERS |= {"ImproperlyConfigured", "Error", "Warning", "Caution", "NotImplementedError", "OSError", "Defect"}
MACHINES = {"gauge", "heading", "counter", "execute", "run", "split", "startswith", "debug", "info", "exception"}
RECORD = {"record", "write", "write_down", "_told", "_set", "_clear", "looked", "looked_at"}
UNREAD_CALLS = PROGRAMMERS | MACHINES | RECORD
# Given under these names it is kept with a row, printed for whoever runs the site, or sent to a program.
UNREAD_NAMES = {"what", "why", "reason", "decided_reason", "help", "hint", "conflict", "permissions", "answers"}


# Parts of the tree where no words stand: types, and the keys of a dictionary.
NO_WORDS = {("Dict", "keys"), ("FunctionDef", "returns"), ("arg", "annotation"), ("AnnAssign", "annotation")}


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNREAD:
            self._unread.append(tag)
        buttons = {"value"} if tag == "input" and dict(attrs).get("type") in ("submit", "button") else set()
        for name, value in attrs:
            if name in ATTRIBUTES | buttons and value and WORD.search(value):
                self.found.append((self.getpos()[0], f'{name}="{value}"'))

    def handle_endtag(self, tag: str) -> None:
        if self._unread and tag == self._unread[-1]:
            self._unread.pop()

    def handle_data(self, data: str) -> None:
        if not self._unread and WORD.search(ATTRIBUTE.sub("", data)):
            self.found.append((self.getpos()[0], " ".join(data.split())))


def _blank(match: re.Match[str]) -> str:
    """As many lines, so that what is found is found on its line; a sign where something is filled in."""
    return "\n" * match[0].count("\n") + ("\u2423" if match[0].startswith("{{") else "")


def in_template(text: str, is_mail: bool) -> list[tuple[int, str]]:
    """Line and words of each unmarked text of a template; `is_mail`: it is plain text."""
    text = MARKED.sub(_blank, text)
    said = [
        (text.count("\n", 0, place.start()) + 1, found[0])
        for place in PLACES.finditer(text)
        if place["tag"] != "translate"
        for found in [*GLUED.finditer(place[0]), *LITERAL.finditer(place[0])]
    ]
    text = PLACES.sub(_blank, text)
    if is_mail:
        lines = enumerate(text.splitlines(), 1)
        return said + [(number, line) for number, line in lines if WORD.search(ADDRESS.sub("", line))]
    words = _Words()
    words.feed(text)
    return sorted(said + words.found)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def words_of(node: ast.AST) -> str | None:
    """The words of a literal, with `{}` for what an f-string fills in; None for any other node."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def in_code(tree: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Each literal that looks like a sentence for people and is not marked."""
    yield from _look(tree, "")


def _look(node: ast.AST, around: str) -> Iterator[ast.Constant | ast.JoinedStr]:
    """`around`: the name that what stands here is given or assigned to, or the call whose argument it is."""
    words = words_of(node)
    if words is not None and isinstance(node, ast.Constant | ast.JoinedStr):
        if _is_for_people(words, around):
            yield node
    elif not _is_unread(node):
        name = _given_to(node)
        for child in _children(node) if name not in UNREAD_NAMES else ():
            yield from _look(child, name or ("" if isinstance(node, ast.Call) else around))


def _is_for_people(words: str, around: str) -> bool:
    is_read = around in READ and WORD.search(words) and not NAME.fullmatch(words)
    is_read = is_read or (around in READ_CALLS and FIRST.match(words))
    return bool(is_read or SENTENCE.match(words)) and not SQL.match(words)


def _is_unread(node: ast.AST) -> bool:
    """A marked sentence, a docstring, what only programmers read, or what is compared and looked up."""
    if isinstance(node, ast.Call):
        return _name(node.func) in MARKS | UNREAD_CALLS
    is_alone = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_alone or isinstance(node, ast.Compare | ast.Subscript)


def _given_to(node: ast.AST) -> str:
    """The name of the call, of the argument or of the variable that takes what stands in this node."""
    match node:
        case ast.Call(func=target) | ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target):
            return _name(target)
        case ast.keyword(arg=str(name)):
            return name
    return ""


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Each child that may hold words."""
    for field, part in ast.iter_fields(node):
        if (type(node).__name__, field) not in NO_WORDS:
            yield from (child for child in (part if isinstance(part, list) else [part]) if isinstance(child, ast.AST))


def in_file(path: Path) -> list[tuple[int, str]]:
    """Line and words of each unmarked sentence of a template or a module."""
    text = path.read_text()
    if path.suffix == ".py":
        return [(node.lineno, words_of(node) or "") for node in in_code(ast.parse(text))]
    return in_template(text, is_mail=path.suffix == ".txt")

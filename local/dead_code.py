"""Code that nothing uses: vulture's list, less what is used where vulture cannot look. `python -m local.dead_code`.

Tests are no use: what they alone call goes, or stands in KEPT with the reason. Not looked at by vulture itself are
templates, names in SQL and in lookups, and what Django and Python call by its name.
"""

import ast
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.request import HTTPRedirectHandler

import vulture
from crispy_forms.helper import FormHelper
from django import forms
from django.apps import AppConfig
from django.conf import global_settings
from django.contrib.admin import AdminSite, ModelAdmin, RelatedFieldListFilter, SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.core.mail.backends.smtp import EmailBackend
from django.core.management import BaseCommand
from django.core.paginator import Paginator
from django.db.models import CharField, Func, Lookup
from django.db.models.options import DEFAULT_NAMES
from django.forms.models import ModelFormOptions
from django.utils.feedgenerator import Atom1Feed

from local.environment import ROOT

APPS = sorted(path.parent.name for path in ROOT.glob("*/apps.py"))
CODE = [*APPS, "undersigned", "local", "bench", "hatch_build.py", "manage.py"]
# Whose names are called by the framework: a method that has one of them is an override.
BASES: list[object] = [
    AdminSite,
    AppConfig,
    Atom1Feed,
    BaseCommand,
    ChangeList,
    CharField,
    EmailBackend,
    Func,
    HTMLParser,
    Lookup,
]
BASES += [ModelAdmin, Paginator, RelatedFieldListFilter, SimpleListFilter, forms.ChoiceField, forms.ModelForm]
BASES += [FormHelper, HTTPRedirectHandler, ModelFormOptions, forms.MultiWidget, global_settings]
# Decorators that hand a function to somebody who calls it.
REGISTER = ["*register*", "check", "*.hookimpl", "*.on_change", "way", "desk.bound", "hosts.read_by"]
REGISTER += ["router.*", "*.exception_handler"]  # of the API
REGISTER += [
    f"*{name}"
    for name in (
        "alarm",
        "answers",
        "named_by",
        "open_page",
        "replays",
        "told_by",
        "source",
        "chore",
        "deployed",
        "gauge",
        "kind",
        "lines",
        "step",
        "tile",
    )
]
# What others call by its name.
CALLED = ["clean_*", "has_*_permission", "process_exception", "pytest_*", "handle_DATA", "redirect_request"]
CALLED += ["AXES_*", "CRISPY_*", "OTP_*", "WHITENOISE_*", "CONTENT_SECURITY_POLICY", "ROOT_URLCONF", "handler???"]
CALLED += ["*Config", "default_site", "CustomBuildHook", "initialize"]
CALLED += ["widgets", "success_url", "allow_multiple_selected", "wrap_database_errors"]  # of a form, a view, a driver
CALLED += ["readable", "writable", "readinto", "makefile", "default_port"]  # of what http.client reads from
CALLED += ["allowed_permissions", "do_not_call_in_templates", "short_description"]  # of an action in the admin
CALLED += ["model_config", "to_url"]  # of a shape of the API, of a converter of addresses
CALLED += ["labels", "help_texts", "_bound_fields_cache"]  # of a form
CALLED += ["can_show_all", "full_result_count", "multi_page", "show_admin_actions"]  # of a list in the admin

# Name: why it stays although no code uses it. One that is used by now is told, too.
KEPT = {
    "delete_finished_mail": "registers itself; a test runs it by its name",
    "on_page_markdown": "MkDocs calls it (mkdocs.yml)",
    "on_post_page": "MkDocs calls it (mkdocs.yml)",
    "renderer": "an argument that Django gives",
    "unreached": "what the register promises and no chore does: a fence that a test runs",
}

TAG = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
WORD = re.compile(r"[A-Za-z_]\w*")
SQL = re.compile(r"\b(SELECT|UPDATE|INSERT|DELETE|CREATE|WHERE|SET|FROM|JOIN|AND)\b")
LOOKUP = re.compile(r"-?[a-z]\w*(\.\w+)*")


def words_of_templates() -> Iterator[str]:
    """Each word between the brackets of a template."""
    for path in sorted((ROOT / "templates").rglob("*.*")):
        for tag in TAG.findall(path.read_text()):
            yield from WORD.findall(tag)


def words_of(node: ast.AST) -> Iterator[str]:
    """What a piece of code uses without a name that vulture sees: SQL, lookups, keywords, quoted types, choices."""
    match node:
        case ast.Constant(value=str(text)) if SQL.search(text):
            yield from WORD.findall(text)
        case ast.Constant(value=str(text)) if LOOKUP.fullmatch(text):
            yield from (text, *re.split(r"__|\.|-", text))
        case ast.keyword(arg=str(name)):
            yield from name.split("__")
        case ast.arg(annotation=type_) | ast.FunctionDef(returns=type_) if type_:
            yield from WORD.findall(ast.unparse(type_))
        case ast.ClassDef(bases=[base, *_]) if ast.unparse(base).endswith("Choices"):
            yield from (ast.unparse(line.targets[0]) for line in node.body if isinstance(line, ast.Assign))


def python_files() -> Iterator[Path]:
    """What vulture reads."""
    for name in CODE:
        path = ROOT / name
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def is_set_on_another(item: vulture.core.Item) -> bool:
    """Whether it is an attribute of a library's object, which reads it."""
    line = item.filename.read_text().splitlines()[item.first_lineno - 1]
    return item.typ == "attribute" and f"self.{item.name}" not in line


def unused() -> list[vulture.core.Item]:
    """What nothing uses, nor is called by its name."""
    looker = vulture.Vulture(ignore_names=CALLED, ignore_decorators=[f"@{name}" for name in REGISTER])
    looker.scavenge([str(path) for path in python_files()])
    looker.used_names |= {name for base in BASES for name in dir(base)} | set(DEFAULT_NAMES)
    looker.used_names |= set(words_of_templates())
    for path in python_files():
        if path == Path(__file__):
            continue  # whose lists name what is not used
        looker.used_names |= {word for node in ast.walk(ast.parse(path.read_text())) for word in words_of(node)}
    found = looker.get_unused_code()
    return [item for item in found if "migrations" not in item.filename.parts and not is_set_on_another(item)]


def main() -> int:
    """Print what is dead, and what KEPT keeps although it is used or gone; 1 when there is any."""
    found = unused()
    said = [item.get_report() for item in found if item.name not in KEPT]
    said += [f"{name}: KEPT has to keep it no more" for name in KEPT.keys() - {item.name for item in found}]
    for line in said:
        print(line)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())

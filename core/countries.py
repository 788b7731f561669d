"""Countries by their codes (ISO 3166-1 alpha-2), what they are called (Unicode CLDR), and a box to choose one.

Babel brings the names in every language that CLDR knows. It is loaded when somebody first asks for a country, which is
once per process; what it says and the list of options are kept for each language.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.text import order

# What CLDR names besides the countries of ISO 3166-1: parts of countries that are only reserved there, unions, and
# stand-ins. Kosovo (XK, a code for users' own) stays, because people live there and look for it.
NO_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())
KEPT = 32  # languages, and lists of options by language and first country


def names() -> dict[str, str]:
    """What the countries are called in the reader's language, by code, in the order of its alphabet."""
    return _names(get_language() or "en")


def name(code: str) -> str:
    """What one country is called, or its code where there is none of that code."""
    return names().get(code, code)


@lru_cache(maxsize=KEPT)
def _names(language: str) -> dict[str, str]:
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - a quarter of a second that few processes need

    try:
        locale = Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        locale = Locale.parse("en")
    found = {code: said for code, said in locale.territories.items() if _is_country(code)}
    return dict(sorted(found.items(), key=lambda pair: order.key(pair[1], language)))


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES


@lru_cache(maxsize=KEPT)
def home_of(language: str) -> str:
    """The country where most who write a language live (CLDR, likely subtags), or nothing: `ar` is at home in `EG`."""
    from babel.core import get_global  # noqa: PLC0415 - as above

    likely = get_global("likely_subtags").get(language, "")
    country = likely.rpartition("_")[2]
    return country if _is_country(country) else ""


class CountrySelect(forms.Select):
    """The countries to choose from: none, then `first` where there is a likely one, then all others by name.

    Its 250 options are put together once for each language and kept; which of them is chosen is marked in the text.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "country", **(attrs or {})})
        self.first = ""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The whole element; a value that is no country chooses nothing."""
        options = _options(get_language() or "en", self.first)
        if value in _names("en"):
            options = SafeString(options.replace(f'value="{value}"', f'value="{value}" selected', 1))
        return format_html(
            "<select{}>\n{}</select>", flatatt(self.build_attrs({"name": name, **self.attrs}, attrs)), options
        )


@lru_cache(maxsize=KEPT)
def _options(language: str, first: str) -> SafeString:
    known = dict(_names(language))
    likely = {first: known.pop(first)} if first in known else {}
    return _listed([("", ""), *likely.items(), *known.items()])


def _listed(pairs: Iterable[tuple[str, str]]) -> SafeString:
    return format_html_join("", '<option value="{}">{}</option>\n', pairs)


class CountryField(forms.Field):
    """The code of a country, such as `FR`, or nothing."""

    widget = CountrySelect
    default_error_messages = {"invalid": _("Choose a country from the list, or leave it empty")}

    def to_python(self, value: Any) -> str:
        """The code in capitals. Raises ValidationError for what is none."""
        code = str(value or "").strip().upper()
        if code and code not in _names("en"):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return code

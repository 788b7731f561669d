"""Names as people look for them: any part of any word, whatever the accents, capitals and apostrophes.

The database folds what it has and what was typed by one function, `core_fold` (core/schema.py), and finds a part of a
name by an index of its trigrams, as long as one is declared on the same function:
`GinIndex(OpClass(Fold("name"), "gin_trgm_ops"), name=…)`.
"""

import unicodedata
from collections.abc import Iterable
from typing import Any

from django.db.models import CharField, Func, Lookup, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

MOST_WORDS = 8
SHORT = 3  # letters of an alphabet; fewer are in half of all names, so they are looked for where words begin


@CharField.register_lookup
@TextField.register_lookup
class Like(Lookup):
    """SQL's own LIKE with a pattern that the database makes."""

    lookup_name = "like"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Both sides."""
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        return f"{left} LIKE {right}", (*left_values, *right_values)


class Fold(Func):
    """A text as it is searched: small letters without accents, one space between words, no apostrophes."""

    function = "core_fold"
    output_field = TextField()
    arity = 1


def found(rows: QuerySet, columns: Iterable[str], term: str) -> QuerySet:
    """Those of `rows` in which every word of `term` is a part of one of the `columns`; all of them for no term.

    Signs alone are in no name.
    """
    folded = {f"folded_{number}": Fold(Cast(column, TextField())) for number, column in enumerate(columns)}
    rows = rows.alias(**folded)
    words = [word for word in term.replace("\0", "").split() if any(map(str.isalnum, word))][:MOST_WORDS]
    for word in words:
        rows = rows.filter(_any(folded, word))
    return rows if words or not term.strip() else rows.none()


def _any(folded: Iterable[str], word: str) -> Q:
    ahead = "% " if len(word) < SHORT and all(map(_is_of_an_alphabet, word)) else "%"
    sought = Func(Fold(Value(word, output_field=TextField())), function="btrim", output_field=TextField())
    pattern = Concat(Value(ahead), sought, Value("%"), output_field=TextField())
    condition = Q()
    for name in folded:
        condition |= Q(**{f"{name}__like": pattern})
    return condition


def _is_of_an_alphabet(letter: str) -> bool:
    """Whether names in this script have several letters a word, unlike Chinese ones."""
    return unicodedata.category(letter) != "Lo" or ord(letter) < 0x2E80

"""Anonymising a signature: the count stays, and answers that identify nobody without a name.

SQL over `sig`, for `counting.move`.
"""

from collections.abc import Container

from petitions.signatures import optional

# Who chose that their name stays, and has it shown, is forgotten but for what everybody reads beside it (SAFETY F8).
_STAYS = "(sig.keep_name AND sig.show_name AND sig.state = 'confirmed')"


def _unless_it_stays(column: str, nothing: str) -> str:
    return f"CASE WHEN {_STAYS} THEN sig.{column} ELSE {nothing} END"


# What goes, and what stands there then; all columns of the register that follow the same setting.
_NOTHING = {
    **dict.fromkeys(("email", "ip_key", "address_key", "domain_key", "removed_reason"), "''"),
    "name": _unless_it_stays("name", "''"),
    "sort_key": _unless_it_stays("sort_key", "''"),
    **{
        field.name: _unless_it_stays(field.name, field.empty_sql) if field.is_public else field.empty_sql
        for field in optional.FIELDS
        if not field.stays
    },
    "mailbox_key": "decode(lpad(to_hex(sig.id), 32, '0'), 'hex')",
    "held_reason": "CASE sig.state WHEN 'held' THEN 'Forgotten' ELSE '' END",
    "show_name": _STAYS,
    "email_updates": "false",
    "news_of": "'{}'",
    "position": _unless_it_stays("position", "0"),
}  # fmt: skip
# While people can still sign, the keyed hashes of the address stay, so that nobody counts twice; who signs again has
# their own place back. When the statement has long been closed these go, too.
_STAYS_WHILE_OPEN = {"mailbox_key", "address_key"}


def _emptied(*, but: Container[str] = ()) -> str:
    said = ", ".join(f"{column} = {nothing}" for column, nothing in _NOTHING.items() if column not in but)
    return f"""
    state = CASE WHEN sig.state = 'confirmed' AND NOT {_STAYS} THEN 'anonymised' ELSE sig.state END,
    {said},
    anonymised_at = statement_timestamp()
"""


EMPTIED, NOBODY = " ".join(_NOTHING), _emptied()
EMPTIED_WHILE_OPEN = " ".join(name for name in _NOTHING if name not in _STAYS_WHILE_OPEN)
NOBODY_WHILE_OPEN = _emptied(but=_STAYS_WHILE_OPEN)

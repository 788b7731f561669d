"""Anonymising a signature: the count stays, and answers that identify nobody without a name.

SQL over `sig`, for `counting.move`.
"""

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
EMPTIED = " ".join(_NOTHING)

NOBODY = f"""
    state = CASE WHEN sig.state = 'confirmed' AND NOT {_STAYS} THEN 'anonymised' ELSE sig.state END,
    {", ".join(f"{column} = {nothing}" for column, nothing in _NOTHING.items())},
    anonymised_at = statement_timestamp()
"""

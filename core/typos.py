"""Slips of the finger in well-known mail domains. A suggestion never blocks: the person decides."""

from functools import lru_cache

_KNOWN = """
gmail.com googlemail.com hotmail.com hotmail.co.uk outlook.com live.com live.co.uk msn.com yahoo.com yahoo.co.uk
ymail.com icloud.com me.com aol.com aol.co.uk btinternet.com sky.com virginmedia.com talktalk.net proton.me
protonmail.com gmx.com gmx.net mail.com
""".split()
# Real providers that stand one letter from a bigger one, and have its first letter.
_REAL = {"hotmail.co"}
# Short domains have too many honest neighbours (my.com is no slip for me.com); long ones have room for two slips.
_SHORTEST = 9
_LONG = 14


def suggest_address(email: str) -> str | None:
    """The address `email` was probably meant to be, or None when its domain is known or like no other.

    One wrong, missing, doubled or swapped letter counts as a slip; two do in a long domain.
    """
    local, _, domain = email.rpartition("@")
    known = _meant(domain.lower()) if local else None
    return f"{local}@{known}" if known else None


@lru_cache(maxsize=4096)  # thousands of signers share a few domains, and comparing letters costs more than the database
def _meant(domain: str) -> str | None:
    if domain in _REAL or domain in _KNOWN:
        return None
    near = [
        (_slips(domain, known), rank, known)
        for rank, known in enumerate(_KNOWN)
        if len(known) >= _SHORTEST and _begins_alike(domain, known) and not _is_elsewhere(domain, known)
    ]
    slips, _, known = min(near, default=(_LONG, 0, ""))
    return known if slips <= (2 if len(known) >= _LONG else 1) else None


def _begins_alike(domain: str, known: str) -> bool:
    """People seldom miss the first letter, and fmail.com, qmail.com, jmail.com and email.com are real."""
    return domain[:1] == known[:1] or domain[:2] == known[1::-1]


def _is_elsewhere(domain: str, known: str) -> bool:
    """Whether it is the same name in another country: protonmail.ch, hotmail.fr. Only gmail has one domain alone."""
    name, _, country = domain.partition(".")
    return name == known.partition(".")[0] and name != "gmail" and len(country) == 2


def _slips(one: str, other: str) -> int:
    """How many letters to add, drop, change or swap with their neighbour (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]

"""The holding kinds of this app (submissions/holdings.py)."""

from petitions.signatures.holding import OnPaper, Signatures

__all__ = ["OnPaper", "Signatures"]

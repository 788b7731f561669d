"""The holding kinds of this app (submissions/holdings.py)."""

from petitions.actions.holding import Attendances
from petitions.signatures.holding import OnPaper, Signatures

__all__ = ["Attendances", "OnPaper", "Signatures"]

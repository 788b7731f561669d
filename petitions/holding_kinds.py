"""What of this app a mailbox has (submissions/holdings.py)."""

from petitions.signatures.holding import OnPaper, Signatures

__all__ = ["OnPaper", "Signatures"]

"""What of this app people agree to by mail (submissions/kinds.py)."""

from organisations.kind import EndorsementKind

__all__ = ["EndorsementKind"]

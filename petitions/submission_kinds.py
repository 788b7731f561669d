"""What of this app people agree to by mail (submissions/kinds.py)."""

from petitions.signatures.kind import SignatureKind

__all__ = ["SignatureKind"]

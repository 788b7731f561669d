"""The submission kinds of this app (submissions/kinds.py)."""

from petitions.signatures.kind import SignatureKind

__all__ = ["SignatureKind"]

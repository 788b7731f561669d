"""The submission kinds of this app (submissions/kinds.py)."""

from organisations.kind import EndorsementKind

__all__ = ["EndorsementKind"]

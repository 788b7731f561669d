"""The submission kinds of this app (submissions/kinds.py)."""

from petitions.actions.kind import AttendanceKind
from petitions.signatures.kind import SignatureKind

__all__ = ["AttendanceKind", "SignatureKind"]

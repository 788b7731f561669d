"""The submission kinds of this app (submissions/kinds.py)."""

from comments.kind import CommentKind

__all__ = ["CommentKind"]

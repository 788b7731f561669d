"""What of this app people agree to by mail (submissions/kinds.py)."""

from comments.kind import CommentKind

__all__ = ["CommentKind"]

"""Comments can be switched off in an emergency."""

from core.switches import KINDS, Kind

KINDS.append(Kind("comments", "Comments", "Comments are paused for now."))

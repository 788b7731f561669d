"""Bulk mail can be switched off in an emergency."""

from core.switches import KINDS, Kind

KINDS.append(Kind("mail", "Bulk mail", "Updates by e-mail are paused."))

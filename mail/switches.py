"""Bulk mail, and requests to other hosts, can be switched off in an emergency."""

from core.switches import KINDS, Kind

KINDS.append(Kind("mail", "Bulk mail", "Updates by e-mail are paused."))
KINDS.append(Kind("outbound", "Requests to other hosts", "Nothing is sent to other services for now."))

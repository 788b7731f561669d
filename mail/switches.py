"""Bulk mail, and requests to other hosts, can be switched off in an emergency."""

from django.utils.translation import gettext_lazy as _

from core.switches import KINDS, Kind

KINDS.append(Kind("mail", _("Bulk mail"), _("Updates by e-mail are paused.")))
KINDS.append(Kind("outbound", _("Requests to other hosts"), _("Nothing is sent to other services for now.")))

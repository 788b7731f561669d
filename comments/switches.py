"""Comments can be switched off in an emergency."""

from django.utils.translation import gettext_lazy as _

from core.switches import KINDS, Kind

KINDS.append(Kind("comments", _("Comments"), _("Comments are paused for now.")))

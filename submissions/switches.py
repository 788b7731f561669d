"""What of every form can be switched on in a flood."""

from django.utils.translation import gettext_lazy as _

from core.switches import KINDS, Kind
from submissions import work

KINDS.append(
    Kind(
        work.SWITCH,
        _("Proof of work"),
        _("Forms ask the browser for a second of work; what comes without it waits for a look."),
        is_extra=True,
    )
)

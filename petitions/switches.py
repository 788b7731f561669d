"""Emergency switches of statements."""

from django.utils.translation import gettext_lazy as _

from core.speed import shedding
from core.switches import KINDS, Kind

KINDS += [
    Kind("signing", _("Signing"), _("Signing is paused for a moment. Please come back later today.")),
    Kind("names", _("The list of names"), _("The list of names is not shown at the moment.")),
    Kind("count", _("The live count"), _("The number is being checked and is not shown at the moment.")),
]
# And in which order people are served when too many come at once.
shedding.rank(shedding.SIGN, ends="/sign/", begins="/embed/")

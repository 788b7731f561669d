"""Emergency switches of statements."""

from core.speed import shedding
from core.switches import KINDS, Kind

KINDS += [
    Kind("signing", "Signing", "Signing is paused for a moment. Please come back later today."),
    Kind("names", "The list of names", "The list of names is not shown at the moment."),
    Kind("count", "The live count", "The number is being checked and is not shown at the moment."),
]
# And in which order people are served when too many come at once.
shedding.rank(shedding.SIGN, ends="/sign/", begins="/embed/")

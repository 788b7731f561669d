"""Who confirms comes first when too many come at once: the words stand already, and one press is left."""

from core.speed import shedding

shedding.rank(shedding.CONFIRM, begins="/confirm/", ends="/check-email/")

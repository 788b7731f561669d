"""Confirmations come first when there are too many requests: the submission is stored and one press is left."""

from core.speed import shedding

shedding.rank(shedding.CONFIRM, begins="/confirm/", ends="/check-email/")

"""Documents of data protection (writing.py); what belongs to every site is written here."""

from publishers.documents import activities, assessment, breach, contract, schedule

__all__ = ["activities", "assessment", "breach", "contract", "schedule"]

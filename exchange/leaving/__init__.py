"""Leaving for good: where old addresses lead now, and the erasure of everything of a publisher or of the site."""

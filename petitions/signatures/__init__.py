"""Signatures: the form, the numbers, decisions of staff, paper and meetings."""

"""Kinds of text: name, organisation, line, prose, mailbox, web link, slug.

`tidying.py` says what becomes of a text, `kinds.py` what the database holds true of it; `fields.py` has the columns and
`boxes.py` the fields of forms.
"""

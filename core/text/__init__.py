"""What people write, by kind: a name, an organisation, a line, prose, a mailbox, a web link, the end of an address.

`tidying.py` says what becomes of a text, `kinds.py` what the database holds true of it; `fields.py` has the columns and
`boxes.py` the fields of forms.
"""

"""Notices to a chat: that something waits, a number was reached, or mail fails; never a word that somebody wrote.

looking.py finds what there is to say and gathers it, chats.py says how each chat is spoken to, telling.py sends it.
"""

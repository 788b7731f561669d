"""A publisher in the fediverse: who follows it reads its statements, news and events (ActivityPub, as Mastodon has it).

Off until staff switch it on. Nothing that anybody sends is shown: the inbox takes who follows and who leaves, and the
worker proves it (docs/decisions/0045-the-fediverse.md, docs/fediverse.md).
"""

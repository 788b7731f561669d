"""One encrypted file that holds a whole site, and the way back.

The file is an age file (age-encryption.org/v1) around a ZIP with `database.dump` (pg_dump's custom format), the uploads
under `media/`, and `manifest.json`, which says what there is. It is encrypted for a public key: the machine that makes
it can't read it later, and whoever steals it and the machine can't either. Keys of the site itself are not in it.
"""

"""Runs inside Django: prints how one mailbox rests, in hexadecimal digits, for rows that SQL writes in bulk."""

import django

if __name__ == "__main__":
    django.setup()
    from core.sealed import seal, what_of
    from petitions.models import Signature

    print(seal("amina@example.org", what_of(Signature, "email")).hex())

"""Runs inside Django: prints how one mailbox rests, in hexadecimal digits, for rows that SQL writes in bulk."""

import django

if __name__ == "__main__":
    django.setup()
    from core.sealed import seal

    print(seal("amina@example.org", b"signature.mailbox").hex())

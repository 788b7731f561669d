"""Runs inside Django: prints how mailboxes rest, each with its keyed hashes, in hexadecimal digits, for SQL in bulk."""

import secrets
import sys

import django

if __name__ == "__main__":
    django.setup()
    from core.addresses import address_key, domain_key, mailbox_key
    from core.sealed import seal, what_of
    from petitions.models import Signature

    for _ in range(int(sys.argv[1])):  # nobody twice, however often this is asked
        address = f"amina.{secrets.token_hex(6)}@example.org"
        resting = seal(address, what_of(Signature, "email"))
        print(*(one.hex() for one in (resting, address_key(address), mailbox_key(address), domain_key(address))))

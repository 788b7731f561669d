"""Runs inside Django: gives one signature an address of its own with its keys, so that staff find it; prints it."""

import sys

import django

if __name__ == "__main__":
    django.setup()
    from petitions.models import Signature

    signature = Signature.objects.get(pk=sys.argv[1])
    signature.email = f"signer-{signature.pk}@example.org"
    signature.save(update_fields=["email", "address_key", "mailbox_key", "domain_key"])
    print(signature.email)

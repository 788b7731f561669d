"""Runs inside Django: gives one signature the keys that its address really has, so that staff find it."""

import sys

import django

if __name__ == "__main__":
    django.setup()
    from petitions.models import Signature

    signature = Signature.objects.get(pk=sys.argv[1])
    signature.save(update_fields=["address_key", "mailbox_key", "domain_key"])

"""Runs inside Django for as long as the benchmark does: reads row ids, prints the path of each one's link."""

import sys

import django

if __name__ == "__main__":
    django.setup()
    from core import tokens
    from petitions.signatures import signing

    for line in sys.stdin:
        print(f"/confirm/{tokens.make_token(signing.CONFIRM, int(line))}/", flush=True)

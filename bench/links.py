"""Runs inside Django: reads row ids from standard input, prints the path of each one's confirmation link."""

import sys

import django

if __name__ == "__main__":
    django.setup()
    from core import verification
    from petitions import signing

    for line in sys.stdin:
        print(f"/confirm/{verification.make_token(signing.CONFIRM, int(line))}/")

"""Runs inside Django for as long as the benchmark does: reads ids of submissions, prints each one's link."""

import sys

import django

if __name__ == "__main__":
    django.setup()
    from core import tokens
    from petitions.signatures.signing import KIND
    from submissions.confirm_views import CONFIRM
    from submissions.kinds import named

    signature = named(KIND).number
    for line in sys.stdin:
        print(f"/confirm/{tokens.make_token(CONFIRM, signature, int(line))}/", flush=True)

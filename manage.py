#!/usr/bin/env python
"""The `undersigned` program, run from a checkout."""

from undersigned.cli import main

if __name__ == "__main__":
    main()

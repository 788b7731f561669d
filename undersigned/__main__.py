"""`python -m undersigned`, which is the program `undersigned` of this very Python."""

from undersigned.cli import main

if __name__ == "__main__":
    main()

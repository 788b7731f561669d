"""Steps that are told as they are done; the first that fails ends them with a sentence."""

import os
import subprocess
import sys
import time
from pathlib import Path


class Failed(Exception):
    """A step failed; the text says which, why, and how to go on."""


def say(text: str) -> None:
    """Tell whoever sits before it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run(what: str, command: list[str], home: Path, hint: str = "", **environment: str) -> str:
    """Run one program in the site's folder, and tell how long it took; returns what it said.

    Raises Failed with the end of what it said, and the `hint`.
    """
    began = time.monotonic()
    try:
        done = subprocess.run(  # noqa: S603 - our own commands
            command,
            cwd=home,
            env={**os.environ, "UNDERSIGNED_HOME": str(home), **environment},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise Failed(f"{what}: {command[0]} can't be run: {error.strerror}. {hint}".strip()) from error
    if done.returncode:
        end = "\n  ".join((done.stderr or done.stdout).strip().splitlines()[-6:])
        raise Failed(f"{what} failed:\n  {end}\n{hint}".strip())
    say(f"  {what}: done in {time.monotonic() - began:.1f} s")
    return done.stdout

"""Many short runs of pytest: a process that has loaded what is not ours forks for each, which saves most of their time.

`python -m local.forks` reads orders from its input, one line of JSON each: `{"arguments": […], "environment": {…},
"output": "a path", "seconds": 180}`. It answers each with a line: the code that the run ended with, or `null` when it
had to be ended. Nothing of our own code is loaded before the fork, so each run sees the files as they are then.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

# What nearly every test needs. What asks for settings as it is loaded is loaded by the run itself.
OTHERS = """
    cryptography.hazmat.primitives.ciphers.aead csp.middleware django.contrib.admin django.contrib.admin.sites
    django.contrib.admindocs django.contrib.postgres.fields django.contrib.postgres.indexes django.core.cache
    django.core.handlers.wsgi django.core.mail django.core.management django.core.paginator django.core.serializers
    django.db.backends.postgresql.base django.db.migrations.executor django.db.models django.forms django.http
    django.middleware.csrf django.template.backends.django django.template.backends.jinja2 django.template.defaulttags
    django.test django.test.client django.urls django.utils.translation.trans_real django.views.debug dns.resolver
    factory factory.django faker html5lib idna jinja2 nh3 phonenumbers PIL.Image psycopg psycopg_pool pytest_django
    qrcode requests smtplib standardwebhooks tzdata whitenoise.middleware xml.etree.ElementTree zoneinfo
""".split()
QUIET = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of what was loaded before pytest could rewrite it


def load() -> None:
    """Load what can be loaded here; what is not installed or needs settings is none of our business."""
    for name in OTHERS:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def run(arguments: Sequence[str], environment: Mapping[str, str], output: str, seconds: float) -> int | None:
    """Run pytest in a fork; the code that it ended with, None when it took longer than so many seconds."""
    child = os.fork()
    if child == 0:
        _be_pytest(arguments, environment, output)
    over = time.monotonic() + seconds
    while time.monotonic() < over:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _be_pytest(arguments: Sequence[str], environment: Mapping[str, str], output: str) -> None:
    code = 3
    try:
        os.setsid()
        os.environ.update(environment)
        words = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for number in (1, 2):
            os.dup2(words, number)
        sys.dont_write_bytecode = False
        importlib.invalidate_caches()
        code = int(pytest.main([*QUIET, *arguments]))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class Kitchen:
    """Such a process, for the tests below a folder."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "local.forks"]
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def run(self, arguments: Sequence[str], environment: Mapping[str, str], output: Path, seconds: float) -> int | None:
        """One run; what it says goes into the file `output`. Raises RuntimeError when the process has died."""
        order = {"arguments": arguments, "environment": environment, "output": str(output), "seconds": seconds}
        into, back = self._process.stdin, self._process.stdout
        if into is None or back is None:
            raise RuntimeError("the process that forks has no pipes")
        print(json.dumps(order), file=into, flush=True)
        answer = back.readline()
        if not answer:
            raise RuntimeError("the process that forks has died")
        code: int | None = json.loads(answer)
        return code

    def end(self) -> None:
        """End it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def main() -> None:
    """Answer orders until there are no more."""
    load()
    for line in sys.stdin:
        print(json.dumps(run(**json.loads(line))), flush=True)


if __name__ == "__main__":
    main()

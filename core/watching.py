"""What /metrics tells of the machine: room on its disks, the age of the last backup, how long the certificate holds.

A backup and a look at the certificate are other processes' work: each leaves a note in var/notes/, which costs a web
process nothing to read. Where there is none, such as on a machine that makes no backups, there is no line either.
"""

import json
import logging
import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from core import health
from core.chores import chore

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5
LOOKS_EVERY = 6 * 3600  # seconds
BACKUP, CERTIFICATE = "backup", "certificate"


def _file(name: str) -> Path:
    return settings.HOME / "var" / "notes" / f"{name}.json"


def note(name: str, /, **facts: Any) -> None:
    """Leave a note for the other processes of this machine; nobody ever reads half of one. Raises OSError."""
    file = _file(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(facts))
    unfinished.replace(file)


def noted(name: str) -> dict[str, Any]:
    """The last note of that name; empty where there is none that can be read."""
    try:
        found = json.loads(_file(name).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def certificate_ends(host: str, port: int) -> float:
    """When the certificate shown for `host` ends, in seconds since 1970. Raises OSError; ssl.SSLError is one."""
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=TIMEOUT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        shown = secure.getpeercert() or {}
    return float(ssl.cert_time_to_seconds(str(shown["notAfter"])))


@chore("look at the certificate", has_own_transactions=True)
def look_at_the_certificate() -> int:
    """Note every few hours how long the certificate of ORIGIN holds; one that can't be had is noted as ended now."""
    parts = urlsplit(settings.ORIGIN)
    if parts.scheme != "https" or time.time() - noted(CERTIFICATE).get("looked_at", 0) < LOOKS_EVERY:
        return 0
    try:
        ends = certificate_ends(parts.hostname or "", parts.port or 443)
    except OSError:
        ends = time.time()
    try:
        note(CERTIFICATE, ends=ends, looked_at=time.time())
    except OSError as error:
        logger.warning("what was seen of the certificate can't be noted: %s", error)
    return 0


@health.lines
def machine_lines() -> Iterator[str]:
    """Room, backup, certificate."""
    yield from health.heading("undersigned_disk_free_ratio", "What is free of the disk that holds uploads, 0 to 1.")
    room = shutil.disk_usage(
        next(path for path in (settings.MEDIA_ROOT, *settings.MEDIA_ROOT.parents) if path.exists())
    )
    yield f"undersigned_disk_free_ratio {room.free / room.total:.4f}"
    if "at" in (backup := noted(BACKUP)):
        yield from health.heading("undersigned_backup_age_seconds", "Seconds since the last backup was read back.")
        yield f"undersigned_backup_age_seconds {max(time.time() - backup['at'], 0):.0f}"
    if "ends" in (certificate := noted(CERTIFICATE)):
        meaning = "Seconds until the certificate ends; 0 when none that is valid can be had."
        yield from health.heading("undersigned_certificate_seconds", meaning)
        yield f"undersigned_certificate_seconds {max(certificate['ends'] - time.time(), 0):.0f}"

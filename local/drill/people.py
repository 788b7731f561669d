"""People who sign and press their links while things die: each notes what it was told, and nothing more."""

import http.client
import re
import threading
import time
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlencode

from local.demo import STATEMENT
from local.drill.ledgers import Ledgers
from local.drill.site import Site

DOMAIN = "drill.example"
LINK = re.compile(r"https?://[^/\s]+(/confirm/\S+)")
SIGNERS = 4
PAUSE = 0.1  # seconds, after an answer and before another try


class People:
    """Signers, each in a thread, and one who reads everybody's mail."""

    def __init__(self, site: Site) -> None:
        self.site, self.found = site, Ledgers()
        self.acknowledged_at = 0.0
        self.waiting: dict[str, str] = {}  # the link to press, by address
        self._seen: set[Path] = set()
        self._over, self._read = threading.Event(), threading.Event()
        self._signers = [threading.Thread(target=self._sign, args=(number,)) for number in range(SIGNERS)]
        self._reader = threading.Thread(target=self._read_mail)

    def start(self) -> None:
        """Begin to sign and to press."""
        for thread in (*self._signers, self._reader):
            thread.start()

    def stop_signing(self) -> None:
        """Stop signing; links are still pressed."""
        self._over.set()
        for thread in self._signers:
            thread.join()

    def end(self) -> None:
        """Go home."""
        self.stop_signing()
        self._read.set()
        self._reader.join()

    def unread(self) -> bool:
        """Whether anybody still waits for a mail, or has a link to press."""
        return bool(self.waiting or self.found.acknowledged - set(self.found.mails))

    def _sign(self, signer: int) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            address = f"{signer}-{number}@{DOMAIN}"
            status = self._post(f"/statements/{STATEMENT}/sign/", address, name="Somebody", email=address)
            if status == 303:
                self.found.acknowledged.add(address)
                self.acknowledged_at = time.monotonic()
            elif status == 0:
                self.found.unknown.add(address)
            time.sleep(PAUSE)

    def _read_mail(self) -> None:
        while not self._read.is_set():
            for mail in self.site.mails(self._seen):
                self._open(mail)
            for address, link in list(self.waiting.items()):
                self._press(address, link)
            time.sleep(PAUSE)

    def _open(self, mail: EmailMessage) -> None:
        text = mail.get_body(("plain",))
        address, link = mail["To"], LINK.search(text.get_content()) if text else None
        if link is None or not address.endswith(DOMAIN):
            return
        first = address not in self.found.mails
        self.found.mails.setdefault(address, []).append(mail["Message-ID"])
        if first:
            self.waiting[address] = link[1]

    def _press(self, address: str, link: str) -> None:
        status = self._post(link, address, action="confirm")
        if status == 0:
            self.found.unsure.add(address)
        # Whoever got no answer presses again, and reads that the signature counts already.
        if status == 303 or (status == 200 and address in self.found.unsure):
            self.found.pressed.add(address)
            del self.waiting[address]

    def _post(self, path: str, address: str, **typed: str) -> int:
        """The status of a post from a network of its own; 0 when there was no answer, -1 when nobody heard it."""
        network = f"10.{hash(address) % 250}.{hash(path + address) % 250}.{hash(address[::-1]) % 250}"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": network}
        try:
            status, body, again = self._ask(path, urlencode(typed), headers)
        except ConnectionRefusedError:
            return -1
        except (OSError, http.client.HTTPException):
            return 0
        if status not in {200, 303} and not (status == 503 and again):
            self.found.odd.append(f"{status} for {path[:40]}")
        elif b"Traceback" in body:
            self.found.odd.append(f"a traceback for {path[:40]}")
        return status

    def _ask(self, path: str, body: str, headers: dict[str, str]) -> tuple[int, bytes, str | None]:
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=15)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(), response.headers["Retry-After"]
        finally:
            connection.close()

"""Debian's nginx and Caddy with the files of deploy/, in a folder of the test: other ports and paths, all else as it
is shipped.
"""

import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from local.environment import ROOT
from local.processes import Program, stop
from local.world import free_port
from tests.deploy.visitor import NAME, Refused, Visitor

SYSTEM = "/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/bin"
# What Debian's own /etc/nginx/nginx.conf says around what is in conf.d, as far as it matters here.
AROUND = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/global-error.log;
events {{ worker_connections 768; }}
http {{
    sendfile on;
    types {{ text/css css; }}
    access_log {folder}/global-access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/undersigned.conf;
}}
"""


def program(name: str) -> str:
    """Where the program is. Raises LookupError: these tests never sleep."""
    found = shutil.which(name) or shutil.which(name, path=SYSTEM)
    if found is None:
        raise LookupError(f"There is no {name} here: sh local/edge.sh")
    return found


def changed(text: str, changes: dict[str, str]) -> str:
    """The text with each of `changes` made; each is of something that stands there."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


class Edge(ABC):
    """A proxy that runs with a file of ours before two web servers."""

    def __init__(self, folder: Path, webs: list[int], certificate: dict[str, str]) -> None:
        self.folder, self.webs, self.certificate = folder, webs, certificate
        self.http, self.https = free_port(), free_port()
        self.visitor = Visitor(self.https, certificate["ca"])
        self._program: Program | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """Write its files; returns what starts it."""

    def start(self) -> "Edge":
        """Start it, and wait until it answers."""
        environment = {"PATH": SYSTEM, "HOME": str(self.folder)}
        self._program = Program(type(self).__name__, self.command(), environment, self.folder / "stderr.log")
        self._program.start()
        self._until(lambda: self.visitor.ask("GET", "/healthz").status == HTTPStatus.OK)
        return self

    def stop(self) -> None:
        """End it."""
        if self._program:
            stop([self._program])

    def logged(self) -> str:
        """Everything that it has written down."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def _until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while True:
            try:
                if true():
                    return
            except (OSError, Refused):
                pass
            assert time.monotonic() < deadline, self.logged()
            time.sleep(0.05)


class Nginx(Edge):
    """nginx, which also keeps pages."""

    def command(self) -> list[str]:
        config = changed(
            (ROOT / "deploy" / "nginx" / "undersigned.conf").read_text(),
            {
                "listen 80": f"listen 127.0.0.1:{self.http}",
                "listen 443": f"listen 127.0.0.1:{self.https}",
                "    listen [::]:": "    # listen [::]:",
                "127.0.0.1:8001": f"127.0.0.1:{self.webs[0]}",
                "127.0.0.1:8002": f"127.0.0.1:{self.webs[1]}",
                f"/etc/letsencrypt/live/{NAME}/fullchain.pem": self.certificate["site"],
                f"/etc/letsencrypt/live/{NAME}/privkey.pem": self.certificate["site"],
                "/var/cache/nginx/undersigned": str(self.folder / "cache"),
                "/var/log/undersigned/": f"{self.folder}/",
                "/srv/undersigned/var/media/": f"{self.folder}/media/",
            },
        )
        (self.folder / "undersigned.conf").write_text(config)
        user = "user root;" if Path("/proc/self").stat().st_uid == 0 else ""
        (self.folder / "nginx.conf").write_text(AROUND.format(folder=self.folder, user=user))
        return [program("nginx"), "-e", str(self.folder / "start.log"), "-c", str(self.folder / "nginx.conf")]


class Caddy(Edge):
    """Caddy, which keeps nothing."""

    def command(self) -> list[str]:
        config = changed(
            (ROOT / "deploy" / "Caddyfile").read_text(),
            {
                "127.0.0.1:8001": f"127.0.0.1:{self.webs[0]}",
                "127.0.0.1:8002": f"127.0.0.1:{self.webs[1]}",
                "/srv/undersigned/var/media": f"{self.folder}/media",
                "\tservers {": f"\tadmin off\n\thttp_port {self.http}\n\thttps_port {self.https}\n\tservers {{",
                f"\n{NAME} {{\n": f"\n{NAME} {{\n\ttls {self.certificate['site']} {self.certificate['site']}\n",
            },
        )
        (self.folder / "Caddyfile").write_text(config)
        return [program("caddy"), "run", "--config", str(self.folder / "Caddyfile"), "--adapter", "caddyfile"]

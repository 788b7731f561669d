"""What gets killed: a database server, a mail server, a mail worker and a web server, in a folder of their own."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import psycopg

from local import world
from local.environment import sealed
from local.postgres import Cluster
from local.processes import Program, stop, web_server

FOLDER = world.VAR / "drill"
WEB, WORKER, POST_OFFICE, DATABASE = "web server", "mail worker", "mail server", "database"
VICTIMS = (WEB, WORKER, DATABASE, POST_OFFICE)


class Site:
    """A site with the demo's world, behind a proxy that tells where people come from (`people` play it)."""

    def __init__(self, port: int) -> None:
        shutil.rmtree(FOLDER, ignore_errors=True)
        self.inbox = FOLDER / "mail"
        self.inbox.mkdir(parents=True)
        self.port = port
        self.cluster = Cluster(FOLDER / "postgres")
        self.programs: dict[str, Program] = {}

    def start(self) -> None:
        """Start everything, with the demo's world in the database."""
        self.cluster.start()
        self.sql("CREATE DATABASE undersigned", database="postgres")
        smtp_port = world.free_port()
        self.environment = self._environment(smtp_port)
        world.prepare(self.environment)
        python = sys.executable
        commands = {
            POST_OFFICE: [python, "-m", "local.smtp_sink", "--port", str(smtp_port), "--folder", str(self.inbox)],
            WORKER: [python, "manage.py", "worker"],
            WEB: web_server(self.port, workers=2),
        }
        for name, command in commands.items():
            log = FOLDER / f"{name.replace(' ', '-')}.log"
            self.programs[name] = Program(name, command, self.environment, log)
            self.programs[name].start()

    def kill(self, victim: str) -> None:
        """SIGKILL, and start it again as its supervisor would. The database answers when this returns."""
        if victim == DATABASE:
            self.cluster.kill()
            self.cluster.start()
            return
        program = self.programs[victim]
        program.signal(signal.SIGKILL)
        program.wait()
        program.restarts.append(time.monotonic())  # so that its log goes on
        program.start()

    def end(self) -> None:
        """Stop everything."""
        stop(self.programs.values())
        self.cluster.stop()

    def sql(self, query: str, database: str = "undersigned") -> list[tuple]:
        """Run one statement; returns its rows."""
        with psycopg.connect(self.cluster.url(database), autocommit=True) as connection:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

    def agrees(self) -> bool:
        """Whether `manage.py recount` finds the public numbers true."""
        command = [sys.executable, "manage.py", "recount"]
        return subprocess.run(command, env=self.environment, check=False, stdout=subprocess.DEVNULL).returncode == 0

    def mails(self, seen: set[Path]) -> list[EmailMessage]:
        """What has arrived beyond `seen`, which grows by it."""
        new = sorted(set(self.inbox.glob("*.eml")) - seen)
        seen.update(new)
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in new]

    def _environment(self, smtp_port: int) -> dict[str, str]:
        settings = sealed(
            DATABASE_URL=self.cluster.url("undersigned"),
            DEMO="1",
            ORIGIN=f"http://127.0.0.1:{self.port}",
            SECRET_KEY=secrets.token_urlsafe(64),
            EMAIL_URL=f"smtp://127.0.0.1:{smtp_port}",
            TRUSTED_PROXIES="1",
        )
        return {**os.environ, **settings, "PYTHONUNBUFFERED": "1"}

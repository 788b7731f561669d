"""Prove an archive, or one signer's proof, where there is neither a site nor a network."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import merkle
from exchange.archive import opening, proving
from exchange.files import Unreadable
from petitions.signatures import proof


class Command(BaseCommand):
    """`undersigned verify ARCHIVE [--root HEX …]`, `undersigned verify --proof FILE`."""

    help = "Prove an archive against the roots that were published, or one signer's proof (docs/verifying.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, nargs="?", help="What `undersigned export` wrote.")
        parser.add_argument(
            "--root", action="append", default=[], metavar="HEX",
            help="A root that you noted down from the page or the feed: the archive must have it.",
        )  # fmt: skip
        parser.add_argument("--proof", type=Path, metavar="FILE", help="The proof from a signer's own page, as JSON.")

    def handle(self, *args: Any, archive: Path | None, root: list[str], proof: Path | None, **options: Any) -> None:
        if (archive is None) == (proof is None):
            raise CommandError("Say which archive, or which proof.")
        try:
            if proof is not None:
                self._proof(json.loads(proof.read_text()), root)
            elif archive is not None:
                self._archive(archive, root)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"It can't be read: {error}") from error
        except Unreadable as unreadable:
            raise CommandError(str(unreadable)) from unreadable

    def _archive(self, path: Path, noted: list[str]) -> None:
        wrong, missing = 0, {one.strip().lower() for one in noted}
        with path.open("rb") as file:
            for one in proving.prove(opening.open_archive(file)):
                missing -= {root["root"] for root in one.roots}
                wrong += len(one.wrong)
                self.stdout.write(
                    f"{one.slug}: {one.versions} versions, {one.people:,} people, {one.leaves:,} leaves, "
                    f"{len(one.roots)} roots, the newest of {one.newest.get('day', 'no day')}."
                )
                for sentence in one.wrong:
                    self.stdout.write(f"  WRONG: {sentence}")
        for one_root in sorted(missing):
            self.stdout.write(f"  WRONG: No statement in it has the root {one_root}.")
        if wrong or missing:
            raise CommandError("This archive is not what it says.")
        self.stdout.write("Everything fits together.")

    def _proof(self, said: dict[str, Any], noted: list[str]) -> None:
        hashed = proof.leaf_hash(bytes.fromhex(said["key"]), said["identity"])
        way = [bytes.fromhex(one) for one in said["siblings"]]
        found = merkle.root_of(hashed, at=int(said["place"]), size=int(said["size"]), siblings=way)
        known = {one.strip().lower() for one in noted} or {said["root"]}
        if found is None or found.hex() not in known:
            raise CommandError("This is no proof of that root.")
        self.stdout.write(f"It is in the root {found.hex()} of {said['day']}, over {said['size']} signatures.")
        if not noted:
            self.stdout.write("Compare that root with the one on the statement's page “History”.")

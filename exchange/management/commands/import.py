"""Bring in an archive, or a list from elsewhere."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count

from exchange import files, running, sources, staging
from exchange.archive import reading
from exchange.files import Looks, Unreadable
from exchange.models import Brings, Import, ImportRow
from petitions.models import Statement


class Command(BaseCommand):
    """`undersigned import FILE… [--as SOURCE] [--dry-run] [--statement SLUG …]`."""

    help = "Read an archive of Undersigned, or bring in a list or a WordPress export (docs/exchange/)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="Several only for a WordPress export in parts.")
        parser.add_argument("--action-network", metavar="PETITION", help="Fetch that petition's signatures by the API.")
        parser.add_argument("--key-file", type=Path, help="The file with the key for it; arguments are seen by others.")
        parser.add_argument("--api", default="", help="Another address of Action Network's API.")
        parser.add_argument("--as", dest="source", choices=sorted(sources.ALL), default="", help="Where it comes from.")
        parser.add_argument("--dry-run", action="store_true", help="Tell what would happen, and do nothing.")
        parser.add_argument("--statement", metavar="SLUG", help="That these people signed.")
        parser.add_argument("--brings", choices=Brings.values, default="", help="What the list is of.")
        parser.add_argument("--encoding", default="", help="How its letters are written, if that is guessed wrong.")
        parser.add_argument("--post", default="", help="Title or address of the post of a WordPress export.")
        parser.add_argument("--collected-by", default="", help="Who collected it.")
        parser.add_argument("--words", default="", help="The words that people agreed to.")
        parser.add_argument("--agreed-when", default="", help="When and where they agreed.")
        parser.add_argument("--may-mail", action="store_true", help="They agreed to be written to.")
        parser.add_argument("--may-show", action="store_true", help="They agreed that their names are shown.")
        parser.add_argument("--ask-until", metavar="YYYY-MM-DD", help="Ask each once by mail, with that last day.")
        parser.add_argument("--silence-keeps", action="store_true", help="Who got the mail and says nothing is kept.")
        parser.add_argument("--signed-on", metavar="YYYY-MM-DD", help="Where the list has no date.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            opened = [path.open("rb") for path in options["files"]]
            key = options["key_file"].read_text().strip() if options["key_file"] else ""
        except OSError as error:
            raise CommandError(f"It can't be read: {error}") from error
        try:
            if options["action_network"]:
                self._petition(key, options)
            elif not opened:
                raise CommandError("Say which file.")
            elif files.look(opened[0]) == Looks.ARCHIVE:
                self._archive(opened[0], options["dry_run"])
            else:
                self._list([(path.name, file) for path, file in zip(options["files"], opened, strict=True)], options)
        except (Unreadable, running.ExchangeError) as error:
            raise CommandError(str(error)) from error
        finally:
            for file in opened:
                file.close()

    def _archive(self, file: Any, dry_run: bool) -> None:
        report = reading.read(file, dry_run=dry_run)
        told = ", ".join(f"{number:,} {name}" for name, number in report.counts.items() if number)
        self.stdout.write(f"{'Would read' if dry_run else 'Read'}: {told or 'nothing'}.")
        for name, number in report.left_out.items():
            self.stdout.write(f"Left out: {number:,} of {name}, which only the other site's secret could match.")

    def _petition(self, key: str, options: dict[str, Any]) -> None:
        statement = self._statement(options)
        if statement is None or not key:
            raise CommandError("Say with --statement what they signed, and with --key-file where the key is.")
        found = staging.read_petition(
            petition=options["action_network"], key=key, statement=statement, api=options["api"]
        )
        self._bring(found, options)

    def _statement(self, options: dict[str, Any]) -> Statement | None:
        slug = options["statement"]
        statement = Statement.objects.filter(slug=slug).first() if slug else None
        if slug and statement is None:
            raise CommandError(f"There is no statement “{slug}”.")
        return statement

    def _list(self, chosen: list[tuple[str, Any]], options: dict[str, Any]) -> None:
        statement = self._statement(options)
        if statement is None and files.look(chosen[0][1]) != Looks.XML:
            raise CommandError("Say with --statement which statement these people signed.")
        listed = staging.read_in(
            chosen=chosen, statement=statement, source=options["source"], brings=options["brings"],
            encoding=options["encoding"], post=options["post"],
        )  # fmt: skip
        self._bring(listed, options)

    def _bring(self, listed: Import, options: dict[str, Any]) -> None:
        self._agree(listed, options)
        running.start_check(listed=listed)
        running.to_the_end(listed)
        if not options["dry_run"]:
            running.start(listed=listed)
            running.to_the_end(listed)
        self._tell(listed)
        if options["dry_run"]:
            listed.delete()

    def _agree(self, listed: Import, options: dict[str, Any]) -> None:
        names = ("collected_by", "words", "agreed_when", "may_mail", "may_show")
        for name in names:
            setattr(listed, name, options[name])
        listed.asks, listed.silence_keeps = bool(options["ask_until"]), options["silence_keeps"]
        try:
            if options["signed_on"]:
                listed.date_if_none = date.fromisoformat(options["signed_on"])
            if options["ask_until"]:
                listed.answer_by = date.fromisoformat(options["ask_until"])
        except ValueError as error:
            raise CommandError(f"Write days as YYYY-MM-DD: {error}") from error
        listed.save()
        for remark in listed.remarks:
            self.stdout.write(str(remark))

    def _tell(self, listed: Import) -> None:
        found = listed.rows.values_list("status").order_by("status").annotate(Count("pk"))
        for status, number in found:
            self.stdout.write(f"{number:,} {ImportRow.Status(status).label}")
        for row in listed.rows.filter(status=ImportRow.Status.INVALID).order_by("line")[:20]:
            self.stdout.write(f"line {row.line}: {row.reason}")

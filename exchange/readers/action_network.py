"""Signatures of a petition of Action Network, by its API (https://actionnetwork.org/docs/v2/).

A signature says only who signed by a link, so each person is asked for by itself, four a second as the API allows.
"""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext_lazy as _

from exchange import sources
from exchange.files import Unreadable
from exchange.models import Brings
from exchange.readers.tables import MOST_ROWS, TOO_LONG, Table
from mail.outbound import door, guard
from mail.outbound.kinds import Request

API = "https://actionnetwork.org"
SECONDS_BETWEEN = 0.25
TRIES = 4
HEADINGS = ["given_name", "family_name", "email", "created_date", "postal_code", "country", "subscribed"]

NO_KEY = _("Action Network does not take this key. It is under Details, API & Sync, and belongs to one group.")
NO_PETITION = _("Action Network knows no petition of that number in the group of this key.")
NO_SENSE = _("Action Network answered something that can't be read (%(what)s). Nothing was kept; try again later.")


def read(*, petition: str, key: str, api: str = API) -> Table:
    """All signatures of one petition, whatever time that takes. Raises Unreadable, with nothing kept."""
    rows = []
    for line, cells in enumerate(_signatures(f"{api.rstrip('/')}/api/v2", petition, key), 1):
        if line > MOST_ROWS:
            raise Unreadable(TOO_LONG)
        rows.append((line, cells))
    return Table(HEADINGS, iter(rows), sources.ALL["action_network"], Brings.PEOPLE)


def _signatures(api: str, petition: str, key: str) -> Iterator[list[str]]:
    page, pages = 1, 1
    while page <= pages:
        said = _ask(f"{api}/petitions/{quote(petition, safe='')}/signatures?page={page}", key, NO_PETITION)
        pages = int(said["total_pages"]) if str(said.get("total_pages", "")).isdecimal() else 1
        for signed in _list(said, "_embedded", "osdi:signatures"):
            person = _person(api, key, _at(signed, "_links", "osdi:person", "href"))
            yield [*person[:3], _text(signed, "created_date"), *person[3:]]
        page += 1


def _person(api: str, key: str, href: Any) -> list[str]:
    """Name, address, postcode, country, and whether they are subscribed; blanks for somebody who is gone."""
    if not isinstance(href, str) or not urlsplit(href).path.startswith("/api/v2/people/"):
        raise Unreadable(NO_SENSE, what="people")
    # Only the number is taken: no answer leads us and the key to another host.
    said = _ask(f"{api}/people/{quote(href.rpartition('/')[2], safe='')}", key, None)
    mails = _list(said, "email_addresses")
    mail = next((one for one in mails if one.get("primary") is True), mails[0] if mails else {})
    homes = _list(said, "postal_addresses")
    home = next((one for one in homes if one.get("primary") is True), homes[0] if homes else {})
    news = "yes" if mail.get("status") == "subscribed" else "no"
    return [_text(said, "given_name"), _text(said, "family_name"), _text(mail, "address"),
            _text(home, "postal_code"), _text(home, "country"), news]  # fmt: skip


def _ask(url: str, key: str, missing: Any) -> dict[str, Any]:
    """One answer; `missing` is the sentence for a 404, None if that is an empty answer. Raises Unreadable."""
    for attempt in range(1, TRIES + 1):
        time.sleep(SECONDS_BETWEEN * attempt)
        try:
            answer = door.send(Request(url, "GET", headers={"OSDI-API-Token": key, "Accept": "application/json"}))
        except guard.Refused as error:
            raise Unreadable(str(error).replace("%", "%%")) from error
        except door.NoAnswer as error:
            trouble = str(error)
            continue
        if answer.status in {401, 403}:
            raise Unreadable(NO_KEY)
        if answer.status == 404:
            if missing is not None:
                raise Unreadable(missing)
            return {}
        if answer.is_good:
            return _said(answer.body)
        trouble = str(answer.status)
    raise Unreadable(NO_SENSE, what=trouble)


def _said(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError as error:
        raise Unreadable(NO_SENSE, what="JSON") from error
    if not isinstance(said, dict):
        raise Unreadable(NO_SENSE, what="JSON")
    return said


def _at(said: Any, *names: str) -> Any:
    for name in names:
        said = said.get(name) if isinstance(said, dict) else None
    return said


def _list(said: Any, *names: str) -> list[dict[str, Any]]:
    found = _at(said, *names)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(said: dict[str, Any], name: str) -> str:
    found = said.get(name)
    return found if isinstance(found, str) else ""

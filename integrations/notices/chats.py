"""How each chat is told one line of text.

Sources: the Matrix client-server API 1.11 (PUT …/send/m.room.message/{txnId}); Mattermost's and Slack's incoming
webhooks; Discord's Execute Webhook; ntfy's publishing as JSON.
"""

import json
from typing import Any
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _

from integrations.notices.models import Chat
from mail.outbound.kinds import Request

MOST = 1500  # characters; Discord takes 2000


class Odd(Exception):
    """What was typed is not what this chat needs; the words say how it looks."""


def judge(chat: str, url: str, token: str) -> None:
    """Whether a chat can be told with these. Raises Odd."""
    if chat == Chat.MATRIX and ("#/" in url or not _room(url).startswith("!") or not token):
        raise Odd(
            _("For Matrix: the address of the server with the room's internal id at its end, such as "
              "https://matrix.example.org/!abc:example.org, and the access token of who writes.")
        )  # fmt: skip
    if chat == Chat.NTFY and not _room(url):
        raise Odd(_("For ntfy: the address of the topic, such as https://ntfy.example.org/our-topic."))
    if chat in {Chat.SLACK, Chat.MATTERMOST, Chat.DISCORD} and not _room(url):
        raise Odd(_("Paste the whole address of the incoming webhook."))


def _room(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]


def request(chat: str, url: str, token: str, words: str, name: str) -> Request:
    """What tells it `words`; `name` is the same on a repeat, so that Matrix shows it once."""
    words = words[:MOST]
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    if chat == Chat.MATRIX:
        base, room = url.rstrip("/").rpartition("/")[::2]
        path = f"_matrix/client/v3/rooms/{quote(room, safe='')}/send/m.room.message/{name}"
        return _asked("PUT", f"{base}/{path}", {"msgtype": "m.notice", "body": words}, bearer)
    if chat == Chat.NTFY:
        base, topic = url.rstrip("/").rpartition("/")[::2]
        return _asked("POST", base, {"topic": topic, "message": words}, bearer)
    if chat == Chat.DISCORD:
        return _asked("POST", url, {"content": words, "allowed_mentions": {"parse": []}}, {})
    return _asked("POST", url, {"text": words}, {})


def _asked(method: str, url: str, value: dict[str, Any], headers: dict[str, str]) -> Request:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Request(url, method=method, body=body, headers={"Content-Type": "application/json", **headers})

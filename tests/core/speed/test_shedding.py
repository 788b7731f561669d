"""When there are too many, those who wait longest in vain are told so, in the order of mercy."""

import time

import pytest

from core.speed import shedding
from core.speed.front import RENEWS
from core.speed.shedding import CONFIRM, READ, SIGN, WRITE, Shedding, rank_of, waited


@pytest.mark.parametrize(
    ("method", "path", "rank"),
    [
        ("POST", "/confirm/abc/", CONFIRM),
        ("POST", "/statements/libraries/check-email/", CONFIRM),
        ("POST", "/statements/libraries/sign/", SIGN),
        ("POST", "/embed/libraries/form/", SIGN),
        ("POST", "/manage/abc/", SIGN),
        ("GET", "/admin/", SIGN),
        ("POST", "/statements/libraries/comments/", WRITE),
        ("POST", "/statements/libraries/endorse/form/", WRITE),
        ("GET", "/confirm/abc/", READ),
        ("GET", "/statements/libraries/", READ),
        ("GET", "/healthz", None),
        ("GET", "/static/css/site.css", None),
    ],
)
def test_every_request_has_its_place_in_the_order_of_mercy(method, path, rank):
    assert rank_of({"REQUEST_METHOD": method, "PATH_INFO": path}) == rank


def test_patience_grows_with_mercy():
    assert sorted(shedding.PATIENCE, reverse=True) == list(shedding.PATIENCE)
    assert max(shedding.PATIENCE) < 0.2


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [
        ("t=1699999999.750", 0.25),  # nginx
        ("1699999999750", 0.25),  # Caddy
        ("t=1700000009.000", 0.0),  # a clock that goes wrong
        ("t=12", 0.0),
        ("", 0.0),
        ("yesterday", 0.0),
        ("nan", 0.0),
    ],
)
def test_the_proxys_stamp_tells_how_long_a_request_queued(stamp, seconds):
    assert waited(stamp, 1_700_000_000.0) == pytest.approx(seconds)


def ask(
    method: str, path: str, queued: float | None, stood: float = 2.0, renews: bool = False
) -> tuple[str, dict[str, str], bytes]:
    """What the application answers to a request that queued for so many seconds, when the queue stood for `stood`."""
    said = []

    def inside(environ, start_response):
        start_response("200 OK", [])
        return [b"served"]

    environ = {"REQUEST_METHOD": method, "PATH_INFO": path}
    if renews:
        environ[RENEWS] = True
    if queued is not None:
        environ["HTTP_X_REQUEST_START"] = f"t={time.time() - queued:.3f}"
    shedding = Shedding(inside)
    shedding._calm_at = time.time() - stood
    body = b"".join(shedding(environ, lambda status, headers: said.extend([status, dict(headers)])))
    return said[0], said[1], body


@pytest.mark.parametrize("rank", [CONFIRM, SIGN, WRITE, READ])
def test_each_kind_is_refused_when_its_patience_is_over(rank):
    method, path = [
        ("POST", "/confirm/abc/"),
        ("POST", "/statements/libraries/sign/"),
        ("POST", "/statements/libraries/comments/"),
        ("GET", "/statements/libraries/signatures/"),
    ][rank]
    assert ask(method, path, shedding.PATIENCE[rank] - 0.03)[2] == b"served"
    status, headers, body = ask(method, path, shedding.PATIENCE[rank] + 0.01)
    assert (status, headers["Retry-After"], headers["Cache-Control"]) == ("503 Service Unavailable", "10", "no-store")
    assert headers["Content-Length"] == str(len(body))
    assert b"what you typed is still there" in body


def test_a_pause_of_the_disk_is_no_overload():
    assert ask("GET", "/statements/libraries/signatures/", 1.4, stood=1.4)[2] == b"served"


def test_an_overload_ends_when_nobody_has_queued_for_a_while(monkeypatch):
    busy = Shedding(lambda environ, start_response: [b"served"])
    clock = [1_700_000_000.0]
    monkeypatch.setattr(shedding.time, "time", lambda: clock[0])
    busy._calm_at = busy._late_at = clock[0]

    def after(seconds: float, queued: float) -> bool:
        """Whether a page is served that comes so much later and has queued for so long."""
        clock[0] += seconds
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/statements/libraries/signatures/"}
        stamp = f"t={clock[0] - queued:.3f}"
        return busy({**environ, "HTTP_X_REQUEST_START": stamp}, lambda status, headers: None) == [b"served"]

    assert after(1.4, queued=0.3)  # a pause
    assert not after(0.2, queued=0.3)  # it stands
    assert after(0.1, queued=0.01)  # let in, because it did not queue
    assert not after(0.1, queued=0.3)  # a gap is no end
    assert after(1.5, queued=0.01)  # this is
    assert after(0.1, queued=0.3)


def test_without_a_proxy_nobody_is_refused():
    assert ask("GET", "/statements/libraries/signatures/", None)[2] == b"served"


def test_who_renews_a_page_for_everybody_is_never_refused():
    assert ask("GET", "/statements/libraries/", 60)[0] == "503 Service Unavailable"
    assert ask("GET", "/statements/libraries/", 60, renews=True)[2] == b"served"


def test_what_watches_over_the_process_is_always_answered():
    assert ask("GET", "/readyz", 60)[2] == b"served"

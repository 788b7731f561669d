"""When there are too many, those who wait longest in vain are told so, in the order of mercy."""

import pytest

from core.speed import shedding
from core.speed.front import RENEWS
from core.speed.shedding import CONFIRM, READ, SIGN, WRITE, Shedding, passed, rank_of


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
        ("t=1700000009.000", -9.0),  # a clock of its own
        ("t=-12", None),
        ("", None),
        ("yesterday", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_a_proxys_stamp_is_read(stamp, seconds):
    assert passed(stamp, 1_700_000_000.0) == (None if seconds is None else pytest.approx(seconds))


class Clock:
    """Two clocks that a test sets: the one that nobody sets, and the proxy's."""

    def __init__(self, monkeypatch) -> None:
        self.now, self.behind = 1000.0, 0.0
        monkeypatch.setattr(shedding.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(shedding.time, "time", lambda: 1_700_000_000 + self.now)

    def stamp(self, queued: float) -> str:
        return f"t={1_700_000_000 + self.now - queued - self.behind:.3f}"


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


class Process:
    """A process that is asked; somebody else is being served all the while unless it is said to be idle."""

    def __init__(self, clock: Clock, proxies: int = 1) -> None:
        self.clock = clock
        self.shedding = Shedding(self._serve, proxies)
        self.said: dict[str, str] = {}

    def _serve(self, environ, start_response):
        start_response("200 OK", [])
        return [b"served"]

    def _listen(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.said = {"status": status, **dict(headers)}

    def ask(self, queued, method="GET", path="/statements/libraries/signatures/", *, idle=False, **more) -> bytes:
        """What is answered to a request that queued for so many seconds (None: no header says so)."""
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "REMOTE_ADDR": "10.0.0.1", **more}
        if queued is not None:
            environ["HTTP_X_REQUEST_START"] = self.clock.stamp(queued)
        self.shedding._at_work = 0 if idle else 3
        return b"".join(self.shedding(environ, self._listen))

    def let_stand(self, seconds: float = 2.0) -> "Process":
        """A queue that has stood for so long."""
        self.clock.now += 1
        self.ask(0, idle=True)
        for _ in range(4):
            self.clock.now += seconds / 4
            self.ask(0.06, path="/readyz")
        return self


@pytest.mark.parametrize("rank", [CONFIRM, SIGN, WRITE, READ])
def test_each_kind_is_refused_when_its_patience_is_over(clock, rank):
    method, path = [
        ("POST", "/confirm/abc/"),
        ("POST", "/statements/libraries/sign/"),
        ("POST", "/statements/libraries/comments/"),
        ("GET", "/statements/libraries/signatures/"),
    ][rank]
    process = Process(clock).let_stand()
    assert process.ask(shedding.PATIENCE[rank] - 0.03, method, path) == b"served"
    body = process.ask(shedding.PATIENCE[rank] + 0.01, method, path)
    said = process.said
    assert (said["status"], said["Retry-After"], said["Cache-Control"]) == ("503 Service Unavailable", "10", "no-store")
    assert said["Content-Length"] == str(len(body))
    assert b"what you typed is still there" in body


def test_a_pause_of_the_disk_is_no_overload(clock):
    assert Process(clock).let_stand(1.4).ask(1.3) == b"served"


def test_an_overload_ends_when_nobody_has_queued_for_a_while(clock):
    process = Process(clock)
    process.ask(0, idle=True)

    def after(seconds: float, queued: float) -> bool:
        """Whether a page is served that comes so much later and has queued for so long."""
        clock.now += seconds
        return process.ask(queued) == b"served"

    assert after(1.4, queued=0.3)  # a pause
    assert not after(0.2, queued=0.3)  # it stands
    assert after(0.1, queued=0.01)  # let in, because it did not queue
    assert not after(0.1, queued=0.15)  # a gap is no end
    assert after(1.5, queued=0.01)  # this is
    assert after(0.1, queued=0.1)


@pytest.mark.parametrize("behind", [-3600, -0.06, 0.06, 3600])
def test_the_clock_of_a_proxy_may_say_what_it_likes(clock, behind):
    clock.behind = behind
    process = Process(clock)
    for _ in range(50):
        clock.now += 0.1
        assert process.ask(0.004, idle=True) == b"served"
    assert process.let_stand().ask(0.3) != b"served"


@pytest.mark.parametrize("behind", [-3600, -0.06, 3600])
def test_a_clock_that_is_set_under_load_refuses_nobody(clock, behind):
    process = Process(clock)
    for second in range(100):
        clock.now += 0.1
        clock.behind = behind if second > 50 else 0
        assert process.ask(0.004, idle=second == 0) == b"served"


def test_a_clock_that_is_set_a_little_is_noticed_when_there_is_nothing_to_do(clock):
    process = Process(clock).let_stand()
    clock.behind = 0.06
    clock.now += 0.1
    process.ask(0.004, idle=True)
    for _ in range(20):
        clock.now += 0.1
        assert process.ask(0.004) == b"served"


def test_each_proxy_has_a_clock_of_its_own(clock):
    process = Process(clock)
    for _ in range(50):
        clock.now += 0.1
        clock.behind = 0
        assert process.ask(0.004) == b"served"
        clock.behind = 7
        assert process.ask(0.004, REMOTE_ADDR="10.0.0.2") == b"served"


def test_a_visitors_header_is_nobodys_time(clock):
    process = Process(clock, proxies=0)
    process.let_stand()
    assert process.ask(60) == b"served"


def test_without_the_header_nobody_is_refused(clock):
    assert Process(clock).let_stand().ask(None) == b"served"


def test_who_renews_a_page_for_everybody_is_never_refused(clock):
    process = Process(clock).let_stand()
    assert process.ask(1.9) != b"served"
    assert process.ask(1.9, **{RENEWS: True}) == b"served"


def test_what_watches_over_the_process_is_always_answered(clock):
    assert Process(clock).let_stand().ask(1.9, path="/readyz") == b"served"

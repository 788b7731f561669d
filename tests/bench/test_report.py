"""The benchmark's arithmetic: medians, ratios of the same minute, doubts, targets, and the file."""

import json

import pytest

from bench import load, report
from bench.report import Figure
from bench.site import BenchError


def shot(rps: float, others: float = 0.0, statuses: dict[int, int] | None = None, **cpu: float) -> load.Shot:
    return load.Shot(
        rps=rps, p50_ms=1.0, p99_ms=2.0, statuses=statuses or {200: 10}, seconds=1.0, cpu={"others": others, **cpu}
    )


def test_a_figure_is_the_median_and_its_ratio_that_of_neighbours():
    # The machine slowed down to a tenth in the middle: neighbours share that, medians of all would not.
    own, floors = [shot(90), shot(9), shot(80)], [shot(100), shot(10), shot(100)]
    found = report.figure(own, floors)
    assert (found.rps, found.floor_rps, found.ratio) == (80, 100, 0.9)
    assert report.figure(own).ratio is None


def test_what_an_answer_costs_does_not_depend_on_who_else_is_there():
    own = [shot(100, web=0.06, database=0.04), shot(10, web=0.006, database=0.004)]
    floors = [shot(50, web=0.02, database=0.02), shot(500, web=0.3, database=0.1)]
    assert (report.cpu_ms(own[0]), report.figure(own, floors).more) == (1.0, {"cpu_ratio": 0.8})
    assert report.figure([shot(100)], [shot(100)]).more == {}


def test_flatness_compares_neighbours():
    assert report.flatness([shot(90), shot(9), shot(95)], [shot(100), shot(10), shot(100)]) == 0.9


def test_shots_without_their_floor_are_refused():
    with pytest.raises(ValueError, match="zip"):
        report.figure([shot(1), shot(2)], [shot(1)])


def test_other_programs_and_uneven_shots_are_told():
    quiet, busy, uneven = [shot(100), shot(101)], [shot(100, others=0.5), shot(100)], [shot(100), shot(200)]
    assert report.disturbances({"quiet": quiet}) == []
    assert report.disturbances({"busy": busy, "uneven": uneven}) == [
        "busy: other programs used 0.50 cores",
        "uneven: its shots lie 67% apart",
    ]


def test_a_target_is_reached_or_not_and_says_itself():
    found = report.judged(Figure(ratio=0.8, p99_ms=250.0), least={"ratio": 0.8}, most={"p99_ms": 250})
    assert (found.ok, found.target) == (True, "ratio ≥ 0.8, p99_ms ≤ 250")
    assert report.judged(Figure(ratio=0.79), least={"ratio": 0.8}).ok is False
    assert report.judged(Figure(more={"errors": 1}), most={"errors": 0}).ok is False


def test_the_file_has_the_shape_that_was_asked_for(tmp_path):
    path = tmp_path / "results.json"
    figures = {"page": Figure(rps=10.0, p99_ms=2.0, floor_rps=12.0, ratio=0.83), "storm": Figure(p99_ms=9.0)}
    report.write(path, figures, {"page": 0.99}, {"web_after_storm": 80.0}, ["page: uneven"])
    written = json.loads(path.read_text())
    assert set(written) == {"machine", "scenarios", "flatness", "memory_mb"}
    assert written["scenarios"] == {
        "page": {"rps": 10.0, "p99_ms": 2.0, "floor_rps": 12.0, "ratio": 0.83},
        "storm": {"p99_ms": 9.0},
    }
    assert (written["flatness"], written["memory_mb"]) == ({"page": 0.99}, {"web_after_storm": 80.0})
    assert (written["machine"]["trusted"], written["machine"]["doubts"]) == (False, ["page: uneven"])


def test_the_table_has_a_line_for_each():
    figures = {"page": report.judged(Figure(rps=10.0, ratio=0.9), least={"ratio": 0.85}), "mail": Figure(rps=400.0)}
    lines = report.table(figures, {"page": 0.97}).splitlines()
    assert [line.split()[0] for line in lines] == ["scenario", "page", "mail"]
    assert lines[1].endswith("✓ ratio ≥ 0.85")


LINE = {
    "seconds": 2.0, "p50_ms": 1.5, "p99_ms": 9.0, "statuses": {"200": 10, "303": 30},
    "errors": {"connect": 0, "read": 0, "write": 0, "timeout": 0}, "more": {},
}  # fmt: skip


def test_what_wrk_says_is_read():
    found = load.read(json.dumps(LINE), {"web": 3.0})
    assert (found.rps, found.answers(303), found.answers(200, 303), found.cpu) == (20.0, 30, 40, {"web": 1.5})


def test_broken_connections_void_the_run():
    with pytest.raises(BenchError, match="broken connections"):
        load.read(json.dumps({**LINE, "errors": {**LINE["errors"], "read": 3}}))

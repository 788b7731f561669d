"""From shots to figures: medians, ratios, what the machine disturbed, a table and a file. Nothing here measures."""

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from bench.load import Shot

# Cores that other programs may use on average before a figure cannot be trusted, and how far floors may lie apart.
MOST_OTHERS = 0.25
MOST_SPREAD = 0.25


@dataclass
class Figure:
    """What one scenario came to. `rps` is of the median shot; None where a scenario measures something else."""

    rps: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    floor_rps: float | None = None
    ratio: float | None = None
    cpu: dict[str, float] = field(default_factory=dict)
    queries: int | None = None
    target: str = ""
    ok: bool | None = None
    more: dict = field(default_factory=dict)


def middle(shots: list[Shot]) -> Shot:
    """The shot with the median rate; of an even number, the lower one of the two in the middle."""
    return sorted(shots, key=lambda shot: shot.rps)[(len(shots) - 1) // 2]


def figure(shots: list[Shot], floors: list[Shot] | None = None) -> Figure:
    """One scenario's figure from its shots and, shot by shot, the floor's of the same minute."""
    shot = middle(shots)
    ratio = median(own.rps / floor.rps for own, floor in zip(shots, floors, strict=True)) if floors else None
    pairs = [(cpu_ms(own), cpu_ms(floor)) for own, floor in zip(shots, floors or [], strict=False)]
    more = (
        {"cpu_ratio": round(median(floor / own for own, floor in pairs), 3)} if all(map(all, pairs)) and pairs else {}
    )
    return Figure(
        rps=round(shot.rps, 1),
        p50_ms=round(shot.p50_ms, 2),
        p99_ms=round(shot.p99_ms, 2),
        floor_rps=round(middle(floors).rps, 1) if floors else None,
        ratio=round(ratio, 3) if ratio is not None else None,
        cpu=shot.cpu,
        more=more,
    )


def cpu_ms(shot: Shot) -> float:
    """Milliseconds of CPU that web server and PostgreSQL used for one answer; 0 where it was not measured.

    Where others use the machine too, how many answers there were says who was let in, and this what they cost.
    """
    return (shot.cpu.get("web", 0.0) + shot.cpu.get("database", 0.0)) * 1000 / shot.rps


def flatness(large: list[Shot], small: list[Shot]) -> float:
    """How much of the rate with few rows is left with very many; pairs are of the same minute."""
    return round(median(own.rps / other.rps for own, other in zip(large, small, strict=True)), 3)


def disturbances(shots: dict[str, list[Shot]]) -> list[str]:
    """Why figures of this run should not be trusted: other programs at work, or one scenario's shots far apart."""
    found = []
    for name, taken in shots.items():
        others = max(shot.cpu.get("others", 0.0) for shot in taken)
        if others > MOST_OTHERS:
            found.append(f"{name}: other programs used {others:.2f} cores")
        rates = [shot.rps for shot in taken]
        spread = (max(rates) - min(rates)) / median(rates)
        if spread > MOST_SPREAD:
            found.append(f"{name}: its shots lie {spread:.0%} apart")
    return found


def judged(found: Figure, *, least: dict[str, float] | None = None, most: dict[str, float] | None = None) -> Figure:
    """The figure with its target in words, and whether it was reached; the keys are names of a Figure, or of `more`."""
    values = {**found.more, **{name: value for name, value in asdict(found).items() if value is not None}}
    least, most = least or {}, most or {}
    parts = [f"{name} ≥ {value:g}" for name, value in least.items()] + [
        f"{name} ≤ {value:g}" for name, value in most.items()
    ]
    found.target = ", ".join(parts)
    found.ok = all(values[name] >= value for name, value in least.items()) and all(
        values[name] <= value for name, value in most.items()
    )
    return found


def machine() -> dict[str, object]:
    """What the figures were taken on; no name of it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def table(figures: dict[str, Figure], flat: dict[str, float]) -> str:
    """All figures for a terminal."""
    head = f"{'scenario':16} {'per second':>11} {'p50 ms':>8} {'p99 ms':>8} {'wrk':>5} {'web':>5} {'db':>5}"
    lines = [f"{head} {'floor':>8} {'ratio':>6} {'flat':>5} {'queries':>7}  target"]
    for name, found in figures.items():
        cpu = [found.cpu.get(part) for part in ("wrk", "web", "database")]
        cells = [
            _cell(found.rps, 11, 1), _cell(found.p50_ms, 8, 2), _cell(found.p99_ms, 8, 2),
            *(_cell(value, 5, 2) for value in cpu),
            _cell(found.floor_rps, 8, 0), _cell(found.ratio, 6, 2), _cell(flat.get(name), 5, 2),
            _cell(found.queries, 7, 0),
        ]  # fmt: skip
        verdict = {True: "✓", False: "✗", None: " "}[found.ok]
        lines.append(f"{name:16} {' '.join(cells)}  {verdict} {found.target}")
        if found.more:
            lines.append(" " * 17 + ", ".join(f"{key} {value}" for key, value in found.more.items()))
    return "\n".join(lines)


def _cell(value: float | None, width: int, digits: int) -> str:
    return f"{value:>{width},.{digits}f}" if value is not None else " " * width


def write(
    path: Path, figures: dict[str, Figure], flat: dict[str, float], memory: dict[str, float], doubts: list[str]
) -> None:
    """Write results.json."""
    scenarios = {
        name: {key: value for key, value in asdict(found).items() if value not in (None, {}, "")}
        for name, found in figures.items()
    }
    content = {
        "machine": {**machine(), "trusted": not doubts, "doubts": doubts},
        "scenarios": scenarios,
        "flatness": flat,
        "memory_mb": memory,
    }
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")

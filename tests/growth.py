"""How work grows with its size: a ratio of one run, which says the same on a slow, busy machine as on a quick one."""

import time
from collections.abc import Callable


def quickest(work: Callable[[], object], tries: int = 5) -> float:
    """How long the work takes in the quickest of `tries` turns, in seconds: to be compared within one run only."""
    taken = []
    for _ in range(tries):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return min(taken)


def growth(small: Callable[[], object], large: Callable[[], object], tries: int = 5) -> float:
    """How many times as long the large work takes as the small."""
    return quickest(large, tries) / quickest(small, tries)

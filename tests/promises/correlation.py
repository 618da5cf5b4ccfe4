"""Whether one order tells of another: Spearman's rank correlation."""

import math
from collections.abc import Sequence
from typing import Any


def ranks(values: Sequence[Any]) -> list[float]:
    """From 0; equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            found[place] = (start + end - 1) / 2
        start = end
    return found


def rho(values: Sequence[Any]) -> float:
    """Between the places of the values in the sequence and their sizes; 0.0 when all are equal."""
    ours = ranks(values)
    middle = (len(ours) - 1) / 2
    spread = sum((rank - middle) ** 2 for rank in ours)
    if not spread:
        return 0.0
    return sum((place - middle) * (rank - middle) for place, rank in enumerate(ours)) / math.sqrt(
        spread * sum((place - middle) ** 2 for place in range(len(ours)))
    )


def bound(number: int) -> float:
    """Five standard deviations of rho when there is no correlation: passed by chance once in 1.7 million."""
    return 5 / math.sqrt(number - 1)

"""Which points are computed with which of pyhf's minimisers, the most telling ones first.

Only the standard library is used here: the references are made in an environment of their own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

PALLETS = {
    "1Lbb": ("atlas-susy-2019-08-1Lbb.tar.gz", "1909.09226"),
    "stau combined": ("atlas-susy-2018-04-stau.tar.gz", "1911.06660/Region-combined"),
    "stau low mass": ("atlas-susy-2018-04-stau.tar.gz", "1911.06660/Region-lowMass"),
    "stau high mass": ("atlas-susy-2018-04-stau.tar.gz", "1911.06660/Region-highMass"),
    "3L eRJR": ("atlas-susy-2018-06-3L-eRJR.tar.gz", "1912.08479"),
}
"""Archive, and the folder in it with the background-only workspace and the patch set."""
EXAMPLE = "example"
"""The pallet that fitgui brings along."""

SAMPLE_SIZE = 24
SEED = 3
HARD: Mapping[str, Sequence[str]] = {
    "1Lbb": ("C1N2_Wh_hbb_900_250", "C1N2_Wh_hbb_300_150", "C1N2_Wh_hbb_1000_0"),
    "stau combined": ("DS_240_1_Staus", "DS_280_40_Staus", "DS_200_1_Staus", "DS_100_1_Staus"),
    "3L eRJR": ("ERJR_300p0_100p0",),
}
"""Points that are fitted first: several minima, or answers of pyhf that are known to be wrong."""

_METHODS: Mapping[str, Sequence[str]] = {
    "1Lbb": ("slsqp-jax", "minuit-jax"),
    "stau combined": ("slsqp-numpy", "minuit-numpy", "slsqp-jax"),
    "3L eRJR": ("slsqp-numpy", "minuit-numpy", "minuit-fine-jax"),
}
"""Minimiser and tensor library: whichever is quicker, and both where minima are missed most.

``minuit`` has a tolerance of 1, which leaves a few thousandths of twice the NLL open: enough to move CLs by
more than 1e-4. ``minuit-fine`` has one of 0.01, where SLSQP gives no answer that could be compared; there it
needs exact gradients, for the likelihood of 3L eRJR as pyhf evaluates it is rounded to about 1e-3.
"""
_WITH_NUMPY = ("C1N2_Wh_hbb_900_250", "C1N2_Wh_hbb_300_150")
"""Points of 1Lbb on which numpy, a hundred times slower, confirms jax."""

_LIMITS: Mapping[str, tuple[str, int]] = {
    EXAMPLE: ("slsqp-numpy", 3),
    "stau low mass": ("slsqp-numpy", 2),
    "stau combined": ("slsqp-numpy", 4),
    "3L eRJR": ("minuit-fine-jax", 4),
    "1Lbb": ("slsqp-jax", 2),
}
"""Upper limits: by which minimiser, at how many points."""


@dataclass(frozen=True)
class Job:
    """One entry of the file of references."""

    kind: str
    """``tests`` (free fit, fits at mu = 0 and 1, CLs) or ``limits`` (on mu, observed and band)."""
    analysis: str
    point: str
    method: str


def sample(analysis: str, points: Sequence[str], size: int = SAMPLE_SIZE) -> list[str]:
    """The hard points, and others spread over the grid by a seed."""
    hard = [point for point in HARD.get(analysis, ()) if point in points]
    others = sorted(set(points) - set(hard))
    return (hard + random.Random(SEED).sample(others, min(size, len(others))))[: min(size, len(points))]


def jobs(points: Mapping[str, Sequence[str]]) -> Iterator[Job]:
    """Everything to be computed, something of every kind early.

    Args:
        points: The names of all signal points by analysis.
    """
    samples = {analysis: sample(analysis, names) for analysis, names in points.items()}
    rounds = 4
    yield from _tests(samples, 0, rounds)
    for point in _WITH_NUMPY:
        yield Job("tests", "1Lbb", point, "slsqp-numpy")
    yield from _limits(points)
    yield from _tests(samples, rounds, SAMPLE_SIZE)
    yield Job("tests", "1Lbb", _WITH_NUMPY[0], "minuit-numpy")


def _tests(samples: Mapping[str, Sequence[str]], first: int, last: int) -> Iterator[Job]:
    for rank in range(first, last):
        for analysis, methods in _METHODS.items():
            for point in samples[analysis][rank : rank + 1]:
                yield from (Job("tests", analysis, point, method) for method in methods)


def _limits(points: Mapping[str, Sequence[str]]) -> Iterator[Job]:
    for rank in range(max(count for _, count in _LIMITS.values())):
        for analysis, (method, count) in _LIMITS.items():
            if rank < count:
                yield Job("limits", analysis, sample(analysis, points[analysis])[rank], method)

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

SAMPLE_SIZE = 20
SEED = 3
HARD: Mapping[str, Sequence[str]] = {
    "1Lbb": ("C1N2_Wh_hbb_900_250", "C1N2_Wh_hbb_300_150", "C1N2_Wh_hbb_1000_0"),
    "stau combined": ("DS_240_1_Staus", "DS_280_40_Staus", "DS_200_1_Staus", "DS_100_1_Staus"),
    "3L eRJR": ("ERJR_300p0_100p0",),
}
"""Points that are fitted first: several minima, or answers of pyhf that are known to be wrong."""

_METHODS: Mapping[str, Mapping[str, int]] = {
    "1Lbb": {"slsqp-jax": SAMPLE_SIZE, "minuit-jax": SAMPLE_SIZE, "slsqp-numpy": 2},
    "stau combined": {"slsqp-numpy": SAMPLE_SIZE, "minuit-numpy": SAMPLE_SIZE, "slsqp-jax": 4},
    "3L eRJR": {"slsqp-numpy": SAMPLE_SIZE, "minuit-numpy": SAMPLE_SIZE, "minuit-fine-jax": SAMPLE_SIZE},
}
"""Minimiser and tensor library, whichever is quicker, and for how many points.

``minuit`` has a tolerance of 1, which leaves a few thousandths of twice the NLL open: enough to move CLs by
more than 1e-4, so only its fits to data are of use. ``minuit-fine`` has one of 0.01, where SLSQP gives no
answer that could be compared; there it needs exact gradients, for the likelihood of 3L eRJR as pyhf evaluates
it is rounded to about 1e-3. Where jax is quicker, numpy confirms it on two points.
"""

_LIMITS: Mapping[str, tuple[str, int]] = {
    EXAMPLE: ("slsqp-numpy", 6),
    "1Lbb": ("slsqp-jax", 2),
    "stau low mass": ("slsqp-numpy", 3),
    "3L eRJR": ("minuit-fine-jax", 3),
    "stau combined": ("slsqp-numpy", 3),
}
"""Upper limits: by which minimiser, at how many points."""


@dataclass(frozen=True)
class Job:
    """One entry of the file of references."""

    kind: str
    """``fits`` (free, and at mu = 1), ``tests`` (five fits, CLs) or ``limits`` (on mu, observed and band)."""
    analysis: str
    point: str
    method: str


def sample(analysis: str, points: Sequence[str], size: int = SAMPLE_SIZE) -> list[str]:
    """The hard points, and others spread over the grid by a seed."""
    hard = [point for point in HARD.get(analysis, ()) if point in points]
    others = sorted(set(points) - set(hard))
    return (hard + random.Random(SEED).sample(others, min(size, len(others))))[: min(size, len(points))]


def jobs(points: Mapping[str, Sequence[str]], what: str) -> Iterator[Job]:
    """Everything to be computed, something of every analysis early.

    Args:
        points: The names of all signal points by analysis.
        what: ``tests`` (with the fits that are only fits) or ``limits``.
    """
    samples = {analysis: sample(analysis, names) for analysis, names in points.items()}
    if what == "limits":
        yield from _limits(samples)
        return
    for rank in range(SAMPLE_SIZE):
        for analysis, methods in _METHODS.items():
            for point in samples[analysis][rank : rank + 1]:
                for method, count in methods.items():
                    kind = "fits" if method.startswith("minuit-") and "fine" not in method else "tests"
                    if rank < count:
                        yield Job(kind, analysis, point, method)


def _limits(samples: Mapping[str, Sequence[str]]) -> Iterator[Job]:
    for rank in range(max(count for _, count in _LIMITS.values())):
        for analysis, (method, count) in _LIMITS.items():
            if rank < count:
                # The others of the sample are less extreme than the hard ones.
                yield Job("limits", analysis, samples[analysis][len(HARD.get(analysis, ())) + rank], method)

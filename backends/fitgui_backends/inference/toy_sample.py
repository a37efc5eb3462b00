"""A sample of pseudo-experiments: test statistics of the data and of toys, whole or in shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from fitgui_backends.histfactory.interpolation import Floats


@dataclass(frozen=True, slots=True, eq=False)
class ToySample:
    """The test statistic, for ``m`` signal strengths, of the data and of ``n`` toys of each hypothesis."""

    mus: Floats
    """The tested signal strengths, shape (m,)."""
    observed: Floats
    """Of the data, shape (m,)."""
    signal: Floats
    """Of toys with a signal of the tested strength, shape (m, n)."""
    background: Floats
    """Of toys without signal, the same for all signal strengths, shape (m, n)."""
    seed: int
    first: int
    """Number of the first toy."""
    failed: int
    """Toys, of either hypothesis, with a fit that did not converge; they are counted as they came out."""
    converged: bool
    """Whether the fits to the data converged that say what is thrown."""
    seconds: float
    """What one core needed."""

    @property
    def number(self) -> int:
        """How many toys of each hypothesis (and signal strength)."""
        return int(self.background.shape[1])


def merge_toys(samples: Iterable[ToySample]) -> ToySample:
    """Join the shares of a sample, given in any order.

    Raises:
        ValueError: if there are none, they are not of one sample, or toys are missing or twice there.
    """
    shares = sorted(samples, key=lambda share: (share.first, share.number))
    if not shares:
        raise ValueError("there are no shares to merge")
    begin, expected = shares[0], shares[0].first
    for share in shares:
        if share.seed != begin.seed or not np.array_equal(share.mus, begin.mus):
            raise ValueError("shares with different seeds or signal strengths cannot be merged")
        if share.first != expected:
            raise ValueError(f"toy {min(share.first, expected)} is missing or there twice")
        expected += share.number
    return ToySample(
        mus=begin.mus,
        observed=begin.observed,
        signal=np.concatenate([share.signal for share in shares], axis=1),
        background=np.concatenate([share.background for share in shares], axis=1),
        seed=begin.seed,
        first=begin.first,
        failed=sum(share.failed for share in shares),
        converged=all(share.converged for share in shares),
        seconds=sum(share.seconds for share in shares),
    )

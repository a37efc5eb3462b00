"""Pseudo-data: how they are thrown, and the likelihood of data that often have empty bins."""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache
from typing import ClassVar, Final

import numpy as np

from fitgui_backends.histfactory.constraints import Data, PoissonTerms
from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.histfactory.likelihood import Likelihood

SIGNAL, BACKGROUND = 1, 0
"""Hypotheses, as they enter the keys of the random numbers."""
WALL: Final = 1e3
"""How steep the wall is that keeps the rate of an empty bin from falling below zero, per event squared."""
_LARGEST_RATE: Final = 1e15
"""Above, a Poisson number is a normal one: the difference is beyond the sixteen digits of a number."""


class WalledTerms(PoissonTerms):
    """Poisson terms that end at a rate of zero.

    Without events the term of a bin is its rate, and where an interpolation makes that negative the
    "likelihood" rises without end, and fits go there. A probability does not exceed one, so below zero the
    term has a wall, ``rate + WALL rate^2 / 2``: steep, with a continuous slope, and no rate of a minimum is
    lower than -1 / WALL for its own sake.
    """

    def value(self, rate: Floats) -> float:
        """As of the base class, plus the wall."""
        value = super().value(rate)
        if not self._all_positive:
            below = np.minimum(rate[~self._positive], 0.0)
            value += 0.5 * WALL * float(below @ below)
        return value

    def slopes(self, rate: Floats) -> tuple[Floats, Floats]:
        """As of the base class, plus those of the wall."""
        first, second = super().slopes(rate)
        if not self._all_positive:
            behind = ~self._positive & (rate < 0.0)
            first[behind] += WALL * rate[behind]
            second[behind] += WALL
        return first, second


class ToyLikelihood(Likelihood):
    """The likelihood of pseudo-data: that of all data, but the rate of an empty bin stays above zero."""

    _terms: ClassVar[type[PoissonTerms]] = WalledTerms


def throw(
    expected: Data,
    sigma: Floats,
    *,
    seed: int,
    name: str = "",
    hypothesis: int,
    mu: float | None = None,
    number: int,
) -> Data:
    """Throw pseudo-data: Poisson counts, and the auxiliary data of all constraints.

    The random numbers are Philox's, keyed by everything that names the toy: which share of a sample it is
    computed in makes no difference. As numpy promises no streams for ever, the same numbers need the same
    version of numpy.

    Args:
        expected: At the generating parameters; zero or above, but for rounding and the wall.
        sigma: Of the normal constraints, shape (c,).
        seed: Zero or above.
        name: Of the signal point: toys of different points are independent with the same seed.
        hypothesis: :data:`SIGNAL` or :data:`BACKGROUND`.
        mu: The signal strength of a signal toy.
        number: Which toy, counted from 0.
    """
    key = (hypothesis, *struct.unpack("<II", struct.pack("<d", mu if mu is not None else 0.0)), number)
    sequence = np.random.SeedSequence((seed, *_digest(name)), spawn_key=key)
    generator = np.random.Generator(np.random.Philox(sequence))
    counts = _poisson(generator, expected.counts)
    normal = expected.normal + sigma * generator.standard_normal(sigma.size)
    return Data(counts, normal, _poisson(generator, expected.poisson))


@lru_cache(maxsize=8)
def _digest(name: str) -> tuple[int, ...]:
    """128 bits of a name, as four numbers; nothing without a name."""
    if not name:
        return ()
    # Names of published patches may hold half of a surrogate pair, which utf-8 refuses.
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).digest()
    return struct.unpack("<4I", digest[:16])


def _poisson(generator: np.random.Generator, rates: Floats) -> Floats:
    rates = np.maximum(rates, 0.0)
    numbers = generator.poisson(np.minimum(rates, _LARGEST_RATE)).astype(np.float64)
    huge = np.flatnonzero(rates > _LARGEST_RATE)
    if huge.size:
        numbers[huge] = np.rint(rates[huge] + np.sqrt(rates[huge]) * generator.standard_normal(huge.size))
    return numbers

"""Upper limits and the discovery test with pyhf, for those who ask the reference for them.

The fits behind them are looked at as those behind CLs: none of pyhf's reports is taken for its word.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from fitgui_backends.engines import pyhf_health as health
from fitgui_backends.engines.pyhf_recorder import FloatArray, Minimisation
from fitgui_backends.engines.pyhf_words import failed_in_words
from fitgui_backends.engines.shared import fit_words
from fitgui_backends.levels import EXCLUSION_CLS
from fitgui_backends.limit_words import limits_beyond

if TYPE_CHECKING:
    from fitgui_backends.contract import FitOptions

_RELATIVE: Final = 1e-4
_ABSOLUTE: Final = 2e-12
"""Tolerances in mu: those of ``pyhf.infer.intervals.upper_limits.toms748_scan``."""


class _UndefinedError(ArithmeticError):
    """A number that pyhf gives is none."""


@dataclass(eq=False)
class Extras:
    """What is asked of a point beyond CLs, what could not be had of it, and its health; CLs stands anyway."""

    data: Any
    """Observed and auxiliary data, as a tensor: the very object that CLs was computed for."""
    model: Any
    """The ``pyhf.Model``."""
    options: FitOptions
    watch: Callable[[Callable[[Minimisation], None]], None]
    """Has pyhf report its minimisations from now on."""
    twice_nll_at: health.TwiceNllAt
    known: Sequence[FloatArray]
    """Where the fits behind CLs ended."""
    converged: bool = True
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    """The fields of ``FitRecord``."""

    def limits(self) -> dict[str, Any] | None:
        """Upper limits, the fields of ``UpperLimits``; ``None``, with a warning, where a fit fails."""
        poi = self.model.config.poi_index
        tests: list[tuple[float, list[Minimisation]]] = []

        def record(fit: Minimisation) -> None:
            tests[-1][1].append(fit)

        self.watch(record)
        try:
            limits = upper_limits(
                self.data,
                self.model,
                self.options.test_statistic,
                before=lambda mu: tests.append((mu, [])),
            )
        except _UndefinedError as error:
            self.warnings.append(f"There are no upper limits: {error}; try the engine newton.")
            return None
        except Exception as error:  # noqa: BLE001  (pyhf raises what it likes)
            mu, fits = tests[-1] if tests else (math.nan, [])
            failed = failed_in_words(error, health.name_fits(fits, self.data, poi, mu), mu)
            self.warnings.append(f"There are no upper limits: {failed}")
            return None
        misled = misled_fits(tests, self.data, poi, self.twice_nll_at, self.known)
        number = sum(len(fits) for _, fits in tests)
        if misled:
            self.converged = False
            self.warnings.append(health.misled_in_words(misled, number, "the upper limits"))
        upper = float(self.model.config.suggested_bounds()[poi][1])
        observed, *band = limits
        self.notes += limits_beyond(observed, (band[0], band[1], band[2], band[3], band[4]), "mu", upper)
        return {"obs": observed, "exp": band, "fits": number, "converged": not misled}

    def discovery(self) -> dict[str, Any] | None:
        """The test of the background-only hypothesis, the fields of ``Discovery``.

        ``None``, with a warning, where a fit fails.
        """
        poi = self.model.config.poi_index
        minimisations: list[Minimisation] = []
        self.watch(minimisations.append)
        try:
            found = discovery(self.data, self.model)
        except Exception as error:  # noqa: BLE001  (pyhf raises what it likes)
            fits = health.name_discovery_fits(minimisations, self.data, poi)
            reason = str(error) if isinstance(error, _UndefinedError) else failed_in_words(error, fits, 0.0)
            self.warnings.append(f"There is no discovery test: {reason}")
            return None
        fits = health.name_discovery_fits(minimisations, self.data, poi)
        gains = health.lower_elsewhere(fits, self.twice_nll_at, self.known)
        names = self.model.config.par_names
        self.records += [health.fit_record(name, fit, names, gains.get(name)) for name, fit in fits.items()]
        if gains:
            self.converged = False
            misled = [health.Misled(fit_words(name, 0.0), fits[name], gain) for name, gain in gains.items()]
            self.warnings.append(health.misled_in_words(misled, len(fits), "p0"))
        return {"p0_obs": found[0], "p0_exp": found[1:]}


def misled_fits(
    tests: Sequence[tuple[float, list[Minimisation]]],
    data: Any,
    poi_index: int,
    twice_nll_at: health.TwiceNllAt,
    known: Sequence[FloatArray],
) -> list[health.Misled]:
    """The fits of several hypothesis tests that are not at their minimum.

    Every fit is also looked at where the fits of the tests at other mu ended.

    Args:
        tests: The tested signal strength and the fits of each.
        data: The observed ones.
        poi_index: Of the parameter of interest.
        twice_nll_at: The likelihood.
        known: Where further fits of the point ended.
    """
    places = list(known)
    for mu, fits in tests:
        tested = health.name_fits(fits, data, poi_index, mu).get("mu1")
        places += [] if tested is None else [tested.end]
    seen: dict[tuple[object, ...], float | None] = {}
    found = []
    for mu, fits in tests:
        named = health.name_fits(fits, data, poi_index, mu)
        # pyhf makes the free fit and that at mu = 0 anew at each mu, from the same start: once is enough.
        new = {name: fit for name, fit in named.items() if _identity(fit) not in seen}
        gains = health.lower_elsewhere(
            new, twice_nll_at, [*places, *(fit.end for fit in named.values())], enough=health.TOLERANCE
        )
        seen |= {_identity(fit): gains.get(name) for name, fit in new.items()}
        for name, fit in named.items():
            gain = seen[_identity(fit)]
            if gain is not None:
                where = "" if name in {"mu1", "asimov_mu1"} else f" of the test of mu = {mu:.4g}"
                found.append(health.Misled(f"{fit_words(name, mu)}{where}", fit, gain))
    return found


def upper_limits(
    data: Any, model: Any, statistic: str, *, before: Callable[[float], None] = lambda _: None
) -> list[float | None]:
    """Where CLs falls to 0.05, as ``pyhf.infer.intervals.upper_limits.upper_limit`` finds it.

    pyhf's own function goes on beyond the bounds of the parameter of interest, for ever where the signal has
    no effect. This one takes the same steps (TOMS 748 on each of the six curves of CLs, every hypothesis test
    is kept) and stops at the bounds.

    Args:
        data: Observed and auxiliary data, as a tensor.
        model: The ``pyhf.Model``.
        statistic: ``qtilde`` or ``q``.
        before: Called with the signal strength before each hypothesis test.

    Returns:
        Observed, then expected at -2 to +2 sigma; ``None`` where it is not within the bounds.

    Raises:
        ArithmeticError: if CLs is not a number where it is needed.
        Exception: whatever pyhf raises where a fit fails.
    """
    import pyhf  # noqa: PLC0415  (only a process that fits pays for pyhf)

    upper = float(model.config.suggested_bounds()[model.config.poi_index][1])
    known: dict[float, list[float]] = {0.0: [1.0] * 6}

    def cls(mu: float) -> list[float]:
        if mu not in known:
            before(mu)
            observed, band = pyhf.infer.hypotest(
                mu, data, model, test_stat=statistic, return_expected_set=True
            )
            known[mu] = [float(observed), *(float(value) for value in band)]
            if not all(map(math.isfinite, known[mu])):
                raise _UndefinedError(f"pyhf's CLs is not a number at mu = {mu:.4g}")
        return known[mu]

    return [_crossing(cls, curve, upper, known) for curve in range(6)]


def discovery(data: Any, model: Any) -> list[float]:
    """The p-value of the background-only hypothesis, by q0.

    Returns:
        Observed, then expected at -2 to +2 sigma.

    Raises:
        ArithmeticError: if it is not a number.
        Exception: whatever pyhf raises where a fit fails.
    """
    import pyhf  # noqa: PLC0415

    observed, band = pyhf.infer.hypotest(0.0, data, model, test_stat="q0", return_expected_set=True)
    found = [float(observed), *(float(value) for value in band)]
    if not all(map(math.isfinite, found)):
        raise _UndefinedError("pyhf's p0 is not a number; try the engine newton.")
    return found


def _identity(fit: Minimisation) -> tuple[object, ...]:
    """What a minimisation did: the same of two that fitted the same data from the same place."""
    data = tuple(float(value) for value in fit.data)
    return (data, tuple(sorted(fit.fixed.items())), fit.start.tobytes(), fit.end.tobytes())


def _crossing(
    cls: Callable[[float], list[float]], curve: int, upper: float, known: dict[float, list[float]]
) -> float | None:
    """Where one curve of CLs falls to the level; ``None`` where that is not below ``upper``."""
    from scipy.optimize import toms748  # noqa: PLC0415

    def above(mu: float) -> float:
        return cls(mu)[curve] - EXCLUSION_CLS

    if not above(upper) < 0.0:
        return None
    values = {mu: above(mu) for mu in known}
    low = max(mu for mu, value in values.items() if value >= 0.0)
    high = min((mu for mu, value in values.items() if value < 0.0 and mu > low), default=upper)
    return float(toms748(above, low, high, k=2, xtol=_ABSOLUTE, rtol=_RELATIVE))

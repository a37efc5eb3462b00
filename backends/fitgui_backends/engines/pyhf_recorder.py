"""Watch pyhf minimise, without touching what it does.

``pyhf.set_backend(tensorlib, custom_optimizer=...)`` takes any optimiser that is a pyhf optimiser by class;
the one made here passes every call on unchanged and keeps what pyhf drops: start, end, iterations, message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from fitgui_backends.engines.pyhf_words import minuit_in_words

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Minimisation:
    """One call of the optimiser, as it went."""

    data: Any = field(repr=False)
    """What was fitted, the very object that pyhf passed: observed or Asimov."""
    fixed: dict[int, float]
    """Value of each fixed parameter by index."""
    bounds: FloatArray = field(repr=False)
    """Lower and upper bound of each parameter, shape ``(parameters, 2)``."""
    start: FloatArray = field(repr=False)
    """All parameters, fixed ones at their value, shape ``(parameters,)``."""
    end: FloatArray = field(repr=False)
    """All parameters where the optimiser stopped, shape ``(parameters,)``."""
    twice_nll: float
    success: bool
    message: str
    iterations: int | None
    evaluations: int | None
    estimated_distance: float | None
    """Minuit's EDM, in twice the NLL."""


def recording_optimizer(kind: str, record: Callable[[Minimisation], None]) -> Any:
    """Make a pyhf optimiser that reports every minimisation, also the failed ones.

    Args:
        kind: ``scipy`` or ``minuit``.
        record: Called after each minimisation, before pyhf goes on or raises.

    Raises:
        pyhf.exceptions.ImportBackendError: if minuit is asked for and iminuit is not installed.
    """
    import pyhf  # noqa: PLC0415  (only a process that fits pays for pyhf)

    base: Any = getattr(pyhf.optimize, f"{kind}_optimizer")

    class RecordingOptimizer(base):  # type: ignore[misc]
        """The optimiser of pyhf, watched."""

        def _minimize(self, minimizer: Any, func: Any, x0: Any, **keywords: Any) -> Any:
            # pyhf writes the fixed values into x0 here; the result is taken before pyhf judges it.
            result = super()._minimize(minimizer, func, x0, **keywords)
            self._last = result
            return result

        def minimize(  # noqa: PLR0917  (pyhf's signature)
            self,
            objective: Any,
            data: Any,
            pdf: Any,
            init_pars: Sequence[float],
            par_bounds: Sequence[Sequence[float]],
            fixed_vals: Sequence[tuple[int, float]] | None = None,
            **keywords: Any,
        ) -> Any:
            fixed = {int(index): float(value) for index, value in fixed_vals or ()}
            start = np.array([float(value) for value in init_pars])
            for index, value in fixed.items():
                start[index] = value
            self._last = None
            try:
                return super().minimize(objective, data, pdf, init_pars, par_bounds, fixed_vals, **keywords)
            finally:
                if self._last is not None:
                    record(_minimisation(self._last, data, fixed, par_bounds, start))

    return RecordingOptimizer()


def _minimisation(
    result: Any, data: Any, fixed: dict[int, float], bounds: Sequence[Sequence[float]], start: FloatArray
) -> Minimisation:
    minuit = getattr(result, "minuit", None)
    iterations = getattr(result, "nit", None)
    evaluations = getattr(result, "nfev", None)
    # HESSE may spoil a minimum after pyhf wrote "terminated successfully" into the message.
    message = str(result.message) if minuit is None or result.success else minuit_in_words(minuit)
    return Minimisation(
        data=data,
        fixed=fixed,
        bounds=np.array([[float(low), float(high)] for low, high in bounds]),
        start=start,
        end=np.array([float(value) for value in result.x]),
        twice_nll=float(result.fun),
        success=bool(result.success),
        message=message,
        iterations=None if iterations is None else int(iterations),
        evaluations=None if evaluations is None else int(evaluations),
        estimated_distance=None if minuit is None else float(minuit.fmin.edm),
    )

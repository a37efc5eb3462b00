"""pyhf's minimisers, which also write down every fit, and go on where pyhf gives up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pyhf
from pyhf.exceptions import FailedMinimization

SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "slsqp": {"maxiter": 100_000},
    "minuit": {"strategy": 0, "tolerance": 1.0, "maxiter": 1_000_000},
    "minuit-fine": {"strategy": 0, "tolerance": 0.01, "maxiter": 1_000_000},
}


class Record(list[dict[str, Any]]):
    """The fits of one job in order: ``value`` (twice the NLL), ``success``, ``evaluations``."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: dict[str, Any] = {}
        """What is known of the answer when the job ends early."""


def optimizer(name: str, record: Record) -> Any:
    """An optimizer for ``pyhf.set_backend``, by its name in :data:`SETTINGS`."""
    base = pyhf.optimize.scipy_optimizer if name == "slsqp" else pyhf.optimize.minuit_optimizer
    return _recording(base, record)(**SETTINGS[name])


def _recording(base: Any, record: Record) -> Any:
    class Recording(base):  # type: ignore[misc]
        """Keeps a failed minimisation's last point: how low it came is what counts."""

        def _internal_minimize(self, *arguments: Any, **keywords: Any) -> Any:
            try:
                result = super()._internal_minimize(*arguments, **keywords)
            except FailedMinimization as error:
                result = error.result
            value = float(result.fun)
            record.append(
                {
                    "value": value if math.isfinite(value) else None,
                    "success": bool(result.success),
                    "evaluations": int(result.nfev),
                }
            )
            return result

    Recording.__name__ = base.__name__
    return Recording

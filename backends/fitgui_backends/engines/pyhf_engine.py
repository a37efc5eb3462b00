"""The reference engine: ``pyhf.infer.hypotest``, watched; what it does is in :mod:`.pyhf_core`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from fitgui_backends.contract import FitOptions, FitPoint, ToyShare
from fitgui_backends.engines import pyhf_core
from fitgui_backends.engines.base import FitError
from fitgui_backends.engines.shared import Known, in_words, patched
from fitgui_backends.results import FitResult, ShareResult


class PyhfEngine:
    """pyhf with its numpy or jax tensors, and SLSQP or MINUIT as minimiser."""

    name = "pyhf"

    def check_options(self, options: FitOptions) -> None:
        """Say no to what pyhf cannot keep, or fitgui does not ask of it.

        Raises:
            FitError: in words.
        """
        pyhf_core.check_options(options)

    def warm_up(self) -> None:
        """Import pyhf (1 to 2 s).

        Raises:
            FitError: if pyhf is not installed.
        """
        pyhf_core.need_pyhf()
        import pyhf  # noqa: F401, PLC0415  (only a process that fits pays for pyhf)

        from fitgui_backends.histfactory import schema  # noqa: F401, PLC0415

    def prepare(
        self, workspace: Mapping[str, Any], measurement: str | None, options: FitOptions
    ) -> PreparedPyhf:
        """Check the options; the measurement is looked for in each patched workspace.

        Raises:
            FitError: if an option is unknown or an extra is missing.
        """
        self.check_options(options)
        self.warm_up()
        return PreparedPyhf(workspace, measurement, options)


class PreparedPyhf:
    """A workspace whose signal points pyhf fits, one at a time in this process."""

    def __init__(self, workspace: Mapping[str, Any], measurement: str | None, options: FitOptions) -> None:
        self._workspace = workspace
        self._measurement = measurement
        self._options = options
        self._known = Known(workspace)

    def fit(self, point: FitPoint) -> FitResult:
        """Patch, validate, build the model, test the hypothesis and look at every fit behind the answer.

        Raises:
            FitError: if the patch or the model is wrong, a minimisation failed, or CLs is not a number.
        """
        started = time.perf_counter()
        with in_words():
            document = patched(self._workspace, point, self._known)
        seconds = time.perf_counter() - started
        plain = pyhf_core.fit_document(point.name, document, self._measurement, self._options)
        plain["seconds"]["model"] += seconds
        return msgspec.convert(plain, FitResult)

    def fit_share(self, point: FitPoint, share: ToyShare) -> ShareResult:
        """Say no: there are no pseudo-experiments with this engine.

        Raises:
            FitError: always.
        """
        raise FitError(f"The engine pyhf throws no pseudo-experiments ({share.count} of {point.name}).")

"""The engine ``newton``: exact first and second derivatives, several starts, no pyhf.

The likelihood and the formulae are pyhf's; the minima are searched with more care (``docs/decisions``), so
CLs may differ from pyhf's where pyhf ended in a higher minimum.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import msgspec

from fitgui_backends.contract import TEST_STATISTICS, FitOptions, FitPoint, ToyShare
from fitgui_backends.engines import newton_extras as extras
from fitgui_backends.engines import newton_words as words
from fitgui_backends.engines.base import FitError
from fitgui_backends.engines.newton_extras import Tested
from fitgui_backends.engines.shared import (
    Known,
    check_counts,
    check_ranges,
    check_signal_strength,
    choose,
    in_words,
    patched,
)
from fitgui_backends.results import FitRecord, FitResult, Seconds, ShareResult, UpperLimits

if TYPE_CHECKING:
    from fitgui_backends.histfactory.constraints import Data
    from fitgui_backends.histfactory.model import Model
    from fitgui_backends.inference.best_fit import BestFit

_NORMSYS = ("code1", "code4")
_HISTOSYS = ("code0", "code4p")


class NewtonEngine:
    """Fits with the exact Hessian of the likelihood."""

    name = "newton"

    def check_options(self, options: FitOptions) -> None:
        """Say no to what this engine cannot keep.

        Raises:
            FitError: in words.
        """
        choose(self.name, "normsys_interpolation", options.normsys_interpolation, _NORMSYS)
        choose(self.name, "histosys_interpolation", options.histosys_interpolation, _HISTOSYS)
        choose(self.name, "test_statistic", options.test_statistic, TEST_STATISTICS)
        check_signal_strength(options.poi_test)
        check_counts(options)

    def warm_up(self) -> None:
        """Import numpy and what is needed of scipy."""
        from fitgui_backends.histfactory import schema  # noqa: F401, PLC0415
        from fitgui_backends.inference import hypothesis_test  # noqa: F401, PLC0415

    def prepare(
        self, workspace: Mapping[str, Any], measurement: str | None, options: FitOptions
    ) -> PreparedNewton:
        """Read the samples that all points share.

        Raises:
            FitError: if an option is unknown, or a sample cannot be read.
        """
        self.check_options(options)
        with in_words():
            return PreparedNewton(workspace, measurement, options)


class PreparedNewton:
    """A workspace whose signal points are fitted one at a time in this process."""

    def __init__(self, workspace: Mapping[str, Any], measurement: str | None, options: FitOptions) -> None:
        from fitgui_backends.histfactory.model import Compiler  # noqa: PLC0415

        self._workspace, self._measurement, self._options = workspace, measurement, options
        self._compiler = Compiler(
            normsys=options.normsys_interpolation, histosys=options.histosys_interpolation
        )
        self._compiler.keep(workspace)
        self._known = Known(workspace)
        self._last: Tested | None = None

    @cached_property
    def _background(self) -> dict[str, float] | None:
        """The fit without signal, where the fits of all points begin.

        It is made from the workspace itself: no number depends on what this worker fitted before.
        """
        from fitgui_backends.histfactory.errors import HistFactoryError  # noqa: PLC0415
        from fitgui_backends.inference.hypothesis_test import background_fit  # noqa: PLC0415

        try:
            return background_fit(*self._alone)
        except HistFactoryError:
            return None  # a patch may mend what the workspace alone lacks

    @cached_property
    def _alone(self) -> tuple[Model, Data]:
        """The workspace without any signal, and what was observed."""
        from fitgui_backends.histfactory.constraints import observed_data  # noqa: PLC0415
        from fitgui_backends.histfactory.model import observed_counts  # noqa: PLC0415

        model = self._compiler.compile(self._workspace, self._measurement)
        return model, observed_data(model, observed_counts(self._workspace, model))

    def fit_background(self) -> BestFit:
        """Fit the workspace alone to all its data, without signal; a parameter of interest in it is zero.

        What all points begin with is made on the way, so that the first one does not wait for it.

        Raises:
            FitError: if the workspace cannot be fitted without a signal.
        """
        from fitgui_backends.inference.best_fit import best_fit  # noqa: PLC0415

        with in_words():
            model, data = self._alone
            self._background  # noqa: B018  (is remembered)
            return best_fit(model, data, mu=0.0 if model.poi in model.parameters.places else None)

    def fit(self, point: FitPoint) -> FitResult:
        """Patch, validate, compile, and answer all that the options ask.

        Raises:
            FitError: if the patch or the model is wrong, or CLs is not a number.
        """
        if self._options.toys == 0:
            return self.fit_openly(point)[0]
        from fitgui_backends.shares import merge_shares  # noqa: PLC0415

        done = self.fit_share(point, ToyShare(0, self._options.toys))
        assert done.result is not None
        return merge_shares(done.result, [done.part], self._options)

    def fit_openly(self, point: FitPoint) -> tuple[FitResult, Tested]:
        """The answer without pseudo-experiments, with the model, the data and the fits behind it.

        Raises:
            FitError: as :meth:`fit`.
        """
        with in_words():
            tested = self._tested(point)
            return self._result(tested), tested

    def fit_hastily(self, point: FitPoint, *, always: bool = False) -> tuple[FitResult, Tested] | None:
        """As :meth:`fit_openly`, but each fit ends in the minimum that is nearest to where it starts.

        For somebody who waits, and is told what :meth:`fit_openly` finds as soon as that is known.

        Args:
            point: The signal.
            always: Whether also a model is fitted that has one minimum as far as its shape tells.

        Returns:
            ``None`` for such a model, which mostly needs no haste.

        Raises:
            FitError: as :meth:`fit`.
        """
        with in_words():
            tested = self._tested(point, hasty=True, always=always)
            return None if tested is None else (self._result(tested), tested)

    def fit_share(self, point: FitPoint, share: ToyShare) -> ShareResult:
        """Throw some of the pseudo-experiments of a point; the first share does the point itself as well.

        Raises:
            FitError: as :meth:`fit`.
        """
        from fitgui_backends.inference.toys import throw_toys, toy_scan  # noqa: PLC0415
        from fitgui_backends.shares import pack  # noqa: PLC0415

        with in_words():
            if self._last is None or self._last.point != point:
                self._last = self._tested(point)
            tested = self._last
            result = self._result(tested) if share.first == 0 else None
            mus = [self._options.poi_test]
            if tested.limits is not None:
                mus += toy_scan(tested.limits, _upper(tested.model))
                mus = list(dict.fromkeys(mus))
            sample = throw_toys(
                tested.model,
                tested.data,
                tested.test,
                mus,
                first=share.first,
                count=share.count,
                seed=self._options.seed,
                name=point.name,
                test_statistic=self._options.test_statistic,
            )
        return ShareResult(part=pack(sample, share), result=result)

    @overload
    def _tested(self, point: FitPoint) -> Tested: ...

    @overload
    def _tested(self, point: FitPoint, *, hasty: bool, always: bool) -> Tested | None: ...

    def _tested(self, point: FitPoint, *, hasty: bool = False, always: bool = False) -> Tested | None:
        """The fits that every answer about a point begins with."""
        from fitgui_backends.histfactory.constraints import observed_data  # noqa: PLC0415
        from fitgui_backends.histfactory.measurements import find_measurement  # noqa: PLC0415
        from fitgui_backends.histfactory.model import observed_counts  # noqa: PLC0415
        from fitgui_backends.inference.fits import Fitter  # noqa: PLC0415
        from fitgui_backends.inference.hypothesis_test import hypothesis_test  # noqa: PLC0415

        options, started = self._options, time.perf_counter()
        document = patched(self._workspace, point, self._known)
        model = self._compiler.compile(document, self._measurement)
        data = observed_data(model, observed_counts(document, model))
        _check_ranges(model, find_measurement(document, self._measurement)["name"], options.poi_test)
        built = time.perf_counter()
        if hasty and not always and not Fitter(model, thorough=False).bent:
            return None
        test = hypothesis_test(
            model,
            data,
            options.poi_test,
            background=self._background,
            thorough=not hasty,
            test_statistic=options.test_statistic,
        )
        if not all(math.isfinite(value) for value in (test.cls_obs, *test.cls_exp)):
            raise FitError(words.undefined_in_words(test))
        limits = None
        if options.limits:
            limits = extras.limits(model, data, test, options)
        seconds = Seconds(model=built - started, fit=time.perf_counter() - built)
        return Tested(point, model, data, test, limits, seconds)

    def _result(self, tested: Tested) -> FitResult:
        """Everything but the pseudo-experiments."""
        options, test, limits = self._options, tested.test, tested.limits
        started = time.perf_counter()
        warnings = words.warnings_in_words(test, options.poi_test, tested.model, options.test_statistic)
        notes: list[str] = []
        if limits is not None:
            warnings += limits.messages
            notes += limits.notes
        discovery, discovered = None, True
        records: list[FitRecord] = []
        if options.discovery:
            discovery, records, discovered = extras.discovery(tested, warnings)
        non_negative = None
        if options.non_negative and any(fit.clearly_negative for fit in test.fits.values()):
            non_negative = extras.non_negative(tested, options, warnings, notes)
        seconds = msgspec.structs.replace(
            tested.seconds, fit=tested.seconds.fit + time.perf_counter() - started
        )
        return FitResult(
            name=tested.point.name,
            cls_obs=test.cls_obs,
            cls_exp=test.cls_exp,
            mu_hat=test.mu_hat,
            twice_nll=extras.twice_nll(test),
            limits=None
            if limits is None
            else UpperLimits(
                obs=limits.observed, exp=limits.expected, fits=limits.fits, converged=limits.converged
            ),
            discovery=discovery,
            non_negative=non_negative,
            fits=(*(words.fit_record(name, fit) for name, fit in test.fits.items()), *records),
            converged=test.converged and discovered and (limits is None or limits.converged),
            warnings=tuple(warnings),
            notes=tuple(notes),
            seconds=seconds,
        )


def _upper(model: Model) -> float:
    return float(model.parameters.upper[model.parameters.index(model.poi)])


def _check_ranges(model: Model, measurement: str, poi_test: float) -> None:
    parameters = model.parameters
    check_ranges(
        measurement,
        zip(parameters.names, parameters.init.tolist(), parameters.lower, parameters.upper, strict=True),
        poi=model.poi,
        poi_test=poi_test,
    )

"""What the engine pyhf does with a patched workspace: ``pyhf.infer.hypotest``, watched.

CLs is pyhf's own, bit for bit: the optimiser is only observed (:mod:`.pyhf_recorder`), and every check of its
health (:mod:`.pyhf_health`) looks at fits that are finished.

This module travels to workers that have nothing but pyhf (:mod:`fitgui_backends.remote.functions`): at its
top it imports the standard library and modules that travel as well, and its answers are plain data.
"""

from __future__ import annotations

import logging
import math
import os
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from fitgui_backends.engines.base import FitError
from fitgui_backends.engines.pyhf_words import (
    failed_in_words,
    one_line,
    refused_in_words,
)
from fitgui_backends.engines.shared import (
    check_counts,
    check_ranges,
    check_signal_strength,
    choose,
    fit_words,
    in_words,
)
from fitgui_backends.histfactory.measurements import find_measurement

if TYPE_CHECKING:
    from fitgui_backends.contract import FitOptions

_TENSOR_BACKENDS = {"numpy": None, "jax": "jax"}
_OPTIMIZERS = {"scipy": None, "minuit": "iminuit"}
_EXTRAS = {"jax": "jax", "iminuit": "minuit"}
_NORMSYS = ("code1", "code4")
_HISTOSYS = ("code0", "code2", "code4p")
_STATISTICS = ("qtilde", "q")


def check_options(options: FitOptions, package: str = "fitgui") -> None:
    """Say no to what pyhf cannot keep, or fitgui does not ask of it.

    Args:
        options: Of a plan, or whatever has their attributes.
        package: The distribution whose extras bring minimisers and tensors.

    Raises:
        FitError: in words.
    """
    choose("pyhf", "tensor_backend", options.tensor_backend, tuple(_TENSOR_BACKENDS))
    choose("pyhf", "optimizer", options.optimizer, tuple(_OPTIMIZERS))
    choose("pyhf", "normsys_interpolation", options.normsys_interpolation, _NORMSYS)
    choose("pyhf", "histosys_interpolation", options.histosys_interpolation, _HISTOSYS)
    choose("pyhf", "test_statistic", options.test_statistic, _STATISTICS)
    check_signal_strength(options.poi_test)
    check_counts(options)
    if options.toys:
        raise FitError(
            "The engine pyhf is far too slow for pseudo-experiments, so fitgui throws none with it:"
            " choose the engine newton."
        )
    if options.non_negative:
        raise FitError("pyhf cannot keep the rates of samples above zero: choose the engine newton.")
    need_pyhf(package)
    for module in (_TENSOR_BACKENDS[options.tensor_backend], _OPTIMIZERS[options.optimizer]):
        if module is not None:
            _need(module, f'install it with: pip install "{package}[{_EXTRAS[module]}]"')


def need_pyhf(package: str = "fitgui") -> None:
    """Say where pyhf comes from, if it is not installed.

    Raises:
        FitError: in words.
    """
    what = "it" if package == "pyhf" else f"{package} again"
    _need("pyhf", f'install {what} with: pip install "{package}"')


def fit_document(
    name: str, document: Mapping[str, Any], measurement: str | None, options: FitOptions
) -> dict[str, Any]:
    """Build the model, test the hypothesis and look at every fit behind the answer.

    Args:
        name: Of the signal point.
        document: The workspace with its signal, which matches the schema.
        measurement: The measurement that defines the POI; ``None`` takes the first.
        options: Of a plan, or whatever has their attributes.

    Returns:
        The fields of a ``FitResult``, as JSON has them; ``seconds`` says what model and fits took.

    Raises:
        FitError: if the model is wrong, a minimisation failed, or CLs is not a number.
    """
    with _quiet():
        started = time.perf_counter()
        model, data = _model(document, measurement, options)
        built = time.perf_counter()
        result = _test(name, model, data, options)
        finished = time.perf_counter()
    return {**result, "seconds": {"model": built - started, "fit": finished - built}}


def _model(document: Mapping[str, Any], name: str | None, options: FitOptions) -> tuple[Any, list[float]]:
    import pyhf  # noqa: PLC0415  (only a process that fits pays for pyhf)

    _use(options)
    with in_words():
        # Of the patched document: a patch may add, rename or reorder measurements.
        measurement = find_measurement(document, name)
    config = measurement["config"]
    try:
        # What pyhf.Workspace.model does, without its deep copy of the whole document for every point.
        model = pyhf.Model(
            {"channels": document["channels"], "parameters": config["parameters"]},
            poi_name=config["poi"],
            validate=False,
            modifier_settings={
                "normsys": {"interpcode": options.normsys_interpolation},
                "histosys": {"interpcode": options.histosys_interpolation},
            },
        )
        data = _observed(document, model)
    except FitError:
        raise
    except Exception as error:
        raise FitError(refused_in_words(error, config["poi"])) from error
    _check_ranges(model, measurement["name"], options.poi_test)
    return model, data


def _test(name: str, model: Any, observed: list[float], options: FitOptions) -> dict[str, Any]:
    import numpy as np  # noqa: PLC0415
    import pyhf  # noqa: PLC0415

    from fitgui_backends.engines import pyhf_extras  # noqa: PLC0415
    from fitgui_backends.engines import pyhf_health as health  # noqa: PLC0415
    from fitgui_backends.engines.pyhf_recorder import Minimisation  # noqa: PLC0415

    poi_test, poi = options.poi_test, model.config.poi_index
    minimisations: list[Minimisation] = []
    _use(options, minimisations.append)
    data = pyhf.tensorlib.astensor(observed)
    try:
        cls_obs, cls_exp, _ = pyhf.infer.hypotest(
            poi_test,
            data,
            model,
            test_stat=options.test_statistic,
            return_expected_set=True,
            return_calculator=True,
        )
    except Exception as error:
        fits = health.name_fits(minimisations, data, poi, poi_test) if poi is not None else {}
        raise FitError(failed_in_words(error, fits, poi_test)) from error

    def twice_nll_at(parameters: Any, data: Any) -> float:
        return float(pyhf.infer.mle.twice_nll(pyhf.tensorlib.astensor(parameters), data, model)[0])

    fits = health.name_fits(minimisations, data, poi, poi_test)
    cls = [float(cls_obs), *(float(value) for value in cls_exp)]
    for fit, minimisation in fits.items():
        if not math.isfinite(minimisation.twice_nll):
            raise FitError(
                f"The likelihood is not a number at the end of {fit_words(fit, poi_test)},"
                " although pyhf reported success; look for zero or negative yields in the signal patch."
            )
    gains = health.lower_elsewhere(fits, twice_nll_at)
    if not np.isfinite(cls).all():
        raise FitError(health.undefined_in_words(cls, fits, gains))
    parameters = model.config.par_names
    extras = pyhf_extras.Extras(
        data=data,
        model=model,
        options=options,
        watch=lambda record: _use(options, record),
        twice_nll_at=twice_nll_at,
        known=tuple(fits[fit].end for fit in ("free", "mu0", "mu1") if fit in fits),
    )
    limits = extras.limits() if options.limits else None
    found = extras.discovery() if options.discovery else None
    return {
        "name": name,
        "cls_obs": cls[0],
        "cls_exp": cls[1:],
        "mu_hat": float(fits["free"].end[poi]),
        "twice_nll": {
            key: fits[key].twice_nll for key in ("free", "mu0", "mu1", "asimov_mu1") if key in fits
        },
        "limits": limits,
        "discovery": found,
        "fits": [
            *(
                health.fit_record(fit, minimisation, parameters, gains.get(fit))
                for fit, minimisation in fits.items()
            ),
            *extras.records,
        ],
        "converged": not gains and extras.converged,
        "warnings": [
            *health.warnings_in_words(
                fits,
                gains,
                parameters,
                poi,
                poi_test,
                no_signal=health.says_nothing(fits, twice_nll_at, poi),
                statistic=options.test_statistic,
            ),
            *extras.warnings,
        ],
        "notes": extras.notes,
    }


def _check_ranges(model: Any, measurement: str, poi_test: float) -> None:
    config = model.config
    rows = zip(config.par_names, config.suggested_init(), config.suggested_bounds(), strict=True)
    check_ranges(
        measurement,
        [(name, start, low, high) for name, start, (low, high) in rows],
        poi=None if config.poi_index is None else config.par_names[config.poi_index],
        poi_test=poi_test,
    )


def _observed(document: Mapping[str, Any], model: Any) -> list[float]:
    """The observed counts in the model's order of channels, followed by the auxiliary data."""
    observations = {entry["name"]: entry["data"] for entry in document["observations"]}
    data: list[float] = []
    for channel in model.config.channels:
        if channel not in observations:
            raise FitError(f"The workspace holds no observation of channel {channel!r}.")
        counts, bins = observations[channel], model.config.channel_nbins[channel]
        if len(counts) != bins:
            raise FitError(f"Channel {channel!r} has {bins} bins but {len(counts)} observed counts.")
        for number, count in enumerate(counts, start=1):
            if count < 0:
                raise FitError(
                    f"Channel {channel!r} has {count:g} observed events in bin {number}: a count below zero"
                    " has no likelihood; correct the observation."
                )
        data.extend(counts)
    return data + list(model.config.auxdata)


def _use(options: FitOptions, record: Any = None) -> None:
    """Select pyhf's tensors and minimiser for this process; with ``record``, watch the minimiser."""
    import pyhf  # noqa: PLC0415

    from fitgui_backends.engines.pyhf_recorder import recording_optimizer  # noqa: PLC0415

    if options.tensor_backend == "jax":
        # One point per core: a worker that spreads over all cores slows every other down. Read by jax once.
        os.environ.setdefault("JAX_PLATFORMS", "cpu")
        os.environ.setdefault(
            "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        )
    try:
        optimizer = options.optimizer if record is None else recording_optimizer(options.optimizer, record)
        pyhf.set_backend(options.tensor_backend, custom_optimizer=optimizer)
    except (ImportError, pyhf.exceptions.ImportBackendError) as error:
        module = _TENSOR_BACKENDS[options.tensor_backend] or _OPTIMIZERS[options.optimizer] or "pyhf"
        raise FitError(
            f"{module} is installed but does not load ({one_line(error)}): install it again with:"
            f' pip install --upgrade "fitgui[{_EXTRAS.get(module, "minuit")}]"'
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep pyhf's log and numpy's warnings off the user's terminal while a point is fitted.

    Minimisers step through regions where the likelihood is undefined, and pyhf logs every parameter of every
    such step; only the end of a fit counts, and that is judged in full.
    """
    import numpy as np  # noqa: PLC0415

    log = logging.getLogger("pyhf")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def _need(module: str, remedy: str) -> None:
    if find_spec(module) is None:
        raise FitError(f"{module} is not installed: {remedy}.")

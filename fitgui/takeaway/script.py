"""A script that reproduces a point of a run with pyhf alone ("copy as Python")."""

from __future__ import annotations

import base64
import json
import textwrap
import zlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from string import Template

import msgspec

from fitgui import __version__
from fitgui.loading import LOADING
from fitgui.pallets.model import Analysis, Pallet, PalletError, SignalPoint
from fitgui.pallets.reading.source import read_source
from fitgui.runs.plan import RunError
from fitgui.takeaway import script_text
from fitgui.takeaway.provenance import Provenance
from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.histfactory.canonical import digest
from fitgui_backends.results import FitResult

PYHF = "0.7.6"
"""The version that is named where none is installed: fitgui's numbers are compared with it."""
_FITS = ("mu0", "mu1", "free", "asimov_mu1")
_WIDTH = 96


@dataclass(frozen=True, slots=True)
class ScriptPoint:
    """What the script is about."""

    pallet: Pallet
    analysis: Analysis
    point: SignalPoint
    options: FitOptions
    """How it was fitted."""
    origin: Provenance
    """Where the pallet lies, and its DOI."""
    measurement: str | None = None
    """That was fitted; ``None`` takes the first."""
    result: FitResult | None = None
    """Of the run; without one, the point is fitted now."""
    run: str = ""
    """Its name; empty without one."""


def make_script(about: ScriptPoint) -> str:
    """Write the script; a point of the engine ``newton`` is fitted again for the places of its minima.

    Returns:
        Python that needs pyhf and jsonpatch, and prints CLs observed and expected beside those of the run.

    Raises:
        RunError: if the pallet is neither on this machine nor published, or the point has no result.
        FitError: if it cannot be fitted.
    """
    pallet, analysis, point = about.pallet, about.analysis, about.point
    options, origin, measurement, result = about.options, about.origin, about.measurement, about.result
    if origin.path is None and not origin.doi:
        raise RunError(
            f"{pallet.name} does not lie at {pallet.source} any more, and is not known as a published file: "
            "open it again, then copy the script"
        )
    starts: dict[str, tuple[float, ...]] = {}
    if options.engine == "newton":
        fitted, starts = _minima(analysis, measurement, point, options)
        result = result or fitted
    if result is None:
        raise RunError(
            f"point {point.name} has no result yet, so there is nothing to reproduce: fit it first"
        )
    embedded = _embedded(analysis, point, origin.path)
    blank = {
        **_head(about, result),
        "measurement": repr(measurement or next(iter(analysis.measurements), None)),
        "embedded": ", ".join(
            f"unpacked({name})" if name in embedded else "None" for name in ("WORKSPACE", "PATCH")
        ),
        "custom_optimizer": "starting_optimizer() if USE_STARTS else OPTIMIZER" if starts else "OPTIMIZER",
        "starts": "\n".join(_row(name, values) for name, values in starts.items()),
    }

    def filled(text: str) -> str:
        return Template(text).substitute(blank)

    parts = [filled(script_text.HEAD)]
    if starts:
        parts.append(filled(script_text.STARTS))
    if embedded:
        parts += [embed(name, data) for name, data in embedded.items()]
        parts.append(script_text.UNPACK)
    parts.append(filled(script_text.BODY))
    if starts:
        parts.append(script_text.OPTIMISER)
    parts.append(filled(script_text.MAIN))
    return "".join(parts)


def embed(name: str, data: bytes) -> str:
    """Python that gives a document, packed, a name; :data:`script_text.UNPACK` makes it JSON again."""
    packed = base64.b85encode(zlib.compress(data, 9)).decode("ascii")
    pieces = (packed[start : start + _WIDTH] for start in range(0, len(packed), _WIDTH))
    # Base85 has dollar signs: the text goes through Template as a value, which is not read.
    return Template(script_text.EMBEDDED).substitute(
        name=name, text="(\n" + "".join(f"    {piece!r}\n" for piece in pieces) + ")"
    )


def _head(about: ScriptPoint, result: FitResult) -> dict[str, str]:
    pallet, analysis, point = about.pallet, about.analysis, about.point
    options, origin, run = about.options, about.origin, about.run
    coordinates = ", ".join(
        f"{label} = {value:g}" if isinstance(value, float) else f"{label} = {value}"
        for label, value in point.values.items()
    )
    published = f", doi:{origin.doi}" if origin.doi else ""
    lines = [
        f"Pallet:       {_plain(pallet.name)}{published}",
        f"Analysis:     {_plain(analysis.name)}, {_plain(analysis.path)}",
        f"Signal point: {_plain(point.name)}" + (f" ({_plain(coordinates)})" if coordinates else ""),
        f"Fitted by:    fitgui {__version__}, engine {options.engine}" + (f", run {run}" if run else ""),
    ]
    if not result.converged:
        lines.append("Doubtful:     a fit behind the numbers of fitgui did not converge")
    lines += [f"Warning:      {_plain(line)}" for line in result.warnings]
    path = "" if origin.path is None else str(origin.path)
    is_file = origin.path is None or origin.path.is_file()
    whose = f"CLs of run {run}" if run else "CLs"
    return {
        "title": f"CLs of {_plain(point.name)} with pyhf, beside what fitgui found.",
        "about": "\n".join(line for text in lines for line in _wrapped(text)),
        "pyhf": _installed("pyhf") or PYHF,
        "minuit_extra": "[minuit]" if options.engine == "pyhf" and options.optimizer == "minuit" else "",
        "file_name": "point.py",
        "pallet": repr(path),
        "doi": repr(origin.doi),
        "pallet_sha256": repr(pallet.digest if is_file else ""),
        "workspace_sha256": repr(analysis.digest),
        "patch_name": repr(_plain(point.name)),
        "patch_sha256": repr(digest(json.loads(point.operations))),
        "normsys": repr(options.normsys_interpolation),
        "histosys": repr(options.histosys_interpolation),
        "mu": repr(options.poi_test),
        "test_statistic": repr(options.test_statistic),
        "tensors": repr(options.tensor_backend if options.engine == "pyhf" else "numpy"),
        "optimizer": repr(options.optimizer if options.engine == "pyhf" else "scipy"),
        "result_words": f"{whose} by fitgui's engine {options.engine}.",
        "observed": f"{result.cls_obs:.10g}",
        "expected": "[" + ", ".join(f"{value:.10g}" for value in result.cls_exp) + "]",
    }


def _minima(
    analysis: Analysis, measurement: str | None, point: SignalPoint, options: FitOptions
) -> tuple[FitResult, dict[str, tuple[float, ...]]]:
    """Fit the point again: its result, and every parameter at the four minima behind CLs."""
    import threadpoolctl  # noqa: PLC0415 -- only who writes a script pays for these

    from fitgui_backends.engines.newton_engine import NewtonEngine  # noqa: PLC0415

    with LOADING:
        import scipy.special  # noqa: F401, PLC0415 -- a fit may need it later, where nobody holds the lock

        NewtonEngine().warm_up()
    only_cls = msgspec.structs.replace(options, limits=False, discovery=False, toys=0, non_negative=False)
    with threadpoolctl.threadpool_limits(limits=1):
        prepared = NewtonEngine().prepare(analysis.workspace, measurement, only_cls)
        result, tested = prepared.fit_openly(FitPoint(name=point.name, operations=point.operations))
    columns = [tested.test.fits[fit].x.tolist() for fit in _FITS]
    return result, dict(zip(tested.model.parameters.names, zip(*columns, strict=True), strict=True))


def _embedded(analysis: Analysis, point: SignalPoint, path: Path | None) -> dict[str, bytes]:
    """What does not stand in the pallet as it is, such as patches made from complete workspaces."""
    wanted = {"WORKSPACE": analysis.workspace_json, "PATCH": point.operations}
    if path is None:
        return {}
    try:
        found = [item.data for item in read_source(path).found]
    except PalletError as error:
        raise RunError(str(error).rstrip(".")) from error
    return {name: data for name, data in wanted.items() if not any(data in text for text in found)}


def _row(name: str, values: tuple[float, ...]) -> str:
    return f"    {name!r}: ({', '.join(f'{value:.10g}' for value in values)}),"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent=" " * 14, break_on_hyphens=False)


def _plain(text: str) -> str:
    """A stranger's words: nothing that would end a string or start a command."""
    return "".join(c if c.isprintable() else "?" for c in text).replace("\\", "/").replace('"""', "'''")


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""

"""Out into every format and in again: what a tool writes is read, made into events, mapped to bins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from fitgui.pallets.model import SignalPoint
from fitgui.reinterpretation.mapping.placing import signal_of
from fitgui.reinterpretation.mapping.problems import problems
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.mapping.shipped import shipped_maps
from fitgui.reinterpretation.model import Imported, Signal, Target
from fitgui.reinterpretation.normalising import to_events
from fitgui.reinterpretation.reading import read_signals
from fitgui.reinterpretation.writing import write_signals
from tests.reinterpretation import tool_writers
from tests.reinterpretation.targets import without_uncertainties
from tests.reinterpretation.tool_writers import Normalisation, names_of, own_names, six_digits

NORM = Normalisation()


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """How a signal goes through a format."""

    write_and_read: Callable[[Target, Signal, Path], tuple[Imported, ...]]
    """Writes into a folder that is empty."""
    content: Callable[[Signal], Signal]
    """What of a signal the format can hold."""
    holds: str
    """The same in words."""


def without_patch(signal: Signal) -> Signal:
    return replace(signal, patch=None)


def without_systematics(signal: Signal) -> Signal:
    return replace(signal, systematics=(), patch=None)


def _rounded(signal: Signal) -> Signal:
    return tool_writers.rounded(signal, six_digits, NORM.events)


def _seven_decimals(signal: Signal) -> Signal:
    rounded = tool_writers.rounded(signal, "{:.7f}".format, NORM.events)
    return replace(rounded, statistical={})


def _simpleanalysis(target: Target, signal: Signal, folder: Path) -> tuple[Imported, ...]:
    text = tool_writers.simpleanalysis(signal, own_names(target, "simpleanalysis"), NORM)
    return read_signals(("Ewk.txt", text.encode()), target=target)


def _checkmate(target: Target, signal: Signal, folder: Path) -> tuple[Imported, ...]:
    text = tool_writers.checkmate({"atlas_1": (signal, own_names(target, "checkmate"))})
    return read_signals(("total_results.txt", text.encode()), target=target)


def _cutflows(target: Target, signal: Signal, folder: Path) -> tuple[Imported, ...]:
    run = tool_writers.madanalysis_run(folder / "run", signal, own_names(target, "madanalysis"), NORM)
    return read_signals(run, target=target)


def _table_of_cls(target: Target, signal: Signal, folder: Path) -> tuple[Imported, ...]:
    text = tool_writers.madanalysis([signal], own_names(target, "madanalysis"), NORM)
    return read_signals(("CLs_output_summary.dat", text.encode()), target=target)


def _smodels(target: Target, signal: Signal, folder: Path) -> tuple[Imported, ...]:
    text = tool_writers.smodels_output(signal, own_names(target, "smodels"), NORM)
    return read_signals(("p.py", text.encode()), target=target)


def _plain(ending: str) -> Callable[[Target, Signal, Path], tuple[Imported, ...]]:
    def write_and_read(target: Target, signal: Signal, folder: Path) -> tuple[Imported, ...]:
        path = folder / f"signal.{ending}"
        write_signals(path, target, [signal])
        return read_signals(path, target=target)

    return write_and_read


def _pasted(target: Target, signal: Signal, folder: Path) -> tuple[Imported, ...]:
    rows = [
        f"{name}\t{events!r}\t{error!r}"
        for name, events, error, _ in tool_writers.places(signal, names_of(target))
    ]
    text = "\n".join(["region\tyield\tstat", *rows])
    return read_signals(("pasted text", text), target=target)


def _patch_set(target: Target, signal: Signal, folder: Path) -> tuple[Imported, ...]:
    assert signal.patch is not None
    point = SignalPoint(signal.name, signal.values, signal.patch, "x")
    text = tool_writers.patch_set([point], target.analysis.digest, target.analysis.labels)
    return read_signals(("patchset.json", text.encode()), target=target)


FORMATS = {
    "CSV": RoundTrip(_plain("csv"), without_patch, "yields, all uncertainties"),
    "JSON": RoundTrip(_plain("json"), without_patch, "yields, all uncertainties"),
    "paste": RoundTrip(_pasted, without_systematics, "yields, statistical uncertainties"),
    "SimpleAnalysis": RoundTrip(
        _simpleanalysis, _rounded, "efficiencies with 6 digits, statistical uncertainties"
    ),
    "CheckMATE": RoundTrip(_checkmate, without_systematics, "yields, statistical uncertainties"),
    "MadAnalysis 5, cut-flows": RoundTrip(
        _cutflows, without_systematics, "efficiencies with 7 digits, statistical uncertainties"
    ),
    "MadAnalysis 5, CLs_output": RoundTrip(
        _table_of_cls, _seven_decimals, "efficiencies with 7 digits after the point"
    ),
    "SModels": RoundTrip(_smodels, without_uncertainties, "visible cross sections"),
    "pyhf patch set": RoundTrip(_patch_set, lambda signal: signal, "everything"),
}


def through(target: Target, signal: Signal, name: str, folder: Path) -> Signal:
    """A signal that went through a format; every region has found its bin by its name, as the tool has it."""
    (read,) = FORMATS[name].write_and_read(target, signal, folder)
    events = to_events(read, cross_section_fb=NORM.cross_section_fb, luminosity_fb=NORM.luminosity_fb)
    regions = propose(events, target, known=shipped_maps(target, read.tool))
    assert all(len(assignment.bins) == 1 for assignment in regions.assignments)
    assert not [finding for finding in problems(regions, events, target) if finding.severe]
    (point,) = events.points
    return signal_of(point, regions, target)

"""Writes signals as the tools would: their headings, their digits, their oddities.

Only what the formats document is used here, nothing of the readers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fitgui.pallets.model import SignalPoint
from fitgui.reinterpretation.mapping.shipped import shipped_maps
from fitgui.reinterpretation.model import BinRef, Events, Signal, Target

Names = Mapping[BinRef, str]


@dataclass(frozen=True, slots=True)
class Normalisation:
    """What makes events of efficiencies."""

    cross_section_fb: float = 20.0
    luminosity_fb: float = 139.0

    @property
    def events(self) -> float:
        """At an efficiency of 1."""
        return self.cross_section_fb * self.luminosity_fb


def names_of(target: Target, tool: str = "") -> dict[BinRef, str]:
    """Names of regions for all bins: as they stand everywhere, without brackets where a tool refuses them."""
    brackets = tool in ("simpleanalysis", "madanalysis")
    return {
        place: target.text(place).replace("[", "_").replace("]", "") if brackets else target.text(place)
        for place in target.bins()
    }


def own_names(target: Target, tool: str) -> dict[BinRef, str]:
    """What a tool itself calls the regions, as far as fitgui knows; else as :func:`names_of`."""
    names = names_of(target, tool)
    for region_map in shipped_maps(target, tool):
        if region_map.tool == tool:
            names |= {one.bins[0]: one.region for one in region_map.assignments if len(one.bins) == 1}
    return names


def places(signal: Signal, names: Names) -> list[tuple[str, float, float, float]]:
    """For each bin that has a name: the name, events, their statistical uncertainty, simulated events."""
    rows = []
    for place, name in names.items():
        if place.channel not in signal.yields:
            continue
        events = signal.yields[place.channel][place.bin]
        statistical = signal.statistical.get(place.channel)
        error = statistical[place.bin] if statistical else 0.0
        simulated = signal.simulated.get(place.channel)
        count = simulated[place.bin] if simulated else float(round((events / error) ** 2)) if error else 0.0
        rows.append((name, events, error, count))
    return rows


def rounded(signal: Signal, as_written: Callable[[float], str], unit: float = 1.0) -> Signal:
    """The signal that is left when its numbers were written: ``as_written`` formats events over ``unit``."""

    def each(events: Mapping[str, Events]) -> dict[str, Events]:
        return {
            channel: tuple(float(as_written(value / unit)) * unit for value in values)
            for channel, values in events.items()
        }

    return replace(
        signal, yields=each(signal.yields), statistical=each(signal.statistical), systematics=(), patch=None
    )


def six_digits(value: float) -> str:
    """As C++ writes numbers if nothing else is said."""
    return f"{value:.6g}"


def simpleanalysis(
    signal: Signal,
    names: Names,
    norm: Normalisation,
    *,
    merged: str = "",
    heading: bool = True,
    variations: int = 0,
) -> str:
    """``<Analysis>.txt`` of SimpleAnalysis; ``merged`` is the name of the analysis in merged output."""
    prefix = f"{merged}__" if merged else ""
    further = [",1.01,0.99"[:5] for _ in range(variations)]
    titles = "".join(f",PDF_{index}" for index in range(variations))
    lines = [f"SR,events,acceptance,err{titles}"] if heading else []
    lines.append(f"{prefix}All,50000,49998.7,50102.3{''.join(further)}")
    for name, events, error, count in places(signal, names):
        lines.append(
            f"{prefix}{name},{count:.0f},{six_digits(events / norm.events)},{six_digits(error / norm.events)}"
            + "".join(further)
        )
    return "\n".join(lines) + "\n"


def checkmate(signals: Mapping[str, tuple[Signal, Names]], *, columns: Sequence[str] = ()) -> str:
    """``evaluation/total_results.txt`` of a run with several analyses."""
    chosen = columns or (
        "analysis", "sr", "o", "b", "db", "s", "ds", "s95obs", "s95exp", "robscons", "rexpcons"
    )  # fmt: skip
    rows = [list(chosen)]
    for analysis in sorted(signals):
        signal, names = signals[analysis]
        for name, events, error, _count in sorted(places(signal, names)):
            cells = {
                "analysis": analysis,
                "sr": name,
                "o": "5.0",
                "b": "4.2",
                "db": "0.9",
                "s": str(events) if events else "0",
                "ds": str(error),
                "signal_err_stat": str(error),
                "signal_err_sys": str(0.1 * events),
                "s95obs": "6.1",
                "s95exp": "5.9",
                "robscons": str(max(0.0, events - 1.64 * error) / 6.1),
                "rexpcons": "nan" if not events else "inf",
                "clsobs": "-1",
            }
            rows.append([cells[column] for column in chosen])
    widths = [max(len(row[index]) for row in rows) + 2 for index in range(len(chosen))]
    return "".join(
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + "\n" for row in rows
    )


def checkmate_dat(signal: Signal, names: Names, norm: Normalisation, *, kind: str = "SR") -> str:
    """``analysis/000_<analysis>_signal.dat`` (``CR``: ``_control.dat``)."""
    lines = [
        "# search for electroweak production",
        "# final states with 2 leptons and MET, 13 TeV, 139/fb",
        "",
        "@Inputfile:       ",
        f"@XSect:           {norm.cross_section_fb} fb",
        "@ Error:          0 fb",
        "@MCEvents:        50000",
        "@ SumOfWeights:   50000",
        "@ SumOfWeights2:  50000",
        f"@ NormEvents:     {norm.events}",
        "",
        f"{kind}  Sum_W  Sum_W2  Acc  N_Norm",
    ]
    for name, events, error, _count in places(signal, names):
        weights = 50000 * events / norm.events
        squares = (50000 * error / norm.events) ** 2
        lines.append(f"{name}  {weights!r}  {squares!r}  {events / norm.events!r}  {events!r}")
    return "\n".join(lines) + "\n"


def madanalysis(
    signals: Sequence[Signal],
    names: Names,
    norm: Normalisation,
    *,
    analysis: str = "atlas_susy_2018_04",
    summary: bool = True,
    cross_section: bool = True,
    systematics: Sequence[float] = (),
) -> str:
    """``CLs_output_summary.dat`` of all samples, or ``CLs_output.dat`` of the first one."""
    systs = "".join(f"syst{i}({100 * size}%)".ljust(15) for i, size in enumerate(systematics, 1))
    middle = (
        "best?".ljust(10)
        + "sig95(exp)".ljust(20)
        + "sig95(obs)".ljust(20)
        + "1-CLs".ljust(10)
        + "     ||    "
        if cross_section
        else "sig95(exp)".ljust(15) + "sig95(obs)".ljust(10) + "        ||    "
    )
    title = "# analysis name".ljust(30) + "signal region".ljust(60) + middle
    title += "efficiency".ljust(15) + "stat".ljust(15) + systs + "\n"
    lines = ["# dataset name".ljust(30) + title[2:] if summary else title]
    for signal in signals:
        dataset = signal.name.ljust(30) if summary else ""
        for name, events, _error, _count in places(signal, names):
            efficiency = events / norm.events
            stat = math.sqrt(max(efficiency * (1 - efficiency), 0) / (0.04 * norm.luminosity_fb))
            left = analysis.ljust(30) + name.ljust(60)
            left += (
                "0".ljust(10) + "0.0633094".ljust(20) + "-1".ljust(20) + "0.0215000000" + "   ||    "
                if cross_section
                else "0.0607578".ljust(20) + "0.0633094".ljust(20) + " ||    "
            )
            right = f"{efficiency:.7f}".ljust(15) + f"{stat:.7f}".ljust(15)
            sizes = systematics or ([0.0] if cross_section else [])
            right += "".join(f"{round(size * efficiency, 8):.7f}".ljust(15) for size in sizes)
            lines.append(f"{dataset}{left}{right}\n")
            if cross_section:
                lines.append(f"{dataset}{''.ljust(90)}Scale var. band:         [0.0123, 0.0456]\n")
        lines.append(f"{dataset}{analysis.ljust(30)}{'[SL]-cov'.ljust(60)}1         -1   ||    \n")
        profile = "[pyhf]-RegionA-profile".ljust(60)
        lines.append(
            f"{dataset}{analysis.ljust(30)}{profile}0         0.1            -1  0.0123 ||    {' ' * 30}\n"
        )
        lines.append("\n")
    return "".join(lines)


def saf(efficiency: float, error: float, count: float, *, negative: float = 0.0) -> str:
    """A cut-flow of MadAnalysis for one region.

    Args:
        efficiency: Of the whole.
        error: Its statistical uncertainty.
        count: Simulated events that pass.
        negative: The share of the weights that is negative.
    """
    total = 0.03814

    def counter(kind: str, title: str, entries: float, weights: float, squares: float) -> str:
        above = 1 + negative
        rows = (
            (entries * (1 - negative), entries * negative, "nentries"),
            (weights * above, -weights * negative, "sum of weights"),
            (squares * (1 - negative), squares * negative, "sum of weights^2"),
        )
        body = "".join(f"{a:<15.6e} {b:<15.6e} # {name}\n" for a, b, name in rows)
        return f"<{kind}>\n{title}\n{body}</{kind}>\n\n"

    return (
        "<SAFheader>\n</SAFheader>\n\n"
        + counter("InitialCounter", '"Initial number of events"      #', 50000, total, total**2 / 50000)
        + counter("Counter", '"1 lepton"'.ljust(32) + "# 1st cut", 2 * count, total * 0.5, total**2 / 90000)
        + counter(
            "Counter",
            '"MET > 240 GeV"'.ljust(32) + "# 2st cut",
            count,
            total * efficiency,
            (total * error) ** 2,
        )
    )


def madanalysis_run(
    folder: Path,
    signal: Signal,
    names: Names,
    norm: Normalisation,
    *,
    analysis: str = "atlas_susy_2018_04",
    sample: str = "defaultset",
) -> Path:
    """The folder of a run of MadAnalysis: cut-flows, the sample's cross section, the table of CLs."""
    top = folder / "Output" / "SAF" / sample
    cutflows = top / analysis / "Cutflows"
    cutflows.mkdir(parents=True)
    for name, events, error, count in places(signal, names):
        text = saf(events / norm.events, error / norm.events, count)
        (cutflows / f"{name}.saf").write_text(text)
    (top / f"{sample}.saf").write_text(
        "<SAFheader>\n</SAFheader>\n\n<SampleGlobalInfo>\n"
        "# xsection      xsection_error  nevents         sum_weight+     sum_weight-    \n"
        f"{norm.cross_section_fb / 1000:<15.6e}{0:<15.6e}{50000:<15.6e}{0.04:<15.6e}{0:<15.6e}\n"
        "</SampleGlobalInfo>\n"
    )
    (top / "CLs_output.dat").write_text(madanalysis([signal], names, norm, analysis=analysis, summary=False))
    (folder / "Output" / "SAF" / "CLs_output_summary.dat").write_text(
        madanalysis([signal], names, norm, analysis=analysis)
    )
    (folder / "Input").mkdir()
    (folder / "Input" / "defaultset.list").write_text("events.hepmc.gz\n")
    return folder


def smodels_output(
    signal: Signal, names: Names, norm: Normalisation, *, analysis: str = "ATLAS-SUSY-2018-04"
) -> str:
    """``<point>.slha.py`` of SModels, with all signal regions."""

    def result(data_set: str | None, kind: str, value: float) -> str:
        return (
            "    {\n"
            "        'maxcond' : 0.0,\n"
            f"        'theory prediction (fb)' : {value!r},\n"
            "        'upper limit (fb)' : 0.05,\n"
            "        'expected upper limit (fb)' : None,\n"
            "        'TxNames' : ['TStauStau'],\n"
            "        'Mass (GeV)' : [[100.0, 1.0], [100.0, 1.0]],\n"
            f"        'AnalysisID' : '{analysis}',\n"
            f"        'DataSetID' : {data_set!r},\n"
            "        'AnalysisSqrts (TeV)' : 13.0,\n"
            f"        'lumi (fb-1)' : {norm.luminosity_fb},\n"
            f"        'dataType' : '{kind}',\n"
            "        'r' : 0.2081,\n"
            "        'Width (GeV)' : [('stau', inf)],\n"
            f"        'TxNames weights (fb)' : {{'TStauStau': {value!r}}}\n"
            "    }"
        )

    entries = [
        result(name, "efficiencyMap", events / norm.luminosity_fb)
        for name, events, _error, _count in places(signal, names)
    ]
    entries += [result(None, "upperLimit", 1.2), result("(combined)", "combined", 0.3)]
    return (
        "smodelsOutput = {\n'OutputStatus' : {\n    'sigmacut' : 0.001,\n"
        f"    'input file' : 'inputFiles/slha/{signal.name}.slha',\n"
        "    'database version' : '3.0.0',\n    'smodels version' : '3.0.0'\n},\n"
        "'ExptRes' : [\n" + ",\n".join(entries) + "\n],\n'Total xsec for missing topologies (fb)' : 7.9\n}\n"
    )


def embaked(points: Sequence[tuple[tuple[float, ...], Signal]], names: Names, norm: Normalisation) -> str:
    """Efficiency maps as the em-bakery of smodels-utils writes them."""
    lines = ["# efficiencies of MadAnalysis 5", "{"]
    for masses, signal in points:
        efficiencies = {name: events / norm.events for name, events, _error, _count in places(signal, names)}
        content = {**efficiencies, "__t__": "2021-03-04_12:00:00", "__nevents__": 50000}
        lines.append(f"{masses!r}: {content!r}, ")
    return "\n".join([*lines, "}"]) + "\n"


def patch_set(points: Sequence[SignalPoint], digest: str = "", labels: Sequence[str] = ()) -> str:
    """A patch set of published points."""
    return json.dumps(
        {
            "metadata": {
                "name": "own",
                "description": "signal patches",
                "digests": {"sha256": digest} if digest else {},
                "labels": list(labels),
                "references": {},
            },
            "patches": [
                {
                    "metadata": {"name": point.name, "values": list(point.values.values())},
                    "patch": json.loads(point.operations),
                }
                for point in points
            ],
            "version": "1.0.0",
        }
    )

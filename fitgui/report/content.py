"""What a report of a run says: every section, in words and numbers, as the journal knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import msgspec

from fitgui import __version__, words
from fitgui.figures.of_run import RunFigures, What
from fitgui.pallets.published import Entry
from fitgui.pallets.readable import readable
from fitgui.report.blocks import Block, Code, Facts, Heading, Paragraphs, Picture, Report
from fitgui.report.citing import citations
from fitgui.report.results import (
    doubt_lines,
    note_lines,
    read_outs,
    remarks_table,
    results_table,
    summary_lines,
)
from fitgui.runs.journal import RunRecord
from fitgui.runs.published_times import citation, published_times
from fitgui.runs.snapshot import RunSnapshot
from fitgui.runs.wall_bars import seconds_text
from fitgui.runs.wall_times import RunTimes, times_of
from fitgui.takeaway.provenance import Provenance, background_entry

_CAPTIONS = {
    What.PLANE: "Exclusion at 95 % CL in the plane of two coordinates: where CLs, interpolated between the "
    "fitted points as a significance, is 0.05.",
    What.LIMITS: "Upper limits on the signal strength at 95 % CL along one line of points.",
    What.CROSS_SECTION: "Upper limits on the cross section at 95 % CL along one line of points.",
    What.CLS: "CLs along one line of points.",
    What.WALL_TIME: "Wall time of the run, beside one core, other runs and published values.",
    What.WORKERS: "What each worker did when, and where the wall time went.",
}


@dataclass(frozen=True, slots=True)
class Material:
    """What a report is made from."""

    record: RunRecord
    snapshot: RunSnapshot
    origin: Provenance
    figures: RunFigures


def report_of(material: Material) -> Report:
    """All sections of the report of a run, finished or not."""
    record, snapshot = material.record, material.snapshot
    plan, entry = record.plan, _entry(material)
    named = (entry.nickname or entry.analysis) if entry is not None else ""
    blocks: list[Block] = [
        Paragraphs(summary_lines(record, snapshot)),
        *_read_outs(material),
        Heading("What was fitted"),
        Facts(_fitted(material)),
        Heading("How, and where"),
        Facts(_how(material)),
        Heading("Versions"),
        Facts(tuple((name, ", ".join(found)) for name, found in _versions(record, snapshot).items())),
    ]
    possible = material.figures.possible
    if possible:
        blocks.append(Heading("Figures"))
    drawn = [what for what in possible if what is not What.CLS or What.LIMITS not in possible]
    blocks += [Picture(partial(material.figures.draw, what), _CAPTIONS[what]) for what in drawn]
    table = results_table(plan, snapshot)
    blocks += [Heading(f"Results: {words.count(len(table.rows), 'point')}"), table]
    blocks.append(Heading("Warnings and notes"))
    if doubts := doubt_lines(snapshot):
        blocks.append(Paragraphs(doubts, warning=True))
    notes = note_lines(snapshot)
    if notes or not doubts:
        blocks.append(Paragraphs(notes or ("None.",)))
    times = citation() if published_times(plan.analysis) is not None else None
    cited = citations(material.origin, times, background_entry(plan.analysis))
    blocks += [Heading("To be cited"), Code(cited)]
    remarks = remarks_table(snapshot)
    if remarks.rows:
        blocks += [Heading("Warnings and notes, point by point"), remarks]
    return Report(
        title=named or plan.pallet.name,
        subtitle=f"Run {record.id} · {plan.pallet.name}, {plan.analysis.name} · fitgui {__version__}",
        blocks=blocks,
    )


def _read_outs(material: Material) -> list[Block]:
    lines = read_outs(material.figures)
    return [Paragraphs(lines)] if lines else []


def _fitted(material: Material) -> tuple[tuple[str, str], ...]:
    plan, origin = material.record.plan, material.origin
    entry, analysis = _entry(material), plan.analysis
    rows = [("Pallet", plan.pallet.name), ("Source", plan.pallet.source)]
    if origin.doi:
        rows.append(("DOI", f"https://doi.org/{origin.doi}"))
    elif entry is not None and entry.record_doi:
        rows.append(
            ("HEPData record", f"https://doi.org/{entry.record_doi} (which of its files is not known)")
        )
    rows.append(("Digest (sha256)", plan.pallet.digest))
    if entry is not None:
        rows.append(("Publication", _paper(entry)))
    if analysis.own_signal:
        rows.append(("Signal", f"{analysis.own_signal} (not a published one)"))
        if (background := background_entry(analysis)) is not None:
            rows.append(("Publication of the workspace", _paper(background)))
    size = f"{words.count(len(analysis.channels), 'channel')}, {words.count(analysis.bins, 'bin')}, "
    rows += [
        ("Analysis", f"{analysis.name}: {size}{words.count(analysis.parameters, 'parameter')}"),
        ("Digest of the workspace", analysis.digest),
        ("Digest of the points", plan.points_digest),
        ("Parameter of interest", analysis.poi or "none"),
    ]
    if plan.measurement:
        rows.append(("Measurement", plan.measurement))
    rows.append(("Signal points", str(len(plan.points))))
    return tuple(rows)


def _entry(material: Material) -> Entry | None:
    """The published likelihood that was fitted; ``None`` where the signals are the user's own."""
    return None if material.record.plan.analysis.own_signal else material.origin.entry


def _paper(entry: Entry) -> str:
    paper = [readable(entry.title), entry.journal, f"arXiv:{entry.arxiv}" if entry.arxiv else ""]
    return "; ".join(part for part in paper if part)


def _how(material: Material) -> tuple[tuple[str, str], ...]:
    record, snapshot = material.record, material.snapshot
    plan, times = record.plan, _times(material)
    options: Mapping[str, object] = msgspec.to_builtins(plan.plan.options)
    said = ", ".join(f"{name} = {_plain(value)}" for name, value in options.items() if name != "engine")
    rows = [("Engine", plan.plan.options.engine), ("Options", said), ("Where", times.label)]
    if snapshot.blocks:
        rows.append(("Blocks", ", ".join(snapshot.blocks)))
    if snapshot.started is not None:
        rows.append(
            ("Started", datetime.fromtimestamp(snapshot.started, UTC).strftime("%Y-%m-%d %H:%M:%S UTC"))
        )
    rows += [
        ("Wall time", seconds_text(snapshot.elapsed)),
        ("One core would need", f"{seconds_text(snapshot.sum_core_seconds)} for models and fits, summed"),
    ]
    if times.speed_up is not None:
        efficiency = "" if times.efficiency is None else f", {words.percent(times.efficiency)} per worker"
        rows.append(("Speed-up", f"{times.speed_up:.1f}{efficiency}"))
    split = snapshot.timeline.split(snapshot.elapsed) if len(snapshot.timeline) else None
    if split is not None and (sentence := split.sentence()):
        rows.append(("Split", words.capital(sentence)))
    return tuple(rows)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _times(material: Material) -> RunTimes:
    return times_of(material.record.id, material.record.plan, material.snapshot)


def _versions(record: RunRecord, snapshot: RunSnapshot) -> dict[str, tuple[str, ...]]:
    """Of what fitted, and of the fitgui that started it."""
    return {"Started by fitgui": (record.application,), **snapshot.versions}

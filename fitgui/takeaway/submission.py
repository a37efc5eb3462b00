"""A run as a submission for HEPData: which tables, under which names, with which words."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fitgui import __version__
from fitgui.exclusion.model import Surface
from fitgui.pallets.catalogue.notation import notation_of
from fitgui.pallets.published import Entry, Notation
from fitgui.runs.journal import RunRecord
from fitgui.runs.plan import RunError, RunPlan
from fitgui.runs.snapshot import RunSnapshot
from fitgui.takeaway.contours import Contours, find_contours
from fitgui.takeaway.provenance import Provenance, background_entry
from fitgui.takeaway.tables import Column, Table, choose, point_tables, rounded

OBSERVABLE = "CLS"
"""Of contours: lines where CLs is 0.05."""
LONGEST_NAME = 64
"""Of a table, in HEPData's schema."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What goes into the folder."""

    comment: str
    tables: tuple[Table, ...]
    resources: tuple[tuple[str, str], ...]
    """Addresses with what is there: the likelihood, the paper."""
    energy_gev: float | None
    qualifiers: tuple[tuple[str, str, str], ...]
    """Of every number: name, value, unit."""
    phrases: tuple[str, ...]


def make_submission(record: RunRecord, snapshot: RunSnapshot, origin: Provenance) -> Submission:
    """Turn the results of a run into tables.

    Args:
        record: of the run.
        snapshot: how it stands.
        origin: what is known of its pallet.

    Raises:
        RunError: if no point has a result that can be published.
    """
    plan = record.plan
    own = bool(plan.analysis.own_signal)
    entry = background_entry(plan.analysis) if own else origin.entry
    chosen = choose(snapshot.points)
    if not chosen.results:
        raise RunError(
            f"run {record.id} has no result that could be published: no point is fitted, or all are doubtful"
        )
    notation: Mapping[str, Notation] = {} if entry is None or own else notation_of(entry.key)
    contours = find_contours(plan, chosen, notation)
    tables = [*contour_tables(contours), *point_tables(plan, chosen, notation)]
    return Submission(
        comment=" ".join(
            [*_told(record, snapshot, origin, entry), *_of_contours(contours), *chosen.left_out]
        ),
        tables=tuple(tables),
        resources=_resources(origin, entry),
        energy_gev=None if entry is None or entry.energy_tev is None else rounded(1000.0 * entry.energy_tev),
        qualifiers=_qualifiers(entry),
        phrases=_phrases(entry),
    )


def contour_tables(contours: Contours) -> list[Table]:
    """A table for each piece of each contour: HEPData shows a line as the points along it."""
    tables = []
    for surface, pieces in contours.exclusion.contours.items():
        for number, piece in enumerate(pieces, start=1):
            several = len(pieces) > 1
            words = str(surface)
            stem = words.replace(" ", "_").replace("+", "plus_").replace("-", "minus_")
            closed = "It is closed." if piece.closed else "It ends at the border of the fitted points."
            x, y = contours.x, contours.y
            tables.append(
                Table(
                    name=f"Exclusion contour, {words}"
                    + (f", part {number} of {len(pieces)}" if several else ""),
                    file_name=f"contour_{stem}" + (f"_{number}" if several else ""),
                    description=f"Contour of the exclusion at 95 % CL (CLs = 0.05), {words}. {closed}"
                    + _meaning(surface),
                    observable=OBSERVABLE,
                    independent=(Column(x.name, tuple(map(rounded, piece.x.tolist())), x.unit),),
                    dependent=(Column(y.name, tuple(map(rounded, piece.y.tolist())), y.unit),),
                    qualifiers=(("LEVEL", "95 % CL"), ("Contour", words)),
                )
            )
    return tables


def _meaning(surface: Surface) -> str:
    """What the sign of an expected contour means: it is the background that fluctuates."""
    if surface in (Surface.MINUS_TWO, Surface.MINUS_ONE):
        return " Expected if there were fewer events than the background predicts: the stronger exclusion."
    if surface in (Surface.PLUS_ONE, Surface.PLUS_TWO):
        return " Expected if there were more events than the background predicts: the weaker exclusion."
    return ""


def _of_contours(contours: Contours) -> Sequence[str]:
    """What there is to say of the contours, in sentences."""
    if contours.exclusion.problem:
        return (f"There are no contours: {contours.exclusion.problem.rstrip('.')}.",)
    none = [str(surface) for surface, pieces in contours.exclusion.contours.items() if not pieces]
    said = [
        "Contours are interpolated between the fitted points in the significance of CLs, linearly on"
        " triangles, and end where no point was fitted."
    ]
    if none:
        said.append(f"CLs = 0.05 is not crossed within the fitted points for: {', '.join(none)}.")
    return said


def _told(record: RunRecord, snapshot: RunSnapshot, origin: Provenance, entry: Entry | None) -> list[str]:
    """Where the numbers come from."""
    plan: RunPlan = record.plan
    options = plan.plan.options
    own = plan.analysis.own_signal
    published = f" (doi:{origin.doi})" if origin.doi else ""
    day = time.strftime("%Y-%m-%d", time.gmtime(record.started))
    versions = ", ".join(f"{name} {' and '.join(found)}" for name, found in snapshot.versions.items())
    about = ""
    if entry is not None:
        known = " ".join(part for part in (entry.collaboration, entry.analysis) if part)
        paper = f", arXiv:{entry.arxiv}" if entry.arxiv else ""
        what = "The workspace" if own else "It"
        about = f" {what} belongs to {known or entry.key}{paper}." if known or paper else ""
    if own:
        about += f" The signals are not published ones: {own}."
    return [
        f"CLs of {plan.analysis.name} of the pallet {plan.pallet.name}{published}, sha256"
        f" {plan.pallet.digest}; sha256 of the workspace {plan.analysis.digest}.{about}",
        f"Fitted by fitgui {record.application} with the engine {options.engine}"
        f" ({versions or 'versions unknown'}), run {record.id} of {day}; written down by fitgui"
        f" {__version__}.",
        f"Profile likelihood, test statistic {options.test_statistic}, asymptotic formulae (arXiv:1007.1727),"
        f" measurement {plan.measurement or 'the first'}, interpolation {options.normsys_interpolation} and"
        f" {options.histosys_interpolation}.",
        "results.json has all points with the health of their fits, also of those that are left out here.",
    ]


def _resources(origin: Provenance, entry: Entry | None) -> tuple[tuple[str, str], ...]:
    found = []
    if origin.doi:
        found.append((f"https://doi.org/{origin.doi}", "The likelihood that was fitted"))
    elif entry is not None and entry.record_doi:
        found.append((f"https://doi.org/{entry.record_doi}", "The record that the likelihood belongs to"))
    if entry is not None and entry.arxiv:
        found.append((f"https://arxiv.org/abs/{entry.arxiv}", "The paper of the likelihood"))
    return tuple(found)


def _qualifiers(entry: Entry | None) -> tuple[tuple[str, str, str], ...]:
    if entry is None:
        return ()
    found = []
    if entry.energy_tev is not None:
        found.append(("SQRT(S)", f"{1000.0 * entry.energy_tev:g}", "GeV"))
    if entry.luminosity_fb is not None:
        found.append(("LUMINOSITY", f"{entry.luminosity_fb:g}", "fb$^{-1}$"))
    return tuple(found)


def _phrases(entry: Entry | None) -> tuple[str, ...]:
    known = () if entry is None else (entry.collaboration, entry.analysis, *entry.final_states)
    return tuple(dict.fromkeys(text for text in ("CLs", "Exclusion", "Likelihood", *known) if text))

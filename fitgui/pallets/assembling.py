"""From documents to analyses: workspaces with the patch sets that belong to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fitgui.pallets.collecting import Complete, collect_operations, complete_workspaces
from fitgui.pallets.documents import OperationsDocument, PatchSetDocument, WorkspaceDocument
from fitgui.pallets.model import Analysis, Channel, PalletError, PatchSet
from fitgui.pallets.naming import short_names
from fitgui.pallets.pairing import Candidate, Pairing, patched, without_copies
from fitgui.pallets.poi import poi_problem
from fitgui.pallets.points import read_patch_sets
from fitgui.pallets.reading.names import sentences, shown
from fitgui_backends.histfactory.canonical import digest
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.summary import parameter_count, parameter_sizes, poi_name

_MOST = 500
"""Workspaces, and patch sets, of one pallet; the largest published has twenty-some."""


@dataclass(slots=True)
class Documents:
    """What a pallet holds, sorted by kind."""

    workspaces: list[WorkspaceDocument] = field(default_factory=list)
    patch_sets: list[PatchSetDocument] = field(default_factory=list)
    operations: list[OperationsDocument] = field(default_factory=list)


def assemble(name: str, documents: Documents) -> tuple[tuple[Analysis, ...], list[str]]:
    """Bring workspaces and patch sets together.

    Args:
        name: Of the pallet, for sentences.
        documents: What it holds.

    Returns:
        The analyses, and what is to say about patch sets that belong to none of them.

    Raises:
        PalletError: if there are more than any pallet has.
    """
    complete = complete_workspaces(documents.workspaces)
    points = {member.path for group in complete for member in group.members.values()}
    points -= {group.background.path for group in complete}
    candidates = without_copies([item for item in documents.workspaces if item.path not in points])
    patch_sets = documents.patch_sets + collect_operations(documents.operations, documents.workspaces)
    for count, what in ((len(candidates), "workspaces"), (len(patch_sets), "patch sets")):
        if count > _MOST:
            raise PalletError(
                f"{name} holds {count} {what} that do not belong together; "
                "choose the archive or the folder of one analysis."
            )
    pairing = Pairing(candidates)
    notes = []
    for patch_set in patch_sets:
        reason = pairing.place(patch_set)
        if reason is not None:
            notes.append(f"{patch_set.path} was left out: {reason}.")
    for candidate in candidates:
        notes += _drop_repeated_sets(candidate)
    names = short_names([candidate.workspace.path for candidate in candidates])
    for group in complete:
        notes += _add_complete(group, candidates, names)
    return tuple(_analysis(*pair) for pair in zip(candidates, names, strict=True)), notes


def _drop_repeated_sets(candidate: Candidate) -> list[str]:
    """A pallet that lies beside its own archive holds each patch set twice."""
    seen: dict[tuple[tuple[str, bytes], ...], str] = {}
    kept, notes = [], []
    for patch_set, verified in candidate.patch_sets:
        key = tuple((point.name, point.operations) for point in patch_set.points)
        if key in seen:
            notes.append(f"{patch_set.path} repeats {seen[key]} and was left out.")
        else:
            seen[key] = patch_set.path
            kept.append((patch_set, verified))
    candidate.patch_sets[:] = kept
    return notes


def _add_complete(group: Complete, candidates: Sequence[Candidate], names: Sequence[str]) -> list[str]:
    """Add the points of complete workspaces that no patch set of the analysis has already."""
    candidate, name_of_it = next(
        pair for pair in zip(candidates, names, strict=True) if group.background.path in pair[0].paths
    )
    known = {
        point.name: point.operations for patch_set, _ in candidate.patch_sets for point in patch_set.points
    }
    members = {
        name: member
        for name, member in group.members.items()
        if not any(_gives(candidate.workspace, known[ending], member) for ending in _endings(name, known))
    }
    if members:
        candidate.patch_sets.append((Complete(group.background, members).patch_set(), None))
    repeated = len(group.members) - len(members)
    if not repeated:
        return []
    region = f" of {name_of_it}" if len(names) > 1 else ""
    what, repeat, were = ("", "repeats", "was") if repeated == 1 else ("s", "repeat", "were")
    return [
        f"{repeated} complete workspace{what}{region} {repeat} points of a patch set and {were} left out."
    ]


def _endings(name: str, known: Mapping[str, bytes]) -> list[str]:
    """The names of points with which a file's name ends: ``SRMU_Stop_600`` ends with ``Stop_600``."""
    parts = name.split("_")
    return [ending for start in range(len(parts)) if (ending := "_".join(parts[start:])) in known]


def _gives(workspace: WorkspaceDocument, operations: bytes, member: WorkspaceDocument) -> bool:
    try:
        return digest(patched(workspace.document, operations)) == member.digest
    except HistFactoryError:
        return False


def _analysis(candidate: Candidate, name: str) -> Analysis:
    workspace = candidate.workspace
    document = workspace.document
    reading = read_patch_sets(candidate.patch_sets)
    problems = [f"{workspace.path}: {warning}." for warning in workspace.warnings] + reading.problems
    with_signal: Mapping[str, Any] | None = None
    for patch_set, (published, _) in zip(reading.patch_sets, candidate.patch_sets, strict=True):
        problems += _about_digest(patch_set, published)
        first = patch_set.points[0]
        try:
            result = patched(document, first.operations)
        except HistFactoryError as error:
            problems.append(f"Point {first.name} of patch set {patch_set.name} cannot be fitted: {error}.")
            continue
        with_signal = with_signal or result
        if (poi := poi_name(result)) is not None and poi not in parameter_sizes(result):
            problems.append(
                f"The parameter of interest {poi} is not in the model of point {first.name}, "
                "so it cannot be fitted."
            )
    poi = poi_name(with_signal or document)
    if not reading.patch_sets and poi is not None and poi not in parameter_sizes(document):
        problems.append(
            f"There are no signal points, and the parameter of interest {poi} is not in the workspace, "
            "so nothing can be tested."
        )
    analysis = Analysis(
        name=name,
        path=workspace.path,
        workspace=document,
        workspace_json=workspace.json,
        digest=workspace.digest,
        channels=tuple(
            Channel(
                name=shown(channel["name"]),
                bins=len(channel["samples"][0]["data"]),
                samples=tuple(shown(sample["name"]) for sample in channel["samples"]),
            )
            for channel in document["channels"]
        ),
        parameters=parameter_count(with_signal or document),
        poi=poi,
        measurements=tuple(measurement["name"] for measurement in document["measurements"]),
        patch_sets=tuple(reading.patch_sets),
    )
    for place, measurement in enumerate(analysis.measurements):
        problem = poi_problem(analysis, analysis.points, measurement)
        if problem is not None and (place or poi is None):  # else it is told above, with the point's name
            problems.append(problem)
    return replace(analysis, problems=sentences(problems))


def _about_digest(patch_set: PatchSet, published: PatchSetDocument) -> list[str]:
    if patch_set.digest_verified is False:
        return [
            f"The digest in patch set {patch_set.name} belongs to another workspace; its patches can be "
            "applied to this one, but check that it is the right one."
        ]
    if patch_set.digest_verified is None and not published.collected and published.bound_to is None:
        return [f"Patch set {patch_set.name} gives no digest, so nothing proves that it belongs here."]
    return []

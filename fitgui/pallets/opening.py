"""Opening a pallet: from a path to analyses with their signal points."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fitgui.pallets.collecting import Complete, collect_operations, complete_workspaces
from fitgui.pallets.documents import (
    NotJson,
    NotUsable,
    OperationsDocument,
    PatchSetDocument,
    Unrelated,
    WorkspaceDocument,
    recognise_document,
)
from fitgui.pallets.model import Analysis, Channel, Pallet, PalletError
from fitgui.pallets.naming import short_names, unique
from fitgui.pallets.pairing import Candidate, pair, patched, without_copies
from fitgui.pallets.points import read_patch_sets
from fitgui.pallets.reading import Found, Source, read_source
from fitgui.pallets.reading.kinds import Kind
from fitgui.resources import resource_path
from fitgui_backends.histfactory.canonical import digest
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.summary import parameter_count, parameter_sizes, poi_name

EXAMPLE = "example"
_MOST_PROBLEMS = 12


def open_pallet(source: str | os.PathLike[str]) -> Pallet:
    """Read a pallet from disk, into memory only.

    Args:
        source: A folder, an archive (tar, zip, compressed or not, one inside another), a JSON document, or
            the word ``example`` for the bundled pallet.

    Returns:
        The pallet, with what is unusual about it in words.

    Raises:
        PalletError: if nothing in it can be fitted, or it is hostile; one sentence.
    """
    text = os.fspath(source)
    if not text:
        raise PalletError("No pallet was named; give a folder, an archive or a JSON file.")
    try:
        path = resource_path(EXAMPLE) if text == EXAMPLE else Path(text).expanduser()
    except (FileNotFoundError, RuntimeError) as error:  # an incomplete installation; "~nobody"
        raise PalletError(str(error)) from error
    try:
        return _understand(read_source(path), text)
    except MemoryError as error:
        raise PalletError(f"{path.name} does not fit into the memory of this machine.") from error


@dataclass(slots=True)
class _Contents:
    workspaces: list[WorkspaceDocument] = field(default_factory=list)
    patch_sets: list[PatchSetDocument] = field(default_factory=list)
    operations: list[OperationsDocument] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unrelated: list[str] = field(default_factory=list)


def _understand(source: Source, text: str) -> Pallet:
    contents = _Contents(problems=list(source.problems))
    for found in sorted(source.found, key=lambda item: item.path):
        _sort_in(found, contents)
    complete = complete_workspaces(contents.workspaces)
    analyses, homeless = _analyses(contents, complete)
    problems = contents.problems + homeless
    if not analyses:
        raise PalletError(_nothing_usable(source.file_name, problems, contents.unrelated))
    if contents.unrelated:
        problems.append(_listed(contents.unrelated, "JSON, but no part of a likelihood, and left out"))
    return Pallet(
        name=source.name, source=text, digest=source.digest, analyses=analyses, problems=_shortened(problems)
    )


def _sort_in(found: Found, contents: _Contents) -> None:
    if found.kind is not Kind.JSON:
        contents.problems.append(
            f"{found.path} is {found.kind.value}, {_ADVICE.get(found.kind, _OTHER_ADVICE)}."
        )
        return
    try:
        documents = recognise_document(found.path, found.data)
    except NotUsable as error:
        contents.problems.append(f"{found.path} {error}.")
        return
    except NotJson:
        return
    except Unrelated:
        contents.unrelated.append(found.path)
        return
    for document in documents:
        match document:
            case WorkspaceDocument():
                contents.workspaces.append(document)
            case PatchSetDocument():
                contents.patch_sets.append(document)
            case OperationsDocument():
                contents.operations.append(document)


_OTHER_ADVICE = "which cannot be used; HistFactory JSON as of pyhf is needed"
_ADVICE = {
    Kind.HTML: "not a pallet; download the file itself rather than the page about it",
    Kind.EMPTY: "and holds nothing",
    Kind.ZSTANDARD: "which cannot be unpacked here; unpack it and open the folder",
    Kind.SEVEN_ZIP: "which cannot be unpacked here; unpack it and open the folder",
    Kind.RAR: "which cannot be unpacked here; unpack it and open the folder",
    Kind.LFS_POINTER: "not the file itself; fetch it with git lfs pull",
}


def _analyses(contents: _Contents, complete: Sequence[Complete]) -> tuple[tuple[Analysis, ...], list[str]]:
    """The analyses, and what is to say about patch sets that belong to none of them."""
    points = {member.path for group in complete for member in group.members.values()}
    kept = {group.background.path for group in complete}
    candidates = without_copies(
        [
            workspace
            for workspace in contents.workspaces
            if workspace.path not in points or workspace.path in kept
        ]
    )
    homeless = []
    patch_sets = contents.patch_sets + collect_operations(contents.operations, contents.workspaces)
    for patch_set in patch_sets:
        reason = pair(patch_set, candidates)
        if reason is not None:
            homeless.append(f"{patch_set.path} was left out: {reason}.")
    for candidate in candidates:
        homeless += _drop_repeated_sets(candidate)
    for group in complete:
        homeless += _add_complete(group, candidates)
    names = unique(short_names([candidate.workspace.path for candidate in candidates])) if candidates else []
    return tuple(
        _analysis(candidate, name) for candidate, name in zip(candidates, names, strict=True)
    ), homeless


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


def _add_complete(group: Complete, candidates: Sequence[Candidate]) -> list[str]:
    candidate = next(item for item in candidates if group.background.path in item.paths)
    known = {
        point.name: point.operations for patch_set, _ in candidate.patch_sets for point in patch_set.points
    }
    members = {}
    for name, member in group.members.items():
        same = next((operations for other, operations in known.items() if name.endswith(other)), None)
        if same is None or not _gives(candidate.workspace, same, member):
            members[name] = member
    if members:
        candidate.patch_sets.append((Complete(group.background, members).patch_set(), None))
    repeated = len(group.members) - len(members)
    if not repeated:
        return []
    return [f"{repeated} complete workspaces repeat points of a patch set and were left out."]


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
    poi = poi_name(document)
    parameters: int | None = None
    for patch_set in reading.patch_sets:
        if patch_set.digest_verified is False:
            problems.append(
                f"The digest in patch set {patch_set.name} belongs to another workspace; "
                "its patches can be applied to this one, but check that it is the right one."
            )
        elif patch_set.digest_verified is None and not candidate.patch_sets[0][0].collected:
            problems.append(
                f"Patch set {patch_set.name} gives no digest, so nothing proves that it belongs here."
            )
        first = patch_set.points[0]
        try:
            with_signal = patched(document, first.operations)
        except HistFactoryError as error:
            problems.append(f"Point {first.name} of patch set {patch_set.name} cannot be fitted: {error}.")
            continue
        if parameters is None:
            parameters = parameter_count(with_signal)
            poi = poi_name(with_signal)
        if poi is not None and poi not in parameter_sizes(with_signal):
            problems.append(
                f"The parameter of interest {poi} is not in the model of point {first.name}, "
                "so it cannot be fitted."
            )
    if not reading.patch_sets and poi is not None and poi not in parameter_sizes(document):
        problems.append(
            f"There are no signal points, and the parameter of interest {poi} is not in the workspace."
        )
    return Analysis(
        name=name,
        path=workspace.path,
        workspace=document,
        workspace_json=workspace.json,
        digest=workspace.digest,
        channels=tuple(
            Channel(
                name=channel["name"],
                bins=len(channel["samples"][0]["data"]),
                samples=tuple(sample["name"] for sample in channel["samples"]),
            )
            for channel in document["channels"]
        ),
        parameters=parameter_count(document) if parameters is None else parameters,
        poi=poi,
        measurements=tuple(measurement["name"] for measurement in document["measurements"]),
        patch_sets=tuple(reading.patch_sets),
        problems=_shortened(problems),
    )


def _nothing_usable(name: str, problems: Sequence[str], unrelated: Sequence[str]) -> str:
    if problems:
        more = f" ({len(problems) - 1} more such problems)" if len(problems) > 1 else ""
        return f"{name} holds nothing that can be fitted: {problems[0].rstrip('.')}{more}."
    if unrelated:
        listed = _listed(unrelated, "JSON, but no HistFactory workspace")
        return f"{name} holds nothing that can be fitted: {listed}"
    return (
        f"{name} holds no HistFactory JSON; choose the archive with the likelihoods from the HEPData record."
    )


def _listed(paths: Sequence[str], what: str) -> str:
    shown_paths = ", ".join(paths[:3])
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return f"{shown_paths}{more} {'is' if len(paths) == 1 else 'are'} {what}."


def _shortened(problems: Sequence[str]) -> tuple[str, ...]:
    if len(problems) <= _MOST_PROBLEMS:
        return tuple(problems)
    return (*problems[:_MOST_PROBLEMS], f"There are {len(problems) - _MOST_PROBLEMS} more such problems.")

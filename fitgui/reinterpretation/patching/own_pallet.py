"""Signals of one's own as a pallet like any other: the published workspace, and one patch set.

So whatever a pallet can be used for works for them as well: plans, any backend, planes, limits, reports, the
journal and resuming, which opens the pallet again. The patch set says in its description that the signal is
one's own (:data:`fitgui.pallets.model.OWN_SIGNAL`), and it follows pyhf's schema wherever that is possible.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from fitgui.folders import default_signals_folder
from fitgui.pallets.assembling import Documents, assemble
from fitgui.pallets.coordinates import from_published, same_coordinates
from fitgui.pallets.documents import MOST_POINTS, PatchSetDocument, RawPoint, WorkspaceDocument
from fitgui.pallets.model import OWN_SIGNAL, Analysis, Coordinate, Pallet, PatchSet, SignalPoint
from fitgui.pallets.naming import short_names, unique
from fitgui.pallets.reading.limits import DEFAULT_LIMITS, MEBIBYTE
from fitgui.pallets.reading.names import sentences, shown
from fitgui.reinterpretation.model import SignalError, Target
from fitgui.whole_files import write_whole
from fitgui_backends.histfactory.checks import check_workspace

POINT_LABEL: Final = "point"
"""Added where points have no coordinates, or several have the same: the name tells them apart."""
_NOT_ALLOWED = re.compile(r"[^a-zA-Z0-9_]+")
_UNSAFE = re.compile(r"[^a-zA-Z0-9_. -]+")
"""In names of files."""
_DECIMAL = re.compile(r"(?<=\d)\.(?=\d)")
_INSPIRE = re.compile(r"ins\d{7}", re.ASCII)
_KEPT = re.compile(r"-[0-9a-f]{8}$")
_LONGEST_NAME: Final = 120
_LONGEST_LABEL: Final = 60
_LONGEST_WORD: Final = 80
"""Of a coordinate that is a word: more is not read again."""
_COMPRESSION: Final = 6


def own_pallet(target: Target, name: str, points: Sequence[SignalPoint], labels: Sequence[str]) -> Pallet:
    """Put signals together with the workspace that they are added to.

    Names and labels are written as pyhf's schema has them (letters, digits and ``_``; ``p`` for a decimal
    point), and points that would be alike get a number, or the label ``point``.

    Args:
        target: The analysis.
        name: What the pallet is called, as a reader will recognise it: ``my stau scan``.
        points: The signals (:func:`.patch.signal_point`), in order.
        labels: The names of their coordinates; each point has a value for each.

    Returns:
        The pallet, with one analysis that has the name and the workspace of the target's. It has no source
        yet: :func:`keep_own` writes it.

    Raises:
        SignalError: if there are no points, too many, or one lacks a coordinate.
    """
    if not points:
        raise SignalError("There are no signals to fit: add at least one.")
    if len(points) > MOST_POINTS:
        raise SignalError(f"There are {len(points)} signals, and {MOST_POINTS} can be one scan: split it.")
    analysis = target.analysis
    names = unique([_plain(point.name, "point", _LONGEST_NAME) for point in points])
    rows = [_row(point, labels) for point in points]
    own_labels = unique(
        [_plain(label, f"x{number}", _LONGEST_LABEL) for number, label in enumerate(labels, 1)]
    )
    if not labels or _same(own_labels, rows):
        own_labels = unique([*own_labels, POINT_LABEL])
        rows = [(*row, own_name) for row, own_name in zip(rows, names, strict=True)]
    stem = _plain(name, "signals", _LONGEST_NAME)
    document = PatchSetDocument(
        path=_file_name(stem, "patchset"),
        description=shown(f"{OWN_SIGNAL}{target.pallet}, {analysis.name}: {name}"),
        labels=tuple(own_labels),
        digests={"sha256": analysis.digest},
        references=_references(analysis),
        points=tuple(
            RawPoint(own_name, row, _compact(point.operations))
            for own_name, row, point in zip(names, rows, points, strict=True)
        ),
    )
    return _assembled(stem, target, document)


def keep_own(pallet: Pallet, folder: Path | None = None) -> Pallet:
    """Write a pallet of one's own signals, so that it can be opened again; the same is written once.

    Args:
        pallet: From :func:`own_pallet`.
        folder: Where; the folder ``signals`` of fitgui's data by default.

    Returns:
        The pallet with the path as its source, and the digest of the file: as opening it again gives it.

    Raises:
        SignalError: if it is larger than what can be opened again, or cannot be written.
    """
    data = _packed(pallet)
    digest = hashlib.sha256(data).hexdigest()
    folder = default_signals_folder() if folder is None else folder
    name = f"{_stem(pallet)}-{digest[:8]}"
    path = folder.absolute() / f"{name}.tar.gz"
    try:
        if not _holds(path, data):
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
    except OSError as error:
        raise SignalError(
            f"The signals cannot be written to {path}: {error.strerror or error}; make room, or choose "
            "another data folder with FITGUI_DATA."
        ) from error
    return replace(pallet, name=name, source=str(path), digest=digest)


def patch_set_of(pallet: Pallet) -> bytes:
    """The signals of a pallet as a patch set of pyhf, as it is written into its archive.

    Args:
        pallet: From :func:`own_pallet` or :func:`keep_own`.
    """
    [analysis] = pallet.analyses
    [patch_set] = analysis.patch_sets
    return b"".join(_patch_set(patch_set, analysis.digest))


def _assembled(stem: str, target: Target, patch_set: PatchSetDocument) -> Pallet:
    """Put together as reading does it, so that reading the archive gives the same."""
    analysis = target.analysis
    workspace = WorkspaceDocument(
        path=_file_name(_UNSAFE.sub("_", analysis.name), "BkgOnly"),
        json=analysis.workspace_json,
        document=analysis.workspace,
        digest=analysis.digest,
        warnings=tuple(check_workspace(analysis.workspace).warnings),
    )
    analyses, problems = assemble(stem, Documents(workspaces=[workspace], patch_sets=[patch_set]))
    digest = hashlib.sha256(analysis.digest.encode())
    for part in _patch_set(analyses[0].patch_sets[0], analysis.digest):
        digest.update(part)
    return Pallet(stem, "", digest.hexdigest(), analyses, sentences(problems))


def _patch_set(patch_set: PatchSet, digest: str) -> Iterator[bytes]:
    """The document in pieces: with ten thousand signals it is large."""
    metadata = {
        "description": patch_set.description,
        "digests": {"sha256": digest},
        "labels": patch_set.labels,
        "references": patch_set.references,
    }
    yield b'{"metadata":' + msgspec.json.encode(metadata) + b',"patches":['
    for number, point in enumerate(patch_set.points):
        about = msgspec.json.encode({"name": point.name, "values": list(point.values.values())})
        yield (b"," if number else b"") + b'{"metadata":' + about + b',"patch":'
        yield point.operations
        yield b"}"
    yield b'],"version":"1.0.0"}'


def _packed(pallet: Pallet) -> bytes:
    """The archive: the same bytes for the same signals."""
    [analysis] = pallet.analyses
    [patch_set] = analysis.patch_sets
    size = sum(map(len, _patch_set(patch_set, analysis.digest)))
    if size + len(analysis.workspace_json) > DEFAULT_LIMITS.unpacked_bytes - MEBIBYTE:
        raise SignalError(
            f"{len(patch_set.points)} signals take {size // MEBIBYTE} MB, and more than "
            f"{DEFAULT_LIMITS.unpacked_bytes // MEBIBYTE} MB cannot be opened again: split the scan."
        )
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=_COMPRESSION, mtime=0) as packed:
        for path, length, parts in (
            (analysis.path, len(analysis.workspace_json), iter([analysis.workspace_json])),
            (_file_name(patch_set.name, "patchset"), size, _patch_set(patch_set, analysis.digest)),
        ):
            member = tarfile.TarInfo(path)  # of nobody, from no time
            member.size = length
            packed.write(member.tobuf(tarfile.PAX_FORMAT))
            for part in parts:
                packed.write(part)
            packed.write(b"\0" * (-length % tarfile.BLOCKSIZE))
        packed.write(b"\0" * (2 * tarfile.BLOCKSIZE))
    return stream.getvalue()


def _holds(path: Path, data: bytes) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_size == len(data) and path.read_bytes() == data
    return False


def _stem(pallet: Pallet) -> str:
    """The name without the beginning of a digest that keeping it added."""
    return _KEPT.sub("", pallet.name) if pallet.source else pallet.name


def _file_name(name: str, kind: str) -> str:
    """A file that reading calls by this name, as far as there is one."""
    for candidate in (f"{name}_{kind}.json", f"{name}.json"):
        if short_names([candidate]) == [name]:
            return candidate
    return f"{kind}.json"


def _compact(operations: bytes) -> bytes:
    """Without white space; the same object where there is none, for ten thousand of them take memory."""
    compact = msgspec.json.format(operations, indent=-1)
    return operations if len(compact) == len(operations) else compact


def _same(labels: Sequence[str], rows: Sequence[tuple[Coordinate, ...]]) -> bool:
    """Whether points stand at the same place, as the coordinates are read."""
    return bool(same_coordinates(from_published(labels, rows)[1]))


def _row(point: SignalPoint, labels: Sequence[str]) -> tuple[Coordinate, ...]:
    return tuple(_coordinate(point, label) for label in labels)


def _coordinate(point: SignalPoint, label: str) -> Coordinate:
    value = point.values.get(label)
    if isinstance(value, str) and value:
        return shown(value, _LONGEST_WORD)
    if value is None or isinstance(value, str) or not math.isfinite(value):
        raise SignalError(
            f"Signal {point.name} has no value for {label}: give it one, or leave {label} out for all."
        )
    return float(value)


def _references(analysis: Analysis) -> Mapping[str, str]:
    """The record of the analysis; empty where none is known, though pyhf wants one: none is made up."""
    known = [text for text in analysis.references if _INSPIRE.fullmatch(text)]
    return {"hepdata": known[0]} if len(known) == 1 else {}


def _plain(text: str, otherwise: str, longest: int) -> str:
    """Letters, digits and ``_`` alone."""
    plain = _NOT_ALLOWED.sub("_", _DECIMAL.sub("p", text)).strip("_")
    return plain[:longest] or otherwise

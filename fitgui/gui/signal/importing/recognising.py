"""Whether something that is dropped is a pallet, yields of a signal, or a map of regions; for a thread."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from pathlib import Path
from typing import Final

import msgspec

from fitgui.reinterpretation.mapping.documents import KIND
from fitgui.reinterpretation.mapping.files import LARGEST

ARCHIVES: Final = (".tar", ".tgz", ".gz", ".xz", ".zip", ".bz2")
MOST_FILES: Final = 2000
"""Of a folder that are looked at."""
LARGEST_YIELDS: Final = 400_000_000
"""Bytes; no file of yields is larger."""


class _Workspace(msgspec.Struct):
    channels: list[msgspec.Raw]
    measurements: list[msgspec.Raw]


class _Kind(msgspec.Struct):
    kind: str


class Dropped(Enum):
    """What something is."""

    PALLET = auto()
    YIELDS = auto()
    MAP = auto()


def recognise(path: Path) -> Dropped:
    """What was dropped, by its content."""
    if not holds_yields(path):
        return Dropped.PALLET
    return Dropped.MAP if _is_map(path) else Dropped.YIELDS


def holds_yields(path: Path) -> bool:
    """Whether a file or folder is no pallet: neither an archive nor anything with a workspace in it.

    Args:
        path: what was dropped. What cannot be read is left to who opens pallets, and to what he says then.
    """
    try:
        if path.is_dir():
            return _is_tool_output(path)
        if path.suffix.lower() in ARCHIVES or path.stat().st_size > LARGEST_YIELDS:
            return False
        return not _is_workspace(path)
    except OSError:
        return False


def _is_tool_output(folder: Path) -> bool:
    some = False
    for path in _files(folder):
        if path.suffix.lower() in ARCHIVES or _is_workspace(path):
            return False
        some = True
    return some


def _files(folder: Path) -> Iterator[Path]:
    for number, path in enumerate(sorted(folder.rglob("*"))):
        if number >= MOST_FILES:
            return
        if path.is_file() and not path.name.startswith("."):
            yield path


def _is_workspace(path: Path) -> bool:
    """Whether a file is a workspace as JSON; a patch or a patch set is not."""
    if path.suffix.lower() not in ("", ".json"):
        return False
    with path.open("rb") as file:
        if not file.read(64).lstrip().startswith(b"{"):
            return False
    try:
        msgspec.json.decode(path.read_bytes(), type=_Workspace)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return False
    return True


def _is_map(path: Path) -> bool:
    """Whether a file is a map of regions as fitgui writes it."""
    if path.is_dir() or path.stat().st_size > LARGEST:
        return False
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Kind).kind == KIND
    except (msgspec.DecodeError, msgspec.ValidationError):
        return False

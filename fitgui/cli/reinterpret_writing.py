"""Files of ``fitgui reinterpret`` for others: the region map that was used, the signal as a pyhf patch."""

from __future__ import annotations

from pathlib import Path

from fitgui.cli.errors import CommandError
from fitgui.cli.reinterpret_answers import Answer
from fitgui.reinterpretation.mapping.files import write_map
from fitgui.reinterpretation.patching.own_pallet import patch_set_of
from fitgui.reinterpretation.writing import save


def write_map_file(answer: Answer, path: Path) -> None:
    """The region map that was used.

    Raises:
        CommandError: if it cannot be written.
    """
    try:
        candidate = answer.candidate
        source = f"used with {candidate.imported.source}"
        write_map(path, candidate.region_map, candidate.target, source)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror or error}") from error


def write_patch_file(answer: Answer, path: Path) -> None:
    """The operations of one signal, or the patch set of several.

    Raises:
        SignalError: if it cannot be written.
    """
    if len(answer.points) == 1:
        text = answer.points[0].operations
    elif answer.pallet is not None:
        text = patch_set_of(answer.pallet)
    save(path, text.decode())

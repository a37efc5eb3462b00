"""Results that are nowhere on disk, because the journal cannot be written, go wherever there is room."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from fitgui.runs.controller import RunController
from fitgui.runs.export import write_results
from fitgui.runs.plan import RunError


def rescue(controller: RunController, run_id: str, folder: Path | None = None) -> Path | None:
    """Write ``fitgui-RUN.json``, with the results that the journal lacks, to the first place that takes it.

    Args:
        controller: that fitted the run; may be closed already.
        run_id: a run of this process.
        folder: tried first; then the working folder, then the folder for temporary files.

    Returns:
        The file, or ``None`` if there is no room anywhere.

    Raises:
        RunError: if there is no such run.
    """
    plan, snapshot = controller.plan(run_id), controller.snapshot(run_id, unwritten=True)
    for place in _places(folder):
        path = place / f"fitgui-{run_id}.json"
        with suppress(RunError):
            write_results(path, plan, snapshot)
            return path
    return None


def _places(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
    with suppress(OSError):  # the working folder may have been removed
        yield Path.cwd()
    with suppress(OSError):  # there may be none that can be written
        yield Path(tempfile.gettempdir())

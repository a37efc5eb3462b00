"""Parsl's interchange, under an eye on the process that started it.

Parsl leaves its interchange, and with it all blocks, behind when its process is killed. This wrapper, which
Parsl starts instead, notices that, gives the blocks back and ends.
"""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

LOOK_SECONDS = 1.0


def give_back_noted(notes: Path) -> None:
    """Cancel the blocks that a file names: a kind (``slurm``, ``local``) and an identifier on each line."""
    try:
        entries = [line.split() for line in notes.read_text(encoding="ascii").splitlines()]
    except OSError:
        return
    jobs = [entry[1] for entry in entries if len(entry) == 2 and entry[0] == "slurm"]
    processes = [int(entry[1]) for entry in entries if len(entry) == 2 and entry[0] == "local"]
    if jobs:
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run(["scancel", *jobs], check=False, timeout=60, capture_output=True)  # noqa: S603, S607
    for process in processes:
        with suppress(OSError, psutil.Error):
            # A block that has ended long ago may have left its number to a stranger.
            if str(notes.parent) in " ".join(psutil.Process(process).cmdline()):
                os.killpg(os.getpgid(process), signal.SIGTERM)
    with suppress(OSError):
        notes.unlink()


def _watch(parent: int, notes: Path) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    give_back_noted(notes)
    os._exit(0)


def main() -> None:
    """Run the interchange; arguments are the process to watch, and the file that names the blocks."""
    parent, notes = int(sys.argv[1]), Path(sys.argv[2])
    threading.Thread(target=_watch, args=(parent, notes), daemon=True).start()
    runpy.run_module("parsl.executors.high_throughput.interchange", run_name="__main__")


if __name__ == "__main__":
    main()

"""Ends a stack whose owner was killed: ``python -m tests.cluster.guardian FOLDER``, until its input ends.

The owner holds the other end of the pipe, so that nothing outlives it, whatever becomes of it.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from tests.cluster.processes import sweep
from tests.cluster.slurm import give_back_address


def main() -> None:
    """Wait for the owner to be gone, or to be through with everything."""
    folder = Path(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner
    said = sys.stdin.buffer.read()
    if said != b"done":
        sweep(folder, but=[os.getpid()])
        give_back_address(folder / "slurm")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

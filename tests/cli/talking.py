"""A command in a terminal, with somebody who answers it."""

from __future__ import annotations

import os
import re
import select
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def talk(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    answer: Callable[[str], str | None],
    *,
    seconds: float = 120.0,
) -> tuple[int, str]:
    """Run a command in a terminal.

    Args:
        command: with its arguments.
        environment: all of it.
        folder: where it runs.
        answer: gets all that was written so far, without control sequences; what it returns is typed, once
            for each call that returns a text.
        seconds: at most.

    Returns:
        The exit status, and all that was written.
    """
    import pty  # noqa: PLC0415 -- a matter of Unix

    master, slave = pty.openpty()
    process = subprocess.Popen(
        command, env=dict(environment), cwd=folder, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    written = b""
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            if not select.select([master], [], [], 0.5)[0]:
                continue
            try:
                chunk = os.read(master, 65536)
            except OSError:  # Linux says so when the other side has been closed
                break
            if not chunk:
                break
            written += chunk
            if (typed := answer(_plain(written))) is not None:
                os.write(master, f"{typed}\n".encode())
        return process.wait(30), _plain(written)
    finally:
        process.kill()
        process.wait(30)
        os.close(master)


def _plain(written: bytes) -> str:
    return CONTROL.sub("", written.decode(errors="replace"))

"""Processes that Parsl starts: they change the commands that they show, and leave their parents."""

from __future__ import annotations

import psutil

from tests.processes import is_there


def interchanges_of(pid: int) -> set[psutil.Process]:
    """The processes that hand out tasks, of a process that holds pools."""
    found = set()
    for child in psutil.Process(pid).children():
        try:
            if "interchange" in " ".join(child.cmdline()) and is_there(child):
                found.add(child)
        except psutil.Error:
            continue
    return found


def block_of(pid: int) -> set[psutil.Process]:
    """A worker and all above it up to the shell that began the block; none if it has ended."""
    try:
        worker = psutil.Process(pid)
        group = [worker, *worker.parents()]
    except psutil.NoSuchProcess:
        return set()
    ours = {process.pid for process in psutil.Process().parents()} | {psutil.Process().pid, 1}
    return {process for process in group if process.pid not in ours}

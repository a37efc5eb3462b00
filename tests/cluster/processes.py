"""Processes of the stack: all can be told by a mark, so that none of them can be lost."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from tests.cluster.trouble import StackError

MARK = "FITGUI_CLUSTER"
"""Name of the variable; its value is the folder of the stack. Jobs and workers inherit it."""


def _belongs(process: psutil.Process, folder: Path) -> bool:
    """By its environment, or by where it is: the agent writes its title over its environment."""
    if process.environ().get(MARK) == str(folder):
        return True
    return Path(process.cwd()).is_relative_to(folder)


def marked(folder: Path, *, but: Sequence[int] = ()) -> list[psutil.Process]:
    """Every process of a stack that is alive."""
    found = []
    for process in psutil.process_iter():
        try:
            alive = process.status() != psutil.STATUS_ZOMBIE
            if process.pid not in but and alive and _belongs(process, folder):
                found.append(process)
        except psutil.Error:
            continue
    return found


def sweep(folder: Path, *, but: Sequence[int] = ()) -> list[int]:
    """End whatever is left of a stack, kindly, then by force; their ids."""
    left: list[int] = []
    for _ in range(5):  # what is killed may just have started another
        found = marked(folder, but=but)
        if not found:
            break
        left += [process.pid for process in found]
        for process in found:
            _signal(process, signal.SIGTERM)
        _, stubborn = psutil.wait_procs(found, timeout=3)
        for process in stubborn:
            _signal(process, signal.SIGKILL)
        psutil.wait_procs(stubborn, timeout=3)
    return left


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


class Service:
    """One long-running process, in a session of its own, whose output goes to a file."""

    def __init__(
        self, name: str, command: Sequence[str | Path], environment: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                list(map(str, command)),
                env=dict(environment),
                cwd=log.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def wait_until(self, condition: Callable[[], object], seconds: float) -> None:
        """Wait until it is ready.

        Raises:
            StackError: if it ended, or takes too long; with the end of what it wrote.
        """
        deadline = time.monotonic() + seconds
        while not condition():
            if not self.is_alive:
                raise StackError(f"{self.name} ended with status {self._process.poll()}: {self.said()}")
            if time.monotonic() > deadline:
                raise StackError(f"{self.name} was not ready in {seconds:.0f} seconds: {self.said()}")
            time.sleep(0.05)

    def said(self) -> str:
        """The end of its output."""
        text = self.log.read_text(encoding="utf-8", errors="replace").strip()
        return " | ".join(text.splitlines()[-6:]) or f"nothing in {self.log}"

    def stop(self, seconds: float = 15.0) -> None:
        """Ask it to end; then end it."""
        if self.is_alive:
            self._process.terminate()
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        self._process.wait()

    def kill(self) -> None:
        """As a crash does it: without a word, with all that is in its session."""
        children = [child for child in _children(self.pid) if _session(child) == self.pid]
        self._process.kill()
        for child in children:
            _signal(child, signal.SIGKILL)
        self._process.wait()
        psutil.wait_procs(children, timeout=10)


def _session(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return None


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []

"""Workers elsewhere: processes of any Python that run the text of a function as the services do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import msgspec

from fitgui_backends.contract import FitOptions
from fitgui_backends.remote.functions import result_of, source_of
from fitgui_backends.remote.packing import FORMAT, pack, pack_bytes, unpack
from fitgui_backends.results import FitResult
from tests.builders import digest_of

OURS = ("fitgui_backends", "fitgui", "msgspec", "jsonschema_rs", "pebble", "threadpoolctl")
"""What a worker that has nothing but pyhf does not have."""

PROGRAM = """
import json, sys

class Filter:
    names = set(sys.argv[1].split(","))
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in self.names:
            return self.finder.find_spec(name, path, target)

sys.meta_path[:] = map(Filter, sys.meta_path)
for line in sys.stdin:
    name, text, request = json.loads(line)
    namespace = {}
    exec(text, namespace)
    print(json.dumps(namespace[name](request)), flush=True)
"""


class Worker:
    """A process that answers requests, one after the other, until it is left.

    Args:
        environment: Variables beside those of this process; ``FITGUI_CACHE`` belongs to it.
        hidden: Packages that cannot be imported there.
        python: Its interpreter.
        before: A command that starts it.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        hidden: Sequence[str] = (),
        python: str = sys.executable,
        before: Sequence[str] = (),
    ) -> None:
        surroundings = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SLURM_"))
        }
        self.process = subprocess.Popen(
            [*before, python, "-c", PROGRAM, ",".join(hidden)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**surroundings, **environment},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def send(self, name: str, request: Any, text: str | None = None) -> None:
        """Have it run a function, and return at once."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([name, text or source_of(name)[0], request]) + "\n")
        self.process.stdin.flush()

    def receive(self) -> Any:
        """Wait for what the function returned."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the worker has ended"
        return json.loads(line)

    def run(self, name: str, request: Any, text: str | None = None) -> Any:
        """Have it run a function, and wait for what it returns."""
        self.send(name, request, text)
        return self.receive()


def make_request(
    workspace: Mapping[str, Any],
    patches: Mapping[str, Any],
    *,
    packed: bool = True,
    run: str = "run",
    patience: float = 0.0,
    **options: Any,
) -> dict[str, Any]:
    """What a worker is asked.

    Args:
        workspace: The document.
        patches: Operations by name of the point; a text stands as it is.
        packed: Whether the workspace travels along.
        run: The name of the run.
        patience: Seconds that it may wait for the workspace.
        options: Of :class:`FitOptions`.
    """
    points = [
        [name, patch if isinstance(patch, str) else json.dumps(patch)] for name, patch in patches.items()
    ]
    return {
        "format": FORMAT,
        "run": run,
        "measurement": None,
        "options": msgspec.to_builtins(FitOptions(**options)),
        "patience": patience,
        "workspace": {
            "digest": digest_of(workspace),
            "packed": pack_bytes(json.dumps(workspace).encode()) if packed else None,
        },
        "points": pack(points),
    }


def entries_of(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What an answer says of each point."""
    entries = unpack(answer["answers"])
    assert isinstance(entries, list)
    return entries


def results_of(answer: Mapping[str, Any]) -> dict[str, FitResult]:
    """The results of an answer by name; nothing may have failed."""
    found = [result_of(entry, FitOptions()) for entry in entries_of(answer)]
    failures = [one for one in found if not isinstance(one, FitResult)]
    assert failures == []
    return {one.name: one for one in found if isinstance(one, FitResult)}


def errors_of(answer: Mapping[str, Any]) -> dict[str, str]:
    """The sentences of an answer by name of the point."""
    return {entry["name"]: entry["error"] for entry in entries_of(answer) if entry["kind"] == "failure"}


def outcomes_of(answer: Mapping[str, Any]) -> dict[str, FitResult | str]:
    """Results without what differs from worker to worker, or sentences, by name of the point."""
    found: dict[str, FitResult | str] = {}
    for entry in entries_of(answer):
        one = result_of(entry, FitOptions())
        found[one.name] = numbers(one) if isinstance(one, FitResult) else one.error
    return found


def numbers(result: FitResult) -> FitResult:
    """A result without what differs from worker to worker."""
    return msgspec.structs.replace(result, seconds=type(result.seconds)(), worker="", block="")

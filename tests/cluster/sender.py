# ruff: noqa: PLC0415 - what a worker runs imports where it runs; the SDK takes a second to import
"""The real SDK, in a process of its own: it leaves threads and sockets behind that no test needs.

``python -m tests.cluster.sender ENDPOINT`` reads a JSON object a line, with ``number``, ``arguments`` and
``options``; it writes one for each when its task is through, with ``number``, and ``answer`` or ``error``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


class Sender:
    """Sends :func:`tell` to an endpoint; a task that failed raises its text as :class:`RuntimeError`."""

    def __init__(self, endpoint: str, token: str, environment: Mapping[str, str], log: Path) -> None:
        self._lock = threading.Lock()
        self._futures: list[Future[dict[str, Any]]] = []
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.cluster.sender", endpoint],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                env={**os.environ, **environment, "PYTHONPATH": str(ROOT), "FITGUI_TOKEN": token},
                text=True,
            )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def send(self, *arguments: Any, **options: Any) -> Future[dict[str, Any]]:
        """One task: arguments are those of :func:`tell`, options those of the endpoint."""
        future: Future[dict[str, Any]] = Future()
        with self._lock:
            wish = {"number": len(self._futures), "arguments": arguments, "options": options}
            self._futures.append(future)
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(wish) + "\n")
            self._process.stdin.flush()
        return future

    def close(self) -> None:
        """End it, whatever it waits for."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            future = self._futures[told["number"]]
            if "error" in told:
                future.set_exception(RuntimeError(told["error"]))
            else:
                future.set_result(told["answer"])


def tell(seconds=0, folder=None):  # type: ignore[no-untyped-def]  # its text goes to the worker
    """Where it runs, and what is there; with a folder, a file named by the process says that it began."""
    import os
    import pathlib
    import sys
    import time

    if folder:
        pathlib.Path(folder, str(os.getpid())).touch()
    time.sleep(seconds)
    try:
        import fitgui_backends  # noqa: F401

        has_fitgui = True
    except ImportError:
        has_fitgui = False
    import pyhf

    return {
        "job": os.environ.get("SLURM_JOB_ID"),
        "node": os.environ.get("SLURMD_NODENAME"),
        "pid": os.getpid(),
        "python": list(sys.version_info[:2]),
        "fitgui": has_fitgui,
        "pyhf": pyhf.__version__,
    }


def main() -> None:
    """Until the input ends."""
    import globus_sdk
    from globus_compute_sdk import Client, Executor
    from globus_compute_sdk.serialize import PureSourceTextInspect

    authorizer = globus_sdk.AccessTokenAuthorizer(os.environ.pop("FITGUI_TOKEN"))
    client = Client(
        local_compute_services=True,
        authorizer=authorizer,
        do_version_check=False,
        code_serialization_strategy=PureSourceTextInspect(),
    )
    executors: dict[str, Executor] = {}
    lock = threading.Lock()

    def report(number: int, future: Future[Any]) -> None:
        error = future.exception()
        told = {"answer": future.result()} if error is None else {"error": f"{type(error).__name__}: {error}"}
        with lock:
            sys.stdout.write(json.dumps({"number": number, **told}) + "\n")
            sys.stdout.flush()

    for line in sys.stdin:
        wish = json.loads(line)
        options = wish["options"]
        name = json.dumps(options, sort_keys=True)
        if name not in executors:
            executors[name] = Executor(sys.argv[1], client=client, user_endpoint_config=options)
        future = executors[name].submit(tell, *wish["arguments"])
        future.add_done_callback(lambda done, number=wish["number"]: report(number, done))
    os._exit(0)  # the SDK would wait for tasks that are never answered


if __name__ == "__main__":
    main()

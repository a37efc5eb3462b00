"""How soon a worker can fit: ``python -m tests.benchmarks.children.worker_start START``."""

from __future__ import annotations

import json
import time

from fitgui_backends.workers import WorkerProcess


def main() -> None:
    """Print the seconds from the start of a worker's process until it says that it is ready."""
    started = time.monotonic()
    worker = WorkerProcess("newton")
    worker.wait_until_ready(lambda: False)
    print(json.dumps({"ready": time.monotonic() - started}), flush=True)
    worker.dispose()


if __name__ == "__main__":
    main()

"""How the cost grows with the number of points: generated points on warm workers, a line for each number.

``python -m tests.benchmarks.children.many_points START WORKERS PARAMETERSxBINS NUMBER...``
"""

from __future__ import annotations

import hashlib
import json
import sys

from fitgui_backends.contract import FitPoint, Plan
from tests.benchmarks.children.two_workers import run
from tests.benchmarks.generated import generated, signal_operations


def main() -> int:
    """Print the seconds of each number of points."""
    workers = int(sys.argv[2])
    parameters, bins = (int(number) for number in sys.argv[3].split("x"))
    workspace = generated(parameters, bins)
    packed = json.dumps(workspace).encode()
    for number in map(int, sys.argv[4:]):
        points = tuple(
            FitPoint(
                name=f"point_{index}",
                operations=json.dumps(signal_operations(workspace, 0.5 + index / number)).encode(),
            )
            for index in range(number)
        )
        plan = Plan(
            workspace=packed,
            workspace_digest=hashlib.sha256(packed).hexdigest(),
            points=points,
            workers=workers,
        )
        seconds, collected = run(plan, workers)
        if collected.failed:
            print(collected.failed[0], file=sys.stderr)
            return 1
        busy = sum(result.seconds.model + result.seconds.fit for result in collected.results)
        print(json.dumps({"points": number, "wall": seconds, "busy": busy}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

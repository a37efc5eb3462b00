"""Read one pallet without a window: ``python -m tests.benchmarks.children.open_pallet START PALLET``."""

from __future__ import annotations

import json
import sys
import time


def main() -> None:
    """Print the seconds of reading (``open``), those since the start, and the number of points."""
    started = int(sys.argv[1]) / 1e9
    from fitgui.pallets import open_pallet  # noqa: PLC0415  # its import is part of what is measured

    before = time.monotonic()
    pallet = open_pallet(sys.argv[2])
    after = time.monotonic()
    points = sum(len(analysis.points) for analysis in pallet.analyses)
    print(json.dumps({"open": after - before, "since_start": after - started, "points": points}))


if __name__ == "__main__":
    main()

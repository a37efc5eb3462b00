"""Filtering without a window: ``python -m tests.benchmarks.children.filtering START ENTRIES``."""

from __future__ import annotations

import json
import sys
import time
from itertools import pairwise

from fitgui.pallets.catalogue.filter import Index
from fitgui.pallets.catalogue.shelf import shelf
from tests.benchmarks.generated_catalogue import entries, keystrokes


def main() -> int:
    """Print milliseconds of each keystroke, for hits and counts, and seconds until the index stood."""
    rows = shelf(entries(int(sys.argv[2])), ())
    moments = [time.perf_counter()]
    index = Index(rows)
    moments.append(time.perf_counter())
    Index(rows)
    moments.append(time.perf_counter())
    matching, counting = [], []
    for text in keystrokes():
        start = time.perf_counter()
        index.match(text)
        between = time.perf_counter()
        index.counts(text)
        matching.append(1e3 * (between - start))
        counting.append(1e3 * (time.perf_counter() - between))
    first, again = (after - before for before, after in pairwise(moments))
    print(json.dumps({"match": matching, "counts": counting, "first": first, "again": again}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

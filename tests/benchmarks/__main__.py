"""Measure, print the table, and write it to ``docs/benchmarks.md``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.benchmarks.catalogue import benchmarks
from tests.benchmarks.harness import ROOT, ChildError, Row
from tests.benchmarks.report import document, machine


def main() -> int:
    """Run the chosen benchmarks; the status is 1 if one of them could not be measured."""
    known = {benchmark.name: benchmark for benchmark in benchmarks()}
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which, else all: {', '.join(known)}")
    parser.add_argument("--repeat", type=int, default=5, help="times that quick ones are repeated")
    parser.add_argument("--output", type=Path, help="file for the table; docs/benchmarks.md, if all ran")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.names if name not in known]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}")
    if chosen.repeat < 1:
        parser.error("--repeat must be at least 1")
    facts, rows, left_out, failed = machine(), list[Row](), list[str](), False
    for name in chosen.names or known:
        missing = [path.name for path in known[name].needs if not path.exists()]
        if missing:
            left_out.append(f"{name}: {', '.join(missing)} is missing (set FITGUI_PALLETS to its folder)")
            continue
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        try:
            rows.extend(known[name].measure(chosen.repeat))
        except ChildError as error:
            failed = True
            left_out.append(f"{name}: {error}")
    page = document(facts, rows, left_out)
    print(page, end="")
    output = chosen.output or (None if chosen.names else ROOT / "docs" / "benchmarks.md")
    if output is not None:
        output.write_text(page, encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

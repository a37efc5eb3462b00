"""Measure, and write ``docs/benchmarks.md`` with its picture."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.catalogue import PARTS, missing
from tests.benchmarks.harness import ROOT, ChildError
from tests.benchmarks.report import PICTURE, document, machine, moment
from tests.benchmarks.wish import Wish


def main() -> int:
    """Run the chosen parts; the status is 1 if one of them could not be measured.

    What was measured before of the other parts stays on the page; ``benchmarks.json`` beside it keeps it.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"which, else all: {', '.join(PARTS)}")
    parser.add_argument("--repeat", type=int, default=3, help="times that quick ones are repeated")
    parser.add_argument("--quick", action="store_true", help="see whether all works; docs are not touched")
    parser.add_argument("--output", type=Path, help="folder for page, figures and picture [default: docs]")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.parts if name not in PARTS]
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}: choose from {', '.join(PARTS)}")
    if chosen.repeat < 1:
        parser.error("--repeat must be at least 1")
    output: Path | None = chosen.output or (None if chosen.quick else ROOT / "docs")
    stored = _stored(output)
    stored["machine"] = machine()
    wish = Wish(repeat=1 if chosen.quick else chosen.repeat, quick=chosen.quick)
    failed = False
    before = moment()
    for name in chosen.parts or PARTS:
        print(f"measuring {name} ...", end="", file=sys.stderr, flush=True)
        started = time.monotonic()
        failed |= not _measure(name, wish, before, stored)
        _keep(stored, output)
        print(f" {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    picture = output is not None and _draw(stored, output / PICTURE)
    page = document(stored, list(PARTS), picture=picture)
    print(page, end="")
    if output is not None:
        (output / "benchmarks.md").write_text(page, encoding="utf-8")
    return 1 if failed else 0


def _keep(stored: dict[str, Any], output: Path | None) -> None:
    """Write down what is known after every part: who stops in between keeps what was measured."""
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        (output / "benchmarks.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def _stored(output: Path | None) -> dict[str, Any]:
    file = output / "benchmarks.json" if output is not None else None
    if file is None or not file.exists():
        return {"machine": [], "parts": {}, "left_out": {}}
    stored: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return stored


def _measure(name: str, wish: Wish, before: str, stored: dict[str, Any]) -> bool:
    stored["left_out"].pop(name, None)
    lacking = missing(name)
    if lacking:
        names = ", ".join(path.name for path in lacking)
        stored["left_out"][name] = f"{names} is missing (set FITGUI_PALLETS to its folder)"
        return True
    try:
        section = PARTS[name](wish)
    except ChildError as error:
        print(f" {error}", end="", file=sys.stderr)
        stored["left_out"][name] = str(error)
        return False
    stored["parts"][name] = {"moment": before, "section": section.stored()}
    return True


def _draw(stored: dict[str, Any], path: Path) -> bool:
    """Draw the picture where matplotlib is installed; one from before stays where it is not."""
    from tests.benchmarks.picture import draw  # noqa: PLC0415  (matplotlib is not needed to measure)

    series = {name: part["section"]["series"] for name, part in stored["parts"].items()}
    try:
        draw(series, path)
    except ImportError:
        print("matplotlib is not installed: the picture is not drawn.", file=sys.stderr)
    return path.exists()


if __name__ == "__main__":
    sys.exit(main())

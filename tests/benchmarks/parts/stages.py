"""Where the time of a whole analysis goes, and how far that is from what its arithmetic needs."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.harness import child_figures, newton_fits
from tests.benchmarks.page import Section, Table, duration, plain, quantity
from tests.benchmarks.parts.waiting import WORKERS
from tests.benchmarks.wish import Wish
from tests.references.work import PALLETS

WORDS = {
    "read": "read: unpack the archive, split its JSON",
    "validate": "validate: every workspace against the schema",
    "digest": "digest: the workspace's identity",
    "patch": "patch: the signal into the workspace",
    "compile": "compile: the workspace into arrays",
    "evaluate": "evaluate: likelihood, gradient, Hessian",
    "solve": "solve: the step within the bounds",
    "search": "search: the rest of minimisation and inference",
    "everything else": "results and warnings",
}
TEXT = f"""\
All of 1Lbb in one process on one core, the clock handed from stage to stage; then the same plan on
{WORKERS} warm workers of the local backend. *Transport and waiting* is what the workers did not spend on
fitting: sending workspace and patches, receiving results, and idling at the end while another finishes."""
FLOOR_TEXT = """\
The arithmetic floor is what a core would need that does nothing but the multiplications of the fits, at
the speed of its matrix product: for every Hessian 2 e p² + 2 b p² operations and p³/3 for the step (e
entries, that is channel × sample × bin; b bins; p parameters), for every value 2 e p. The engine leaves
out what is zero, but it pays for Python and for arrays that are too small for that speed."""


def measure(_wish: Wish) -> Section:
    """The stages with and without limits, transport, and the floor for each analysis."""
    parts = [child_figures("stages", "1Lbb", *option, one_core=True) for option in ((), ("limits",))]
    plans = [
        child_figures("two_workers", "1Lbb", str(WORKERS), option) for option in ("{}", '{"limits": true}')
    ]
    rows = [
        (WORDS[stage], *(_share(part["seconds"], stage) for part in parts))
        for stage in WORDS
        if any(part["seconds"].get(stage) for part in parts)
    ]
    totals = [sum(part["seconds"].values()) for part in parts]
    rows.append(("**sum, one core**", *(duration(total) for total in totals)))
    rows.append(
        (f"**{WORKERS} workers: submission to the last result**", *(duration(p["wall"]) for p in plans))
    )
    waits = [WORKERS * plan["wall"] - plan["busy"] for plan in plans]
    rows.append(
        (
            "of the workers' time: transport and waiting",
            *(
                f"{duration(wait)} ({100.0 * wait / (WORKERS * plan['wall']):.0f} %)"
                for wait, plan in zip(waits, plans, strict=True)
            ),
        )
    )
    calls = parts[0]["calls"]
    notes = (
        f"Without limits: {calls['evaluate']:,} evaluations and {calls['solve']:,} steps for 125 points, "
        f"that is {duration(parts[0]['seconds']['evaluate'] / calls['evaluate'])} and "
        f"{duration(parts[0]['seconds']['solve'] / calls['solve'])} each.",
    )
    table = Table(("1Lbb, 125 points", "CLs and band", "and upper limits"), tuple(rows))
    return Section("Where the time goes", f"{TEXT}\n\n{FLOOR_TEXT}", (table, _floors()), notes)


def _share(seconds: dict[str, float], stage: str) -> str:
    own = seconds.get(stage, 0.0)
    return f"{duration(own)} ({100.0 * own / sum(seconds.values()):.0f} %)"


def _floors() -> Table:
    rows = []
    for analysis in PALLETS:
        if analysis in ("stau low mass", "stau high mass"):
            continue
        figures = newton_fits(analysis)
        fits = sum(answer["fit"] for answer in figures["points"].values())
        floor = _operations(figures) / figures["flops"]
        rows.append(
            (
                analysis,
                f"{figures['parameters']} / {figures['bins']} / {figures['entries']}",
                f"{figures['hessians'] / len(figures['points']):.0f}",
                quantity(figures["flops"] / 1e9, "GFLOP/s"),
                duration(floor),
                duration(fits),
                plain(fits / floor),
            )
        )
    header = (
        "floor",
        "p / b / e",
        "Hessians per point",
        "matrix product",
        "floor, all points",
        "fits",
        "ratio",
    )
    return Table(header, tuple(rows))


def _operations(figures: dict[str, Any]) -> float:
    parameters, bins, entries = figures["parameters"], figures["bins"], figures["entries"]
    hessian = 2.0 * (entries + bins) * parameters**2 + parameters**3 / 3.0
    value = 2.0 * entries * parameters
    return float(figures["hessians"] * hessian + figures["values"] * value)

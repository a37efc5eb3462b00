"""Pseudo-experiments of one point."""

from __future__ import annotations

import json

from tests.benchmarks.harness import child_figures
from tests.benchmarks.page import Section, Table, duration, plain
from tests.benchmarks.parts.waiting import WORKERS
from tests.benchmarks.wish import Wish

ANALYSIS = "stau combined"
POINTS = ("DS_120_1_Staus",)
NUMBER = 1000
TEXT = f"""\
CLs from {NUMBER} pseudo-experiments of each hypothesis, beside the asymptotic formula; {WORKERS} warm
workers share the pseudo-experiments of a point. Each takes two fits, thus {4 * NUMBER} fits a point. The
error is statistical. The signal regions of stau expect few events, so that the asymptotic formula is not
exact."""


def measure(wish: Wish) -> Section:
    """One row a point."""
    number = 100 if wish.quick else NUMBER
    options = json.dumps({"toys": number, "seed": 1})
    rows = []
    for point in POINTS:
        figures = child_figures("two_workers", ANALYSIS, str(WORKERS), options, point)
        result = figures["results"][0]
        toys = result["toys"]
        rows.append(
            (
                f"{ANALYSIS}, {point}",
                str(toys["number"]),
                duration(figures["wall"]),
                duration(toys["seconds"] / (2.0 * toys["number"])),
                plain(result["cls_obs"]),
                f"{toys['cls_obs']:.4f} ± {toys['cls_obs_error']:.4f}",
                plain(result["cls_exp"][2]),
                f"{toys['cls_exp'][2]:.4f}",
                str(toys["failed"]),
            )
        )
    header = (
        "",
        "toys of each hypothesis",
        "wall",
        "a toy, one core",
        "CLs, asymptotic",
        "CLs, toys",
        "expected, asymptotic",
        "expected, toys",
        "not converged",
    )
    return Section("Pseudo-experiments", TEXT, (Table(header, tuple(rows)),))

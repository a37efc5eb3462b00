"""All points of an analysis by the newton engine, one after the other on one core.

``python -m tests.benchmarks.children.newton_fits START ANALYSIS [limits]``
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import Any

import numpy as np

from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines import load_engine
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Compiler
from fitgui_backends.histfactory.patching import apply_patch, decode_operations
from tests.benchmarks.children.published import open_analysis
from tests.benchmarks.harness import bind_to_one_core

MATRIX = 700
"""Rows and columns of the matrices whose product measures this core."""


def multiplications_per_second() -> float:
    """Floating-point operations per second of a product of matrices on this core: the best of several."""
    matrix = np.random.default_rng(0).standard_normal((MATRIX, MATRIX))
    best = 0.0
    for _ in range(8):
        started = time.perf_counter()
        matrix @ matrix
        best = max(best, 2.0 * MATRIX**3 / (time.perf_counter() - started))
    return best


def count_evaluations() -> Counter[str]:
    """From now on, how often the likelihood and its derivatives are evaluated, by method."""
    calls: Counter[str] = Counter()
    for name in ("value", "derivatives"):
        original = getattr(Likelihood, name)

        def counted(self: Likelihood, x: Any, name: str = name, original: Any = original) -> Any:
            calls[name] += 1
            return original(self, x)

        setattr(Likelihood, name, counted)
    return calls


def main() -> None:
    """Print seconds, sizes, counts of evaluations, and every point's answer."""
    bind_to_one_core()
    analysis = open_analysis(sys.argv[2])
    engine = load_engine("newton")
    engine.warm_up()
    flops = multiplications_per_second()
    calls = count_evaluations()
    started = time.perf_counter()
    prepared = engine.prepare(analysis.workspace, None, FitOptions(limits="limits" in sys.argv))
    points = [FitPoint(name=point.name, operations=point.operations) for point in analysis.points]
    results = [prepared.fit(point) for point in points]
    wall = time.perf_counter() - started
    document = apply_patch(analysis.workspace, decode_operations(points[0].operations))
    model = Compiler().compile(document)
    answers: dict[str, Any] = {
        result.name: {
            "fit": result.seconds.fit,
            "model": result.seconds.model,
            "free": result.twice_nll.free,
            "mu1": result.twice_nll.mu1,
            "cls_obs": result.cls_obs,
            "converged": result.converged,
        }
        for result in results
    }
    figures = {
        "wall": wall,
        "flops": flops,
        "parameters": len(model.parameters.names),
        "bins": model.bin_count,
        "entries": int(model.nominal.size),
        "hessians": calls["derivatives"],
        "values": calls["value"],
        "points": answers,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

"""Where the time goes: all points of an analysis in this process, the clock divided among the stages.

``python -m tests.benchmarks.children.stages START ANALYSIS [limits]``
"""

from __future__ import annotations

import functools
import importlib
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines import load_engine
from tests.benchmarks.children.published import open_analysis
from tests.benchmarks.harness import bind_to_one_core

WATCHED = {
    "read": (
        "fitgui.pallets.opening:open_pallet",
        "fitgui.pallets.reading.source:read_source",
    ),
    "validate": ("fitgui_backends.histfactory.schema:validate_workspace",),
    "digest": ("fitgui_backends.histfactory.canonical:digest",),
    "patch": (
        "fitgui_backends.histfactory.patching:decode_operations",
        "fitgui_backends.histfactory.patching:apply_patch",
    ),
    "compile": (
        "fitgui_backends.histfactory.model:Compiler.keep",
        "fitgui_backends.histfactory.model:Compiler.compile",
        "fitgui_backends.histfactory.model:observed_counts",
        "fitgui_backends.histfactory.constraints:observed_data",
        "fitgui_backends.histfactory.likelihood:Likelihood.__init__",
    ),
    "evaluate": (
        "fitgui_backends.histfactory.likelihood:Likelihood.value",
        "fitgui_backends.histfactory.likelihood:Likelihood.derivatives",
        "fitgui_backends.histfactory.likelihood:Likelihood.expected",
        "fitgui_backends.histfactory.likelihood:Likelihood.information",
        "fitgui_backends.histfactory.likelihood:Likelihood.entry_rates",
        "fitgui_backends.histfactory.likelihood:Likelihood.normsys_factors",
    ),
    "solve": ("fitgui_backends.inference.newton_step:box_step",),
    "search": (
        "fitgui_backends.inference.hypothesis_test:hypothesis_test",
        "fitgui_backends.inference.hypothesis_test:background_fit",
        "fitgui_backends.inference.limits:upper_limits",
    ),
}
"""Functions by stage. A stage's time is that of its functions without what other stages do inside them."""


class Stages:
    """A stopwatch that is handed from stage to stage."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._running: list[str] = []
        self._since = 0.0

    def watch(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed."""

        @functools.wraps(function)
        def timed(*arguments: Any, **keywords: Any) -> Any:
            self.calls[stage] += 1
            self.enter(stage)
            try:
                return function(*arguments, **keywords)
            finally:
                self.leave()

        return timed

    def enter(self, stage: str) -> None:
        """A stage begins; the one around it waits."""
        self._book()
        self._running.append(stage)

    def leave(self) -> None:
        """The innermost stage ends."""
        self._book()
        self._running.pop()

    def _book(self) -> None:
        now = time.perf_counter()
        if self._running:
            self.seconds[self._running[-1]] += now - self._since
        self._since = now


def install(stages: Stages) -> None:
    """Replace every watched function wherever it has been imported to."""
    for stage, places in WATCHED.items():
        for place in places:
            module, _, path = place.partition(":")
            owner: Any = importlib.import_module(module)
            *outer, name = path.split(".")
            for part in outer:
                owner = getattr(owner, part)
            original = getattr(owner, name)
            timed = stages.watch(stage, original)
            if outer:
                setattr(owner, name, timed)
                continue
            for other in [m for key, m in sys.modules.items() if key.startswith(("fitgui", "tests.bench"))]:
                for attribute, value in list(vars(other).items()):
                    if value is original:
                        setattr(other, attribute, timed)


def main() -> None:
    """Print seconds and calls by stage."""
    bind_to_one_core()
    engine = load_engine("newton")
    engine.warm_up()
    stages = Stages()
    install(stages)
    stages.enter("everything else")
    analysis = open_analysis(sys.argv[2])
    prepared = engine.prepare(analysis.workspace, None, FitOptions(limits="limits" in sys.argv))
    for point in analysis.points:
        prepared.fit(FitPoint(name=point.name, operations=point.operations))
    stages.leave()
    print(json.dumps({"seconds": stages.seconds, "calls": stages.calls, "points": len(analysis.points)}))


if __name__ == "__main__":
    main()

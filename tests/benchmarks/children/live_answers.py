"""The answer while somebody types: one change after another, each from the question to its last piece.

``python -m tests.benchmarks.children.live_answers START ANALYSIS CHANGES plain|systematics`` prints seconds.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from queue import SimpleQueue

from fitgui.pallets import open_pallet
from fitgui.reinterpretation.answer.live import LiveAnswer, LiveAnswers
from fitgui.reinterpretation.answer.live_worker import Background
from fitgui.reinterpretation.model import Signal, Target
from fitgui.reinterpretation.patching.patch import signal_patch
from fitgui.reinterpretation.target.published import signal_of_point
from fitgui.reinterpretation.target.target import target_of
from tests.benchmarks.harness import pallet_folder
from tests.references.work import PALLETS

SEED = 3
SIGNALS = 8
"""Published ones that are typed over."""
PATIENCE = 120.0
SCALES = (-1.5, 1.0)
"""Powers of ten that the slider reaches."""
OF_THE_SLIDER = 0.4
"""Part of the changes that scale all; the others type one bin."""
TYPED = (0.0, 0.5, 1.0, 2.5, 5.0, 12.0, 30.0, 80.0, 200.0)
"""Events: from none to far more than any bin can take."""


def open_target(name: str) -> Target:
    """The target of a published analysis."""
    archive, inside = PALLETS[name]
    pallet = open_pallet(pallet_folder() / archive)
    analysis = next(analysis for analysis in pallet.analyses if analysis.path.startswith(f"{inside}/"))
    return target_of(pallet, analysis)


def changes(target: Target, *, systematics: bool) -> Iterator[Signal]:
    """Signals of somebody who scales a published one, or types another number into one of its bins."""
    random_ = random.Random(SEED)
    published = random_.sample(target.analysis.points, SIGNALS)
    # Scaled, so that none is the published patch itself.
    signals = [signal_of_point(target, point).scaled(1.0 + 1e-9) for point in published]
    if not systematics:
        signals = [replace(signal, systematics=()) for signal in signals]
    while True:
        signal = random_.choice(signals)
        if random_.random() < OF_THE_SLIDER:
            yield signal.scaled(10.0 ** random_.uniform(*SCALES))
            continue
        channel = random_.choice(sorted(signal.yields))
        events = list(signal.yields[channel])
        # Hardly noticed, but no two changes are the same, which would be answered without a fit.
        events[random_.randrange(len(events))] = random_.choice(TYPED) * (1.0 + 1e-6 * random_.random())
        yield replace(signal, yields={**signal.yields, channel: tuple(events)})


def main() -> int:
    """Print what each change took to its first CLs, its first limits and its last word."""
    target = open_target(sys.argv[2])
    count, systematics = int(sys.argv[3]), sys.argv[4] == "systematics"
    figures: dict[str, list[float]] = {"patch": [], "cls": [], "limits": [], "final": []}
    live, answers, background = LiveAnswers(), SimpleQueue[LiveAnswer](), SimpleQueue[Background]()
    began = time.perf_counter()
    live.background(target, background.put)
    background.get(timeout=PATIENCE)
    ready = time.perf_counter() - began
    refused = 0
    for _, signal in zip(range(count), changes(target, systematics=systematics), strict=False):
        began = time.perf_counter()
        operations = signal_patch(target, signal)
        figures["patch"].append(time.perf_counter() - began)
        live.ask(target, operations, answers.put)
        told: dict[str, float] = {}
        while "final" not in told:
            answer = answers.get(timeout=PATIENCE)
            seconds = time.perf_counter() - began
            if answer.result is not None:
                told.setdefault("cls" if answer.result.limits is None else "limits", seconds)
            if answer.finished:
                told["final"] = seconds
        refused += bool(answer.trouble)
        for key, seconds in told.items():
            figures[key].append(seconds)
    live.close(PATIENCE)
    print(json.dumps({"ready": ready, "refused": refused, **figures}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How the cost grows with the size of a generated model, on one core, a line for each size.

``python -m tests.benchmarks.children.scaling START newton|pyhf LONGEST PARAMETERSxBINS...``; once a test has
taken longer than LONGEST seconds, larger models are left out.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from tests.benchmarks.generated import generated
from tests.benchmarks.harness import bind_to_one_core


def newton(document: dict[str, Any]) -> dict[str, float]:
    """Seconds of compiling and of one hypothesis test."""
    from fitgui_backends.histfactory.constraints import observed_data  # noqa: PLC0415
    from fitgui_backends.histfactory.model import Compiler, observed_counts  # noqa: PLC0415
    from fitgui_backends.inference.hypothesis_test import hypothesis_test  # noqa: PLC0415

    started = time.perf_counter()
    model = Compiler().compile(document)
    data = observed_data(model, observed_counts(document, model))
    built = time.perf_counter()
    test = hypothesis_test(model, data)
    fitted = time.perf_counter()
    return {"model": built - started, "fit": fitted - built, "cls_obs": test.cls_obs}


def pyhf_slsqp(document: dict[str, Any]) -> dict[str, float]:
    """The same by pyhf with its defaults."""
    import pyhf  # noqa: PLC0415

    started = time.perf_counter()
    workspace = pyhf.Workspace(document)
    model = workspace.model()
    data = workspace.data(model)
    built = time.perf_counter()
    cls_obs = float(pyhf.infer.hypotest(1.0, data, model, test_stat="qtilde"))
    fitted = time.perf_counter()
    return {"model": built - started, "fit": fitted - built, "cls_obs": cls_obs}


def main() -> None:
    """Print the figures of each size."""
    bind_to_one_core()
    measure = {"newton": newton, "pyhf": pyhf_slsqp}[sys.argv[2]]
    longest = float(sys.argv[3])
    measure(generated(4, 4))  # imports and first calls
    for size in sys.argv[4:]:
        parameters, bins = (int(number) for number in size.split("x"))
        figures = measure(generated(parameters, bins))
        if figures["fit"] < 0.5:
            again = measure(generated(parameters, bins))
            figures = min(figures, again, key=lambda found: found["fit"])
        print(json.dumps({"parameters": parameters, "bins": bins, **figures}), flush=True)
        if figures["fit"] > longest:
            break


if __name__ == "__main__":
    main()

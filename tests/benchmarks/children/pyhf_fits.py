"""Some points of an analysis by pyhf, one after the other on one core, a line for each.

``python -m tests.benchmarks.children.pyhf_fits START ANALYSIS METHOD POINT...``, where METHOD is a minimiser
and a tensor library: ``slsqp-jax``. The model is built with pyhf's own validation, as its users do.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings

import msgspec
import numpy as np
import pyhf

from fitgui_backends.histfactory.patching import apply_patch
from tests.benchmarks.children.published import open_analysis
from tests.benchmarks.harness import bind_to_one_core
from tests.references.recording import Record, optimizer


def main() -> None:
    """Print what each point took, and twice the NLL of the fits to data."""
    bind_to_one_core()
    logging.getLogger("pyhf").setLevel(logging.CRITICAL + 1)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    name, method, *points = sys.argv[2:]
    analysis = open_analysis(name)
    minimiser, _, tensors = method.rpartition("-")
    for point in analysis.points:
        if point.name not in points:
            continue
        record = Record()
        pyhf.set_backend(tensors, optimizer(minimiser, record), precision="64b")
        document = apply_patch(analysis.workspace, msgspec.json.decode(point.operations))
        started = time.perf_counter()
        workspace = pyhf.Workspace(document)
        model = workspace.model()
        data = workspace.data(model)
        built = time.perf_counter()
        cls_obs, _ = pyhf.infer.hypotest(1.0, data, model, return_expected_set=True, test_stat="qtilde")
        fitted = time.perf_counter()
        figures = {
            "point": point.name,
            "model": built - started,
            "fit": fitted - built,
            "mu1": record[0]["value"],
            "free": record[1]["value"],
            "cls_obs": float(cls_obs),
        }
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()

"""Compute what pyhf answers on published pallets, and keep it in ``tests.json`` and ``limits.json``.

``python -m tests.references.make_references PALLETS tests`` (or ``limits``) with the folder of the archives,
in an environment with ``pyhf[jax,minuit]``: ``make references``. Each takes about half an hour on one core.
What is in a file is not computed again: it may be stopped and started at will.

An entry of ``tests.json`` holds twice the NLL of the fits to the observed data (``free``, ``mu0``, ``mu1``)
and to the Asimov data (``asimov_free``, ``asimov_mu1``) as the minimiser ended, CLs observed and the band. A
failed minimisation is kept, with ``"success": false``: the likelihood that it reached can be reached, but its
CLs is no reference.
"""

from __future__ import annotations

import os

# One core, read by the libraries when they load.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import argparse
import json
import logging
import math
import signal
import sys
import tarfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jsonpatch
import numpy as np
import pyhf

from tests.references.recording import SETTINGS, Record, optimizer
from tests.references.work import EXAMPLE, PALLETS, Job, jobs

HERE = Path(__file__).resolve().parent
EXAMPLE_FOLDER = HERE.parent.parent / "resources" / "example"
LONGEST = {"fits": 300, "tests": 400, "limits": 1500}
"""Seconds after which a job is given up, and written down as such."""
TOLERANCE = 1e-4
"""Of the scan for limits, relative."""
LIBRARIES = ("pyhf", "numpy", "scipy", "iminuit", "jax", "jaxlib")
FITS = ("mu1", "free", "mu0", "asimov_mu1", "asimov_free")


class TooLongError(Exception):
    """A job is not done in its time."""


class Analyses:
    """The background-only workspaces and the patches by name, each read once."""

    def __init__(self, folder: Path) -> None:
        self._read = {
            name: _archived(folder / archive, inside) for name, (archive, inside) in PALLETS.items()
        }
        files = ("BkgOnly.json", "patchset.json")
        example = [json.loads((EXAMPLE_FOLDER / file).read_text(encoding="utf-8")) for file in files]
        self._read[EXAMPLE] = example[0], example[1]

    @property
    def points(self) -> dict[str, list[str]]:
        """The names of all signal points by analysis."""
        return {
            name: [patch["metadata"]["name"] for patch in patches["patches"]]
            for name, (_, patches) in self._read.items()
        }

    def model(self, analysis: str, point: str) -> tuple[Any, Any]:
        """pyhf's model and data, for the tensor library that is chosen."""
        workspace, patches = self._read[analysis]
        patch = next(patch for patch in patches["patches"] if patch["metadata"]["name"] == point)
        # pyhf's own schema validation takes seconds; published pallets have passed it.
        full = pyhf.Workspace(jsonpatch.apply_patch(workspace, patch["patch"]), validate=False)
        model = full.model(validate=False)
        return model, full.data(model)


def _archived(archive: Path, inside: str) -> tuple[Any, Any]:
    with tarfile.open(archive) as opened:
        found = []
        for file in ("BkgOnly.json", "patchset.json"):
            member = opened.extractfile(f"./{inside}/{file}")
            assert member is not None
            found.append(json.load(member))
    return found[0], found[1]


def fits(model: Any, data: Any, record: Record) -> dict[str, Any]:
    """The fits to data at mu = 1 and with mu free, without a test."""
    try:
        pyhf.infer.mle.fixed_poi_fit(1.0, data, model)
        pyhf.infer.mle.fit(data, model)
    finally:
        _note(record, FITS[:2])
    return record.answer


def hypothesis_test(model: Any, data: Any, record: Record) -> dict[str, Any]:
    """One hypothesis test at mu = 1, with twice the NLL of each of its five fits."""
    cls: dict[str, Any] = {}
    try:
        cls_obs, band = pyhf.infer.hypotest(1.0, data, model, return_expected_set=True, test_stat="qtilde")
        cls = {"cls_obs": _number(cls_obs), "cls_exp": [_number(value) for value in band]}
    finally:
        _note(record, FITS)
    return {**cls, **record.answer}


def _note(record: Record, names: Sequence[str]) -> None:
    """Fits that ended before an error, or before the time was over, are references too."""
    record.answer = {
        "twice_nll": {name: fit["value"] for name, fit in zip(names, record, strict=False)},
        "success": len(record) == len(names) and all(fit["success"] for fit in record),
        "evaluations": sum(fit["evaluations"] for fit in record),
    }


def upper_limits(model: Any, data: Any, record: Record) -> dict[str, Any]:
    """Upper limits on mu at 95 % CL, by a scan between the bounds of mu."""
    with _plain_numbers():
        obs, exp = pyhf.infer.intervals.upper_limits.upper_limit(data, model, rtol=TOLERANCE)
    failed = sum(not fit["success"] for fit in record)
    return {
        "obs": _number(obs),
        "exp": [_number(value) for value in exp],
        "fits": len(record),
        "failed_fits": failed,
        "success": failed == 0,
    }


@contextmanager
def _plain_numbers() -> Iterator[None]:
    """Let the scan see plain numbers: it keeps CLs in a dictionary by mu, which jax's arrays cannot be."""
    module = pyhf.infer.intervals.upper_limits
    hypotest = module.hypotest

    def plain(*arguments: Any, **keywords: Any) -> tuple[float, list[float]]:
        obs, band = hypotest(*arguments, **keywords)
        return float(obs), [float(value) for value in band]

    module.hypotest = plain
    try:
        yield
    finally:
        module.hypotest = hypotest


def _number(value: Any) -> float | None:
    """A number that JSON can hold."""
    number = float(value)
    return number if math.isfinite(number) else None


def run(job: Job, analyses: Analyses) -> dict[str, Any]:
    """The entry of one job; an error is an entry, too."""
    minimiser, _, tensors = job.method.rpartition("-")
    record = Record()
    pyhf.set_backend(tensors, optimizer(minimiser, record), precision="64b")
    kinds: dict[str, Callable[[Any, Any, Record], dict[str, Any]]] = {
        "fits": fits,
        "tests": hypothesis_test,
        "limits": upper_limits,
    }
    started = time.perf_counter()
    # Again and again: an exception is lost where the signal comes while garbage is collected.
    signal.setitimer(signal.ITIMER_REAL, LONGEST[job.kind], 1.0)
    try:
        answer = kinds[job.kind](*analyses.model(job.analysis, job.point), record)
    except TooLongError:
        answer = {**record.answer, "success": False, "error": f"given up after {LONGEST[job.kind]} s"}
    except Exception as error:
        answer = {**record.answer, "success": False, "error": f"{type(error).__name__}: {error}"[:300]}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
    answer["seconds"] = round(time.perf_counter() - started, 2)
    return answer


def _too_long(_number: int, _frame: object) -> None:
    raise TooLongError


def main() -> int:
    """Compute what is missing in the file, for so many minutes at most."""
    parser = argparse.ArgumentParser(prog="python -m tests.references.make_references", description=__doc__)
    parser.add_argument("pallets", type=Path, help="the folder with the archives")
    parser.add_argument("what", choices=["tests", "limits"])
    parser.add_argument("--folder", type=Path, default=HERE, help="of tests.json and limits.json")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin nothing new after so long")
    parser.add_argument("--only", metavar="ANALYSIS", nargs="*", help="of the analyses")
    chosen = parser.parse_args()
    signal.signal(signal.SIGALRM, _too_long)
    logging.getLogger("pyhf").setLevel(logging.CRITICAL + 1)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    until = time.monotonic() + 60.0 * chosen.minutes
    output: Path = chosen.folder / f"{chosen.what}.json"
    content: dict[str, Any] = json.loads(output.read_text(encoding="utf-8")) if output.exists() else {}
    content["versions"] = {name: version(name) for name in LIBRARIES}
    content["settings"] = {
        **SETTINGS,
        "limits": {"function": "upper_limit", "rtol": TOLERANCE, "level": 0.05},
        "interpolation": {"normsys": "code4", "histosys": "code4p"},
    }
    analyses = Analyses(chosen.pallets)
    answers = content.setdefault("answers", {})
    for job in jobs(analyses.points, chosen.what):
        known = answers.setdefault(job.analysis, {}).setdefault(job.point, {})
        if job.method in known or (chosen.only and job.analysis not in chosen.only):
            continue
        if time.monotonic() > until:
            print("The time is over; start again for the rest.", file=sys.stderr)
            break
        known[job.method] = run(job, analyses)
        print(job, known[job.method], flush=True)
        if "jax" in job.method:
            # What was compiled for this model serves no other.
            import jax  # noqa: PLC0415

            jax.clear_caches()
        _write(output, content)
    return 0


def _write(output: Path, content: dict[str, Any]) -> None:
    """Replace the file at once, so that it is whole whenever the program is stopped."""
    temporary = output.with_suffix(".part")
    temporary.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    temporary.replace(output)


if __name__ == "__main__":
    sys.exit(main())

"""The results of a run as a JSON document and as a table in CSV; every number stands beside its health."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from fitgui.runs.check import comparison
from fitgui.runs.files import write_whole
from fitgui.runs.plan import RunPlan
from fitgui.runs.snapshot import PointStatus, RunSnapshot
from fitgui.runs.wall_split import WAITING
from fitgui_backends.contract import TaskState
from fitgui_backends.results import FitResult, UpperLimits

SCHEMA = 1
"""Of the results file; raised when a field changes its meaning or goes."""

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins like this is a formula to a spreadsheet, and carried out; names are a stranger's."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|-inf", re.ASCII)

_FITTED = (TaskState.DONE, TaskState.FAILED)
_FITS = ("free", "mu0", "mu1", "asimov_mu1")
BANDS = ("m2", "m1", "0", "p1", "p2")


def results_document(plan: RunPlan, snapshot: RunSnapshot) -> dict[str, Any]:
    """The results of a run, finished or not, in the fields and the order of the results file.

    A number that is not finite is ``None`` and named in the warnings of its point. A point that is not final,
    as in a run that was interrupted, counts as cancelled.
    """
    started = None
    if snapshot.started is not None:
        started = datetime.fromtimestamp(snapshot.started, UTC).isoformat(timespec="seconds")
    analysis = plan.analysis
    return {
        "schema": SCHEMA,
        "pallet": {"name": plan.pallet.name, "source": plan.pallet.source, "digest": plan.pallet.digest},
        "analysis": {
            "name": analysis.name,
            "digest": analysis.digest,
            "channels": len(analysis.channels),
            "bins": analysis.bins,
            "parameters": analysis.parameters,
            "poi": analysis.poi,
            "labels": list(analysis.labels),
            "channel_names": list(analysis.channels),
        },
        "engine": plan.plan.options.engine,
        "options": _options(plan),
        "backend": _backend(plan, snapshot),
        "versions": {name: ", ".join(versions) for name, versions in snapshot.versions.items()},
        "started": started,
        "wall_seconds": snapshot.elapsed,
        "sum_fit_seconds": snapshot.sum_fit_seconds,
        "sum_core_seconds": snapshot.sum_core_seconds,
        "wall_split": _wall_split(snapshot),
        "points": [_point(status, plan.values.get(name, {})) for name, status in snapshot.points.items()],
        "checks": [_check(snapshot, name) for name in snapshot.points if name in snapshot.checks],
    }


def results_csv(plan: RunPlan, snapshot: RunSnapshot) -> str:
    """The table of a run: a row for each point, coordinates in columns of their own; unknown is empty.

    A text that a spreadsheet would take for a formula has an apostrophe in front.
    """
    columns = [
        "status",
        "cls_obs",
        *(f"cls_exp_{band}" for band in BANDS),
        "mu_upper_obs",
        *(f"mu_upper_exp_{band}" for band in BANDS),
        "mu_upper_converged",
        "mu_hat",
        *(f"twice_nll_{fit}" for fit in _FITS),
        "converged",
        "warnings",
        "notes",
        "error",
        *(f"seconds_{part}" for part in ("queued", "model", "fit", "total")),
        "worker",
        "p0_obs",
        *(f"p0_exp_{band}" for band in BANDS),
        "toys_number",
        "toys_failed",
        "toys_cls_obs",
        "toys_cls_obs_error",
        *(f"toys_cls_exp_{band}" for band in BANDS),
        "toys_mu_upper_obs",
        *(f"toys_mu_upper_exp_{band}" for band in BANDS),
        "non_negative_cls_obs",
        *(f"non_negative_cls_exp_{band}" for band in BANDS),
        "non_negative_converged",
        "check",
        "check_largest_difference",
        "seconds_transfer",
        "seconds_delay",
        "block",
    ]
    labels = plan.analysis.labels
    taken = {"name", *columns}
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    headings = [_cell(f"value:{label}" if label in taken else label) for label in labels]
    writer.writerow(["name", *headings, *columns])
    for name, status in snapshot.points.items():
        row = _point(status, plan.values.get(name, {}))
        check = _check(snapshot, name) if name in snapshot.checks else {}
        coordinates = [row["values"].get(label) for label in labels]
        cells = [
            row["status"],
            row["cls_obs"],
            *row["cls_exp"],
            row["mu_upper_obs"],
            *row["mu_upper_exp"],
            row["mu_upper_converged"],
            row["mu_hat"],
            *row["twice_nll"].values(),
            row["converged"],
            "; ".join(row["warnings"]),
            "; ".join(row["notes"]),
            row["error"],
            *(row["seconds"][part] for part in ("queued", "model", "fit", "total")),
            row["worker"],
            *_further_cells(row),
            check.get("status"),
            check.get("largest_difference"),
            *(row["seconds"][part] for part in ("transfer", "delay")),
            row["block"],
        ]
        writer.writerow([_cell(cell) for cell in [name, *coordinates, *cells]])
    return stream.getvalue()


def write_results(path: Path, plan: RunPlan, snapshot: RunSnapshot, *, kind: str | None = None) -> None:
    """Write the results file.

    Args:
        path: where to.
        plan: of the run.
        snapshot: how it stands.
        kind: ``json`` or ``csv``; by default ``csv`` if the name ends in that, else ``json``.

    Raises:
        RunError: if it cannot be written.
    """
    if kind == "csv" or (kind is None and path.suffix.lower() == ".csv"):
        write_whole(path, results_csv(plan, snapshot))
    else:
        write_whole(path, to_json(results_document(plan, snapshot)) + "\n")


def to_json(document: Mapping[str, Any] | Sequence[Any], *, encoding: str = "utf-8") -> str:
    """JSON as fitgui writes it: indented, with names as they are where ``encoding`` has them, never a NaN."""
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return json.dumps(document, indent=1, ensure_ascii=True, allow_nan=False)
    return text


def _options(plan: RunPlan) -> dict[str, Any]:
    """All that decides the numbers beside the pallet; a time limit does not."""
    options: dict[str, Any] = msgspec.to_builtins(plan.plan.options)
    del options["timeout_seconds"]
    return {"measurement": plan.measurement, **options}


def _backend(plan: RunPlan, snapshot: RunSnapshot) -> dict[str, Any]:
    """Where points were fitted; without the options of the place, which may hold what is not for others."""
    place = plan.plan.place
    return {
        "name": plan.backend,
        "workers": snapshot.workers,
        "place": None if place is None else {"identifier": place.identifier, "name": place.name},
        "blocks": list(snapshot.blocks),
    }


def _wall_split(snapshot: RunSnapshot) -> dict[str, Any] | None:
    """Where the wall time went; ``None`` where no worker has told."""
    if not len(snapshot.timeline):
        return None
    split = snapshot.timeline.split(snapshot.elapsed)
    return {
        "preparing": split.preparing,
        "transfer": split.transfer,
        "waiting": {name or WAITING: seconds for name, seconds in split.waits},
        "unpack": split.unpack,
        "model": split.model,
        "fit": split.fit,
        "overhead": split.overhead,
        "lost": split.lost,
        "running": split.running,
        "delay": split.delay,
        "idle": split.idle,
        "until_first_worker": split.until_first,
        "workers": split.workers,
        "efficiency": split.efficiency,
        "tasks": len(snapshot.timeline),
        "requests": snapshot.timeline.requests,
        "sent_bytes": snapshot.timeline.sent_bytes,
        "received_bytes": snapshot.timeline.received_bytes,
    }


def _point(status: PointStatus, values: Mapping[str, float | str]) -> dict[str, Any]:
    result = status.result
    state, error = status.state, status.error
    if not state.is_final:
        state, error = TaskState.CANCELLED, "it was not fitted yet: the run is going on or was interrupted"
    missing = [] if result is None else list(_not_finite(result))
    return {
        "name": status.name,
        "values": plain_values(values),
        "status": str(state),
        "error": error,
        "cls_obs": _number(None if result is None else result.cls_obs),
        "cls_exp": [None] * 5 if result is None else [_number(value) for value in result.cls_exp],
        **_limits(None if result is None else result.limits),
        "mu_hat": _number(None if result is None else result.mu_hat),
        "twice_nll": {
            fit: _number(None if result is None else getattr(result.twice_nll, fit)) for fit in _FITS
        },
        "converged": None if result is None else result.converged and not missing,
        "warnings": [] if result is None else [*result.warnings, *missing],
        "notes": [] if result is None else list(result.notes),
        "seconds": {
            part: _number(getattr(status.seconds, part) if state in _FITTED else None)
            for part in ("queued", "transfer", "model", "fit", "delay", "total")
        },
        "worker": status.worker,
        "block": "" if result is None else result.block,
        "discovery": None if result is None else _discovery(result),
        "toys": None if result is None else _toys(result),
        "non_negative": None if result is None else _non_negative(result),
    }


def _limits(limits: UpperLimits | None) -> dict[str, Any]:
    if limits is None:
        return {"mu_upper_obs": None, "mu_upper_exp": [None] * 5, "mu_upper_converged": None}
    return {
        "mu_upper_obs": _number(limits.obs),
        "mu_upper_exp": [_number(value) for value in limits.exp],
        "mu_upper_converged": limits.converged,
    }


def _discovery(result: FitResult) -> dict[str, Any] | None:
    found = result.discovery
    if found is None:
        return None
    return {"p0_obs": _number(found.p0_obs), "p0_exp": [_number(value) for value in found.p0_exp]}


def _toys(result: FitResult) -> dict[str, Any] | None:
    toys = result.toys
    if toys is None:
        return None
    return {
        "number": toys.number,
        "seed": toys.seed,
        "failed": toys.failed,
        "cls_obs": _number(toys.cls_obs),
        "cls_obs_error": _number(toys.cls_obs_error),
        "cls_exp": [_number(value) for value in toys.cls_exp],
        **_limits(toys.limits),
        "seconds": _number(toys.seconds),
    }


def _non_negative(result: FitResult) -> dict[str, Any] | None:
    second = result.non_negative
    if second is None:
        return None
    return {
        "cls_obs": _number(second.cls_obs),
        "cls_exp": [_number(value) for value in second.cls_exp],
        "twice_nll": {fit: _number(getattr(second.twice_nll, fit)) for fit in _FITS},
        "converged": second.converged,
    }


def _check(snapshot: RunSnapshot, name: str) -> dict[str, Any]:
    """A point as the other engine sees it."""
    found, reference = comparison(snapshot, name), snapshot.checks[name].reference
    verdict = None if found is None else found.agrees
    return {
        "name": name,
        "engine": snapshot.check_engines[1],
        "status": "failed" if verdict is None else "agrees" if verdict else "differs",
        "largest_difference": None if found is None else _number(found.cls_difference),
        "words": "" if found is None else "; ".join(found.sentences),
        "cls_obs": _number(None if reference is None else reference.cls_obs),
        "cls_exp": [None] * 5 if reference is None else [_number(value) for value in reference.cls_exp],
        "mu_hat": _number(None if reference is None else reference.mu_hat),
        "twice_nll": {
            fit: _number(None if reference is None else getattr(reference.twice_nll, fit)) for fit in _FITS
        },
    }


def _further_cells(row: Mapping[str, Any]) -> list[Any]:
    """The numbers of a point that are there only where they were asked for."""
    none = [None] * 5
    discovery, toys, second = row["discovery"] or {}, row["toys"] or {}, row["non_negative"] or {}
    return [
        discovery.get("p0_obs"),
        *discovery.get("p0_exp", none),
        *(toys.get(part) for part in ("number", "failed", "cls_obs", "cls_obs_error")),
        *toys.get("cls_exp", none),
        toys.get("mu_upper_obs"),
        *toys.get("mu_upper_exp", none),
        second.get("cls_obs"),
        *second.get("cls_exp", none),
        second.get("converged"),
    ]


def _not_finite(result: FitResult) -> Iterable[str]:
    numbers: dict[str, tuple[float, ...]] = {
        "CLs observed": (result.cls_obs,),
        "CLs expected": result.cls_exp,
        "mu-hat": (result.mu_hat,),
    }
    if result.discovery is not None:
        numbers["the p-value of the background"] = (result.discovery.p0_obs, *result.discovery.p0_exp)
    if result.toys is not None:
        numbers["CLs of the pseudo-experiments"] = result.toys.cls_exp
    for what, values in numbers.items():
        if not all(math.isfinite(value) for value in values):
            yield f"{what} is not a number"


def _number(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def plain_values(values: Mapping[str, float | str]) -> dict[str, float | int | str]:
    """Coordinates for JSON: masses are mostly whole, so 300 rather than 300.0."""
    return {label: _coordinate(value) for label, value in values.items()}


def _coordinate(value: float | str) -> float | int | str:
    if isinstance(value, str):
        return value
    if not math.isfinite(value):
        return str(value)
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULAS) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return "" if value is None else value

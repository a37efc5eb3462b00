"""Points of the published pallets with what newton found for them (``data/``, made by ``make_data.py``)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fitgui.pallets.model import SignalPoint
from fitgui_backends.results import FitResult, TwiceNll, UpperLimits

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True)
class Published:
    """An analysis with results."""

    labels: tuple[str, ...]
    points: tuple[SignalPoint, ...]
    results: dict[str, FitResult]


@cache
def published(name: str) -> Published:
    """``1Lbb``, ``stau-combined``, ``3L`` ..."""
    document = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    labels = tuple(document["labels"])
    points, results = [], {}
    columns = ("names", "x", "y", "cls", "limits", "converged")
    for point, x, y, cls, limits, converged in zip(*(document[key] for key in columns), strict=True):
        points.append(SignalPoint(point, dict(zip(labels, (x, y), strict=True)), b"[]", "patchset"))
        results[point] = result(point, cls, limits, converged=converged)
    return Published(labels, tuple(points), results)


def result(
    name: str, cls: list[float], limits: list[float | None] | None = None, *, converged: bool = True
) -> FitResult:
    """A result with observed and expected values: six of CLs, and six limits or none."""
    band = None
    if limits is not None:
        first, second, median, fourth, fifth = limits[1:]
        band = UpperLimits(obs=limits[0], exp=(first, second, median, fourth, fifth))
    minus_two, minus_one, median_cls, plus_one, plus_two = cls[1:]
    return FitResult(
        name=name,
        cls_obs=cls[0],
        cls_exp=(minus_two, minus_one, median_cls, plus_one, plus_two),
        mu_hat=0.0,
        twice_nll=TwiceNll(),
        limits=band,
        converged=converged,
    )

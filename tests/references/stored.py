"""The stored answers of pyhf, by analysis and point."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class StoredTest:
    """One hypothesis test of pyhf at mu = 1."""

    method: str
    """Minimiser and tensor library."""
    success: bool
    """Whether the minimiser said so of every fit."""
    twice_nll: Mapping[str, float]
    """Of the fits that were made and came to an end."""
    cls: Sequence[float]
    """Observed, then the band; empty where there is none."""


@dataclass(frozen=True)
class StoredLimits:
    """Upper limits on mu from a scan of pyhf; NaN where it found none."""

    method: str
    limits: Sequence[float]
    """Observed, then the band."""


def stored_tests(analysis: str) -> dict[str, list[StoredTest]]:
    """By point, one for each minimiser."""
    return {
        point: [_test(method, entry) for method, entry in methods.items()]
        for point, methods in _read("tests").get(analysis, {}).items()
    }


def stored_limits(analysis: str) -> dict[str, StoredLimits]:
    """By point, where pyhf came to an end without complaint."""
    return {
        point: StoredLimits(method, [_number(value) for value in (entry["obs"], *entry["exp"])])
        for point, methods in _read("limits").get(analysis, {}).items()
        for method, entry in methods.items()
        if entry["success"]
    }


def _read(what: str) -> Any:
    return json.loads((FOLDER / f"{what}.json").read_text(encoding="utf-8"))["answers"]


def _test(method: str, entry: Mapping[str, Any]) -> StoredTest:
    cls = [_number(value) for value in (entry.get("cls_obs"), *entry.get("cls_exp", ()))]
    return StoredTest(
        method=method,
        success=entry["success"],
        twice_nll={name: value for name, value in entry.get("twice_nll", {}).items() if value is not None},
        cls=cls if all(math.isfinite(value) for value in cls) else (),
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else value

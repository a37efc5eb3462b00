"""What goes into an exclusion in the mass plane, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Method = Literal["linear", "rbf"]
Scale = Literal["linear", "log"]


class Surface(StrEnum):
    """One of the surfaces over the plane of which contours are drawn, in the order of the columns of CLs."""

    OBSERVED = "observed"
    MINUS_TWO = "expected -2 sigma"
    MINUS_ONE = "expected -1 sigma"
    EXPECTED = "expected"
    PLUS_ONE = "expected +1 sigma"
    PLUS_TWO = "expected +2 sigma"


SURFACES = tuple(Surface)


@dataclass(frozen=True, slots=True, eq=False)
class PlanePoints:
    """Fitted points in the plane of two coordinates; what has no trustworthy number is not among them."""

    names: tuple[str, ...]
    x: Floats
    """Shape (n,), in the units of the axis."""
    y: Floats
    """Shape (n,)."""
    cls: Floats
    """CLs at mu = 1, shape (n, 6): observed and expected, in the order of :data:`SURFACES`."""


@dataclass(frozen=True, slots=True)
class AxisChoice:
    """How the plane is looked at: interpolation goes on in these coordinates."""

    x_scale: Scale = "linear"
    y_scale: Scale = "linear"
    allowed: Literal["all", "below diagonal", "above diagonal"] = "all"
    """The side of ``y = x`` that is kinematically allowed."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One connected piece of a contour."""

    x: Floats
    """Shape (k,)."""
    y: Floats
    """Shape (k,)."""
    closed: bool
    """Whether the last point is the first one; an open piece ends where nothing was fitted."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A filled area: an outline and its holes."""

    outline: Line
    holes: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Exclusion:
    """What the points say about the plane between them."""

    points: PlanePoints
    contours: Mapping[Surface, tuple[Line, ...]]
    """Where CLs is 0.05; every surface is present, with no piece where nothing crosses."""
    bands: Mapping[int, tuple[Region, ...]]
    """Between the contours at -1 and +1 sigma (key 1), and at -2 and +2 (key 2)."""
    problem: str = ""
    """Why there is no contour, in words; empty where there is one."""

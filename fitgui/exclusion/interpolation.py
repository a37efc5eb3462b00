"""Significance at every place between fitted points."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

from fitgui.exclusion.frame import Frame, drawable
from fitgui.exclusion.model import SURFACES, AxisChoice, Floats, Method, PlanePoints, Surface
from fitgui.exclusion.refine import cut, subdivided
from fitgui.exclusion.significance import LARGEST, significance
from fitgui.exclusion.triangulation import (
    Bools,
    Mesh,
    NoneSupportedError,
    OnOneLineError,
    Triangulation,
    within_hull,
)
from fitgui.loading import LOADING

if TYPE_CHECKING:
    from scipy.interpolate import RBFInterpolator

RESOLUTION: Final = 20_000
"""Triangles by which a curved surface is walked."""
_FINEST = 5
"""How often a triangle is cut into four at most."""
_ALL_AT_ONCE = 400
"""Points up to which the radial functions are solved together; of more, each place takes its nearest."""
_NEAREST = 50


class NoPlaneError(ValueError):
    """Nothing can be said about the plane between the points: one sentence for the user."""


class Interpolation:
    """Significance, observed and expected, between the points of a plane.

    ``linear`` is linear on Delaunay triangles (:mod:`fitgui.exclusion.triangulation`). ``rbf`` is smooth: a
    sum of thin-plate splines (Duchon 1977; ``scipy.interpolate.RBFInterpolator``) that goes through every
    point. Both go on in the scales in which the axes are drawn, with both axes from 0 to 1, within the
    outline of the points, and on the allowed side of the diagonal.

    Args:
        points: The points; those that a logarithmic axis cannot show are left out.
        axes: How the plane is looked at.
        method: ``linear`` or ``rbf``.
        missing: Places of points that are still to be fitted, shape (m, 2), in the units of the axes. As
            long as there are any, only that part of the plane is known whose neighbours are all fitted: the
            triangles are those over all places, and of these the ones without a missing corner.
        resolution: About how many triangles a curved surface is cut into. Where the points make as many
            already, contours of ``rbf`` are linear between them.

    Raises:
        NoPlaneError: if there are fewer than three points, if they lie on one line, if two share a place, or
            if no three neighbours are fitted yet.
    """

    def __init__(
        self,
        points: PlanePoints,
        axes: AxisChoice = AxisChoice(),  # noqa: B008  (frozen)
        method: Method = "linear",
        *,
        missing: ArrayLike | None = None,
        resolution: int = RESOLUTION,
    ) -> None:
        self._given = points, missing
        self._resolution = resolution
        shown = drawable(points.x, points.y, axes)
        self.points = _chosen(points, shown)
        """Those that take part."""
        self.axes, self.method = axes, method
        count = len(self.points.names)
        if count < 3:
            raise NoPlaneError(_too_few(count, len(points.names) - count))
        shared = count - len(np.unique(np.column_stack([self.points.x, self.points.y]), axis=0))
        if shared:
            raise NoPlaneError(_shared(shared))
        self._all = _with_missing(self.points, missing, axes)
        """Shape (n + m, 2), in the units of the axes."""
        self.frame = Frame.around(self._all[:, 0], self._all[:, 1], axes)
        self._places = self.frame.scaled(self.points.x, self.points.y)
        try:
            self.triangulation = Triangulation(
                self.frame.scaled(*self._all.T), self._outline(), np.arange(len(self._all)) >= count
            )
        except NoneSupportedError as error:
            raise NoPlaneError("No contours yet: no three points next to each other are fitted.") from error
        except OnOneLineError as error:
            raise NoPlaneError(
                "All fitted points lie on one line, so that there is no contour, but only limits along it: "
                "fit points beside it, too."
            ) from error
        self.significances = significance(self.points.cls)
        """At the points, shape (n, 6)."""
        self._smooth = _thin_plates(self._places, self.significances) if method == "rbf" else None
        self.mesh: Mesh = cut(self._whole_mesh(resolution), self.frame.allowance)
        """What contours walk on: scaled places, and values of all six surfaces."""

    def _outline(self) -> Callable[[Floats], Bools] | None:
        """On logarithmic axes: which places are within the convex hull on linear ones, too.

        The border of a grid of masses, m1 - m2 = 125 GeV, is straight on linear axes. On a logarithmic one it
        is bent inwards, and the convex hull goes beyond it, where nothing was fitted.
        """
        if self.axes.x_scale == self.axes.y_scale == "linear":
            return None
        straight = Frame.around(self._all[:, 0], self._all[:, 1], AxisChoice())
        return within_hull(
            straight.scaled(*self._all.T),
            lambda places: straight.scaled(*self.frame.data(places)),
        )

    def on_linear_axes(self) -> Interpolation:
        """Between the same points on linear axes; itself where it is that already.

        Raises:
            NoPlaneError: as the constructor: of points that no logarithmic axis shows, two may share a place.
        """
        if self.axes.x_scale == self.axes.y_scale == "linear":
            return self
        points, missing = self._given
        axes = replace(self.axes, x_scale="linear", y_scale="linear")
        return Interpolation(points, axes, self.method, missing=missing, resolution=self._resolution)

    def value(self, surface: Surface, x: ArrayLike, y: ArrayLike) -> Floats:
        """The significance at places, in units of the axes; see :meth:`values`."""
        return self.values(x, y)[..., SURFACES.index(surface)]

    def values(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """The significances of all surfaces at places.

        Args:
            x: Any shape, in units of the axis.
            y: The same shape.

        Returns:
            That shape and one more axis of six; NaN outside.
        """
        shape, places = self._asked(x, y)
        answer = self.triangulation.interpolate(self._padded(self.significances), places)
        inside = np.isfinite(answer[:, 0])
        if self._smooth is not None and inside.any():
            answer[inside] = self._smooth_at(places[inside])
        return self._allowed_only(answer, places).reshape(*shape, len(SURFACES))

    def column(self, column: ArrayLike, x: ArrayLike, y: ArrayLike) -> Floats:
        """Any other numbers of the points between them, linear on the same triangles.

        Args:
            column: One number for each of ``self.points`` (not of those given), shape (n,), best one that
                changes evenly: the logarithm of a limit rather than the limit.
            x: Any shape, in units of the axis.
            y: The same shape.

        Returns:
            That shape; NaN outside, and in triangles with a corner that is NaN.
        """
        shape, places = self._asked(x, y)
        values = self._padded(np.asarray(column, dtype=np.float64)[:, None])
        return self._allowed_only(self.triangulation.interpolate(values, places), places)[:, 0].reshape(shape)

    def _padded(self, values: Floats) -> Floats:
        """With rows for the missing places, which no triangle in use has at a corner."""
        return np.concatenate([values, np.zeros((len(self._all) - len(values), values.shape[1]))])

    def _asked(self, x: ArrayLike, y: ArrayLike) -> tuple[tuple[int, ...], Floats]:
        wide, high = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
        places = self.frame.scaled(wide, high)
        return wide.shape, np.where(np.isfinite(places).all(axis=1, keepdims=True), places, -9.0)

    def _allowed_only(self, answer: Floats, places: Floats) -> Floats:
        if self.axes.allowed != "all":
            slack = 1e-9 * max(self.frame.data_one(0, np.array([1.0]))[0], 0.0)
            answer[self.frame.allowance(places) < -slack] = np.nan
        return answer

    def _whole_mesh(self, resolution: int) -> Mesh:
        if self._smooth is None:
            mesh = self.triangulation.mesh(self._padded(self.significances))
            # Between a linear and a logarithmic axis the diagonal is curved: small triangles follow it.
            curved = self.axes.allowed != "all" and self.axes.x_scale != self.axes.y_scale
            if not curved:
                return mesh
            both, triangles = subdivided(
                np.hstack([mesh.places, mesh.values]), mesh.triangles, _levels(mesh, resolution)
            )
            return Mesh(both[:, :2], triangles, both[:, 2:])
        coarse = self.triangulation.plain_mesh(self._padded(self.significances))
        places, triangles = subdivided(coarse.places, coarse.triangles, _levels(coarse, resolution))
        first = len(coarse.places)
        return Mesh(places, triangles, np.concatenate([coarse.values, self._smooth_at(places[first:])]))

    def _smooth_at(self, places: Floats) -> Floats:
        if self._smooth is None or not len(places):
            return np.empty((0, len(SURFACES)))
        return np.clip(self._smooth(places), -LARGEST, LARGEST)


def _levels(mesh: Mesh, resolution: int) -> int:
    return min(_FINEST, round(math.log(max(1.0, resolution / len(mesh.triangles)), 4)))


def _thin_plates(places: Floats, values: Floats) -> RBFInterpolator:
    with LOADING:  # it takes a quarter of a second
        from scipy.interpolate import RBFInterpolator  # noqa: PLC0415

    nearest = None if len(places) <= _ALL_AT_ONCE else _NEAREST
    return RBFInterpolator(places, values, neighbors=nearest, kernel="thin_plate_spline")


def _chosen(points: PlanePoints, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> PlanePoints:
    names = tuple(name for name, keep in zip(points.names, kept, strict=True) if keep)
    return PlanePoints(names, points.x[kept], points.y[kept], points.cls[kept])


def _with_missing(points: PlanePoints, missing: ArrayLike | None, axes: AxisChoice) -> Floats:
    """The places of the points, and behind them those that are missing, each but once."""
    fitted = np.column_stack([points.x, points.y])
    if missing is None:
        return fitted
    others = np.asarray(missing, dtype=np.float64).reshape(-1, 2)
    others = others[np.isfinite(others).all(axis=1)]
    others = others[drawable(others[:, 0], others[:, 1], axes)]
    known = set(map(tuple, fitted.tolist()))
    fresh = [place for place in dict.fromkeys(map(tuple, others.tolist())) if place not in known]
    return np.concatenate([fitted, np.array(fresh, dtype=np.float64).reshape(-1, 2)])


def _too_few(count: int, not_shown: int) -> str:
    there = {0: "there is none", 1: "there is one"}.get(count, f"there are {count}")
    hidden = (
        ", not counting those at zero or less, which a logarithmic axis does not show" if not_shown else ""
    )
    return f"A contour needs three fitted points with trustworthy CLs: {there}{hidden}."


def _shared(shared: int) -> str:
    what = "One point stands" if shared == 1 else f"{shared} points stand"
    return (
        f"{what} at the same place as another, because a further coordinate is not drawn: "
        "choose points with one value of that."
    )

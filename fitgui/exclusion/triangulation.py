"""Delaunay triangles over fitted points, without what chance and the convex hull add to them.

Two things are mended. Four points on a circle, as in every cell of a regular grid, have two Delaunay
triangulations, and rounding decides which one comes out. Here it is the mean of both: the crossing of the
diagonals becomes a vertex with the mean of what the two say, so that a plane depends neither on the order of
its points nor on the side from which it is looked at. And where the outline of the points is nearly
straight, the convex hull adds slivers that join points far apart: those at the border are taken off, and
those outside an outline that is known otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fitgui.exclusion.model import Floats
from fitgui.loading import LOADING

if TYPE_CHECKING:
    from scipy.spatial import Delaunay

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FLAT = 0.01
"""A triangle is a sliver if its inscribed circle is smaller than this share of the circumscribed one; the
default of matplotlib's ``TriAnalyzer``, too."""
_ON_ONE_CIRCLE = 1e-7
_ON_ONE_LINE = 1e-9
_ON_AN_EDGE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Triangles with values at their corners, linear in between."""

    places: Floats
    """Shape (m, 2), scaled coordinates."""
    triangles: Ints
    """Shape (t, 3), counter-clockwise."""
    values: Floats
    """Shape (m, k)."""


class OnOneLineError(ValueError):
    """The points enclose no area."""


class NoneSupportedError(ValueError):
    """Every triangle has a corner without values."""


class Triangulation:
    """The triangles over ``n`` different places.

    Args:
        places: Shape (n, 2), n >= 3, in coordinates in which both axes count alike.
        inside: Which of any places, shape (w, 2), are inside an outline.
        without: Which of the places have no values yet, shape (n,). Triangles with such a corner are not in
            use; the others are some of those that there will be in the end.

    Raises:
        OnOneLineError: if they lie on one line.
        NoneSupportedError: if there are triangles, but none with values at all its corners.
    """

    def __init__(
        self,
        places: Floats,
        inside: Callable[[Floats], Bools] | None = None,
        without: Bools | None = None,
    ) -> None:
        with LOADING:
            from scipy.spatial import Delaunay, QhullError  # noqa: PLC0415  (takes long to import)

        self.places = places
        spread = np.linalg.svd(places - places.mean(axis=0), compute_uv=False)
        if spread[1] <= _ON_ONE_LINE * spread[0]:
            raise OnOneLineError
        try:
            self._delaunay: Delaunay = Delaunay(places)
        except QhullError as error:
            raise OnOneLineError from error
        self._neighbours = self._delaunay.neighbors.astype(np.int64)
        self.triangles: Ints = self._delaunay.simplices.astype(np.int64)
        """Shape (t, 3), those at the border included that were taken off."""
        self.kept = self._without_slivers(inside)
        """Shape (t,): which are in use."""
        if not self.kept.any():
            raise OnOneLineError
        self._pair_up(without)

    def mesh(self, values: Floats) -> Mesh:
        """All triangles in use, those of a cell with two diagonals cut along both.

        Args:
            values: Shape (n, k), at the places.
        """
        first = len(self.places)
        centres = np.arange(first, first + len(self._centres))
        whole = self.triangles[self.kept & (self._pair < 0)]
        apex, begin, other, end = (self._quads[:, column] for column in range(4))
        around = [(apex, begin), (begin, other), (other, end), (end, apex)]
        pieces = [np.column_stack([one, two, centres]) for one, two in around]
        places = np.concatenate([self.places, self._centres])
        triangles = _counter_clockwise(places, np.concatenate([whole, *pieces]))
        return Mesh(places, triangles, np.concatenate([values, self._at_centres(values)]))

    def plain_mesh(self, values: Floats) -> Mesh:
        """All triangles in use as they are; arguments as of :meth:`mesh`."""
        return Mesh(self.places, _counter_clockwise(self.places, self.triangles[self.kept]), values)

    def locate(self, places: Floats) -> tuple[Ints, Floats]:
        """In which triangle places are.

        Args:
            places: Shape (w, 2), scaled coordinates.

        Returns:
            The index of the triangle, -1 outside; and barycentric coordinates, shape (w, 3).
        """
        found = self._delaunay.find_simplex(places, tol=_ON_AN_EDGE).astype(np.int64)
        shares = self._barycentric(places, found)
        for row in np.flatnonzero((found >= 0) & ~self.kept[found]):  # a place on the edge of a sliver
            beside = self._neighbours[found[row]][shares[row] < _ON_AN_EDGE]
            beside = beside[(beside >= 0) & self.kept[beside]]
            found[row] = beside[0] if beside.size else self._at_corner(found[row], shares[row])
            shares[row] = self._barycentric(places[row : row + 1], found[row : row + 1])[0]
        return found, shares

    def interpolate(self, values: Floats, places: Floats) -> Floats:
        """What :meth:`mesh` says at any places.

        Args:
            values: Shape (n, k), at the places of the triangulation.
            places: Shape (w, 2), scaled coordinates.

        Returns:
            Shape (w, k), NaN outside.
        """
        found, shares = self.locate(places)
        answer: Floats = np.einsum("wc,wck->wk", shares, values[self.triangles[found]])
        pair = np.where(found >= 0, self._pair[found], -1)
        rows = np.flatnonzero(pair >= 0)
        if rows.size:
            quads, pairs = self._quads[pair[rows]], pair[rows]
            corners = self.triangles[found[rows]]
            begin = (shares[rows] * (corners == quads[:, 1:2])).sum(axis=1)
            end = (shares[rows] * (corners == quads[:, 3:4])).sum(axis=1)
            along = self._along_shared[pairs]
            # A roof over the shared diagonal: zero at the corners, one where the diagonals cross.
            roof = np.minimum(begin / (1 - along), end / along)
            flat = (1 - along)[:, None] * values[quads[:, 1]] + along[:, None] * values[quads[:, 3]]
            answer[rows] += roof[:, None] * (self._at_centres(values)[pairs] - flat)
        answer[found < 0] = np.nan
        return answer

    def _at_corner(self, triangle: np.int64, shares: Floats) -> int:
        """A triangle in use with the corner of another at which a place is; -1 where there is none."""
        corner = int(np.argmax(shares))
        if 1 - shares[corner] >= _ON_AN_EDGE:
            return -1
        around = self.kept & (self.triangles == self.triangles[triangle, corner]).any(axis=1)
        return int(np.argmax(around)) if around.any() else -1

    def _barycentric(self, places: Floats, found: Ints) -> Floats:
        corners = self.places[self.triangles[found]]
        one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        offset = places - corners[:, 0]
        area = _cross(one, two)
        area = np.where(area == 0, np.nan, area)
        second, third = _cross(offset, two) / area, _cross(one, offset) / area
        return np.column_stack([1 - second - third, second, third])

    def _without_slivers(self, inside: Callable[[Floats], Bools] | None) -> Bools:
        corners = self.places[self.triangles]
        sides = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
        area = np.abs(_cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])) / 2
        # Radius inside: area / (perimeter / 2); radius outside: product of the sides / (4 area).
        ratio = 8 * area**2 / (sides.sum(axis=1) * sides.prod(axis=1))
        flat = ratio < FLAT
        if inside is not None:
            flat |= ~inside(corners.mean(axis=1))
        kept = np.ones(len(self.triangles), dtype=np.bool_)
        while True:  # a sliver taken off makes a border of what was behind it
            outside = (self._neighbours < 0) | ~kept[self._neighbours]
            more = kept & flat & outside.any(axis=1)
            if not more.any():
                return kept
            kept[more] = False

    def _pair_up(self, without: Bools | None) -> None:
        """Find the pairs of triangles whose four corners lie on one circle; take off what has no values.

        Of a pair both are taken off: which diagonal rounding chose must not decide what is left.
        """
        one, corner = np.nonzero(self._neighbours > np.arange(len(self.triangles))[:, None])
        two = self._neighbours[one, corner]
        both = self.kept[one] & self.kept[two]
        one, two, corner = one[both], two[both], corner[both]
        apex = self.triangles[one, corner]
        begin, end = self.triangles[one, (corner + 1) % 3], self.triangles[one, (corner + 2) % 3]
        other = self.triangles[two].sum(axis=1) - begin - end
        a, b, c, d = (self.places[corners] for corners in (apex, begin, end, other))
        # Opposite angles of four points on a circle add up to half a turn.
        sine = _sine(a, b, c) * _cosine(d, c, b) + _cosine(a, b, c) * _sine(d, c, b)
        denominator = _cross(c - b, d - a)
        crossing = np.abs(denominator) > _ON_ONE_LINE
        safe = np.where(crossing, denominator, 1.0)
        along_shared = _cross(a - b, d - a) / safe
        along_other = _cross(a - b, c - b) / safe
        round_ = (np.abs(sine) < _ON_ONE_CIRCLE) & crossing
        round_ &= (np.minimum(along_shared, along_other) > 0) & (np.maximum(along_shared, along_other) < 1)
        # Five points on a circle make more pairs than there are cells; these stay as they came.
        times = np.bincount(np.concatenate([one[round_], two[round_]]), minlength=len(self.triangles))
        chosen = round_ & (times[one] == 1) & (times[two] == 1)
        if without is not None and without.any():
            bare: Bools = np.asarray(without[self.triangles].any(axis=1))
            half = chosen & (bare[one] | bare[two])
            bare[one[half]] = bare[two[half]] = True
            self.kept = self.kept & ~bare
            chosen &= ~half
            if not self.kept.any():
                raise NoneSupportedError
        self._quads: Ints = np.column_stack([apex, begin, other, end])[chosen]
        self._along_shared = along_shared[chosen]
        self._along_other = along_other[chosen]
        self._centres = b[chosen] + self._along_shared[:, None] * (c - b)[chosen]
        self._pair: Ints = np.full(len(self.triangles), -1, dtype=np.int64)
        self._pair[one[chosen]] = self._pair[two[chosen]] = np.arange(len(self._quads))

    def _at_centres(self, values: Floats) -> Floats:
        apex, begin, other, end = (values[self._quads[:, column]] for column in range(4))
        shared, across = self._along_shared[:, None], self._along_other[:, None]
        mean: Floats = 0.5 * ((1 - shared) * begin + shared * end + (1 - across) * apex + across * other)
        return mean


def within_hull(corners: Floats, moved: Callable[[Floats], Floats]) -> Callable[[Floats], Bools]:
    """Which places are in the convex hull of points.

    Args:
        corners: The points, shape (n, 2).
        moved: From the coordinates of places, shape (w, 2), to those of the points.

    Raises:
        OnOneLineError: if the points enclose no area.
    """
    with LOADING:
        from scipy.spatial import ConvexHull, QhullError  # noqa: PLC0415  (takes long to import)

    try:
        sides = ConvexHull(corners).equations
    except QhullError as error:
        raise OnOneLineError from error

    def inside(places: Floats) -> Bools:
        outwards = moved(places) @ sides[:, :2].T + sides[:, 2]
        return np.asarray(outwards.max(axis=1) <= _ON_ONE_LINE, dtype=np.bool_)

    return inside


def _counter_clockwise(places: Floats, triangles: Ints) -> Ints:
    corners = places[triangles]
    clockwise = _cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) < 0
    turned = triangles.copy()
    turned[clockwise] = triangles[clockwise][:, [0, 2, 1]]
    return turned


def _cross(one: Floats, two: Floats) -> Floats:
    product: Floats = one[..., 0] * two[..., 1] - one[..., 1] * two[..., 0]
    return product


def _sine(at: Floats, one: Floats, two: Floats) -> Floats:
    """Of the angle at ``at`` between the directions to ``one`` and ``two``."""
    lengths = np.linalg.norm(one - at, axis=1) * np.linalg.norm(two - at, axis=1)
    sine: Floats = _cross(one - at, two - at) / lengths
    return sine


def _cosine(at: Floats, one: Floats, two: Floats) -> Floats:
    lengths = np.linalg.norm(one - at, axis=1) * np.linalg.norm(two - at, axis=1)
    product: Floats = ((one - at) * (two - at)).sum(axis=1) / lengths
    return product

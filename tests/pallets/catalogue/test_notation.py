"""The coordinates of published likelihoods are written as the field writes them."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest

from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.pallets.catalogue.notation import notation_of
from fitgui.pallets.model import SignalPoint
from fitgui.pallets.plane import axis_choices, axis_of, plane_of
from fitgui.pallets.published import Notation

CHARGINO = Notation(label="m1", text="m(C)", latex="m_C", unit="GeV")
NEUTRALINO = Notation(label="m2", text="m(N)", latex="m_N", unit="GeV")
BOTH = {"m1": CHARGINO, "m2": NEUTRALINO}


def points(*values: tuple[float, float]) -> list[SignalPoint]:
    return [SignalPoint(f"p{x}_{y}", {"m1": x, "m2": y}, b"[]", "set") for x, y in values]


def test_what_the_catalogue_writes_can_be_drawn_by_matplotlib() -> None:
    mpl.use("agg")
    from matplotlib.mathtext import MathTextParser  # noqa: PLC0415  # after the backend is chosen

    notations = [item for entry in load_catalogue().entries for item in entry.notation]
    assert notations
    for item in notations:
        parsed = MathTextParser("path").parse(f"${item.latex}$")
        assert parsed.width > 0
        assert item.unit == "GeV"


@pytest.mark.parametrize(
    ("reference", "label", "symbol"),
    [("ins1755298", "m1", "χ"), ("ins1765529", "mst", "τ"), ("ins1771533", "mn2", "±")],
)
def test_the_three_pallets_have_their_particles(reference: str, label: str, symbol: str) -> None:
    assert symbol in notation_of(reference)[label].text


def test_a_paper_that_nobody_knows_has_no_notation() -> None:
    assert notation_of("ins1") == {}
    assert notation_of("") == {}


def test_titles_use_the_notation_and_the_unit() -> None:
    axis = axis_of(points((200.0, 0.0)), "m1", BOTH)
    assert (axis.title, axis.latex_title) == ("m(C) [GeV]", "$m_C$ [GeV]")
    plain = axis_of(points((200.0, 0.0)), "m1")
    assert (plain.title, plain.latex_title) == ("m1 [GeV]", "m1 [GeV]")


def test_a_splitting_of_masses_can_be_an_axis() -> None:
    grid = points((200.0, 0.0), (300.0, 250.0))
    choices = axis_choices(grid, ["m1", "m2"], BOTH)
    assert choices == ("m1", "m2", "m1 − m2")
    axis = axis_of(grid, choices[2], BOTH)
    np.testing.assert_array_equal(axis.values, [200.0, 50.0])
    assert (axis.title, axis.latex_title) == ("m(C) − m(N) [GeV]", "$m_C - m_N$ [GeV]")


def test_the_allowed_side_is_where_all_points_are() -> None:
    below, above = points((200.0, 0.0), (300.0, 300.0)), points((100.0, 200.0))
    assert plane_of(below, "m1", "m2").allowed == "below diagonal"
    assert plane_of(above, "m1", "m2").allowed == "above diagonal"
    assert plane_of(below + above, "m1", "m2").allowed == "all"
    assert plane_of(below, "m1", "m1 − m2").allowed == "all", "a splitting is no mass"

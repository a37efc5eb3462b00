"""Published contours are taken for what they are: observed, expected, or a variation of one of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from fitgui.exclusion.model import AxisChoice, Surface
from fitgui.gui.plane.compared import View, published_source
from fitgui.gui.plane.published_names import ContourKind, kind_of_names
from tests.gui.planes import grid, shown

EXPECTED, OBSERVED = Surface.EXPECTED, Surface.OBSERVED
WHERE = View("x", "y", AxisChoice(), "linear")
NAMES = [
    ("Expected +1 sigma exclusion", EXPECTED, "+1σ"),
    ("Exp. limit (-1 sigma)", EXPECTED, "-1σ"),
    ("Observed -1 sigma theory", OBSERVED, "-1σ theory"),
    ("Observed +1σ", OBSERVED, "+1σ"),
    (r"Expected exclusion limit ($+1\sigma_\text{exp}$)", EXPECTED, "+1σ"),
    (r"Observed contour $-1 \sigma^\mathrm{SUSY}_\mathrm{theory}$", OBSERVED, "-1σ theory"),
    (r"Expected $\pm 1\sigma$ band", EXPECTED, "±1σ"),
    ("Expected 95% CL limit, +/- 2 s.d.", EXPECTED, "±2σ"),
    ("Expected limit +1 std. dev.", EXPECTED, "+1σ"),
    ("Expected, minus one standard deviation", EXPECTED, "-1σ"),
    ("Expected limit 1 sigma up", EXPECTED, "+1σ"),
    ("Expected limit (down 1σ)", EXPECTED, "-1σ"),
    ("Expected −1σ contour", EXPECTED, "-1σ"),
    ("Exp_0_Up", EXPECTED, "up"),
    ("Obs_0_Down", OBSERVED, "down"),
    ("ExpUp", EXPECTED, "up"),
    ("Exp_m1", EXPECTED, "-1σ"),
    ("expP1sigma", EXPECTED, "+1σ"),
    ("Expected contour, upper edge", EXPECTED, "up"),
    ("Expected limit (+1 sig)", EXPECTED, "+1σ"),
    ("Exp_0", EXPECTED, ""),
    ("Obs_0", OBSERVED, ""),
    ("Expected limit 1Lbb", EXPECTED, ""),
    ("Observed limit 1lbb", OBSERVED, ""),
    ("Exclusion contour 2 (exp)", EXPECTED, ""),
    ("95% CL exclusion contour", OBSERVED, ""),
    ("Expected upper limit on the cross-section", EXPECTED, ""),
    (r"Observed limit on $\sigma\times$BR", OBSERVED, ""),
    ("Expected limit for up-type squarks", EXPECTED, ""),
    ("Exclusion up to 740 GeV, observed", OBSERVED, ""),
    ("Observed contour of a SUSY model", OBSERVED, ""),
]


@pytest.mark.parametrize(("name", "surface", "variation"), NAMES)
def test_names_as_tables_have_them(name: str, surface: Surface, variation: str) -> None:
    assert kind_of_names([name]) == ContourKind(surface, variation)
    assert kind_of_names(["M(LSP) [GeV]", name]) == ContourKind(surface, variation)


def test_what_tells_most_is_believed_first() -> None:
    title = "Expected exclusion with its ±1σ band"
    assert kind_of_names(["Expected", title]) == ContourKind(EXPECTED)
    assert kind_of_names(["+1 sigma", title]) == ContourKind(EXPECTED, "+1σ")
    assert kind_of_names(["Observed", title]) == ContourKind(OBSERVED)


@given(
    st.sampled_from(["Exp.", "Expected", "expected limit", "EXP"]),
    st.sampled_from(["+", "-", "plus ", "minus ", "+ "]),
    st.sampled_from(["1", "2"]),
    st.sampled_from([" sigma", "σ", r"\sigma", " s.d.", "$\\sigma$", " std. dev.", " standard deviations"]),
    st.sampled_from(["{0} {1}", "{0} ({1})", "{1} {0}", "{0}, {1} contour"]),
)
def test_a_variation_is_never_the_contour(expected: str, sign: str, count: str, unit: str, form: str) -> None:
    kind = kind_of_names([form.format(expected, f"{sign}{count}{unit}")])
    assert kind == ContourKind(EXPECTED, f"{'-' if sign.strip() in ('-', 'minus') else '+'}{count}σ")


def table(folder: Path) -> Path:
    """A table with the contour and both edges of its band, as HEPData writes one."""
    path = folder / "table.csv"
    blocks = [
        f"#: RE,,,\nx [GeV],{name}\n"
        + "".join(f"{x},{y}\n" for x, y in ((100, low), (200, low + 10), (300, low)))
        for name, low in (("Expected", 30), ("Expected +1 sigma", 40), ("Expected -1 sigma", 20))
    ]
    path.write_text("#: name: Exclusion contours\n" + "\n".join(blocks), encoding="utf-8")
    return path


def test_edges_of_a_band_are_thin_and_have_their_own_names(qtbot: QtBot, tmp_path: Path) -> None:
    overlay = published_source(table(tmp_path), WHERE).overlay(WHERE)
    assert [len(lines) for lines in overlay.contours.values()] == [1]
    assert overlay.contours[EXPECTED][0].y[0] == 30
    assert [kind.name for kind in overlay.variations] == ["expected +1σ", "expected -1σ"]
    view = shown(qtbot, *grid((100, 200, 300, 400), (0, 50, 90)))
    before = len(view._contours.above._paths)
    view.show_overlays([overlay])
    text = view.legend.text()
    for words in ("Published: Exclusion contours", "Published expected +1σ", "Published expected -1σ"):
        assert words in text
    drawn = view._contours.above._paths
    assert len(drawn) == before + 3  # without casings: what lies below is to be seen
    widths = sorted(pen.widthF() for _, pen, _ in drawn[before:])
    assert widths[0] == widths[1] < widths[2]


def test_turned_axes_turn_the_edges_too(tmp_path: Path) -> None:
    source = published_source(table(tmp_path), WHERE)
    there, turned = source.overlay(WHERE), source.overlay(View("y", "x", AxisChoice(), "linear"))
    for kind, lines in there.variations.items():
        assert [line.x.tolist() for line in lines] == [line.y.tolist() for line in turned.variations[kind]]

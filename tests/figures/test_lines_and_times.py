"""Limits along a line, and wall times, on paper."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from fitgui.exclusion.cross_sections import parse_cross_sections
from fitgui.exclusion.line_limits import MEDIAN, curve_pieces
from fitgui.figures.header import Caption
from fitgui.figures.line import SMALLEST_CLS
from fitgui.figures.of_run import RunFigures, What, Wishes
from fitgui.figures.style import COLUMN, PAGE, Style, sheet
from fitgui.figures.text import Text
from fitgui.figures.workers import workers_figure
from fitgui.runs.plan import RunError
from fitgui.runs.timeline import Timeline
from fitgui_backends.results import UpperLimits
from tests.figures.inspecting import curves, figures_of, outside, overlapping, words_of
from tests.runs.test_timeline import Truth
from tests.takeaway.recorded import result_of, run_of


@pytest.mark.parametrize(("name", "style"), [("1Lbb", Style.NEUTRAL), ("3L", Style.ATLAS)])
def test_the_band_of_a_published_pallet(name: str, style: Style) -> None:
    made = figures_of(name, Wishes(bound=10.0))
    limits = made.line_of("mu")
    with sheet(style, COLUMN) as where:
        figure = made.draw(What.LIMITS, where)
        for values, gid in ((limits.obs, "observed"), (limits.exp[:, MEDIAN], "expected")):
            pieces, drawn = curve_pieces(limits, values), curves(figure, gid)
            assert len(pieces) == len(drawn) > 0
            for piece, curve in zip(pieces, drawn, strict=True):
                np.testing.assert_array_equal(curve, np.column_stack(piece))
        said = words_of(figure)
        assert r"95 % CL upper limit on $\mu$" in said
        assert re.search(r"\$m\(\\tilde\{\\chi\}_\{1\}\^\{0\}\)\$ = \d+ GeV", said)
        assert "Expected ±2 σ" in said
        assert outside(figure) == []
        assert overlapping(figure) == []


def made_line(**second: object) -> RunFigures:
    limits = UpperLimits(obs=0.5, exp=(0.2, 0.3, 0.4, 0.6, 0.9))
    good = [result_of(f"p{n}", [0.01] * 6) for n in range(3)]
    results = [type(one)(**{**_fields(one), "limits": limits}) for one in good]
    results[1] = type(results[1])(**{**_fields(results[1]), **second})
    values = {f"p{n}": {"m": 100.0 * (n + 1)} for n in range(3)}
    record, snapshot = run_of(results, values, labels=["m"])
    return RunFigures(record.id, record.plan, snapshot, None, wishes=Wishes(bound=10.0))


def _fields(result: object) -> dict[str, object]:
    return {name: getattr(result, name) for name in result.__struct_fields__}  # type: ignore[attr-defined]


def test_a_doubtful_limit_is_open_and_joined_to_nothing() -> None:
    with sheet() as where:
        figure = made_line(converged=False).draw(What.LIMITS, where)
        (curve,) = curves(figure, "observed")
        assert 200.0 not in curve[:, 0]
        (open_,) = [line for line in figure.axes[0].lines if line.get_label().startswith("Doubtful")]
        assert open_.get_xydata().tolist() == [[200.0, 0.5]]
        assert "Doubtful" in words_of(figure)


def test_a_limit_beyond_the_range_is_an_arrow_at_its_end() -> None:
    none = UpperLimits(obs=None, exp=(0.2, 0.3, None, None, None))
    with sheet() as where:
        figure = made_line(limits=none).draw(What.LIMITS, where)
        (arrow,) = [line for line in figure.axes[0].lines if line.get_label().startswith("Beyond")]
        assert arrow.get_xydata().tolist() == [[200.0, 10.0]]
        assert all(len(curve) == 1 for curve in curves(figure, "observed"))


def test_a_curve_below_the_edge_goes_along_it_and_says_so() -> None:
    numbers = [0.5, 1e-9, 0.0, 1e-3]
    results = [result_of(f"p{n}", [one] * 6) for n, one in enumerate(numbers)]
    values = {f"p{n}": {"m": 100.0 * n} for n in range(4)}
    record, snapshot = run_of(results, values, labels=["m"])
    with sheet() as where:
        figure = RunFigures(record.id, record.plan, snapshot, None).draw(What.CLS, where)
        (curve,) = curves(figure, "observed")
        assert curve[:, 1].min() == SMALLEST_CLS > figure.axes[0].get_ylim()[0]
        leaves = 100.0 * math.log(0.5 / SMALLEST_CLS) / math.log(0.5 / 1e-9)
        assert curve[1] == pytest.approx([leaves, SMALLEST_CLS]), "where the straight line crosses the edge"
        assert [tuple(place) for place in curves(figure, "below")[0]] == [
            (100.0, SMALLEST_CLS),
            (200.0, SMALLEST_CLS),
        ]
        assert "drawn at the edge" in words_of(figure)
        assert outside(figure) == []


def test_curves_of_wall_time_say_what_else_was_fitted() -> None:
    made = figures_of("1Lbb")
    with sheet(Style.ATLAS, PAGE) as where:
        figure = made.draw(What.WALL_TIME, where)
        (entry, *_) = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]
        assert entry.endswith("newton, with limits")


def test_without_limits_there_is_no_figure_of_them() -> None:
    record, snapshot = run_of(
        [result_of("a", [0.1] * 6), result_of("b", [0.2] * 6)],
        {"a": {"m": 1.0}, "b": {"m": 2.0}},
        labels=["m"],
    )
    made = RunFigures(record.id, record.plan, snapshot, None)
    assert made.possible == (What.CLS, What.WALL_TIME)
    with sheet() as where, pytest.raises(RunError, match="no upper limits"):
        made.draw(What.LIMITS, where)


@pytest.mark.parametrize("width", [COLUMN, PAGE])
def test_bars_are_as_long_as_the_times(width: float) -> None:
    made = figures_of("1Lbb")
    with sheet(Style.ATLAS, width) as where:
        figure = made.draw(What.WALL_TIME, where)
        ends = [bar.get_x() + bar.get_width() for bar in figure.axes[0].patches]
        said = words_of(figure)
        assert outside(figure) == []
        assert overlapping(figure) == []
    elapsed = made.snapshot.elapsed
    assert any(math.isclose(end, elapsed) for end in ends)
    assert any(math.isclose(end, 156.2) for end in ends), "what was published stands beside"
    assert "156.2 ± 9.5 s" in said
    assert "Wall time [s]" in said


@pytest.mark.parametrize("width", [COLUMN, PAGE])
def test_a_limit_on_the_cross_section_lies_where_it_was_asked_for_and_says_what_it_assumes(
    width: float,
) -> None:
    table = parse_cross_sections("mass [GeV], xsec [pb]\n100, 22\n1000, 0.001\n", "sigma.csv")
    along, across = figures_of("1Lbb").plan.analysis.labels
    made = figures_of("1Lbb", Wishes(table=table, bound=10.0, at={across: 50.0}))
    limits, on_mu = made.line_of("sigma"), made.line_of("mu")
    assert limits.label == along
    assert all(made.plan.values[name][across] == 50.0 for name in limits.names)
    np.testing.assert_allclose(limits.obs, on_mu.obs * table.at(limits.positions)[0])
    with sheet(Style.NEUTRAL, width) as where:
        figure = made.draw(What.CROSS_SECTION, where)
        said = words_of(figure)
        assert "sigma.csv" in said
        assert "branching fraction included" in said
        assert outside(figure) == overlapping(figure) == []
    with pytest.raises(RunError, match="needs a table"):
        figures_of("1Lbb").line_of("sigma")


def test_workers_have_rows_and_the_wall_time_its_parts() -> None:
    made = figures_of("1Lbb")
    timeline, wall = Timeline(), 0.0
    for number in range(12):
        task = Truth(number % 3, 0.5 * number, 0.1, 0.2, 0.1, 0.3, 1.0, 0.1, 0.05)
        timeline.apply(task.event(number, 0.0))
        wall = max(wall, task.received)
    with sheet(Style.NEUTRAL, PAGE) as where:
        figure = workers_figure(where, timeline, wall, Caption(Text("made")))
        drawn = {one.get_gid(): one for one in figure.axes[0].collections}
        fits = drawn["tasks fit"].get_paths()
        lengths = [path.vertices[:, 0].max() - path.vertices[:, 0].min() for path in fits]
        assert lengths == pytest.approx([1.0] * 12)
        rows = {worker.name for worker in timeline.workers}
        assert rows == {label.get_text() for label in figure.axes[0].get_yticklabels()}
        parts = [bars.patches[0].get_width() for bars in figure.axes[1].containers]
        assert sum(parts) == pytest.approx(wall, rel=0.05)
        assert outside(figure) == overlapping(figure) == []
    assert What.WORKERS not in made.possible
    with sheet() as where, pytest.raises(RunError, match="no task of a worker"):
        made.draw(What.WORKERS, where)

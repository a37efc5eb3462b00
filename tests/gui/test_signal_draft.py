"""What is typed and what it comes to, without a window."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui.gui.signal.drafting.blocks import block, cells_of, has_names, tab_separated
from fitgui.gui.signal.drafting.draft import (
    Column,
    Draft,
    draft_of,
    is_untouched,
    number,
    problems,
    signal_of,
    treatments_of,
)
from fitgui.gui.signal.drafting.remembering import read_again, written
from fitgui.gui.signal.drafting.rows import rows_of
from fitgui.gui.signal.drafting.table_model import Background, before_fit
from fitgui.gui.signal.form.chart import stack_of
from fitgui.gui.signal.form.scale import factor_at, place_of
from fitgui.insight.looking import poisson_interval
from fitgui.reinterpretation.model import BinRef, Signal, Systematic, Treatment
from fitgui.reinterpretation.target.published import signal_of_point
from tests.reinterpretation.targets import example_target

TARGET = example_target()
EVENTS = st.floats(0.0, 1e4, allow_nan=False).map(lambda value: round(value, 9))


def events(bins: int) -> st.SearchStrategy[tuple[float, ...]]:
    return st.tuples(*([EVENTS] * bins))


@st.composite
def signals(draw: st.DrawFn) -> Signal:
    """Yields in some channels, with uncertainties in some of those."""
    here = [channel for channel in TARGET.channels if channel.name == "SR" or draw(st.booleans())]
    return Signal(
        name=draw(st.sampled_from(["mine", "stau 160"])),
        values=draw(st.sampled_from([{}, {"m": 160.0, "decay": "Wh"}])),
        yields={channel.name: draw(events(channel.bins)) for channel in here},
        statistical={channel.name: draw(events(channel.bins)) for channel in here if draw(st.booleans())},
        systematics=tuple(
            Systematic(
                name,
                up={channel.name: draw(events(channel.bins)) for channel in here},
                down={channel.name: tuple(-x for x in draw(events(channel.bins))) for channel in here},
            )
            for name in draw(st.sampled_from([(), ("JES",), ("JES", "b_tagging")]))
        ),
        with_luminosity=draw(st.booleans()),
    )


def nonzero(found: Mapping[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
    return {name: values for name, values in found.items() if any(values)}


@settings(max_examples=60, deadline=None)
@given(signals(), st.floats(0.01, 100.0))
def test_a_signal_goes_through_the_form_and_through_a_session_unchanged(signal: Signal, scale: float) -> None:
    draft = draft_of(signal, TARGET)
    assert problems(draft, TARGET) == {}
    assert is_untouched(draft)
    for again in (draft, read_again(written(draft), TARGET)):
        back = signal_of(again, TARGET)
        assert back.yields == signal.yields  # exact, whatever the cells have room for
        assert nonzero(back.statistical) == nonzero(signal.statistical)
        if any(any(side[name]) for one in signal.systematics for side in (one.up, one.down) for name in side):
            assert back.systematics == signal.systematics
        assert (back.name, back.values, back.with_luminosity) == (
            signal.name,
            signal.values,
            signal.with_luminosity,
        )
    scaled = signal_of(replace(draft, scale=scale), TARGET)
    for name, values in signal.yields.items():
        assert scaled.yields[name] == pytest.approx([scale * value for value in values])


def test_the_patch_of_a_published_point_is_kept_until_something_changes() -> None:
    point = TARGET.analysis.points[20]
    draft = draft_of(signal_of_point(TARGET, point), TARGET, published=point.name)
    assert signal_of(draft, TARGET).patch == point.operations
    assert signal_of(read_again(written(draft), TARGET), TARGET).patch == point.operations
    place = BinRef("SR", 0)
    changed = draft.typed({(place, Column.SIGNAL): "1.25"})
    kept = signal_of(changed, TARGET)
    assert kept.patch is None
    assert kept.yields["SR"][0] == 1.25
    assert kept.systematics == signal_of_point(TARGET, point).systematics
    back = changed.typed({(place, Column.SIGNAL): draft.text(place, Column.SIGNAL)})
    assert signal_of(back, TARGET).patch == point.operations
    assert signal_of(replace(draft, scale=2.0), TARGET).patch is None
    assert signal_of(draft.treated("CR_W", Treatment.DROP), TARGET).patch is None
    (one,) = signal_of(draft.typed({(place, Column.SYSTEMATIC): "10 %"}), TARGET).systematics
    assert one.up["SR"][0] == pytest.approx(0.1 * signal_of(draft, TARGET).yields["SR"][0])


def test_a_choice_for_a_channel_is_void_once_it_has_yields() -> None:
    draft = Draft().treated("CR_W", Treatment.DROP)
    assert treatments_of(draft, TARGET) == {"CR_W": Treatment.DROP}
    typed = draft.typed({(BinRef("CR_W", number_), Column.SIGNAL): "1" for number_ in range(3)})
    assert treatments_of(typed, TARGET) == {}


@pytest.mark.parametrize(
    ("cells", "place", "column", "said"),
    [
        ({(0, 0): "abc"}, 0, 0, "“abc” is not a number"),
        ({(0, 0): "1,500"}, 0, 0, "may be 1.500 or 1500"),
        ({(0, 0): "1,5,2"}, 0, 0, "is not a number"),
        ({(0, 0): "nan"}, 0, 0, "not a number of events"),
        ({(0, 0): "12 %"}, 0, 0, "is not a number"),
        ({(0, 0): "1", (2, 0): "2"}, 1, 0, "type 0 if no events are expected"),
        ({(0, 1): "0.3"}, 0, 1, "but no yield"),
        ({(0, 0): "1", (1, 0): "1", (2, 0): "1", (0, 2): "-0.1"}, 0, 2, "an uncertainty is not negative"),
    ],
)
def test_what_cannot_be_used_is_said_where_it_is(
    cells: Mapping[tuple[int, int], str], place: int, column: int, said: str
) -> None:
    draft = Draft().typed({(BinRef("SR", bin_), Column(kind)): text for (bin_, kind), text in cells.items()})
    found = problems(draft, TARGET)
    assert said in found[BinRef("SR", place), Column(column)]
    assert f"SR[{place}]" in found[BinRef("SR", place), Column(column)]


def test_numbers_as_people_type_them() -> None:
    assert number("1e-3") == 0.001
    assert number("−2") == -2.0
    assert number("20%", 5.0) == 1.0
    assert [number(text) for text in ("1,5", "0,125", "20,75", "−1,5e-3", "1234,567")] == [
        1.5,
        0.125,
        20.75,
        -0.0015,
        1234.567,
    ]
    with pytest.raises(ValueError, match="is not a number"):
        number("")


def test_a_draft_of_another_analysis_or_another_program_is_forgotten() -> None:
    draft = Draft().typed({(BinRef("elsewhere", 0), Column.SIGNAL): "1"})
    assert read_again(written(draft), TARGET).is_empty
    assert read_again('{"unknown": 1}', TARGET).is_empty
    assert read_again("no JSON", TARGET).is_empty
    assert written(Draft()) == ""


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("1\t2\n3\t4\n", [["1", "2"], ["3", "4"]]),
        ("1\r\n2\r\n", [["1"], ["2"]]),
        ("0.5; 0.7", [["0.5"], ["0.7"]]),
        ("[0.5, 0.7, 1e-3]", [["0.5"], ["0.7"], ["1e-3"]]),
        ("1 2 3 4", [["1"], ["2"], ["3"], ["4"]]),
        ("5\t0.3\t10 %", [["5", "0.3", "10 %"]]),
        ("1\t\t2", [["1", "", "2"]]),
        ("9,2\n11,4", [["9,2"], ["11,4"]]),
        ("[9,11]", [["9"], ["11"]]),
        ("9,11,7", [["9"], ["11"], ["7"]]),
        ("9.2 ± 0.8\n11.4+-0.9\n1 +/- 5%", [["9.2", "0.8"], ["11.4", "0.9"], ["1", "5%"]]),
        (r"$9.2 \pm 0.8$ \\", [["9.2", "0.8"]]),
        ("9.2 ± 0.8\t10 %", [["9.2", "0.8", "10 %"]]),
        (
            r"9.2 \pm 0.8 & 0.3 \\" + "\n" + r"1 \pm 0.1 & 0.2 \\",
            [["9.2", "0.8", "0.3"], ["1", "0.1", "0.2"]],
        ),
    ],
)
def test_blocks_of_numbers_are_cells(text: str, cells: list[list[str]]) -> None:
    assert not has_names(text)
    assert block(text, 8, 3) == cells


def test_names_of_regions_are_noticed_and_too_large_blocks_are_refused() -> None:
    assert has_names("SRlow\t1.5\nSRhigh\t2")
    assert has_names("region,events")
    assert not has_names("1e-3 2E5\nnan inf")
    with pytest.raises(ValueError, match="room for 2 rows of 1"):
        block("1\n2\n3", 2, 1)
    with pytest.raises(ValueError, match="3 × 2 numbers"):
        block("1\t1\n2\t2\n3\t3", 2, 3)


@given(st.lists(st.lists(st.integers(0, 99).map(str), min_size=3, max_size=3), min_size=1, max_size=5))
def test_copied_cells_are_pasted_as_they_were(rows: list[list[str]]) -> None:
    cells = {(4 + row, 2 + column): text for row, line in enumerate(rows) for column, text in enumerate(line)}
    assert cells_of(tab_separated(cells)) == rows
    assert tab_separated({}) == ""


def test_bars_are_those_of_the_scaled_signal_and_survive_what_is_no_number_yet() -> None:
    rows = rows_of(TARGET)
    cells = {
        (BinRef("SR", 0), Column.SIGNAL): "4",
        (BinRef("SR", 0), Column.SYSTEMATIC): "50 %",
        (BinRef("SR", 1), Column.SIGNAL): "-",
    }
    draft = replace(Draft().typed(cells), scale=2.0)
    observed = [row.channel.observed[row.place.bin] for row in rows]
    background = before_fit(TARGET)
    known = Background(
        post_fit=True,
        values=background.values,
        errors={name: (3.0,) * len(values) for name, values in background.values.items()},
    )
    intervals = poisson_interval(observed)
    stack = stack_of(rows, draft, known, intervals)
    assert [row.text for row in rows[:3]] == ["SR[0]", "SR[1]", "SR[2]"]  # signal regions stand first
    assert list(stack.signal[:3]) == [8.0, 0.0, 0.0]
    assert stack.errors[0] == pytest.approx(5.0)  # 3 of the background, 4 of the signal
    assert stack.total[0] == pytest.approx(TARGET.channel("SR").background[0] + 8.0)
    assert math.isnan(stack_of(rows, draft, background, intervals).errors[0])  # not known before a fit


@given(st.integers(-200, 200))
def test_the_slider_stands_where_its_factor_is(place: int) -> None:
    assert place_of(factor_at(place)) == place
    assert 0.01 <= factor_at(place) <= 100.0

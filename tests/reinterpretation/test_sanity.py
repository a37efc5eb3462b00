"""What is noticed before a signal is fitted; on published signals nothing is, on broken ones it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.reinterpretation.looking_over.orders import possible_orders
from fitgui.reinterpretation.looking_over.sanity import check_file, check_signal, check_signals
from fitgui.reinterpretation.mapping.shipped import all_shipped
from fitgui.reinterpretation.model import (
    Finding,
    Imported,
    ImportedPoint,
    RegionYield,
    Signal,
    Systematic,
    Target,
    Treatment,
)
from fitgui.reinterpretation.target.grid import distances
from fitgui.reinterpretation.target.published import signal_of_point
from fitgui.reinterpretation.target.shapes import flat, published
from tests.reinterpretation.targets import ONE_LEPTON, REAL, STAU, THREE_LEPTONS, example_target, real_target

Array = npt.NDArray[np.float64]

pytestmark = pytest.mark.filterwarnings("error")


def codes(findings: Sequence[Finding]) -> set[str]:
    """What was found."""
    return {finding.code for finding in findings}


def of_row(
    target: Target,
    row: Sequence[float],
    values: Mapping[str, float | str] | None = None,
    channels: Sequence[str] | None = None,
) -> Signal:
    """A signal with these events in the order of the workspace; of some channels only."""
    numbers = iter(float(value) for value in row)
    yields = {channel.name: tuple(next(numbers) for _ in range(channel.bins)) for channel in target.channels}
    some = {name: events for name, events in yields.items() if channels is None or name in channels}
    return Signal("mine", values or {}, some)


def between(target: Target) -> list[tuple[Array, dict[str, float | str]]]:
    """Signals that are not published: between each published one and the next, with their coordinates."""
    known = published(target)
    apart = distances(known)
    assert apart is not None
    found = []
    for i, row in enumerate(apart):
        j = int(np.argsort(row)[1])
        values: dict[str, float | str] = {
            label: 0.6 * float(known.values[i][label]) + 0.4 * float(known.values[j][label])
            for label in target.analysis.labels
        }
        found.append((0.6 * known.yields[i] + 0.4 * known.yields[j], values))
    return found


def a_file(
    *,
    regions: Sequence[str] = ("a",),
    analysis: str = "",
    luminosity: float | None = None,
    ordered: bool = False,
) -> Imported:
    """A file with these regions."""
    points = (ImportedPoint("p", {}, tuple(RegionYield(region, 1.0) for region in regions)),)
    return Imported("simpleanalysis", "mine.txt", analysis, (), points, luminosity, (), ordered)


@pytest.mark.parametrize(("file", "analysis"), REAL)
def test_nothing_is_said_of_published_signals(real_pallets: Path, file: str, analysis: str) -> None:
    """Whatever is given: all of a patch (of every fifth point), or yields; in all or in signal regions."""
    target = real_target(real_pallets, file, analysis)
    controls = {channel.name: Treatment.KEEP for channel in target.channels if not channel.is_signal}
    regions = [channel.name for channel in target.channels if channel.is_signal]
    whole = [signal_of_point(target, point) for point in target.analysis.points[::5]]
    known = published(target)
    bare = [
        signal
        for row, values in zip(known.yields, known.values, strict=True)
        for signal in (of_row(target, row), of_row(target, row, values), of_row(target, row, values, regions))
        if any(value for events in signal.yields.values() for value in events)
    ]
    assert len(bare) > 2 * len(known)
    for each in (*whole, *bare):
        assert check_signal(target, each, treatments=controls) == ()


@pytest.mark.parametrize(("file", "analysis"), REAL)
def test_nothing_is_said_of_what_lies_between_published_signals(
    real_pallets: Path, file: str, analysis: str
) -> None:
    target = real_target(real_pallets, file, analysis)
    known = published(target)
    apart = distances(known)
    assert apart is not None
    regions = [channel.name for channel in target.channels if channel.is_signal]
    for i, j in ((i, int(j)) for i, row in enumerate(apart) for j in np.argsort(row)[1:4]):
        for part in (0.3, 0.5):
            row = part * known.yields[i] + (1.0 - part) * known.yields[j]
            values = {
                label: part * float(known.values[i][label]) + (1.0 - part) * float(known.values[j][label])
                for label in target.analysis.labels
            }
            treatments = {channel.name: Treatment.KEEP for channel in target.channels}
            for signal in (of_row(target, row, values), of_row(target, row, None, regions)):
                assert check_signal(target, signal, treatments=treatments) == ()


@pytest.mark.parametrize(
    ("file", "analysis", "fraction"),
    [(STAU, "Region-combined", 0.95), (THREE_LEPTONS, "BkgOnly", 0.65), (ONE_LEPTON, "BkgOnly", 0.95)],
)
def test_yields_read_backwards_are_noticed(
    real_pallets: Path, file: str, analysis: str, fraction: float
) -> None:
    target = real_target(real_pallets, file, analysis)
    found, named, evident = [], [], []
    for row, values in between(target):
        signal = of_row(target, row[::-1], values)
        orders = [one for one in check_signal(target, signal) if one.code == "order"]
        found.append(bool(orders))
        if orders:
            named.append("read backwards" in orders[0].sentence)
            evident.append(orders[0].severe)
            ordered = check_signal(target, signal, a_file(ordered=True))
            assert [one.severe for one in ordered if one.code == "order"] == [True]
    assert np.mean(found) >= fraction
    assert np.mean(named) >= 0.85
    # With names it may be as it says, so fitting stops only where nothing else explains the shape.
    assert np.mean(evident) >= (0.8 if file == ONE_LEPTON else 0.2)


def test_an_evident_order_stops_named_bins_but_half_a_form_does_not(real_pallets: Path) -> None:
    target = real_target(real_pallets, ONE_LEPTON, "BkgOnly")
    regions = [channel.name for channel in target.channels if channel.is_signal]
    bins = np.array([channel.is_signal for channel in target.channels for _ in range(channel.bins)])
    evident, typed = [], []
    for published_row, values in between(target)[::3]:
        row = np.where(bins, published_row, 0.0)
        row[bins] = row[bins][::-1]
        found = check_signal(target, of_row(target, row, None, regions))
        evident.append(any(one.severe and one.code == "order" for one in found))
        for number in range(1, len(published_row)):
            half = np.where(np.arange(len(published_row)) < number, published_row, 0.0)
            typed += [one for one in check_signal(target, of_row(target, half, values)) if one.severe]
    assert np.mean(evident) > 0.5
    assert "order" not in codes(typed)


def test_shapes_of_other_models_are_hardly_ever_stopped(real_pallets: Path) -> None:
    """Mixtures of any published signals whose bins were changed by a third: only a few look disordered."""
    random = np.random.default_rng(5)
    for file, analysis in REAL:
        target = real_target(real_pallets, file, analysis)
        known = published(target)
        stopped = 0
        for _ in range(200):
            one, other = known.yields[random.integers(0, len(known), 2)]
            row = (one + random.uniform() * other) * np.exp(random.normal(0.0, 0.3, len(one)))
            stopped += any(each.severe for each in check_signal(target, of_row(target, row)))
        assert stopped <= 1


@pytest.mark.parametrize(
    ("file", "analysis", "fraction"),
    [(STAU, "Region-combined", 0.5), (THREE_LEPTONS, "BkgOnly", 0.5), (ONE_LEPTON, "BkgOnly", 0.5)],
)
def test_most_other_orders_are_noticed_and_the_right_one_is_named(
    real_pallets: Path, file: str, analysis: str, fraction: float
) -> None:
    """Whole regions that changed places, lists that were sorted, a line that was skipped."""
    target = real_target(real_pallets, file, analysis)
    points = between(target)[::5]
    noticed, named = [], []
    for words, order in possible_orders(target.channels):
        if words.startswith("with the bins of ") and not words.startswith("with the bins of every"):
            continue  # within one region the shape rarely tells
        for row, values in points:
            signal = of_row(target, row[np.argsort(order)], values)
            orders = [one for one in check_signal(target, signal) if one.code == "order"]
            noticed.append(bool(orders))
            if orders:
                named.append(f"{words}," in orders[0].sentence)
    assert np.mean(noticed) >= fraction
    assert np.mean(named) >= 0.85


def test_orders_are_permutations_and_each_is_listed_once() -> None:
    target = example_target()
    orders = [order for _, order in possible_orders(target.channels)]
    size = sum(channel.bins for channel in target.channels)
    assert len(set(orders)) == len(orders)
    assert all(sorted(order) == list(range(size)) for order in orders)
    assert tuple(range(size)) not in orders
    assert possible_orders(target.channels[:0]) == ()


def test_an_order_puts_right_what_was_listed_another_way() -> None:
    """The numbers of a list of regions in alphabetical order, taken for those of the workspace."""
    target = example_target()
    right = {
        channel.name: [f"{channel.name}{number}" for number in range(channel.bins)]
        for channel in target.channels
    }
    listed = [text for name in sorted(right) for text in right[name]]
    for words, order in possible_orders(target.channels):
        if words == "with the regions in alphabetical order":
            assert [listed[index] for index in order] == [text for each in right.values() for text in each]
            break
    else:
        pytest.fail("the alphabetical order is not tried")


@pytest.mark.parametrize(("file", "analysis"), REAL)
@pytest.mark.parametrize("factor", [1e3, 1e-3, 1e6, 1e-6])
def test_wrong_units_are_noticed(real_pallets: Path, file: str, analysis: str, factor: float) -> None:
    """Where the point is known, always; else as far as published signals are not as different as that."""
    target = real_target(real_pallets, file, analysis)
    known = published(target)
    for row, values in zip(known.yields, known.values, strict=True):
        found = check_signal(target, of_row(target, row * factor, values))
        assert "units" in codes(found)
        assert any("pb" in one.sentence for one in found)
    without = [
        bool(codes(check_signal(target, of_row(target, row * factor))) & {"units", "magnitude"})
        for row in known.yields
    ]
    assert np.mean(without) > 0.7


def test_too_large_a_signal_is_not_fitted_unasked(real_pallets: Path) -> None:
    target = real_target(real_pallets, ONE_LEPTON, "BkgOnly")
    known = published(target)
    severe = [
        any(one.severe for one in check_signal(target, of_row(target, 1000.0 * row))) for row in known.yields
    ]
    assert np.mean(severe) > 0.9
    assert not any(one.severe for one in check_signal(target, of_row(target, 3.0 * known.yields[0])))


def test_a_bin_a_thousand_times_too_large_stops(real_pallets: Path) -> None:
    target = real_target(real_pallets, ONE_LEPTON, "BkgOnly")
    known = published(target)
    row = known.yields[int(known.yields.sum(axis=1).argmax())]
    for at, place in enumerate(target.bins()):
        slip = row.copy()
        slip[at] = 1000.0 * known.yields[:, at].max()
        severe = [one for one in check_signal(target, of_row(target, slip)) if one.severe]
        assert [one.code for one in severe if one.code != "order"] == ["magnitude"]
        assert any(target.text(place) in one.sentence for one in severe)
        assert check_signal(target, of_row(target, np.where(np.arange(len(row)) == at, 1.5 * row, row))) == ()
    regions = [channel.name for channel in target.channels if channel.is_signal]
    one_bin = of_row(target, row, None, regions)
    one_bin = replace(one_bin, yields={**one_bin.yields, regions[0]: (1.0, 1000.0, 1.0)})
    assert any(one.severe and one.code == "magnitude" for one in check_signal(target, one_bin))


@pytest.mark.parametrize(("file", "analysis"), REAL)
def test_what_no_data_can_exclude_is_asked_about(real_pallets: Path, file: str, analysis: str) -> None:
    """Efficiencies without a unit have a sum far below one event; some points of a scan may well have."""
    target = real_target(real_pallets, file, analysis)
    known = published(target)
    rows = [
        replace(of_row(target, row), name=name) for row, name in zip(known.yields, known.names, strict=True)
    ]
    smallest = float(known.yields.sum(axis=1).min())
    total = float(known.yields[0].sum())
    few = replace(rows[0].scaled(min(0.09, smallest / 40.0) / total), name="few")
    (finding,) = (one for one in check_signal(target, few) if one.severe)
    assert finding.code == "units"
    assert "no data can exclude it" in finding.sentence
    assert "efficiencies" in finding.sentence
    assert not any(one.severe for one in check_signals(target, [*rows, few]))
    assert [one.code for one in check_signals(target, [few, few, rows[0]]) if one.severe] == ["units"]


def test_a_signal_is_compared_with_the_data_where_none_is_published() -> None:
    target = replace(example_target(), analysis=replace(example_target().analysis, patch_sets=()))
    size = sum(channel.bins for channel in target.channels)
    assert check_signal(target, of_row(target, [2.0] * size)) == ()
    found = check_signal(target, of_row(target, [1e5] * size))
    assert codes(found) == {"magnitude"}
    assert found[0].severe
    assert "times the data in" in found[0].sentence


def test_the_luminosity_of_a_file_is_compared(real_pallets: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-lowMass")
    assert target.luminosity_fb == 139.0
    assert check_file(target, a_file(luminosity=139.0)) == ()
    assert check_file(target, a_file(luminosity=140.0)) == ()
    assert check_file(replace(target, luminosity_fb=None), a_file(luminosity=36.1)) == ()
    other = check_file(target, a_file(luminosity=36.1))
    assert codes(other) == {"luminosity"}
    assert "36.1 /fb" in other[0].sentence
    assert "139 /fb" in other[0].sentence
    thousands = check_file(target, a_file(luminosity=139000.0))
    assert codes(thousands) == {"units"}
    assert "1/pb" in thousands[0].sentence


def test_a_file_of_another_analysis_is_noticed_by_what_it_says(real_pallets: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-lowMass")
    for same in ("ATLAS-SUSY-2018-04", "atlas_susy_2018_04", "atlas_1911_06660", "EwkStau2018", ""):
        assert check_file(target, a_file(analysis=same)) == ()
    for other in ("ATLAS-SUSY-2018-16", "atlas_susy_2019_08", "atlas_1908_08215", "CMS-SUS-19-006"):
        found = check_file(target, a_file(analysis=other))
        assert codes(found) == {"other-analysis"}
        assert found[0].severe
        assert other in found[0].sentence


@pytest.mark.parametrize(("file", "analysis"), REAL)
def test_a_file_of_another_analysis_is_noticed_by_its_regions(
    real_pallets: Path, file: str, analysis: str
) -> None:
    """The regions of every map that comes with fitgui, against every real analysis."""
    target = real_target(real_pallets, file, analysis)
    noticed = []
    for each in all_shipped():
        regions = list(dict.fromkeys((*each.regions, *each.ordered)))
        found = check_file(target, a_file(regions=regions))
        if set(each.references) & set(target.analysis.references):
            assert found == ()
        elif len(regions) > 2:
            noticed.append("other-analysis" in codes(found))
            assert all(each.analysis in one.sentence for one in found)
    assert len(noticed) > 5
    assert np.mean(noticed) > 0.9


def test_own_names_are_those_of_no_other_analysis() -> None:
    target = example_target()
    own = [target.text(place) for place in target.bins()]
    assert check_file(target, a_file(regions=own), known={"ATLAS-SUSY-2000-01": own}) == ()
    others = ["SRA-bb", "SRB-bb", "SRC-bb"]
    found = check_file(target, a_file(regions=others), known={"ATLAS-SUSY-2000-01": others})
    assert [one.code for one in found] == ["other-analysis"]
    assert "ATLAS-SUSY-2000-01" in found[0].sentence


def example_signal() -> Signal:
    """Ten events in every bin of the example, two of them uncertain."""
    target = example_target()
    yields = {channel.name: (10.0,) * channel.bins for channel in target.channels}
    return Signal("mine", {}, yields, {name: (2.0,) * len(events) for name, events in yields.items()})


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("what", ["yields", "statistical", "systematic"])
def test_what_is_no_number_is_refused_in_words(bad: float, what: str) -> None:
    signal = example_signal()
    numbers = {**signal.yields, "SR": (10.0, bad, 10.0)}
    if what == "systematic":
        signal = replace(signal, systematics=(Systematic("JES", numbers, signal.yields),))
    elif what == "yields":
        signal = replace(signal, yields=numbers)
    else:
        signal = replace(signal, statistical=numbers)
    found = check_signal(example_target(), signal)
    assert [(one.severe, one.code) for one in found] == [(True, "not-a-number")]
    assert "SR[1]" in found[0].sentence
    assert "nan" not in found[0].sentence


def test_wrong_bins_and_channels_are_refused() -> None:
    signal = example_signal()
    short = check_signal(example_target(), replace(signal, yields={**signal.yields, "SR": (1.0, 2.0)}))
    assert [one.code for one in short] == ["bins"]
    assert "3 bins" in short[0].sentence
    assert "2 numbers" in short[0].sentence
    strange = check_signal(example_target(), replace(signal, yields={**signal.yields, "SRX": (1.0,)}))
    assert [one.code for one in strange] == ["bins"]
    assert "SRX" in strange[0].sentence


@pytest.mark.parametrize(
    ("value", "error", "severe"), [(-0.5, 0.4, False), (-0.5, 0.2, True), (-0.5, 0.0, True)]
)
def test_a_bin_below_zero_may_be_a_fluctuation(value: float, error: float, *, severe: bool) -> None:
    signal = example_signal()
    below = replace(
        signal,
        yields={**signal.yields, "SR": (10.0, 5.0, value)},
        statistical={**signal.statistical, "SR": (1.0, 1.0, error)},
    )
    found = [one for one in check_signal(example_target(), below) if one.code == "negative"]
    assert [one.severe for one in found] == [severe]
    assert "SR[2]" in found[0].sentence


def test_uncertainties_are_in_events() -> None:
    signal = example_signal()
    negative = replace(signal, statistical={**signal.statistical, "SR": (1.0, -1.0, 1.0)})
    assert [one.code for one in check_signal(example_target(), negative) if one.severe] == [
        "negative-uncertainty"
    ]
    percent = replace(signal, statistical={**signal.statistical, "SR": (20.0, 20.0, 20.0)})
    found = [one for one in check_signal(example_target(), percent) if one.code == "large-uncertainty"]
    assert [one.severe for one in found] == [False]
    assert "per cent" in found[0].sentence
    wide = {name: tuple(60.0 for _ in events) for name, events in signal.yields.items()}
    systematic = replace(signal, systematics=(Systematic("JES", wide, wide),))
    assert "large-uncertainty" in codes(check_signal(example_target(), systematic))


def test_a_signal_region_is_never_missing_unnoticed() -> None:
    target, signal = example_target(), example_signal()
    without = replace(signal, yields={name: each for name, each in signal.yields.items() if name != "SR"})
    found = check_signal(target, without)
    assert [(one.severe, one.code) for one in found] == [(True, "missing")]
    assert "SR" in found[0].sentence
    for treatment in Treatment:
        assert "missing" not in codes(check_signal(target, without, treatments={"SR": treatment}))
    controls = {name: each for name, each in signal.yields.items() if name == "SR"}
    assert "missing" not in codes(check_signal(target, replace(signal, yields=controls)))


def test_of_many_points_each_kind_is_said_once(real_pallets: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-combined")
    known = published(target)
    good = [
        replace(of_row(target, row), name=name) for row, name in zip(known.yields, known.names, strict=True)
    ]
    assert check_signals(target, good) == ()
    bad = [*good[:-4], *(each.scaled(1e4) for each in good[-4:])]
    found = check_signals(target, bad, a_file(luminosity=36.1))
    assert len(found) == 2
    assert all(one.severe for one in found)
    assert "luminosity" in codes(found)
    about = next(one for one in found if one.code != "luminosity")
    assert about.sentence.startswith(f"4 of {len(bad)} points ({bad[-4].name}, ")
    assert check_signals(target, bad[-1:]) == check_signal(target, bad[-1])
    lacking = [replace(each, yields={"WCRcut_cuts": (1.0,)}) for each in good]
    same = check_signals(target, lacking)
    assert "missing" in codes(same)
    assert not any("of 57 points" in one.sentence for one in same if one.code == "missing")


def test_a_scan_is_in_a_wrong_order_as_a_whole(real_pallets: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-combined")
    points = between(target)
    right = [of_row(target, row, values) for row, values in points]
    wrong = [of_row(target, row[::-1], values) for row, values in points]
    assert check_signals(target, right) == ()
    found = check_signals(target, wrong)
    assert codes(found) == {"order"}
    assert "points that were compared" in found[0].sentence
    assert [one.severe for one in check_signals(target, wrong, a_file(ordered=True))] == [True]
    assert check_signals(target, [*right[:-2], *wrong[-2:]]) == ()


numbers = st.one_of(
    st.floats(-1e3, 1e9),
    st.sampled_from([0.0, -0.0, math.nan, math.inf, -math.inf, 1e308, 5e-324]),
)


@given(st.data())
def test_whatever_is_typed_is_answered_in_sentences(data: st.DataObject) -> None:
    """No warning, no exception, nothing but whole sentences; what is no number is always severe."""
    target = example_target()

    def some(bins: int) -> tuple[float, ...]:
        return tuple(data.draw(st.lists(numbers, min_size=bins, max_size=bins)))

    yields = {channel.name: some(channel.bins) for channel in target.channels if data.draw(st.booleans())}
    statistical = {name: some(len(events)) for name, events in yields.items() if data.draw(st.booleans())}
    signal = Signal("mine", {"m1": data.draw(numbers), "m2": 1.0}, yields, statistical)
    found = check_signal(target, signal, a_file(luminosity=data.draw(numbers)))
    for one in found:
        assert one.code
        assert one.sentence[0].isupper()
        assert one.sentence.endswith((".", "?"))
        assert "nan" not in one.sentence
        assert "inf" not in one.sentence
    finite = all(math.isfinite(value) for each in (*yields.values(), *statistical.values()) for value in each)
    assert finite == ("not-a-number" not in codes(found))
    assert list(found) == sorted(found, key=lambda one: not one.severe)
    events, there = flat(target, signal)
    assert len(events) == len(there) == sum(channel.bins for channel in target.channels)

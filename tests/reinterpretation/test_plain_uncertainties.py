"""Uncertainties in tables of signal yields: of all kinds, with both directions and their signs."""

from __future__ import annotations

import pytest

from fitgui.reinterpretation.model import SignalError
from tests.reinterpretation.test_plain_csv import read


def test_uncertainties_of_all_kinds() -> None:
    text = (
        "region,yield,stat,syst:JES:up,syst:JES:down,uncorrelated:MC,syst:theory,simulated\n"
        "SR1,10,5%,1,-0.5,0.25,12%,812\n"
        "SR2,20,0.5,,,,10 %,\n"
    )
    first, second = read(text).points[0].regions
    assert first.statistical == pytest.approx(0.5)
    assert dict(first.systematics) == {
        "JES": (-0.5, 1.0),
        "MC": (-0.25, 0.25),
        "theory": pytest.approx((-1.2, 1.2)),
    }
    assert first.uncorrelated == {"MC"}
    assert first.simulated == 812.0
    assert second.statistical == 0.5
    assert dict(second.systematics) == {"theory": pytest.approx((-2.0, 2.0))}
    assert second.simulated is None


def test_uncertainties_of_a_scan() -> None:
    text = (
        "m1,SR1,SR2,stat:SR1,stat:SR2 [%],syst:JES:up:SR1,syst:JES:down:SR1,syst:theory,uncorrelated:MC:SR2\n"
        "100,10,20,0.3,5,1,-2,10%,0.5\n"
        "200,10,20,,,,,,\n"
    )
    imported = read(text)
    one, two = imported.points[0].regions
    assert one.statistical == 0.3
    assert two.statistical == pytest.approx(1.0)
    assert dict(one.systematics) == {"JES": (-2.0, 1.0), "theory": (-1.0, 1.0)}
    assert dict(two.systematics) == {"theory": (-2.0, 2.0), "MC": (-0.5, 0.5)}
    assert two.uncorrelated == {"MC"}
    assert all(region.statistical is None and not region.systematics for region in imported.points[1].regions)


@pytest.mark.parametrize(
    "heading", ["SR1_err", "SR1 stat", "SR1±", "stat_SR1", "err(SR1)", "unc SR1", "stat:SR1"]
)
def test_an_uncertainty_beside_its_region(heading: str) -> None:
    imported = read(f"m1,SR1,{heading},SR2,SR2_raw\n1,10,0.5,20,812\n2,11,5%,21,\n")
    assert imported.regions == ("SR1", "SR2")
    assert [point.regions[0].statistical for point in imported.points] == [0.5, pytest.approx(0.55)]
    assert imported.points[0].regions[1].simulated == 812.0
    assert any("statistical uncertainty of the region beside" in note for note in imported.notes) == (
        ":" not in heading
    )


@pytest.mark.parametrize(
    "text",
    [
        "region,yield\nSR1,3.2 ± 0.4\nSR2,4.5 +- 10%\n",
        "region\tyield\nSR1\t3,2 ± 0,4\nSR2\t4,5±0,45\n",
        "region yield\nSR1 3.2 +/- 0.4\nSR2 4.5 ± 0.45\n",
        "SR1 3.2 ± 0.4\nSR2 4.5 ± 0.45\n",
        "3.2 ± 0.4\n4.5 ± 0.45\n",
        "SR1\tSR2\n3.2 ± 0.4\t4.5 ± 0.45\n",
        "SR1,3.2 \\pm 0.4\nSR2,4.5 \\pm 0.45\n",
    ],
)
def test_an_uncertainty_behind_its_yield(text: str) -> None:
    imported = read(text)
    assert [region.value for region in imported.points[0].regions] == [3.2, 4.5]
    assert [region.statistical for region in imported.points[0].regions] == pytest.approx([0.4, 0.45])
    assert "behind ± is taken for the statistical uncertainty" in " ".join(imported.notes)


@pytest.mark.parametrize(
    ("cells", "severe", "says"),
    [
        ("3.3,2.7", True, "look like whole yields"),
        ("0.3,0.2", True, "a minus sign"),
        ("-0.3,-0.2", False, "lowers the yields in both directions"),
        ("0.3,-0.2", None, ""),
        ("0.3,0", None, ""),
    ],
)
def test_a_change_in_one_direction_both_ways_is_said(cells: str, severe: bool | None, says: str) -> None:
    findings = read(f"region,yield,syst:JES:up,syst:JES:down\nSR1,3,{cells}\nSR2,3,{cells}\n").findings
    assert [(each.severe, each.code) for each in findings] == ([] if severe is None else [(severe, "sides")])
    assert says in " ".join(each.sentence for each in findings)
    # In one region alone that may be.
    mixed = read(f"region,yield,syst:JES:up,syst:JES:down\nSR1,3,{cells}\nSR2,3,0.1,-0.1\n")
    assert not mixed.findings


def test_scales_of_a_theory_may_go_one_way_beside_others_that_do_not() -> None:
    text = "region,yield,syst:scale:up,syst:scale:down,syst:PDF\nSR1,3,{},0.1\n"
    assert [each.severe for each in read(text.format("0.3,0.2")).findings] == [False]
    assert [each.severe for each in read(text.format("0.3,0.3")).findings] == [True]


@pytest.mark.parametrize("side", ["up", "down", "1up", "lo"])
@pytest.mark.parametrize("text", ["region,yield,syst:JES:{}\nSR1,3,1\n", "m1,SR1,syst:JES:{}:SR1\n1,3,1\n"])
def test_one_direction_alone_is_refused(text: str, side: str) -> None:
    with pytest.raises(
        SignalError, match=r"line 2: the uncertainty JES of SR1 has a number for '\w+', and none"
    ):
        read(text.format(side))


def test_an_empty_cell_of_one_direction_is_refused() -> None:
    with pytest.raises(
        SignalError, match="line 3: the uncertainty JES of SR2 has a number for 'up', and none"
    ):
        read("region,yield,syst:JES:up,syst:JES:down\nSR1,3,1,-1\nSR2,3,1,\n")


@pytest.mark.parametrize(
    ("up", "down"),
    [
        ("syst:JES:up", "syst:JES:dn"),
        ("syst:JES:hi", "syst:JES:lo"),
        ("syst:JES:upper", "syst:JES:lower"),
        ("syst:JES:plus", "syst:JES:minus"),
        ("syst:JES:1up", "syst:JES:1down"),
        ("syst:JES:+", "syst:JES:-"),
        ("syst:JES_up", "syst:JES_down"),
        ("syst:JES__1up", "syst:JES__1down"),
        ("syst:JES Up", "syst:JES Down"),
    ],
)
def test_the_directions_of_an_uncertainty_have_many_names(up: str, down: str) -> None:
    for headings, cells in ((f"{up},{down}", "1,-0.5"), (f"{down},{up}", "-0.5,1")):
        imported = read(f"region,yield,{headings}\nSR1,3,{cells}\n")
        assert dict(imported.points[0].regions[0].systematics) == {"JES": (-0.5, 1.0)}
    wide = read(f"m1,SR1,{up}:SR1,{down}:SR1\n1,3,1,-0.5\n")
    assert dict(wide.points[0].regions[0].systematics) == {"JES": (-0.5, 1.0)}


def test_a_name_that_ends_like_a_direction() -> None:
    imported = read("region,yield,syst:pile_up\nSR1,3,1\n")
    assert dict(imported.points[0].regions[0].systematics) == {"pile_up": (-1.0, 1.0)}

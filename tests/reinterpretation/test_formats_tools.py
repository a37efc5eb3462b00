"""Every reader of a tool's output, on files that follow the tool's format, with its oddities."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from fitgui.reinterpretation.formats.tools import checkmate, madanalysis, saf, simpleanalysis, smodels
from fitgui.reinterpretation.model import (
    BinRef,
    Imported,
    ImportedPoint,
    Quantity,
    RegionYield,
    Signal,
    SignalError,
)
from fitgui.reinterpretation.reading import read_signals
from tests.reinterpretation import tool_writers
from tests.reinterpretation.tool_writers import Normalisation

NORM = Normalisation()
SIGNAL = Signal(
    "C1N2_300_150",
    yields={"SR": (12.5, 0.0, 0.031), "CR": (4.25,)},
    statistical={"SR": (1.25, 0.0, 0.011), "CR": (0.5,)},
)
NAMES = {BinRef("SR", 0): "SRa", BinRef("SR", 1): "SR_b", BinRef("SR", 2): "SR3", BinRef("CR", 0): "CRtop"}


def only_point(imported: tuple[Imported, ...]) -> ImportedPoint:
    """The point of a file with one analysis and one point."""
    (one,) = imported
    (point,) = one.points
    return point


def values_of(point: ImportedPoint) -> dict[str, float]:
    return {region.region: region.value for region in point.regions}


def errors_of(point: ImportedPoint) -> dict[str, float | None]:
    return {region.region: region.statistical for region in point.regions}


EVENTS = {"SRa": 12.5, "SR_b": 0.0, "SR3": 0.031, "CRtop": 4.25}
ERRORS = {"SRa": 1.25, "SR_b": 0.0, "SR3": 0.011, "CRtop": 0.5}


def in_events(point: ImportedPoint, scale: float) -> None:
    """Whether it is what was written, up to the digits."""
    assert values_of(point) == pytest.approx(
        {name: value / scale for name, value in EVENTS.items()}, rel=1e-5
    )
    assert errors_of(point) == pytest.approx(
        {name: value / scale for name, value in ERRORS.items()}, rel=1e-5
    )


class TestSimpleAnalysis:
    def test_a_region_that_is_listed_twice_is_said(self) -> None:
        text = "SR,events,acceptance,err\nAll,10,10,10\nSRa,4,0.4,0.2\nSRa,4,0.4,0.2\nSRb,1,0.1,0.1\n"
        (imported,) = simpleanalysis.read(text, "Ewk.txt")
        assert any("lists SRa more than once, with the same numbers" in note for note in imported.notes)

    def test_acceptances_with_their_uncertainties(self) -> None:
        point = only_point(simpleanalysis.read(tool_writers.simpleanalysis(SIGNAL, NAMES, NORM), "a/Ewk.txt"))
        assert point.quantity is Quantity.EFFICIENCY
        assert point.name == "Ewk"
        in_events(point, NORM.events)
        assert [region.simulated for region in point.regions] == [100.0, 0.0, 8.0, 72.0]

    def test_windows_line_ends_byte_order_mark_and_blank_lines(self) -> None:
        text = tool_writers.simpleanalysis(SIGNAL, NAMES, NORM).replace("\n", "\r\n")
        data = b"\xef\xbb\xbf" + f"\r\n{text}\r\n\r\n".encode()
        in_events(only_point(simpleanalysis.read(data, "Ewk.txt")), NORM.events)

    def test_further_columns_are_left_out_and_said(self) -> None:
        text = tool_writers.simpleanalysis(SIGNAL, NAMES, NORM, variations=2)
        (imported,) = simpleanalysis.read(text, "Ewk.txt")
        in_events(imported.points[0], NORM.events)
        assert any("PDF_0, PDF_1" in note for note in imported.notes)

    def test_columns_in_another_order(self) -> None:
        text = "SR,events,acceptance,extra,err\nAll,10,10,0,10\nSRa,4,0.4,7,0.2\n"
        point = only_point(simpleanalysis.read(text, "x.txt"))
        assert (point.regions[0].value, point.regions[0].statistical) == (0.4, 0.2)

    def test_merged_output_is_several_analyses(self) -> None:
        text = tool_writers.simpleanalysis(SIGNAL, NAMES, NORM, merged="ZeroLepton2016")
        text += tool_writers.simpleanalysis(SIGNAL, NAMES, NORM, merged="Stop__2L", heading=False)
        first, second = simpleanalysis.read(text, "merged.txt")
        assert (first.analysis, second.analysis) == ("ZeroLepton2016", "Stop__2L")
        assert first.regions == second.regions == tuple(NAMES.values())

    def test_two_underscores_in_a_region_are_no_analysis(self) -> None:
        text = "SR,events,acceptance,err\nAll,10,10,10\nSR__low,4,0.4,0.2\n"
        (imported,) = simpleanalysis.read(text, "x.txt")
        assert (imported.analysis, imported.regions) == ("", ("SR__low",))

    def test_outputs_one_after_the_other(self) -> None:
        one = "SR,events,acceptance,err\nAll,10,10,10\nSRa,4,0.4,0.2\n"
        first, second = simpleanalysis.read(one + one.replace("SRa", "SRb"), "x.txt")
        assert (first.regions, second.regions) == (("SRa",), ("SRb",))

    def test_rows_behind_single_cuts_are_left_out_and_said(self) -> None:
        text = "SR,events,acceptance,err\nAll,10,10,10\ncutflow_1,9,0.9,0.1\nCutFlow2,8,0.8,0.1\n"
        text += "SRcut,4,0.4,0.2\n"
        (imported,) = simpleanalysis.read(text, "x.txt")
        assert imported.regions == ("SRcut",)
        assert any("cutflow_1, CutFlow2" in note for note in imported.notes)

    def test_uncertainty_that_is_no_number(self) -> None:
        text = "SR,events,acceptance,err\nAll,10,10,10\nSRa,4,0.4,-nan\n"
        (imported,) = simpleanalysis.read(text, "x.txt")
        assert imported.points[0].regions[0].statistical is None
        assert any("SRa" in note for note in imported.notes)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("SR,events,acceptance,err\nAll,0,0,0\nSRa,0,-nan,-nan\n", "line 3: region SRa has no number"),
            ("SR,events,acceptance,err\nAll,10,10,10\nSRa,4\n", "line 3: region SRa has 'nothing' where"),
            ("SR,events,acceptance,err\nAll,10,10,10\n", "lists no region"),
            (
                "SR,events,acceptance,err\nAll,10,10,10\nSRa,4,0.4,0.1\nSRa,5,0.5,0.1\n",
                "line 4: region SRa is there for the second time",
            ),
            ("region,yield\nSRa,4\n", "has no line 'SR,events,acceptance,err'"),
        ],
    )
    def test_what_is_wrong_is_said(self, text: str, said: str) -> None:
        with pytest.raises(SignalError, match=r"^x\.txt") as caught:
            simpleanalysis.read(text, "x.txt")
        assert said in str(caught.value)


class TestCheckmate:
    def test_events_of_several_analyses(self) -> None:
        text = tool_writers.checkmate(
            {"cms_sus_19_005": (SIGNAL, NAMES), "atlas_1908_08215": (SIGNAL, NAMES)}
        )
        first, second = checkmate.read(text, "evaluation/total_results.txt")
        assert (first.analysis, second.analysis) == ("atlas_1908_08215", "cms_sus_19_005")
        for each in (first, second):
            assert each.points[0].quantity is Quantity.EVENTS
            in_events(each.points[0], 1.0)

    def test_nan_and_infinity_of_limits_disturb_nothing(self) -> None:
        text = tool_writers.checkmate({"a_1": (SIGNAL, NAMES)})
        assert "nan" in text
        assert "inf" in text
        in_events(only_point(checkmate.read(text, "total_results.txt")), 1.0)

    def test_columns_that_the_user_chose(self) -> None:
        columns = ("sr", "signal_err_sys", "analysis", "s", "signal_err_stat", "clsobs")
        text = tool_writers.checkmate({"atlas_1": (SIGNAL, NAMES)}, columns=columns)
        (imported,) = checkmate.read(text, "total_results.txt")
        in_events(imported.points[0], 1.0)
        systematic = {region.region: region.systematics for region in imported.points[0].regions}
        assert systematic["SRa"] == {checkmate.CROSS_SECTION: pytest.approx((-1.25, 1.25))}
        assert systematic["SR_b"] == {}
        assert not imported.notes

    def test_what_ds_holds_is_said(self) -> None:
        (imported,) = checkmate.read(tool_writers.checkmate({"a_1": (SIGNAL, NAMES)}), "total_results.txt")
        assert any("ds" in note for note in imported.notes)

    def test_comments_and_blank_lines(self) -> None:
        text = tool_writers.checkmate({"a_1": (SIGNAL, NAMES)}).replace("\n", "\n\n# made by hand\n", 1)
        in_events(only_point(checkmate.read(f"# CheckMATE\r\n{text}", "total_results.txt")), 1.0)

    @pytest.mark.parametrize(
        "name", ["000_atlas_1908_08215_signal.dat", "001_pp_atlas_1908_08215_control.dat"]
    )
    def test_files_of_single_samples(self, name: str) -> None:
        kind = "CR" if "control" in name else "SR"
        (imported,) = checkmate.read(
            tool_writers.checkmate_dat(SIGNAL, NAMES, NORM, kind=kind), f"analysis/{name}"
        )
        assert imported.analysis == "atlas_1908_08215"
        in_events(imported.points[0], 1.0)
        assert imported.points[0].cross_section_fb == NORM.cross_section_fb
        assert any("holds one process of a run only" in note for note in imported.notes)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (
                "analysis  sr  o  b  s  ds\na_1  SRa  1  2  nan  0.1\n",
                "line 2: region SRa has no number (nan)",
            ),
            ("analysis  sr  o  b  s  ds\na_1  SRa  1  2\n", "line 2: it has 4 cells"),
            ("analysis  sr  o  b  s  ds\n", "lists no region"),
            ("Cut  Sum_W  Sum_W2  Acc  N_Norm\n00_all  1  1  1  1\n", "take evaluation/total_results.txt"),
            ("analysis sr o b\na_1 SRa 1 2\n", "no line of headings"),
        ],
    )
    def test_what_is_wrong_is_said(self, text: str, said: str) -> None:
        with pytest.raises(SignalError, match=r"^t\.txt") as caught:
            checkmate.read(text, "t.txt")
        assert said in str(caught.value)


class TestMadAnalysis:
    def signals(self) -> list[Signal]:
        return [
            replace(SIGNAL, name=name).scaled(scale) for name, scale in (("p_300_100", 1), ("p_400_100", 20))
        ]

    @pytest.mark.parametrize("cross_section", [True, False])
    @pytest.mark.parametrize("systematics", [(), (0.2,)])
    def test_samples_are_points(self, cross_section: bool, systematics: tuple[float, ...]) -> None:
        text = tool_writers.madanalysis(
            self.signals(), NAMES, NORM, cross_section=cross_section, systematics=systematics
        )
        (imported,) = madanalysis.read(text, "CLs_output_summary.dat")
        assert imported.analysis == "atlas_susy_2018_04"
        assert imported.labels == ("x1", "x2")
        assert [point.values for point in imported.points] == [
            {"x1": 300.0, "x2": 100.0},
            {"x1": 400.0, "x2": 100.0},
        ]
        last = imported.points[1]
        assert last.quantity is Quantity.EFFICIENCY
        expected = {name: 20 * value / NORM.events for name, value in EVENTS.items()}
        assert values_of(last) == pytest.approx(expected, abs=6e-8)
        sizes = {region.region: region.systematics for region in last.regions}
        if systematics:
            size = 0.2 * expected["SRa"]
            assert sizes["SRa"] == {"syst1": pytest.approx((-size, size), abs=1e-7)}
        else:
            assert set(map(len, sizes.values())) == {0}

    def test_one_sample(self) -> None:
        text = tool_writers.madanalysis([SIGNAL], NAMES, NORM, summary=False)
        point = only_point(madanalysis.read(text, "defaultset/CLs_output.dat"))
        assert list(values_of(point)) == list(EVENTS)

    def test_the_column_that_is_no_statistical_uncertainty(self) -> None:
        (imported,) = madanalysis.read(tool_writers.madanalysis([SIGNAL], NAMES, NORM), "s.dat")
        assert set(errors_of(imported.points[0]).values()) == {None}
        assert any("'stat'" in note for note in imported.notes)

    def test_few_digits_are_said(self) -> None:
        (imported,) = madanalysis.read(tool_writers.madanalysis([SIGNAL], NAMES, NORM), "s.dat")
        assert any("seven digits" in note for note in imported.notes)

    def test_likelihoods_of_several_regions_are_left_out_and_said(self) -> None:
        (imported,) = madanalysis.read(tool_writers.madanalysis([SIGNAL], NAMES, NORM), "s.dat")
        assert imported.regions == tuple(EVENTS)
        assert any("[SL]-cov" in note for note in imported.notes)

    @pytest.mark.parametrize("region", ["SR 3 -> low, MET > 150-1", "control region 2", "MET>=200", "a  b"])
    def test_names_with_blanks_and_signs(self, region: str) -> None:
        names = {**NAMES, BinRef("SR", 0): region}
        for cross_section in (True, False):
            text = tool_writers.madanalysis([SIGNAL], names, NORM, cross_section=cross_section)
            (imported,) = madanalysis.read(text, "s.dat")
            assert imported.regions[0] == region

    def test_numbers_that_touch(self) -> None:
        text = (
            "# analysis name     signal region  best?  sig95(exp)  sig95(obs)  1-CLs  ||  efficiency  stat\n"
            "atlas_susy_2018_04  SRa            1      0.123456789012345678-1  0.9    ||  0.25        0.1\n"
        )
        assert values_of(only_point(madanalysis.read(text, "CLs_output.dat"))) == {"SRa": 0.25}

    def test_a_run_that_added_to_a_file(self) -> None:
        first = tool_writers.madanalysis([SIGNAL], NAMES, NORM, summary=False)
        again = tool_writers.madanalysis([SIGNAL.scaled(2)], NAMES, NORM, summary=False).split("\n", 1)[1]
        (imported,) = madanalysis.read(f"{first}\n{again}", "CLs_output.dat")
        assert values_of(imported.points[0])["SRa"] == pytest.approx(2 * 12.5 / NORM.events, abs=6e-8)
        assert any("last numbers count" in note for note in imported.notes)

    def test_a_run_that_added_fewer_regions(self) -> None:
        both = tool_writers.madanalysis([SIGNAL], NAMES, NORM, summary=False)
        lines = tool_writers.madanalysis([SIGNAL.scaled(2)], NAMES, NORM, summary=False).split("\n")[1:]
        fewer = "\n".join(line for line in lines if " SR_b " not in line)
        with pytest.raises(SignalError, match=r"several runs of atlas_\w+, and the last one lists no SR_b"):
            madanalysis.read(f"{both}\n{fewer}", "CLs_output.dat")

    def test_a_number_that_is_missing_is_not_taken_from_the_name_of_the_region(self) -> None:
        heading = (
            "# analysis name  signal region  best?  sig95(exp)  sig95(obs)  1-CLs ||  efficiency  stat\n"
        )
        whole, cut = "ana SR 700 0 0.1 0.1 0.9 || 0.2\n", "ana SR 500 0 0.1 0.1 || 0.4\n"
        (imported,) = madanalysis.read(heading + whole, "CLs_output.dat")
        assert imported.regions == ("SR 700",)
        with pytest.raises(SignalError, match="line 3: it has fewer numbers before the bar"):
            madanalysis.read(heading + whole + cut, "CLs_output.dat")

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ("set atlas SRa 0.1 0.1 || nan 0.1", "line 2: region SRa has no number (nan)"),
            ("set atlas 0.1 0.1 || 0.2 0.1", "line 2: it names no signal region"),
            ("", "lists no region"),
        ],
    )
    def test_what_is_wrong_is_said(self, row: str, said: str) -> None:
        heading = "# dataset name  analysis name  signal region  sig95(exp)  sig95(obs) ||  efficiency  stat"
        with pytest.raises(SignalError) as caught:
            madanalysis.read(f"{heading}\n{row}\n", "s.dat")
        assert said in str(caught.value)


class TestSaf:
    def test_the_last_counter_over_the_first(self) -> None:
        point = only_point(madanalysis.read(tool_writers.saf(0.0123, 0.0004, 945), "Cutflows/SRa.saf"))
        (region,) = point.regions
        assert region.region == "SRa"
        assert point.quantity is Quantity.EFFICIENCY
        assert (region.value, region.statistical) == pytest.approx((0.0123, 0.0004), rel=1e-6)
        assert region.simulated == 945

    def test_negative_weights(self) -> None:
        text = tool_writers.saf(0.0123, 0.0004, 900, negative=0.25)
        (region,) = only_point(saf.read(text, "SRa.saf")).regions
        assert (region.value, region.statistical) == pytest.approx((0.0123, 0.0004), rel=1e-6)
        assert region.simulated == 900

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (tool_writers.saf(0.1, 0.1, 1).rsplit("</Counter>", 1)[0], "ends in the middle"),
            (tool_writers.saf(0.1, 0.1, 1).split("<Counter>", 1)[0], "has no cut"),
            (tool_writers.saf(math.nan, 0.1, 1), "has no number (nan)"),
            (tool_writers.saf(0.1, 0.1, 1).replace("3.814000e-02", "0.000000e+00"), "no event was read"),
            (tool_writers.saf(0.1, 0.1, 1).replace("# nentries", "#"), "has no entries"),
            ("<SAFheader>\n</SAFheader>\n<SampleGlobalInfo>\n</SampleGlobalInfo>\n", "but no cut-flow"),
        ],
    )
    def test_what_is_wrong_is_said(self, text: str, said: str) -> None:
        with pytest.raises(SignalError, match=r"^SRa\.saf") as caught:
            saf.read(text, "SRa.saf")
        assert said in str(caught.value)


class TestSModels:
    def test_theory_predictions_are_visible_cross_sections(self) -> None:
        (imported,) = smodels.read(tool_writers.smodels_output(SIGNAL, NAMES, NORM), "stau.slha.py")
        assert imported.analysis == "ATLAS-SUSY-2018-04"
        assert imported.luminosity_fb == NORM.luminosity_fb
        (point,) = imported.points
        assert (point.name, point.quantity) == ("C1N2_300_150", Quantity.CROSS_SECTION)
        assert values_of(point) == pytest.approx(
            {name: value / NORM.luminosity_fb for name, value in EVENTS.items()}
        )
        assert any("combine regions" in note for note in imported.notes)

    def test_the_same_as_json(self) -> None:
        output = {
            "OutputStatus": {"input file": "a/b.slha"},
            "ExptRes": [
                {
                    "AnalysisID": "ATLAS-X",
                    "DataSetID": "SRa",
                    "dataType": "efficiencyMap",
                    "theory prediction (fb)": 0.02,
                    "lumi (fb-1)": 36.1,
                    "Width (GeV)": math.inf,
                }
            ],
        }
        (imported,) = smodels.read(json.dumps(output), "b.json")
        assert (imported.points[0].name, imported.luminosity_fb) == ("b", 36.1)
        assert any("best region only" in note for note in imported.notes)

    def test_efficiency_maps_are_a_scan(self) -> None:
        text = tool_writers.embaked([((300.0, 100.0), SIGNAL), ((400.0, 100.0), SIGNAL)], NAMES, NORM)
        (imported,) = smodels.read(text, "TChiWH.embaked")
        assert imported.labels == ("m1", "m2")
        assert [point.name for point in imported.points] == ["300_100", "400_100"]
        region = imported.points[1].regions[0]
        assert region.value == pytest.approx(12.5 / NORM.events)
        assert region.statistical == pytest.approx(math.sqrt(region.value * (1 - region.value) / 50000))
        assert any("__nevents__" in note for note in imported.notes)

    @pytest.mark.parametrize(
        "text",
        [
            "# efficiencies\n{'SRa': 1.2e-3, 'SRb': 0}",
            "# acceptance x efficiency\n{'SRa': np.float64(1.2e-3), 'SRb': +0.0,}\n",
            "# Signal efficiency by region\n{'SRa': 1.2e-3, 'SRb': 0}",
            "# unit: efficiency\n{'SRa': 1.2e-3, 'SRb': 0}",
            "# efficiencies\nSRa: 1.2e-3\r\nSRb: 0 # none\n",
        ],
    )
    def test_efficiencies_of_one_point(self, text: str) -> None:
        assert smodels.looks_like(text, "x.txt")
        (imported,) = smodels.read(text, "x.txt")
        assert imported.points[0].regions == (RegionYield("SRa", 1.2e-3), RegionYield("SRb", 0.0))
        assert any("taken as efficiencies" in note for note in imported.notes)

    def test_nothing_is_guessed_where_it_is_not_said(self) -> None:
        assert not smodels.looks_like("{'SRa': 0.5}", "x.txt")
        assert not smodels.looks_like("SRa: 0.5\nSRb: 0.1\n", "x.txt")
        for comment in (
            "# events after acceptance and cuts",
            "# without efficiencies",
            "# yields; efficiency: no",
        ):
            assert not smodels.looks_like(f"{comment}\nSRa: 0.5\nSRb: 0.1\n", "x.txt")
        with pytest.raises(SignalError, match="does not say whether its numbers are events or efficiencies"):
            read_signals(("x.txt", "{'SRa': 0.5}"))
        (imported,) = read_signals(("x.txt", "{'SRa': 0.5}"), tool="smodels")
        assert imported.points[0].quantity is Quantity.EFFICIENCY

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("{'SRa': 12.0}", "efficiency 12, and none is above 1"),
            ("{'SRa': __import__('os').getcwd()}", "holds something else than names and numbers"),
            ("{'SRa': nan}", "region SRa has no number"),
            ("{'SRa': 0.1, 'SRa': 0.2}", "twice"),
            ("{(1.0, 2.0): {'SRa': 0.1}, (1.0,): {'SRa': 0.1}}", "the keys are not masses"),
            ("{'SRa': " + "[" * 5000, "x.txt is"),
            ("{'SRa': " + "-" * 50000 + "1}", "x.txt is"),
            ("SRa: 0.1\nSRa: 0.2\n", "second time"),
            ("smodelsOutput = {'ExptRes': []}", "without a result"),
            (
                "smodelsOutput = {'ExptRes': [{'AnalysisID': 'A', 'dataType': 'upperLimit'}]}",
                "reportAllSRs = True",
            ),
        ],
    )
    def test_what_is_wrong_is_said(self, text: str, said: str) -> None:
        with pytest.raises(SignalError, match=r"^x\.txt") as caught:
            smodels.read(text, "x.txt")
        assert said in str(caught.value)

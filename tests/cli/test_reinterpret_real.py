"""``fitgui reinterpret`` on published pallets: files of tools, several analyses, and interrupted scans."""

from __future__ import annotations

import json
import signal as signals
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fitgui.reinterpretation.model import Signal, Target
from fitgui.reinterpretation.patching.patch import signal_patch
from fitgui.reinterpretation.target.published import signal_of_point
from fitgui.reinterpretation.writing import write_signals
from fitgui_backends.results import EXCLUSION_CLS
from tests.cli.conftest import SLOW, Finished, read_lines
from tests.cli.yields import BINS, table
from tests.reinterpretation import tool_writers
from tests.reinterpretation.targets import (
    ONE_LEPTON,
    REAL,
    STAU,
    example_target,
    fit,
    real_target,
    without_uncertainties,
)
from tests.reinterpretation.tool_writers import Normalisation, names_of, six_digits

Call = Callable[..., Finished]
SAME = 1e-6
NORM = Normalisation()
UNITS = ("--cross-section", "20 fb", "--luminosity", "139 fb-1")


def as_it_is(content: Signal) -> Signal:
    return replace(content, systematics=(), patch=None)


def rounded(as_written: Callable[[float], str]) -> Callable[[Signal], Signal]:
    return lambda content: tool_writers.rounded(content, as_written, NORM.events)


def simpleanalysis(target: Target, content: Signal, path: Path) -> None:
    text = tool_writers.simpleanalysis(content, names_of(target, "simpleanalysis"), NORM)
    path.write_text(text, encoding="utf-8")


def checkmate(target: Target, content: Signal, path: Path) -> None:
    """With another analysis in the same file."""
    others = {place: f"other{number}" for number, place in enumerate(target.bins())}
    several = {"atlas_1": (content, names_of(target)), "cms_2": (content, others)}
    path.write_text(tool_writers.checkmate(several), encoding="utf-8")


def cutflows(target: Target, content: Signal, path: Path) -> None:
    tool_writers.madanalysis_run(path, content, names_of(target, "madanalysis"), NORM)


def cls_output(target: Target, content: Signal, path: Path) -> None:
    text = tool_writers.madanalysis([content], names_of(target, "madanalysis"), NORM)
    path.write_text(text, encoding="utf-8")


def smodels(target: Target, content: Signal, path: Path) -> None:
    path.write_text(tool_writers.smodels_output(content, names_of(target), NORM), encoding="utf-8")


def patch_set(target: Target, content: Signal, path: Path) -> None:
    [point] = [point for point in target.analysis.points if point.name == content.name]
    text = tool_writers.patch_set([point], target.analysis.digest, target.analysis.labels)
    path.write_text(text, encoding="utf-8")


def csv(target: Target, content: Signal, path: Path) -> None:
    write_signals(path, target, [content])


TOOLS = {
    "simpleanalysis": (simpleanalysis, "Ewk.txt", rounded(six_digits), UNITS),
    "checkmate": (checkmate, "total_results.txt", as_it_is, ()),
    "madanalysis": (cutflows, "run", as_it_is, UNITS),
    "madanalysis-cls": (
        cls_output,
        "CLs_output_summary.dat",
        lambda content: replace(rounded("{:.7f}".format)(content), statistical={}),
        UNITS,
    ),
    "smodels": (smodels, "point.slha.py", without_uncertainties, ()),
    "pyhf": (patch_set, "patchset.json", lambda content: content, ()),
    "csv": (csv, "mine.csv", lambda content: replace(content, patch=None), ()),
}
"""How a signal is written, into what, what of it the tool tells, and what has to be typed."""


@pytest.mark.parametrize("name", TOOLS)
def test_files_of_tools_are_answered(here: Call, real_pallets: Path, tmp_path: Path, name: str) -> None:
    write, file, content_of, units = TOOLS[name]
    # The larger workspace for some, so that both are there.
    pallet, analysis = REAL[4] if name in ("simpleanalysis", "pyhf") else REAL[0]
    target = real_target(real_pallets, pallet, analysis)
    published = signal_of_point(target, target.analysis.points[len(target.analysis.points) // 3])
    write(target, published, tmp_path / file)
    finished = here(
        "reinterpret", real_pallets / pallet, "--analysis", analysis, "--yields", file, *units,
        "--json", "--workers", "1",
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    [answer] = json.loads(finished.stdout)["answers"]
    assert answer["problem"] is None
    [result] = answer["results"]["points"]
    expected = fit(target, signal_patch(target, content_of(published)))
    assert result["cls_obs"] == pytest.approx(expected.cls_obs, abs=SAME)
    assert result["cls_exp"] == pytest.approx(expected.cls_exp, abs=SAME)
    if name == "checkmate":
        assert "taking atlas_1 of total_results.txt; --of chooses another" in finished.stderr


def test_several_analyses_are_compared(here: Call, real_pallets: Path, tmp_path: Path) -> None:
    """All three regions of stau in one command, beside a pallet that the file is not for."""
    target = real_target(real_pallets, *REAL[0])
    smodels(target, signal_of_point(target, target.analysis.points[19]), tmp_path / "p.py")
    call = (real_pallets / STAU, real_pallets / ONE_LEPTON, "--yields", "p.py", "--workers", "1")
    finished = here("reinterpret", *call, "--json")
    assert finished.returncode == 0, finished.stderr
    document = json.loads(finished.stdout)
    names = [answer["analysis"]["name"] for answer in document["answers"]]
    assert sorted(names) == ["BkgOnly", "Region-combined", "Region-highMass", "Region-lowMass"]
    other = document["answers"][names.index("BkgOnly")]
    assert other["problem"] == "none of the regions of p.py is known here"
    assert (other["results"], other["points"], other["kept"]) == (None, [], None)
    limits = {
        number: answer["results"]["points"][0]["mu_upper_exp"][2]
        for number, answer in enumerate(document["answers"])
        if answer["results"] is not None
    }
    [point] = document["points"]
    assert point["most_sensitive"] == min(limits, key=limits.__getitem__)
    best = names[point["most_sensitive"]]
    low = document["answers"][names.index("Region-lowMass")]
    assert low["ignored"] == ["QCR2cut_cuts", "SR2cut_cuts"], "these have bins in the other regions only"
    finished = here("reinterpret", call[0], *call[2:])
    *runs, kept = finished.stderr.splitlines()
    assert len(runs) == len(limits), "a line for each analysis"
    for name, line in zip((name for name in names if name != "BkgOnly"), runs, strict=True):
        assert line.startswith(f"fitgui: {name}: run ")
        assert (tmp_path / "data" / "signals" / line.rpartition("; kept as ")[2]).is_file()
    assert kept.endswith(str(tmp_path / "data" / "signals"))
    shown = finished.stdout.splitlines()
    assert shown[0] == point["headline"]
    [marked] = [line for line in shown if line.endswith(", most sensitive (by expected)")]
    assert marked.startswith("★ ")
    assert f": {best}," in marked
    assert any("The analyses are not combined" in line for line in shown)


CHECKMATE = """analysis          sr      o   b     db   s    ds   s95obs  s95exp
cms_sus_16_039    SRA01   5   8.5   2.0  9.0  0.9  6.0     7.0
cms_sus_16_039    SRA02   5   8.5   2.0  9.0  0.9  6.0     7.0
atlas_1911_06660  SRlow   10  6.0   1.7  5.0  0.5  11.0    8.0
atlas_1911_06660  SRhigh  7   10.2  3.3  6.0  0.6  7.0     9.0
"""


def test_the_analysis_with_the_number_is_taken_and_regions_go_where_they_belong(
    here: Call, real_pallets: Path, tmp_path: Path
) -> None:
    """The same as from a table: nothing has to be chosen, accepted or left out by hand."""
    (tmp_path / "total_results.txt").write_text(CHECKMATE, encoding="utf-8")
    table(tmp_path / "my.csv", {"SRlow": 5.0, "SRhigh": 6.0})
    maps = []
    for name in ("total_results.txt", "my.csv"):
        shown = here("reinterpret", real_pallets / STAU, "--yields", name, "--show-map")
        assert shown.returncode == 0, shown.stderr
        said = "fitgui: taking atlas_1911_06660 of total_results.txt; --of chooses another"
        assert shown.stderr.splitlines() == ([said] if name != "my.csv" else [])
        assert "has no bin" not in shown.stdout
        assert "--accept" not in shown.stdout
        lines = [line.replace(name, "") for line in shown.stdout.splitlines()]
        maps.append([line for line in lines if line and "CheckMATE's ds" not in line])
    assert maps[0] == maps[1]
    assert [line.strip() for line in maps[0] if "left out:" in line] == [
        "left out: SRlow",
        "left out: SRhigh",
    ]


def test_which_analysis_is_meant_is_asked_where_nothing_tells(
    here: Call, real_pallets: Path, tmp_path: Path
) -> None:
    strange = CHECKMATE.replace("SRlow ", "XA    ").replace("SRhigh", "XB    ")
    (tmp_path / "strange.txt").write_text(strange.replace("1911_06660", "mine"), encoding="utf-8")
    (tmp_path / "known.txt").write_text(CHECKMATE, encoding="utf-8")
    pallets = (real_pallets / STAU, real_pallets / ONE_LEPTON)
    asked = here("reinterpret", *pallets, "--yields", "strange.txt")
    assert (asked.returncode, asked.stdout) == (2, "")
    [line] = asked.stderr.splitlines()
    assert line.endswith("choose one with --of: cms_sus_16_039, atlas_mine")
    # Beside analyses that are meant, one that is not has no answer.
    shown = here("reinterpret", *pallets, "--yields", "known.txt", "--show-map").stdout
    assert shown.count("choose one with --of: ") == 1
    assert shown.index("choose one with --of: ") > shown.index("BkgOnly")


def test_regions_that_were_said_to_be_right_are_left_out_where_they_do_not_belong(
    here: Call, real_pallets: Path, tmp_path: Path
) -> None:
    table(tmp_path / "my.csv", {"SR1": 5.0, "SR2": 6.0})
    call = ("reinterpret", real_pallets / STAU, "--yields", "my.csv")
    refused = here(*call)
    assert refused.returncode == 2
    assert "--ignore" not in refused.stderr
    assert refused.stderr.count("--accept proposed") == 3
    shown = here(*call, "--accept", "proposed", "--show-map")
    assert [line.strip() for line in shown.stdout.splitlines() if "left out:" in line] == [
        "left out: SR1",
        "left out: SR2",
    ]
    assert "has no bin" not in shown.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="interrupted by a signal of Unix")
def test_a_scan_is_interrupted_and_gone_on_with(
    fitgui: Call, start_fitgui: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    write_scan(tmp_path / "scan.csv", 6)
    process = start_fitgui("reinterpret", "example", "--yields", "scan.csv", *SLOW, "--workers", "1")
    read_lines(process, 1)
    process.send_signal(signals.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopping; what is done is kept" in said
    before = json.loads(fitgui("runs", "export", "last").stdout)
    assert 1 <= sum(point["status"] == "done" for point in before["points"]) < 6
    assert [point["values"] for point in before["points"]] == [{"mass": 100 + n} for n in range(1, 7)]
    resumed = fitgui("run", "--resume", "last")
    assert resumed.returncode == 0, resumed.stderr
    exported = json.loads(fitgui("run", "--resume", "last", "--json").stdout)["points"]
    excluded = sum(point["cls_obs"] < EXCLUSION_CLS for point in exported)
    summary = f"example: BkgOnly: 6 points, {excluded} excluded at 95 % CL, {6 - excluded} not excluded"
    assert resumed.stdout.splitlines()[-1] == summary
    assert f"kept as a pallet, for `fitgui run`, `point` and `gui`: {tmp_path}" in resumed.stderr
    target = example_target()
    for number, point in enumerate(exported, 1):
        expected = fit(target, signal_patch(target, of_scan(number)))
        assert point["name"] == f"p{number}"
        assert point["cls_obs"] == pytest.approx(expected.cls_obs, abs=SAME)


def test_a_scan_ends_with_what_became_of_its_points(here: Call, tmp_path: Path) -> None:
    write_scan(tmp_path / "scan.csv", 4)
    call = ("reinterpret", "example", "--yields", "scan.csv", "--workers", "1")
    shown = here(*call, "--write-patch", "patchset.json")
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert sorted(line.split()[1] for line in lines if line.startswith("done ")) == ["p1", "p2", "p3", "p4"]
    target = example_target()
    expected = [fit(target, signal_patch(target, of_scan(number))).cls_obs for number in range(1, 5)]
    excluded = sum(cls < EXCLUSION_CLS for cls in expected)
    assert 0 < excluded < 4
    found = f"example: BkgOnly: 4 points, {excluded} excluded at 95 % CL, {4 - excluded} not excluded"
    assert found in lines
    again = here("reinterpret", "example", "--yields", "patchset.json", "--workers", "1", "--json")
    assert again.returncode == 0, again.stderr
    document = json.loads(again.stdout)
    [answer] = document["answers"]
    assert [point["cls_obs"] for point in answer["results"]["points"]] == pytest.approx(expected, abs=SAME)
    assert [point["state"] == "excluded" for point in answer["points"]] == [
        cls < EXCLUSION_CLS for cls in expected
    ]
    assert [point["name"] for point in document["points"]] == ["p1", "p2", "p3", "p4"]


def of_scan(number: int) -> Signal:
    """A point of :func:`write_scan`."""
    events = tuple(value * number / 3 for value in BINS.values())
    return Signal(f"p{number}", {"mass": 100 + number}, {"SR": events})


def write_scan(path: Path, points: int) -> None:
    """A line for each point, the first ones not excluded."""
    rows = [
        ",".join(map(str, [f"p{number}", 100 + number, *of_scan(number).yields["SR"]]))
        for number in range(1, points + 1)
    ]
    text = "\n".join(["# unit: events", f"name,param:mass,{','.join(BINS)}", *rows]) + "\n"
    path.write_text(text, encoding="utf-8")


def test_yields_come_through_a_pipe(
    start_fitgui: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    text = table(tmp_path / "my.csv", BINS).read_text(encoding="utf-8")
    process = start_fitgui("reinterpret", "example", "--yields", "-", "--workers", "1", stdin=subprocess.PIPE)
    shown, said = process.communicate(text, timeout=60)
    assert process.returncode == 0, said
    assert shown.startswith("Excluded at 95 % CL: CLs = ")
    assert "Regions of standard input on example: BkgOnly:" in shown

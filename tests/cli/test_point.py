"""``fitgui point``: one signal point from the inside, in words and for machines."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fitgui.cli.choice import open_source
from fitgui.cli.point_report import show
from fitgui.cli.point_tables import sections
from fitgui.insight.sentences import fit_warnings, measured, places
from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines.detail import look_into
from tests.builders import make_operations, make_patch_set, make_workspace
from tests.cli.conftest import Finished

Call = Callable[..., Finished]


def told(finished: Finished, status: int) -> str:
    """The only line on the standard error, of a command that printed no result."""
    assert finished.returncode == status, finished.stderr
    assert finished.stdout == ""
    [line] = finished.stderr.splitlines()
    assert line.startswith("fitgui: ")
    return line


def as_document(finished: Finished) -> dict[str, Any]:
    assert finished.returncode == 0, finished.stderr
    document: dict[str, Any] = json.loads(finished.stdout)
    return document


@pytest.fixture
def excess(write_pallet: Callable[..., Path]) -> Path:
    """Two points of an analysis with more events than expected in the signal region."""
    workspace = make_workspace(observed={"SR": [15.0, 11.0], "CR": [84.0]})
    patches = make_patch_set(workspace, {"sig_300_100": [300, 100], "sig_400_100": [400, 100]})
    return write_pallet({"BkgOnly.json": workspace, "patchset.json": patches}, name="excess")


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.53444, 0.64286, "0.53 ± 0.64"),
        (-0.2, 1.206, "-0.2 ± 1.2"),
        (1.0, 0.0996, "1.00 ± 0.10"),
        (1187.4, 103.2, "1187 ± 103"),
        (3.0, 0.0, "3"),
        (3.25, math.nan, "3.25"),
        (math.nan, 1.0, "–"),
    ],
)
def test_an_uncertainty_says_how_many_digits_matter(value: float, error: float, text: str) -> None:
    assert measured(value, error) == text


@pytest.mark.parametrize(("error", "expected"), [(0.0996, 2), (0.64, 2), (9.96, 0), (123.0, 0), (0.0, 3)])
def test_decimals(error: float, expected: int) -> None:
    assert places(error) == expected


def inside(mu: float, low: float | None, high: float | None) -> bool:
    """Whether an interval, which a bound may cut off, holds a value."""
    return (low is None or mu >= low) and (high is None or mu <= high)


def test_everything_for_machines(here: Call, excess: Path) -> None:
    document = as_document(here("point", excess, "sig_300_100", "--json"))
    assert document["schema"] == 1
    assert document["name"] == "sig_300_100"
    assert document["values"] == {"m1": 300, "m2": 100}
    assert document["pallet"]["name"] == "excess"
    assert document["measurement"] == "NormalMeasurement"
    assert document["converged"]
    poi = document["poi"]
    assert poi["name"] == "mu_SIG"
    assert poi["standing"] == "free"
    assert poi["value"] == pytest.approx(document["mu_hat"], abs=1e-4)
    low, high = poi["interval"]
    assert low < poi["value"] < high
    assert high - low == pytest.approx(2.0 * poi["uncertainty"], rel=0.2)

    profile = document["profile"]
    assert profile["mu"][0] == 0.0
    observed, asimov = profile["observed"], profile["asimov"]
    assert observed["mu_hat"] == pytest.approx(poi["value"], abs=1e-4)
    assert observed["twice_nll"] == pytest.approx(document["fit"]["twice_nll"], abs=1e-6)
    assert asimov["mu_hat"] == asimov["delta_twice_nll"][0] == 0.0
    for curve in (observed, asimov):
        rises = curve["delta_twice_nll"]
        assert len(rises) == len(profile["mu"])
        assert curve["converged"]
        narrow, wide = curve["intervals"]
        assert (narrow["level"], wide["level"]) == (0.68, 0.95)
        for interval in (narrow, wide):
            for mu, rise in zip(profile["mu"], rises, strict=True):
                assert (rise <= interval["rise"]) == inside(mu, *interval["ends"])
    assert observed["intervals"][0]["ends"] == poi["interval"]

    parameters = document["parameters"]
    names = [parameter["name"] for parameter in parameters]
    assert sorted(names) == ["JES", "mu_SIG", "stat_CR[0]", "stat_SR[0]", "stat_SR[1]"]
    for parameter in parameters:
        if parameter["name"] == "mu_SIG":
            assert parameter["pull"] is None
            continue
        pull = (parameter["value"] - parameter["centre"]) / parameter["width"]
        assert parameter["pull"] == pytest.approx(pull, abs=1e-6)
        assert parameter["constraint"] == pytest.approx(parameter["uncertainty"] / parameter["width"])
    correlations = document["correlations"]
    assert len(correlations) == len(names)
    for i, row in enumerate(correlations):
        assert row[i] == 1.0
        assert row == [other[i] for other in correlations]
    assert abs(correlations[names.index("JES")][names.index("mu_SIG")]) > 0.1

    ranking = document["impacts"]["ranking"]
    assert {impact["name"] for impact in ranking} == set(names) - {"mu_SIG"}
    sizes = [max(abs(mu) for mu in impact["post_fit"]["mu"]) for impact in ranking]
    assert sizes == sorted(sizes, reverse=True)
    signal_region = document["channels"][1]
    assert signal_region["name"] == "SR"
    assert signal_region["observed"] == [15.0, 11.0]
    assert [sample["signal"] for sample in signal_region["samples"]] == [False, True]
    for stage in ("pre_fit", "post_fit"):
        expectation = signal_region[stage]
        by_sample = [sum(column) for column in zip(*expectation["samples"], strict=True)]
        assert expectation["total"] == pytest.approx(by_sample)
        assert expectation["sum"] == pytest.approx(sum(by_sample))
        assert len(expectation["errors"]) == 2


def test_the_answer_is_that_of_a_run(fitgui: Call, here: Call, excess: Path) -> None:
    document = as_document(here("point", excess, "sig_400_100", "--json", "--no-impacts"))
    run = as_document(
        fitgui("run", excess, "--points", "sig_400_100", "--limits", "--workers", "1", "--json")
    )
    [point] = run["points"]
    assert document["impacts"] is None
    for field in ("cls_obs", "cls_exp", "mu_hat", "mu_upper_obs", "mu_upper_exp"):
        assert document[field] == pytest.approx(point[field], rel=1e-6)
    assert document["fit"]["twice_nll"] == pytest.approx(point["twice_nll"]["free"], abs=1e-6)
    assert document["warnings"] == point["warnings"]


def test_in_words(fitgui: Call, excess: Path) -> None:
    finished = fitgui("point", excess, "sig_300_100", "--top", "2")
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    lines = finished.stdout.splitlines()
    assert lines[0] == "point sig_300_100  m1 = 300, m2 = 100  BkgOnly  excess"
    assert lines[1].startswith("CLs at mu = 1: observed ")
    assert lines[1].endswith("excluded at 95 % CL")
    assert lines[2].startswith("Upper limit on mu at 95 % CL: observed ")
    assert any(line.startswith("Best fit: mu_SIG = ") and " ± " in line for line in lines)
    [profile] = [line for line in lines if line.startswith("Profile likelihood: ")]
    number = r"\d[\d.]*"
    span = rf"(?:{number} to|up to) {number}"
    assert re.fullmatch(
        rf"Profile likelihood: mu_SIG {number} to {number} at 68 %, {span} at 95 %; "
        rf"expected without signal {span} at 68 %, {span} at 95 %",
        profile,
    )
    assert any(re.fullmatch(r"profile 0(\.0+)?  observed \d+\.\d\d  expected 0\.00", line) for line in lines)
    words = [line.split()[0] for line in lines]
    assert words.count("pull") == words.count("impact") == words.count("profile") == 2
    assert words.count("yield") == 4  # the bins, and the sum of the region with two
    assert any(line.startswith("yield SR  bin all  observed 26  background pre-fit ") for line in lines)
    everything = fitgui("point", excess, "sig_300_100", "--top", "0", "--no-impacts").stdout
    assert everything.count("\npull ") == 4
    assert everything.count("\nprofile ") >= 20
    assert "\nimpact " not in everything


def test_tables_in_a_terminal(environment: dict[str, str], excess: Path) -> None:
    pytest.importorskip("pty", reason="pseudo-terminals are a matter of Unix")
    from tests.cli.test_terminal import CONTROL, in_terminal  # noqa: PLC0415

    status, written = in_terminal(["point", str(excess), "sig_300_100"], environment, excess.parent)
    assert status == 0
    plain = CONTROL.sub("", written)
    assert "\nLargest pulls, 4 of 4 constrained parameters" in plain
    assert re.search(r"\nparameter +pull +constraint +value", plain)
    assert re.search(r"\nJES +[+-]\d\.\d\d +\d\.\d\d +-?\d\.\d\d ± \d\.\d\d", plain)
    assert re.search(r"\nSR +all +26 +\d+\.\d ± \d\.\d", plain)
    assert "Traceback" not in plain


def test_another_fit_and_another_signal_strength(here: Call, excess: Path) -> None:
    document = as_document(here("point", excess, "sig_300_100", "--fit", "background", "--json"))
    assert document["fit"]["mu_fixed"] == 0.0
    assert document["impacts"] is document["profile"] is None
    assert document["poi"] == {
        "name": "mu_SIG",
        "value": 0.0,
        "uncertainty": None,
        "standing": "fixed",
        "interval": None,
    }
    signal = as_document(here("point", excess, "sig_300_100", "--fit", "signal", "--mu", "2.5", "--json"))
    assert signal["fit"]["mu_fixed"] == signal["mu_tested"] == 2.5
    assert signal["cls_obs"] < document["cls_obs"]
    free = as_document(here("point", excess, "sig_300_100", "--no-impacts", "--json"))
    for fixed in (document, signal):
        assert fixed["fit"]["twice_nll"] > free["fit"]["twice_nll"]
    assert signal["mu_upper_obs"] == pytest.approx(document["mu_upper_obs"], rel=1e-4)


def test_mu_on_its_bound_is_told_and_can_be_loosened(here: Call, write_pallet: Callable[..., Path]) -> None:
    workspace = make_workspace(observed={"SR": [7.0, 2.0], "CR": [80.0]})
    pallet = write_pallet({"BkgOnly.json": workspace, "patchset.json": make_patch_set(workspace)})
    finished = here("point", pallet, "sig_300_100")
    assert finished.returncode == 0
    assert "Best fit: mu_SIG = 0, at its lower bound; " in finished.stdout
    assert re.search(r"\nProfile likelihood: mu_SIG up to \d\.\d+ at 68 %, up to ", finished.stdout)
    assert "warning The best fit has mu_SIG at its lower bound, 0: impacts are one-sided" in finished.stdout
    assert "--loose-bounds" in finished.stderr
    loosened = as_document(here("point", pallet, "sig_300_100", "--loose-bounds", "--json"))
    assert loosened["poi"]["standing"] == "free"
    assert loosened["poi"]["value"] < -0.1
    assert loosened["mu_hat"] == 0.0
    assert loosened["profile"]["observed"]["mu_hat"] == pytest.approx(loosened["poi"]["value"], abs=1e-4)
    low, high = loosened["poi"]["interval"]
    assert low < loosened["poi"]["value"] < high
    assert loosened["fit"]["loose_bounds"]
    lowered, raised = loosened["impacts"]["ranking"][0]["post_fit"]["mu"]
    assert lowered * raised < 0.0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["sig_300_10"], "there is no point sig_300_10 in BkgOnly: choose one of sig_300_100, sig_400_100"),
        (["sig_*"], "sig_* matches 2 points of BkgOnly (sig_300_100, sig_400_100): name one of them"),
        (["sig_300_100", "--analysis", "SR"], "there is no analysis SR in excess: choose one of BkgOnly"),
        (["sig_300_100", "--measurement", "m"], "there is no measurement m in BkgOnly: choose one of"),
        (["sig_300_100", "--mu", "0"], "see `fitgui point --help`"),
        (["sig_300_100", "--fit", "best"], "see `fitgui point --help`"),
        (["sig_300_100", "--fit", "signal", "--loose-bounds"], "--loose-bounds is about the free fit"),
        ([], "missing argument 'NAME'"),
    ],
)
def test_mistakes_in_the_command(here: Call, excess: Path, arguments: list[str], expected: str) -> None:
    assert expected in told(here("point", excess, *arguments), status=2)


def test_a_point_without_an_answer_is_one_line(fitgui: Call, write_pallet: Callable[..., Path]) -> None:
    workspace = make_workspace()
    patches = make_patch_set(workspace)
    workspace["measurements"][0]["config"]["poi"] = "nobody"
    pallet = write_pallet({"BkgOnly.json": workspace, "patchset.json": patches})
    line = told(fitgui("point", pallet, "sig_300_100"), status=1)
    assert "sig_300_100 in BkgOnly: " in line
    assert '"nobody"' in line


def test_a_point_of_several_analyses_needs_one(here: Call, write_pallet: Callable[..., Path]) -> None:
    files = {}
    for region, observed in (("A", 13.0), ("B", 17.0)):
        workspace = make_workspace(observed={"SR": [observed, 5.0]})
        shared = make_patch_set(workspace, {"both": [1, 2], f"only_{region}": [3, 4]})
        files |= {f"{region}/BkgOnly.json": workspace, f"{region}/patchset.json": shared}
    pallet = write_pallet(files)
    line = told(here("point", pallet, "both"), status=2)
    assert "several analyses of pallet have a point both, choose one with --analysis: A, B" in line
    chosen = as_document(here("point", pallet, "both", "--analysis", "B", "--no-impacts", "--json"))
    assert chosen["analysis"] == "B"
    only = as_document(here("point", pallet, "only_A", "--no-impacts", "--json"))
    assert only["analysis"] == "A"


def test_threads_are_limited_before_numpy_loads(excess: Path) -> None:
    program = (
        "import os, sys\n"
        "from fitgui.cli.main import run_cli\n"
        "seen = []\n"
        "class Watch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'numpy':\n"
        "            seen.append(os.environ.get('OMP_NUM_THREADS'))\n"
        "sys.meta_path.insert(0, Watch())\n"
        f"status = run_cli(['point', {str(excess)!r}, 'sig_300_100', '--no-impacts'], lambda *_: 1)\n"
        "print(status, seen, file=sys.stderr)\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", timeout=120, check=True
    )
    assert finished.stderr.splitlines()[-1] == "0 ['1']"


def test_an_uncertainty_that_misleads_is_told(here: Call, real_pallets: Path) -> None:
    pallet = real_pallets / "atlas-susy-2019-08-1Lbb.tar.gz"
    finished = here("point", pallet, "C1N2_Wh_hbb_900_250", "--no-impacts")
    assert "warning The likelihood is no parabola in JES_EffectiveNP_Modelling1" in finished.stdout


def test_a_published_point(here: Call, real_pallets: Path) -> None:
    pallet = real_pallets / "atlas-susy-2019-08-1Lbb.tar.gz"
    finished = here("point", pallet, "C1N2_Wh_hbb_300_150", "--json")
    document = as_document(finished)
    assert document["cls_obs"] == pytest.approx(0.30987, abs=1e-4)
    assert document["converged"]
    assert document["fit"]["converged"]
    assert len(document["parameters"]) == len(document["correlations"]) == 126
    assert all("no parabola" in warning for warning in document["fit"]["warnings"])
    assert document["impacts"]["converged"]
    assert document["impacts"]["left_out"] == []
    [fixed] = [p["name"] for p in document["parameters"] if p["standing"] == "fixed"]
    assert fixed == "lumi"
    # A person can read it: a parameter, an impact, and a row of correlations are a line or a few.
    assert len(finished.stdout.splitlines()) < 2500
    assert len(finished.stdout) < 300_000
    assert '\n  {"name": "EG_Eff", "standing": "free", "value": ' in finished.stdout
    assert all(profile["converged"] for profile in (document["profile"][n] for n in ("observed", "asimov")))


def test_every_field_is_explained(here: Call, excess: Path) -> None:
    document = as_document(here("point", excess, "sig_300_100", "--json"))
    del document["values"]  # whose names are those of the pallet's coordinates

    def names(value: object) -> set[str]:
        if isinstance(value, dict):
            return set(value).union(*(names(item) for item in value.values()))
        return set().union(*(names(item) for item in value)) if isinstance(value, list) else set()

    page = (Path(__file__).parents[2] / "docs" / "point-file.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`([a-z0-9_]+)`", page))
    assert names(document) <= explained


def test_a_range_that_the_bounds_of_mu_cut_off(here: Call, write_pallet: Callable[..., Path]) -> None:
    workspace = make_workspace()
    patches = make_patch_set(workspace)
    for patch in patches["patches"]:
        for operation in patch["patch"]:
            operation["value"]["data"] = [1e-3 * rate for rate in operation["value"]["data"]]
    pallet = write_pallet({"BkgOnly.json": workspace, "patchset.json": patches})
    finished = here("point", pallet, "sig_300_100", "--no-impacts")
    assert finished.returncode == 0, finished.stderr
    [line] = [line for line in finished.stdout.splitlines() if line.startswith("Profile likelihood: ")]
    assert line == (
        "Profile likelihood: mu_SIG anywhere within its bounds at 68 %; "
        "expected without signal anywhere within its bounds at 68 %"
    )


def test_what_the_profile_finds_below_the_best_fit_is_told() -> None:
    workspace = make_workspace(observed={"SR": [15.0, 11.0], "CR": [84.0]})
    point = FitPoint(name="signal", operations=json.dumps(make_operations(workspace)).encode())
    detail = look_into(workspace, None, point, FitOptions(limits=True), impacts=False)
    assert fit_warnings(detail) == []
    assert detail.profile is not None
    lower = replace(detail.profile, lowest=detail.profile.lowest - 0.25, mu_hat=2.0)
    assert fit_warnings(replace(detail, profile=lower)) == [
        "Along the profile likelihood there is a minimum that is lower by 0.25 in 2NLL, at mu_SIG = 2: "
        "the fit that is looked at is not the best one."
    ]
    stuck = replace(detail.profile, converged=False)
    assert fit_warnings(replace(detail, asimov_profile=stuck)) == [
        "A fit of the profile likelihood of the signal strength did not converge."
    ]


@pytest.mark.parametrize("width", [50, 80, 120])
def test_names_and_numbers_are_whole_in_any_terminal(
    real_pallets: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    pallet = open_source(str(real_pallets / "atlas-susy-2019-08-1Lbb.tar.gz"))
    [analysis] = pallet.analyses
    point = next(point for point in analysis.points if point.name == "C1N2_Wh_hbb_300_150")
    options = FitOptions()
    fitted = FitPoint(name=point.name, operations=point.operations)
    detail = look_into(analysis.workspace, None, fitted, options)
    monkeypatch.setenv("COLUMNS", str(width))
    show(pallet, analysis, point, detail, options=options, top=4)
    printed = capsys.readouterr().out
    assert max(len(line) for line in printed.splitlines()) <= width
    words = set(printed.split())
    for section in sections(detail, 4):
        for row in section.rows:
            assert {word for cell in row for word in cell.split()} <= words
    tables = [line for line in printed.splitlines() if re.match(r"parameter +post -1σ +post \+1σ", line)]
    assert len(tables) == (width > 50)

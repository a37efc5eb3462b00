"""``fitgui reinterpret``: from a file of yields to the verdict, as users call it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonpatch
import pytest

from fitgui.reinterpretation.answer.verdict import cls_text
from fitgui.reinterpretation.model import Signal, Systematic, Treatment
from fitgui.reinterpretation.patching.patch import signal_patch
from tests.cli.conftest import Finished
from tests.cli.yields import BINS, fill, table
from tests.reinterpretation.targets import example_target, fit

Call = Callable[..., Finished]
ONE = ("--workers", "1")
SIGNAL = Signal("my", yields={"SR": tuple(BINS.values())})
SAME = 1e-6


def test_a_template_is_filled_in_and_answered(here: Call, tmp_path: Path) -> None:
    written = here("reinterpret", "example", "--template", "my.csv")
    assert (written.returncode, written.stdout) == (0, "")
    assert "`fitgui reinterpret example --yields my.csv` answers then" in written.stderr
    fill(tmp_path / "my.csv", BINS)
    finished = here("reinterpret", "example", "--yields", "my.csv", *ONE)
    assert finished.returncode == 0, finished.stderr
    expected = fit(example_target(), signal_patch(example_target(), SIGNAL))
    first, meaning, *others = finished.stdout.splitlines()
    observed, median = cls_text(expected.cls_obs), cls_text(expected.cls_exp[2])
    assert first.startswith(f"Excluded at 95 % CL: CLs = {observed} (expected {median}), μ < 0.")
    assert meaning.startswith("The data exclude this signal: it would have to be at least ")
    assert "What to know:" in others
    assert any("CR_W and CR_top stay in the fit without signal" in line for line in others)
    rows = [line.split() for line in others if "same name" in line]
    assert [(row[0], float(row[2])) for row in rows] == list(BINS.items())
    [kept] = (tmp_path / "data" / "signals").iterdir()
    assert str(kept) in finished.stderr
    again = json.loads(here("run", kept, "--json", *ONE).stdout)
    assert again["points"][0]["cls_obs"] == pytest.approx(expected.cls_obs, abs=SAME)


def test_what_follows_a_template_is_the_whole_command(here: Call, tmp_path: Path) -> None:
    written = here(
        "reinterpret", "example", "--analysis", "BkgOnly", "--measurement", "NormalMeasurement",
        "--template", "my signal.csv",
    )  # fmt: skip
    [line] = written.stderr.splitlines()
    command = line.split("`")[1]
    options = "--analysis BkgOnly --measurement NormalMeasurement --yields 'my signal.csv'"
    assert command == f"fitgui reinterpret example {options}"
    fill(tmp_path / "my signal.csv", BINS)
    assert here(*shlex.split(command)[1:], "--show-map").returncode == 0


def test_limits_by_pyhf_are_announced(here: Call, tmp_path: Path) -> None:
    """Before the first fit, which is given up here."""
    table(tmp_path / "my.csv", BINS)
    call = ("reinterpret", "example", "--yields", "my.csv", *ONE, "--timeout", "0.01")
    first, *_ = here(*call, "--engine", "pyhf").stderr.splitlines()
    assert first.startswith("fitgui: upper limits by pyhf take minutes")
    assert "--engine newton" in first


def test_a_single_point_that_is_gone_on_with_ends_with_its_verdict(here: Call, tmp_path: Path) -> None:
    table(tmp_path / "my.csv", BINS)
    finished = here("reinterpret", "example", "--yields", "my.csv", *ONE)
    resumed = here("run", "--resume", "last", *ONE)
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout.splitlines() == finished.stdout.splitlines()[:2]
    kept = finished.stderr.splitlines()[-1]
    assert kept.startswith("fitgui: kept as a pallet")
    assert resumed.stderr.splitlines()[-1] == kept


def test_the_document_is_the_same_each_time(here: Call, tmp_path: Path) -> None:
    """All but times, and the names of runs; and its numbers are those of the engine."""
    table(tmp_path / "my.csv", BINS)
    documents = []
    for option in ("--json", "--output=-"):
        finished = here("reinterpret", "example", "--yields", "my.csv", option, *ONE)
        assert finished.returncode == 0, finished.stderr
        documents.append(json.loads(finished.stdout))
    for document in documents:
        assert list(document) == ["schema", "kind", "yields", "answers", "points"]
        assert (document["schema"], document["kind"]) == (1, "fitgui reinterpretation")
        [answer] = document["answers"]
        [result] = answer.pop("results")["points"]
        expected = fit(example_target(), signal_patch(example_target(), SIGNAL))
        assert result["cls_obs"] == pytest.approx(expected.cls_obs, abs=SAME)
        assert result["cls_exp"] == pytest.approx(expected.cls_exp, abs=SAME)
        assert result["mu_upper_obs"] < 1.0, "limits are there without being asked for"
        assert answer.pop("run")
        [point] = answer["points"]
        assert point["yields"] == {"SR": list(BINS.values())}
        assert (point["state"], point["fitted_as"]) == ("excluded", "my")
        assert document["points"] == [
            {"name": "my", "most_sensitive": 0, "headline": point["headline"], "conclusion": []}
        ]
    assert documents[0] == documents[1]


@pytest.mark.parametrize(
    ("options", "signal", "treatments"),
    [
        (["--scale", "0.5"], SIGNAL.scaled(0.5), {}),
        (["--drop", "CR_W", "CR_top"], SIGNAL, dict.fromkeys(("CR_W", "CR_top"), Treatment.DROP)),
        (
            ["--signal-uncertainty", "30%", "--no-luminosity-uncertainty"],
            replace(
                SIGNAL,
                systematics=(
                    Systematic(
                        "flat",
                        {"SR": tuple(0.3 * value for value in BINS.values())},
                        {"SR": tuple(-0.3 * value for value in BINS.values())},
                    ),
                ),
                with_luminosity=False,
            ),
            {},
        ),
    ],
    ids=["scale", "drop", "uncertainty"],
)
def test_options_change_what_they_say(
    here: Call, tmp_path: Path, options: list[str], signal: Signal, treatments: dict[str, Treatment]
) -> None:
    table(tmp_path / "my.csv", BINS)
    finished = here("reinterpret", "example", "--yields", "my.csv", "--json", *ONE, *options)
    assert finished.returncode == 0, finished.stderr
    [answer] = json.loads(finished.stdout)["answers"]
    expected = fit(example_target(), signal_patch(example_target(), signal, treatments))
    assert answer["results"]["points"][0]["cls_obs"] == pytest.approx(expected.cls_obs, abs=SAME)
    if treatments:
        assert answer["points"][0]["treatments"] == dict.fromkeys(treatments, "drop")
        assert "lost-control" in [finding["code"] for finding in answer["findings"]]


def test_what_was_noticed_is_accepted_by_its_name(here: Call, tmp_path: Path) -> None:
    """Yields without names are taken by their order; a map and a patch are written."""
    (tmp_path / "plain.txt").write_text("3\n8\n9\n", encoding="utf-8")
    call = ("reinterpret", "example", "--yields", "plain.txt", *ONE)
    refused = here(*call)
    assert refused.returncode == 2
    assert refused.stderr.rstrip().endswith("(if it is right: --accept order)")
    shown = here(*call, "--show-map")
    assert shown.returncode == 0
    assert [line.split()[:2] for line in shown.stdout.splitlines() if "position" in line] == [
        ["1", "SR[0]"],
        ["2", "SR[1]"],
        ["3", "SR[2]"],
    ]
    taken = here(
        *call, "--accept", "order", "--save-map", "map.json", "--write-patch", "patch.json", "--json"
    )
    assert taken.returncode == 0, taken.stderr
    [answer] = json.loads(taken.stdout)["answers"]
    target = example_target()
    expected = fit(target, signal_patch(target, replace(SIGNAL, name="plain")))
    assert answer["results"]["points"][0]["cls_obs"] == pytest.approx(expected.cls_obs, abs=SAME)
    patch = json.loads((tmp_path / "patch.json").read_text(encoding="utf-8"))
    [channel] = [
        channel
        for channel in jsonpatch.apply_patch(dict(target.analysis.workspace), patch)["channels"]
        if channel["name"] == "SR"
    ]
    assert channel["samples"][-1]["data"] == list(BINS.values())
    known = here(*call, "--map", "map.json", "--show-map")
    assert "from map.json" in known.stdout
    assert "compare and confirm" not in known.stdout


@pytest.mark.parametrize("missing", ["zero", "drop"])
def test_signal_regions_without_yields_are_asked_for(here: Call, tmp_path: Path, missing: str) -> None:
    """Yields of a control region alone."""
    target = example_target()
    path = table(tmp_path / "cr.csv", {"CR_W[0]": 1.0, "CR_W[1]": 2.0, "CR_W[2]": 1.0})
    call = ("reinterpret", "example", "--yields", path, "--missing", missing, "--json", *ONE)
    if missing == "zero":
        refused = here(*call)
        assert refused.returncode == 2
        assert "All events are in control regions" in refused.stderr
        call = (*call, "--accept", "zero")
    finished = here(*call)
    assert finished.returncode == 0, finished.stderr
    treatment = Treatment.KEEP if missing == "zero" else Treatment.DROP
    signal = Signal("cr", yields={"CR_W": (1.0, 2.0, 1.0)})
    expected = fit(target, signal_patch(target, signal, {"SR": treatment}))
    [answer] = json.loads(finished.stdout)["answers"]
    assert answer["results"]["points"][0]["cls_obs"] == pytest.approx(expected.cls_obs, abs=SAME)
    assert answer["points"][0]["treatments"] == {"SR": str(treatment)}

"""One point, or one analysis, that cannot be fitted takes nothing from the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Finished
from tests.reinterpretation.targets import STAU

Call = Callable[..., Finished]


def test_a_point_that_cannot_be_fitted_is_left_out_and_told(here: Call, tmp_path: Path) -> None:
    yields = {"A": [3.0, 8.0, 9.0], "B": [1.0, 2.0, 4.0], "C": [1.0, 2.0, 1.0]}
    points = [
        {"name": name, "values": {"m1": number}, "yields": {"SR": events}}
        for number, (name, events) in enumerate(yields.items())
    ]
    points[1]["systematics"] = {"mu_SIG": {"symmetric": "12%"}}
    document = {"schema": 1, "quantity": "events", "points": points}
    (tmp_path / "scan.json").write_text(json.dumps(document), encoding="utf-8")
    call = ("reinterpret", "example", "--yields", "scan.json", "--workers", "1")
    shown = here(*call)
    assert shown.returncode == 1, shown.stderr
    assert "3 points, 1 excluded at 95 % CL, 1 not excluded, 1 without an answer" in shown.stdout
    why = "1 of 3 points cannot be fitted (B): mu_SIG is the signal strength, not an uncertainty"
    assert why in shown.stdout
    printed = here(*call, "--json")
    assert printed.returncode == 1
    [answer] = json.loads(printed.stdout)["answers"]
    assert [point["name"] for point in answer["points"]] == ["A", "C"]
    [finding] = [finding for finding in answer["findings"] if finding["code"] == "left-out"]
    assert finding["sentence"].startswith(why)


def test_an_analysis_that_cannot_have_the_signal_leaves_the_others_alone(
    here: Call, real_pallets: Path, tmp_path: Path
) -> None:
    """Two of the three know a parameter by the name of the uncertainty, which means something else there."""
    text = "region,yield,syst:staterror_SR1cut_cuts\nSR1cut_cuts,5,10%\nSR2cut_cuts,6,10%\n"
    (tmp_path / "my.csv").write_text(text, encoding="utf-8")
    call = ("reinterpret", real_pallets / STAU, "--yields", "my.csv", "--workers", "1", "--json")
    printed = here(*call)
    assert printed.returncode == 0, printed.stderr
    answers = {each["analysis"]["name"]: each for each in json.loads(printed.stdout)["answers"]}
    assert len(answers["Region-highMass"]["points"]) == 1
    for name in ("Region-combined", "Region-lowMass"):
        assert "staterror_SR1cut_cuts has a parameter for each bin" in answers[name]["problem"]
    folder = tmp_path / "data" / "signals"
    listed = here("library").stderr.splitlines()[-1]
    assert listed.startswith("fitgui: besides, 1 pallet of signals of your own, ")
    assert str(folder) in listed
    refused = here(*call, "--analysis", "Region-combined")
    assert (refused.returncode, refused.stdout) == (2, "")
    [line] = refused.stderr.splitlines()
    assert "staterror_SR1cut_cuts has a parameter for each bin" in line

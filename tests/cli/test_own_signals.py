"""A run of signals of one's own goes on from where it was, and says whose signals they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fitgui.reinterpretation.patching.own_pallet import keep_own, own_pallet
from tests.cli.conftest import Finished
from tests.reinterpretation.targets import example_target
from tests.reinterpretation.test_own_pallet import own_scan


def test_a_run_of_it_is_resumed_in_the_terminal(
    fitgui: Callable[..., Finished], environment: dict[str, str], tmp_path: Path
) -> None:
    target = example_target()
    signals = Path(environment["FITGUI_DATA"]) / "signals"
    good = own_scan(target, 3)
    kept = keep_own(own_pallet(target, "scan", good, ["m(stau) [GeV]"]), signals)
    first = fitgui("run", kept.source, "--points", "model_0_2p5", "--json")
    assert first.returncode == 0, first.stderr
    whole = fitgui("run", kept.source, "--limits", "--timeout", "0.001")
    assert whole.returncode == 1, whole.stderr  # none of the points is done in time
    again = fitgui("run", "--resume", "last", "--timeout", "60", "--json")
    assert again.returncode == 0, again.stderr
    told = json.loads(again.stdout)
    assert [point["status"] for point in told["points"]] == ["done"] * 3
    assert told["pallet"]["source"] == kept.source
    assert json.loads(first.stdout)["points"][0]["cls_obs"] == pytest.approx(told["points"][0]["cls_obs"])
    report = fitgui("runs", "report", "last", "--output", tmp_path / "report.html")
    assert report.returncode == 0, report.stderr
    assert "not a published one" in (tmp_path / "report.html").read_text(encoding="utf-8")
    library = fitgui("library", "--json")
    assert kept.name not in library.stdout

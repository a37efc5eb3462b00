"""From an idea to CLs in four commands, against a HEPData of real routes and quirks."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.cli.conftest import Finished
from tests.hepdata.standin import StandIn

Call = Callable[..., Finished]


def test_search_download_look_fit(hepdata: StandIn, fitgui: Call) -> None:
    hepdata.populate()
    found = fitgui("search", "--online", "stau", "--json")
    assert found.returncode == 0, found.stderr
    entries = json.loads(found.stdout)
    stau = next(entry for entry in entries if entry["analysis"] == "SUSY-2018-04")
    assert stau["record_doi"] == "10.17182/hepdata.92006"
    got = fitgui("download", "arXiv:1911.06660", "--version", "2", "--json")
    assert got.returncode == 0, got.stderr
    name = json.loads(got.stdout)["name"]
    looked = fitgui("inspect", name, "--json")
    assert looked.returncode == 0, looked.stderr
    inspected = json.loads(looked.stdout)
    analysis = inspected["analyses"][0]
    assert inspected["source"] == "10.17182/hepdata.92006.v2/r2"
    assert analysis["digest_verified"] is True
    point = analysis["points"][0]["name"]
    asked = len(hepdata.asked("file"))
    fitted = fitgui("run", stau["file_doi"], "--analysis", analysis["name"], "--points", point, "--json")
    assert fitted.returncode == 0, fitted.stderr
    result = json.loads(fitted.stdout)
    assert result["pallet"]["digest"] == inspected["digest"]
    assert 0 <= result["points"][0]["cls_obs"] <= 1
    assert len(hepdata.asked("file")) == asked, "what is kept is not asked for again"


def test_run_fetches_if_it_must(hepdata: StandIn, fitgui: Call) -> None:
    hepdata.populate()
    fitted = fitgui("run", "10.17182/hepdata.90607.v3/r3", "--points", "*_900_*", "--json")
    assert fitted.returncode == 0, fitted.stderr
    result = json.loads(fitted.stdout)
    assert result["pallet"]["source"] == "10.17182/hepdata.90607.v3/r3"
    assert {point["status"] for point in result["points"]} == {"done"}
    listed = json.loads(fitgui("library", "--json").stdout)
    assert [item["digest"] for item in listed] == [result["pallet"]["digest"]]
    with hepdata.offline():
        again = fitgui("run", "--resume", "last", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["points"] == result["points"], "and works without a network from then on"

"""Another client sees the stand-in as it sees HEPData: what pyhf's own download can do, and what not."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyhf.contrib.utils import download
from pyhf.exceptions import InvalidArchive

from tests.hepdata import layouts
from tests.hepdata.standin import StandIn

# pyhf 0.7.6 extracts without saying how.
pytestmark = pytest.mark.filterwarnings("ignore:Python 3.14 will, by default, filter:DeprecationWarning")


def test_an_archive_comes_through_its_doi(filled: StandIn, tmp_path: Path) -> None:
    download(f"{filled.url}/doi/10.17182/hepdata.92006.v2/r2", tmp_path / "stau", force=True)
    assert sorted(path.name for path in (tmp_path / "stau").glob("Region-*")) == [
        "Region-combined",
        "Region-highMass",
        "Region-lowMass",
    ]
    assert [asked.route for asked in filled.requests] == ["doi", "datacite", "file"]


def test_the_doi_of_the_record_leads_to_a_page(filled: StandIn, tmp_path: Path) -> None:
    with pytest.raises(InvalidArchive):
        download(f"{filled.url}/doi/10.17182/hepdata.92006.v2", tmp_path / "stau", force=True)
    assert filled.requests[-1].route == "record"


def test_bare_json_is_refused(filled: StandIn, tmp_path: Path) -> None:
    with pytest.raises(InvalidArchive):
        download(f"{filled.url}/doi/10.17182/hepdata.100170.v1/r1", tmp_path / "tttt", force=True)
    assert (filled.requests[-1].route, filled.requests[-1].status) == ("resource", 406)


def test_archives_in_an_archive_stay_packed(filled: StandIn, tmp_path: Path) -> None:
    download(f"{filled.url}/doi/10.17182/hepdata.116034.v1/r34", tmp_path / "llh", force=True)
    names = {path.suffix for path in (tmp_path / "llh").rglob("*") if path.is_file()}
    assert names == {".tgz"}


def test_of_a_zip_only_the_first_folder_is_left(hepdata: StandIn, tmp_path: Path) -> None:
    file = hepdata.publish("Likelihoods.zip", layouts.two_top_folders())
    download(hepdata.address(file), tmp_path / "zip", force=True)
    left = {path.relative_to(tmp_path / "zip").parts[0] for path in (tmp_path / "zip").rglob("*.json")}
    assert left != {"RegionA", "RegionB"}

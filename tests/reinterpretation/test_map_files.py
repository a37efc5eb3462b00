"""Region maps as files, of fitgui and of other tools."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui.reinterpretation.mapping.documents import encoded
from fitgui.reinterpretation.mapping.files import map_file_of, read_map, read_maps, write_map
from fitgui.reinterpretation.mapping.problems import problems
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.mapping.reasons import SIMILAR, needs_confirmation
from fitgui.reinterpretation.model import Assignment, RegionKind, RegionMap, SignalError
from tests.reinterpretation.regions import ONE_LEPTON, STAU, imported, made_target, texts

GLOBAL_INFO = """\
id: ATLAS-SUSY-2019-08
sqrts: 13*TeV
lumi: 139.0/fb
url: https://atlas.web.cern.ch/Atlas/GROUPS/PHYSICS/PAPERS/SUSY-2019-08/
comment: region names: see the paper
jsonFiles: {
  'BkgOnly.json': [
    {'pyhf': 'STCREM_cuts', 'smodels': None, 'type': 'CR'},
    {'pyhf': 'SRHMEM_mct2[0]', 'smodels': 'SR_HM_Low_MCT'},
    {'pyhf': 'SRHMEM_mct2[1]', 'smodels': 'SR_HM_Med_MCT', 'type': 'SR'}]
  }
includeCRs: True
"""
OLD_GLOBAL_INFO = """\
id: ATLAS-SUSY-2018-04
lumi: 139.0/fb
jsonFiles: {"simplified.json": ["SRlow", "SRhigh"]}
jsonFiles_FullLikelihood: {"BkgOnly.json": ["SRlow", "SRhigh"]}
"""
NEW_GLOBAL_INFO = """\
id: ATLAS-SUSY-2018-04
lumi: 139.0/fb
regionMappings: {
    'low': {'pyhf': 'SR1cut_cuts', 'smodels': 'SR_low', 'type': 'SR'},
    'qcd': {'pyhf': 'QCR1cut_cuts', 'smodels': None, 'type': 'CR'},
    'other': {'pyhf': 'SRX_cuts', 'smodels': 'SR_X'} }
regionSets: { 'stau': ['low', 'qcd'], 'x': ['other'] }
statModels: { 'stau': [ ('onnx','stau.onnx'), ('full_pyhf','BkgOnly.json') ] }
"""
PYHF_CONF = """{"analysis" :[
\t{"name":"RegionA", "bkgonly":"RegionA/BkgOnly.json", "patchset":"RegionA/patchset.json", "histosize":"3",
\t"SR_dict": {"SR_meff[0]":"SRAL","SR_meff[1]":"SRAM","SR_meff[2]":"SRAH"}},
\t{"name":"RegionB", "bkgonly":"RegionB/BkgOnly.json", "histosize":"1", "SR_dict": {"SR_cuts":"SRB"}},
\t{"name":"combined", "bkgonly":"RegionB/BkgOnly.json"}]}
"""
INFO = """\
<?xml version="1.0"?>
<analysis id="atlas_susy_2018_31">
  <lumi>139</lumi>
  <region type="signal" id="SRC_22"><nobs>28</nobs><nb>21.2</nb><deltanb>3.1</deltanb></region>
  <pyhf id="RegionC">
    <name>atlas_susy_2018_31_SRC.json</name>
    <regions>
      <channel name="SR_metsigST" is_included="True">SRC_22 SRC_24
         SRC_26 SRC_28</channel>
      <channel name="CRz_cuts" is_included="True"></channel>
      <channel name="VRz_cuts" is_included="False"/>
    </regions>
  </pyhf>
</analysis>
"""


def test_a_map_is_written_and_read_again(tmp_path: Path) -> None:
    file = imported(["SRlow", "SRhigh", "presel"])
    found = propose(file, STAU)
    found = RegionMap("smodels", found.assignments, frozenset(("presel",)), doubled=True)
    write_map(tmp_path / "map.json", found, STAU, "a talk")
    again = read_map(tmp_path / "map.json", STAU)
    assert texts(again, STAU) == texts(found, STAU)
    assert (again.tool, again.ignored, again.doubled) == ("smodels", found.ignored, True)
    document = json.loads((tmp_path / "map.json").read_text(encoding="utf-8"))
    assert (document["schema"], document["kind"]) == (1, "fitgui region map")
    assert document["source"] == "a talk"
    assert document["channels"]["QCR1cut_cuts"] == "control"
    proposed = propose(imported(["SRlow", "SRhigh"]), STAU, known=[again])
    assert not needs_confirmation(proposed)
    assert {one.reason for one in proposed.assignments} == {"from map.json"}


@settings(deadline=None)
@given(
    regions=st.dictionaries(st.text(min_size=1), st.sampled_from(list(ONE_LEPTON.bins()))),
    ignored=st.frozensets(st.text(min_size=1)),
    zeros=st.frozensets(st.sampled_from([channel.name for channel in ONE_LEPTON.channels])),
)
def test_what_is_written_is_what_is_read(
    regions: dict[str, Any], ignored: frozenset[str], zeros: frozenset[str]
) -> None:
    found = RegionMap(
        "csv", tuple(Assignment(name, (place,)) for name, place in regions.items()), ignored, zeros=zeros
    )
    written = map_file_of(found, ONE_LEPTON)
    (read,) = read_maps(encoded(written), "map.json")
    assert read == written
    again = read.for_target(ONE_LEPTON)
    assert {one.region: one.bins for one in again.assignments} == {
        region: (place,) for region, place in regions.items()
    }
    assert (again.ignored, again.zeros) == (ignored, zeros)


def test_a_map_of_smodels() -> None:
    (found,) = read_maps(GLOBAL_INFO.encode(), "globalInfo.txt")
    assert (found.tool, found.analysis) == ("smodels", "ATLAS-SUSY-2019-08")
    assert found.regions == {"SR_HM_Low_MCT": ("SRHMEM_mct2[0]",), "SR_HM_Med_MCT": ("SRHMEM_mct2[1]",)}
    assert found.channels == {"STCREM_cuts": RegionKind.CONTROL, "SRHMEM_mct2": RegionKind.SIGNAL}


def test_an_order_of_smodels_waits_for_a_confirmation(tmp_path: Path) -> None:
    path = tmp_path / "globalInfo.txt"
    path.write_text(OLD_GLOBAL_INFO, encoding="utf-8")
    found = read_map(path, STAU)
    assert texts(found, STAU) == {"SRlow": "SR1cut_cuts", "SRhigh": "SR2cut_cuts"}
    file = imported(["SRhigh", "SRlow"])
    proposed = propose(file, STAU, known=[found])
    assert texts(proposed, STAU) == texts(found, STAU)
    assert len(needs_confirmation(proposed)) == 2
    assert any(f.severe and f.code == "order" for f in problems(proposed, file, STAU))


def test_sets_of_regions_of_smodels() -> None:
    stau, other = read_maps(NEW_GLOBAL_INFO.encode(), "globalInfo.txt")
    assert stau.regions == {"SR_low": ("SR1cut_cuts",)}
    assert stau.workspaces == ("BkgOnly.json",)
    assert stau.channels["QCR1cut_cuts"] is RegionKind.CONTROL
    assert other.regions == {"SR_X": ("SRX_cuts",)}


def test_maps_of_checkmate_one_for_each_workspace(tmp_path: Path) -> None:
    path = tmp_path / "pyhf_conf.json"
    path.write_text(PYHF_CONF, encoding="utf-8")
    target = made_target({"CRtt_meff": 3, "SR_meff": 3}, path="1908.03122/RegionA/BkgOnly.json")
    assert texts(read_map(path, target), target) == {
        "SRAL": "SR_meff[0]",
        "SRAM": "SR_meff[1]",
        "SRAH": "SR_meff[2]",
    }
    target = made_target({"SR_cuts": 1}, path="1908.03122/RegionB/BkgOnly.json")
    assert texts(read_map(path, target), target) == {"SRB": "SR_cuts"}


def test_a_map_of_madanalysis_lists_bins_in_order(tmp_path: Path) -> None:
    path = tmp_path / "atlas_susy_2018_31.info"
    path.write_text(INFO, encoding="utf-8")
    target = made_target({"SR_metsigST": 4, "CRz_cuts": 1})
    assert texts(read_map(path, target), target) == {
        f"SRC_{cut}": f"SR_metsigST[{number}]" for number, cut in enumerate((22, 24, 26, 28))
    }


def test_a_channel_of_several_bins_without_an_index_is_none(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    path.write_text(
        json.dumps({"schema": 1, "kind": "fitgui region map", "regions": {"SR": ["SRHMEM_mct2"]}}),
        encoding="utf-8",
    )
    found = read_map(path, ONE_LEPTON)
    assert texts(found, ONE_LEPTON) == {}
    assert not texts(propose(imported(["SR"]), ONE_LEPTON, known=[found]), ONE_LEPTON)


def document(**changes: object) -> bytes:
    whole: dict[str, object] = {"schema": 1, "kind": "fitgui region map", "regions": {"A": ["SR1cut_cuts"]}}
    return json.dumps(whole | changes).encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"id: A\nlumi: 1\njsonFiles: {'a': 3}\n", "must list regions"),
        (b"id: A\nlumi: 1\njsonFiles: {'a': [{'smodels': 'SR'}]}\n", "no 'pyhf'"),
        (b"id: A\nlumi: 1\nregionMappings: {}\nregionSets: {'a': 3}\n", "must list regions"),
        (b"\xff\xfe\x00", "no text"),
        (b"region,bin\nSR1,SR1cut_cuts\n", "is no region map"),
        (b'{"regions": {"A": ["SR1cut_cuts"]}}', "is no region map"),
        (b'{"kind": "fitgui region map", "schema": 1, "regions": {"A"', "cut off"),
        (b'{"kind": "fitgui region map", "schema": 1, "regions": {"A": [], "A": []}}', "twice"),
        (document(schema=2), "version 2"),
        (document(regions=["A"]), '"regions" must be an object'),
        (document(regions={"A": [1]}), '"A" must be a list of texts'),
        (document(channels={"SR": "main"}), "a channel is"),
        (document(analysis={"name": 3}), '"name" must be a text'),
        (document(regions={"A": ["SRX"]}), "of another analysis"),
        (GLOBAL_INFO.replace("'pyhf': 'SRHM", "'pyhf: 'SRHM").encode(), "Python dictionary"),
        (b"id: ATLAS-SUSY-2018-06\nlumi: 139/fb\n", "says nothing about channels"),
        (INFO.replace("</pyhf>", "").encode(), "not well-formed"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><analysis><pyhf/></analysis>', "defines entities"),
        (b'{"analysis": [{"SR_dict": {"SR_meff[0]": 3}}]}', "SR_dict must give"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "some map"
    path.write_bytes(data)
    with pytest.raises(SignalError) as caught:
        read_map(path, STAU)
    assert words in str(caught.value)
    assert "some map" in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(deadline=None, max_examples=300)
@given(
    text=st.sampled_from(
        [GLOBAL_INFO, OLD_GLOBAL_INFO, NEW_GLOBAL_INFO, PYHF_CONF, INFO, document().decode()]
    ),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), st.text(max_size=5)), max_size=3),
)
def test_a_damaged_file_is_read_or_refused_but_never_breaks(
    text: str, cuts: list[tuple[float, int, str]]
) -> None:
    for where, length, instead in cuts:
        start = int(where * len(text))
        text = text[:start] + instead + text[start + length :]
    with contextlib.suppress(SignalError):
        for found in read_maps(text.encode("utf-8", "replace"), "map"):
            propose(imported(["SRlow", "SR1"]), STAU, known=[found.for_target(STAU)])


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SignalError, match="cannot be read"):
        read_map(tmp_path / "nothing.json", STAU)


def test_a_map_that_is_too_large_is_refused() -> None:
    with pytest.raises(SignalError, match="too large"):
        read_maps(b" " * 5_000_000, "huge.json")


def test_likeness_that_was_saved_as_a_file_needs_no_confirmation(
    tmp_path: Path,
) -> None:
    found = propose(imported(["SRlow", "SRhigh"]), STAU)
    assert {one.reason for one in found.assignments} == {SIMILAR}
    write_map(tmp_path / "map.json", found, STAU)
    assert not needs_confirmation(read_map(tmp_path / "map.json", STAU))

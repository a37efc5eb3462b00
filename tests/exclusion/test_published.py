"""Published contours as HEPData hands them out, and files that are none."""

from __future__ import annotations

import contextlib
import textwrap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitgui.exclusion.published import PublishedError, read_published

CSV = """\
#: table_doi: 10.17182/hepdata.90607.v3/t1
#: name: Exclusion contour (obs)
#: description: Observed, with commas, and "quotes"
#: data_file: exclusion_obs.yaml
#: keyword cmenergies: 13000.0
#: RE,,,P P --> CHARGINO NEUTRALINO
"$m(\\\\tilde{\\\\chi}_1^\\\\pm)$ [GeV]",$m(\\\\tilde{\\\\chi}_1^0)$ [GeV]
150.0,0.0
400.5,1.2e2
735.0,-
740.0,0.0
"""
TWO_BLOCKS = """\
#: name: Limits
#: RE,,,P P --> A
#: LIMIT,,,observed
M(STAU) [TeV],M(STAU) [TeV] LOW,M(STAU) [TeV] HIGH,M(N),sys +,sys -
0.1,0.05,0.15,1,0.1,-0.1
0.2,0.15,0.25,2,0.1,-0.1

#: RE,,,P P --> A
#: LIMIT,,,expected
M(STAU) [TeV],M(STAU) [TeV] LOW,M(STAU) [TeV] HIGH,M(N),sys +,sys -
0.1,0.05,0.15,3,0.1,-0.1
0.2,0.15,0.25,4,0.1,-0.1
"""
YAML = """\
independent_variables:
- header: {name: 'm(X)', units: GEV}
  values: [{value: 100}, {low: 150, high: 250}, {value: 300.0}, {value: 100}]
dependent_variables:
- header: {name: 'Observed m(Y)', units: MeV}
  qualifiers: [{name: Limit, value: observed}]
  values:
  - {value: 1000, errors: [{symerror: 1, label: stat}]}
  - {value: 2.0e+3}
  - {value: 3000}
  - {value: 1000}
- header: {name: 'Expected m(Y)', units: MeV}
  values: [{value: 1000}, {value: '-'}, {value: 2000}, {value: 3000}]
"""


def saved(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
    return path


def test_a_csv_of_one_contour(tmp_path: Path) -> None:
    (found,) = read_published(saved(tmp_path, "table.csv", b"\xef\xbb\xbf" + CSV.encode()))
    assert found.name == "Exclusion contour (obs)"
    assert found.x.name.startswith("$m(")
    assert (found.x.unit, found.y.unit) == ("GeV", "GeV")
    assert found.line.x.tolist() == [150, 400.5, 740]
    assert found.line.y.tolist() == [0, 120, 0]
    assert not found.line.closed


def test_a_csv_of_two_blocks_with_bins_errors_and_tev(tmp_path: Path) -> None:
    found = read_published(saved(tmp_path, "table.csv", TWO_BLOCKS))
    assert [one.name for one in found] == ["Limits: observed", "Limits: expected"]
    assert [(one.x.name, one.x.unit, one.y.name, one.y.unit) for one in found] == [
        ("M(STAU)", "GeV", "M(N)", "")
    ] * 2
    assert found[0].line.x.tolist() == pytest.approx([100, 200])
    assert found[1].line.y.tolist() == [3, 4]


def test_a_yaml_of_two_contours(tmp_path: Path) -> None:
    found = read_published(saved(tmp_path, "contour.yaml", YAML))
    assert [one.name for one in found] == ["contour: Observed m(Y)", "contour: Expected m(Y)"]
    assert found[0].line.x.tolist() == [100, 200, 300, 100]
    assert found[0].line.y.tolist() == [1, 2, 3, 1]
    assert found[0].line.closed
    assert found[1].line.x.tolist() == [100, 300, 100]


def test_both_coordinates_may_be_independent_beside_a_constant(tmp_path: Path) -> None:
    rows = "m(X) [GeV],m(Y) [GeV],Excluded\n100,1,0.05\n200,2,0.05\n"
    (found,) = read_published(saved(tmp_path, "both.csv", rows))
    assert found.line.y.tolist() == [1, 2]
    text = (
        "independent_variables:\n"
        "- {header: {name: x, units: GeV}, values: [{value: 1}, {value: 2}]}\n"
        "- {header: {name: y, units: GeV}, values: [{value: 3}, {value: 4}]}\n"
        "dependent_variables:\n- {header: {name: CLs}, values: [{value: 0.05}, {value: 0.05}]}\n"
    )
    (found,) = read_published(saved(tmp_path, "both.yaml", text))
    assert found.line.y.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.txt", "1,2\n", "neither CSV nor YAML"),
        ("a.csv", "", "no table"),
        ("a.csv", "#: name: nothing\n", "no table"),
        ("a.csv", "1,2\n3,4\n", "no line of headers"),
        ("a.csv", "x [GeV]\n1\n2\n", "one column"),
        ("a.csv", "x,y\n1,2\n", "fewer than two rows"),
        ("a.csv", "x,y,CLs\n1,2,0.1\n3,4,0.2\n", "values of CLs over the plane"),
        ("a.csv", b"\xff\xfe\x00", "no text"),
        ("a.yaml", "a: [1", "no valid YAML"),
        ("a.yaml", "name: one\n---\nname: two\n", "lists tables"),
        ("a.yaml", "name: one\n", "no table of HEPData"),
        ("a.yaml", "- 1\n", "no table of HEPData"),
        ("a.yaml", "", "no table of HEPData"),
        ("a.yml", "independent_variables: []\ndependent_variables: []\n", "no dependent variable"),
    ],
)
def test_what_is_no_contour_is_told_in_one_sentence(
    tmp_path: Path, name: str, text: str | bytes, words: str
) -> None:
    with pytest.raises(PublishedError, match=words) as caught:
        read_published(saved(tmp_path, name, text))
    assert str(caught.value).startswith(name)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_huge_one(tmp_path: Path) -> None:
    with pytest.raises(PublishedError, match="cannot be read"):
        read_published(tmp_path / "missing.csv")
    with pytest.raises(PublishedError, match="too much"):
        read_published(saved(tmp_path, "huge.csv", b"1,2\n" * 1_500_000))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80), st.sampled_from(["a.csv", "a.yaml"]))
def test_no_text_breaks_the_reader(tmp_path: Path, text: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes((CSV + text).encode() if name == "a.csv" else text.encode())
    with contextlib.suppress(PublishedError):
        assert read_published(path)

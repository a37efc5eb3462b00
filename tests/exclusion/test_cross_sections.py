"""Tables of cross sections: every form that is around, units, interpolation, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fitgui.exclusion.cross_sections import CrossSectionError, parse_cross_sections, read_cross_sections

SAME = {
    "headed CSV": "mass [GeV],xsec [pb],unc [%]\n100,10,5\n200,1,10\n",
    "rows in another order": "mass [GeV],xsec [pb],unc [%]\n200,1,10\n100,10,5\n",
    "heading in a comment, fb": "# NLO+NLL\n# mass  xsec[fb]  unc[fb]\n100 1e4 500\n\n200 1000 100\n",
    "only the comment names fb": "# cross sections in fb for 139 fb-1 of data\n100 1e4 500\n200 1000 100\n",
    "table of a wiki": "| *m* | *Cross section* |\n| 100 GeV | 10 pb ± 5% |\n| 200 GeV | 1000 fb ± 10% |\n",
    "semicolons and decimal commas": "mass;sigma/fb;err/%\n100;10000;5\n200;1000;10,0\n",
    "CSV of HEPData": '#: name: x\n#: 139 fb-1\n"M(CHARGINO) [GEV]","SIG [PB]","sys +","sys -"\n'
    "100,10,0.5,-0.5\n200,1,0.1,-0.1\n",
    "JSON of the LHC SUSY group": json.dumps(
        {
            "process_id": "wino",
            "data": {"200": {"xsec_pb": 1, "unc_pb": 0.1}, "100": {"xsec_pb": 10, "unc_pb": 0.5}},
        }
    ),
    "JSON with both sides": json.dumps(
        {
            "data": {
                "100": {"xsec_pb": 10, "unc_up_pb": 0.5, "unc_down_pb": -0.5},
                "200": {"xsec_pb": 1, "unc_up_pb": 0.1, "unc_down_pb": -0.1},
            }
        }
    ),
    "JSON columns": '{"mass": [100, 200], "xsec_fb": [10000, 1000], "unc_percent": [5, 10]}',
    "JSON with a unit": '{"unit": "fb", "data": {"100": [10000, 500], "200": [1000, 100]}}',
    "JSON entries": '[{"m": 100, "xs": 10, "unc": 0.5}, {"m": 200, "xs": 1, "unc": 0.1}]',
    "JSON rows": "[[100, 10, 0.5], [200, 1, 0.1]]",
    "four bare columns": "100 10 0.5 0.5\n200 1 0.1 0.1",
    "shifted cross sections": "m_stau/GeV\tsigma/pb\tsigma_up/pb\tsigma_down/pb\n"
    "100\t10\t10.5\t9.5\n200\t1\t1.1\t0.9",
    "spaces in the heading": "mass / GeV   xsec / fb   unc / %\n100 10000 5\n200 1000 10",
    "plus-minus": "100 10 +/- 0.5\n200 1 +- 0.1",
    "TeV": "mass [TeV], xsec [nb], rel. unc.\n0.1, 0.01, 0.05\n0.2, 0.001, 0.1\n",
    "further columns": "order,mass,xsec [pb],unc [pb]\nNLO,100,10,0.5\nNLO,200,1,0.1\n",
    "two sources of uncertainty": "mass,xsec [pb],scale unc [pb],pdf unc [pb]\n"
    "100,10,0.3,0.4\n200,1,0.06,0.08\n",
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME.keys())
def test_the_same_table_in_every_form(text: str) -> None:
    table = parse_cross_sections(text, "table")
    np.testing.assert_allclose(table.masses, [100, 200])
    np.testing.assert_allclose(table.values, [10, 1])
    np.testing.assert_allclose(table.up, [0.05, 0.1])
    np.testing.assert_allclose(table.down, [0.05, 0.1])
    assert table.uncertain


def test_a_table_without_uncertainties() -> None:
    table = parse_cross_sections("m,xs\n100,10fb\n200,1 pb\n300,0.5", "table")
    np.testing.assert_allclose(table.values, [0.01, 1, 0.5])
    assert not table.uncertain
    central, low, high = table.at(np.array([150.0]))
    assert central == low == high
    gaps = parse_cross_sections("m,xs,unc\n100,10,-\n200,1,0.1\n300,0.5,", "table")
    assert gaps.up.tolist() == [0.0, 0.1, 0.0]


WRONG = {
    "": "no row of numbers",
    "hello\nworld": "no row of numbers",
    "100 abc": "line 1: 'abc' is not a number",
    "100,1\nfoo,2": "line 2: 'foo' is not a number",
    "100\n200": "one column only",
    "100,1\n200": "line 2: a mass and a cross section are needed",
    "100 0": "has to be above 0",
    "100 -1": "has to be above 0",
    "-100 1": "masses are not negative",
    "100 1e999": "not finite",
    "100 1 2": "in percent, say so",
    "mass,xs\n100,1\n100,2": "two cross sections for 100 GeV",
    "1 2 3 4 5 6": "6 columns without headings",
    "mass,unc,err\n1,2,3": "no column that is headed as a cross section",
    "# in pb or fb\n100 1": "names both pb and fb",
    "mass / GeV xsec / fb unc / %\n1 2 3": "put every unit into brackets",
    "100 GeV, 5 GeV": "not a mass and a cross section",
    "{": "not valid JSON",
    "{}": "no table of cross sections",
    "[1, 2]": "no table of cross sections",
    '{"mass": [1, 2], "xs": [1]}': "columns of different lengths",
    '{"data": {"100": {"unc_pb": 3}}}': "no column that is headed as a cross section",
}


@pytest.mark.parametrize(("text", "said"), WRONG.items(), ids=[repr(text) for text in WRONG])
def test_what_is_no_table_is_refused_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(CrossSectionError, match="table") as refused:
        parse_cross_sections(text, "table.csv")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_files_that_cannot_be_a_table(tmp_path: Path) -> None:
    with pytest.raises(CrossSectionError, match="cannot be read: No such file"):
        read_cross_sections(tmp_path / "none.csv")
    with pytest.raises(CrossSectionError, match="cannot be read"):
        read_cross_sections(tmp_path)
    binary = tmp_path / "picture.csv"
    binary.write_bytes(b"\x89PNG\0\0\1")
    with pytest.raises(CrossSectionError, match="not a text file"):
        read_cross_sections(binary)
    large = tmp_path / "large.csv"
    large.write_bytes(b"100 1\n" * 700_000)
    with pytest.raises(CrossSectionError, match=r"4\.2 MB"):
        read_cross_sections(large)
    good = tmp_path / "good.csv"
    good.write_bytes("\ufeffmass,xsec [fb]\r\n100,10\r\n".encode())
    assert read_cross_sections(good).values.tolist() == [0.01]


@given(st.text(max_size=200))
@example(";")
@example("|\n,")
def test_any_text_is_a_table_or_refused(text: str) -> None:
    try:
        table = parse_cross_sections(text, "table")
    except CrossSectionError as error:
        refused = str(error)
    else:
        refused = "table"
        assert np.all(table.values > 0)
        assert np.all(np.diff(table.masses) > 0)
    assert "table" in refused
    assert refused.isprintable()


masses = st.lists(st.integers(1, 5000), min_size=1, max_size=12, unique=True)
sections = st.floats(1e-7, 1e4)


@given(st.data(), masses, st.sampled_from([("fb", 1e3), ("pb", 1.0), ("nb", 1e-3), ("ab", 1e6)]))
def test_units_are_converted_and_the_order_of_rows_is_of_no_account(
    data: st.DataObject, where: list[int], unit: tuple[str, float]
) -> None:
    values = data.draw(st.lists(sections, min_size=len(where), max_size=len(where)))
    percent = data.draw(st.lists(st.floats(0, 90), min_size=len(where), max_size=len(where)))
    name, factor = unit
    rows = list(zip(where, values, percent, strict=True))
    relative = "".join(f"{m},{v * factor!r},{p!r}\n" for m, v, p in rows)
    absolute = "".join(
        f"{m} {v * factor!r} {v * factor * p / 100!r}\n" for m, v, p in data.draw(st.permutations(rows))
    )
    first = parse_cross_sections(f"mass [GeV],xsec [{name}],unc [%]\n{relative}", "table")
    second = parse_cross_sections(f"# mass xsec[{name}] unc[{name}]\n{absolute}", "table")
    order = sorted(range(len(where)), key=where.__getitem__)
    for table in (first, second):
        assert table.unit == name
        assert table.masses.tolist() == sorted(where)
        np.testing.assert_allclose(table.values, [values[index] for index in order], rtol=1e-12)
        np.testing.assert_allclose(table.up, [percent[index] / 100 for index in order], rtol=1e-9, atol=1e-15)


@given(st.data(), masses, st.floats(0, 6000))
def test_between_two_masses_there_is_no_more_and_no_less(
    data: st.DataObject, where: list[int], mass: float
) -> None:
    values = data.draw(st.lists(sections, min_size=len(where), max_size=len(where)))
    table = parse_cross_sections("\n".join(f"{m} {v!r} 10%" for m, v in zip(where, values, strict=True)), "t")
    at_nodes, low, high = table.at(table.masses)
    np.testing.assert_array_equal(at_nodes, table.values)
    np.testing.assert_allclose(low, 0.9 * table.values)
    np.testing.assert_allclose(high, 1.1 * table.values)
    (central,), (low,), (high,) = table.at(np.array([mass]))
    inside = table.masses[0] <= mass <= table.masses[-1]
    assert np.isnan(central) == (not inside)
    if not inside:
        return
    after = int(np.searchsorted(table.masses, mass))
    around = table.values[max(after - 1, 0) : after + 1]
    assert around.min() * (1 - 1e-9) <= central <= around.max() * (1 + 1e-9)
    assert low < central < high


@given(st.floats(-0.05, -1e-4), st.floats(1e-3, 10), st.floats(100, 900))
def test_an_exponential_is_met_exactly(slope: float, start: float, mass: float) -> None:
    rows = "\n".join(f"{m},{start * np.exp(slope * m)!r}" for m in (100, 130, 500, 900))
    rows = rows.replace("np.float64(", "").replace(")", "")
    (central,), _, _ = parse_cross_sections(rows, "t").at(np.array([mass]))
    assert central == pytest.approx(start * np.exp(slope * mass), rel=1e-9)

"""Tables of signal yields as people have them: delimiters, commas, comments, headings, mistakes."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.reinterpretation.formats.tables import plain_csv
from fitgui.reinterpretation.model import Imported, Quantity, SignalError
from fitgui.reinterpretation.reading import read_signals

NUMBERS = {"SR1": 3.2, "SR2": 4.5}


def read(text: str | bytes, name: str = "my.csv", **more: object) -> Imported:
    (imported,) = plain_csv.read(text, name, **more)  # type: ignore[arg-type]
    return imported


def values(imported: Imported, point: int = 0) -> Mapping[str, float]:
    return {region.region: region.value for region in imported.points[point].regions}


LONG = {
    "commas": "region,yield\nSR1,3.2\nSR2,4.5\n",
    "semicolons": "region;yield\nSR1;3.2\nSR2;4.5\n",
    "semicolons and decimal commas": "region;yield\nSR1;3,2\nSR2;4,5\n",
    "tabs": "region\tyield\nSR1\t3.2\nSR2\t4.5\n",
    "tabs and decimal commas": "region\tyield\nSR1\t3,2\nSR2\t4,5\n",
    "spaces": "region   yield\nSR1      3.2\nSR2      4.5\n",
    "spaces and decimal commas": "region   yield\nSR1      3,2\nSR2      4,5\n",
    "Windows": "region,yield\r\nSR1,3.2\r\nSR2,4.5\r\n",
    "old Mac": "region,yield\rSR1,3.2\rSR2,4.5",
    "byte order mark": "\ufeffregion,yield\nSR1,3.2\nSR2,4.5\n",
    "quotes": '"region","yield"\n"SR1","3.2"\n"SR2","4.5"\n',
    "blank lines": "\n\nregion,yield\n\nSR1,3.2\n,\nSR2,4.5\n\n",
    "comments": "# made by me\nregion,yield\n// a remark\nSR1,3.2\n% another\nSR2,4.5  # the last one\n",
    "comment of a spreadsheet": '"# made by me, today",\nregion,yield\nSR1,3.2\nSR2,4.5\n',
    "empty columns": "region,yield,,\nSR1,3.2,,\nSR2,4.5,,\n",
    "index of pandas": ",region,yield\n0,SR1,3.2\n1,SR2,4.5\n",
    "title": "My signal\nluminosity: 139 fb-1\nregion,yield\nSR1,3.2\nSR2,4.5\n",
    "other words": "Signal Region,N_events\nSR1,3.2\nSR2,4.5\n",
    "headings in a comment": "# region yield\nSR1 3.2\nSR2 4.5\n",
    "of a wiki": "| region | yield |\n|--------|-------|\n| SR1 | 3.2 |\n| SR2 | 4.5 |\n",
    "no headings": "SR1,3.2\nSR2,4.5\n",
    "a comment of two words": "# signal yields\nSR1 3.2\nSR2 4.5\n",
    "no headings, spaces": "SR1 3.2\nSR2 4.5\n",
    "no headings, decimal commas": "SR1 3,2\nSR2 4,5\n",
    "exponents": "region,yield\nSR1,+3.2e0\nSR2,0.45D1\n",
    "missing cells": "region,yield,stat\nSR1,3.2\nSR2,4.5,\n",
    "extra columns": "observed,region,yield,comment\n3,SR1,3.2,good\n4,SR2,4.5,bad\n",
    "markers of a spreadsheet": "region,yield\n SR1 , 3.2 \nSR2,\t4.5\n",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_one_model_point_is_read_however_the_table_is_written(text: str) -> None:
    assert plain_csv.looks_like(text, "my.csv")
    imported = read(text)
    assert values(imported) == NUMBERS
    assert imported.points[0].name == "my"
    assert not imported.ordered


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_of_spreadsheets(encoding: str) -> None:
    text = "region\tyield\tcomment\nSR1\t3.2\tgrößer\nSR2\t4.5\t\n"
    assert values(read(text.encode(encoding))) == NUMBERS
    assert read(codecs.BOM_UTF8 + text.encode()).points


WIDE = {
    "plain": "m1,m2,SR1,SR2\n100,50,3.2,4.5\n200,50,1,2\n",
    "names": "name,m1,m2,A,B\np1,100,50,3.2,4.5\np2,200,50,1,2\n",
    "savetxt": "# m1 m2 SR1 SR2\n1e2 5e1 3.2 4.5\n2e2 5e1 1 2\n",
    "units": "m1 [GeV]\tm2 (GeV)\tSR1\tSR2\n100\t50\t3.2\t4.5\n200\t50\t1\t2\n",
    "TeV": "m1 [TeV],m2 [TeV],SR1,SR2\n0.1,0.05,3.2,4.5\n0.2,0.05,1,2\n",
    "prefixes": "SR1,SR2,param:m1,param:m2\n3.2,4.5,100,50\n1,2,200,50\n",
    "parameters named": "# parameters: m1, m2\nm1,A,m2,B\n100,3.2,50,4.5\n200,1,50,2\n",
    "regions named": "# regions: A, B\nm1,A,m2,B\n100,3.2,50,4.5\n200,1,50,2\n",
    "German": "m1;m2;SR1;SR2\n100;50;3,2;4,5\n200;50;1;2\n",
    "index of pandas": ",m1,m2,SR1,SR2\n0,100,50,3.2,4.5\n1,200,50,1,2\n",
    "brackets": "m1,m2,channel[0],channel[1]\n100,50,3.2,4.5\n200,50,1,2\n",
    "long, names": "point,m1,m2,region,yield\na,100,50,x,3.2\na,100,50,y,4.5\nb,200,50,x,1\nb,200,50,y,2\n",
    "long, no names": "m1,m2,region,yield\n100,50,x,3.2\n200,50,x,1\n100,50,y,4.5\n200,50,y,2\n",
    "long, bins": "m1,m2,channel,bin,yield\n100,50,x,0,3.2\n200,50,x,0,1\n100,50,x,1,4.5\n200,50,x,1,2\n",
}


@pytest.mark.parametrize("text", WIDE.values(), ids=WIDE.keys())
def test_a_scan_is_read_however_the_table_is_written(text: str) -> None:
    assert plain_csv.looks_like(text, "scan.csv")
    imported = read(text, "scan.csv")
    assert imported.labels == ("m1", "m2")
    assert [dict(point.values) for point in imported.points] == [
        {"m1": 100.0, "m2": 50.0},
        {"m1": 200.0, "m2": 50.0},
    ]
    assert [list(values(imported, at).values()) for at in (0, 1)] == [[3.2, 4.5], [1.0, 2.0]]
    assert len({point.name for point in imported.points}) == 2
    assert len(imported.regions) == 2


def test_what_was_taken_by_the_looks_of_it_is_said() -> None:
    assert "m1 and m2 are taken for parameters" in " ".join(read(WIDE["plain"]).notes)
    assert not read(WIDE["prefixes"]).notes
    assert not read(WIDE["parameters named"]).notes
    assert "converted to GeV" in " ".join(read(WIDE["TeV"]).notes)


def test_names_of_the_target_tell_regions_from_parameters() -> None:
    text = "first,second,third\n1,2,3\n2,2,4\n"
    with pytest.raises(SignalError, match="write a line '# parameters: first'"):
        read(text)
    imported = read(text, known_regions=["second", "third"], labels=["first"])
    assert imported.labels == ("first",)
    assert imported.regions == ("second", "third")
    # Where names of the target are words with a meaning of their own, they are still those of the target.
    both = read("s,bin\n1,2\n", known_regions=["s", "bin"])
    assert values(both) == {"s": 1.0, "bin": 2.0}


def test_words_are_coordinates_too() -> None:
    imported = read("param:model,SR1\nbino,1\nwino,2\n")
    assert [dict(point.values) for point in imported.points] == [{"model": "bino"}, {"model": "wino"}]


def test_a_channel_and_the_number_of_its_bin() -> None:
    text = "channel,bin,yield\nSRA,0,1\nSRA,1,2\nCR,,3\nSRB,0,4\n"
    assert list(values(read(text))) == ["SRA[0]", "SRA[1]", "CR", "SRB[0]"]
    known = ["SRA", "SRA[0]", "SRA[1]", "CR", "SRB"]
    assert list(values(read(text, known_regions=known))) == ["SRA[0]", "SRA[1]", "CR", "SRB"]


def test_a_bare_count_is_said() -> None:
    assert "not for a number of simulated ones" in " ".join(read("region,N\nSR1,3\nSR2,4\n").notes)
    assert not read("region,events\nSR1,3\nSR2,4\n").notes


@pytest.mark.parametrize(
    ("text", "quantity", "value"),
    [
        ("region,efficiency\nSR1,0.12\n", Quantity.EFFICIENCY, 0.12),
        ("region,efficiency\nSR1,12%\n", Quantity.EFFICIENCY, 0.12),
        ("region,efficiency [%]\nSR1,12\n", Quantity.EFFICIENCY, 0.12),
        ("region,acc x eff\nSR1,0.12\n", Quantity.EFFICIENCY, 0.12),
        ("# unit: efficiency\nregion,yield\nSR1,0.12\n", Quantity.EFFICIENCY, 0.12),
        ("# unit: percent\nregion,efficiency\nSR1,12\n", Quantity.EFFICIENCY, 0.12),
        ("region,yield [fb]\nSR1,0.5\n", Quantity.CROSS_SECTION, 0.5),
        ("region,yield [pb]\nSR1,0.5\n", Quantity.CROSS_SECTION, 500.0),
        ("region,sigma_vis_fb\nSR1,0.5\n", Quantity.CROSS_SECTION, 0.5),
        ("# unit: pb\nregion,yield\nSR1,0.5\n", Quantity.CROSS_SECTION, 500.0),
        ("# unit = events\nregion,yield\nSR1,-0.5\n", Quantity.EVENTS, -0.5),
        ("m1,SR1 [fb]\n1,0.5\n", Quantity.CROSS_SECTION, 0.5),
        ("# unit: efficiency\nm1,SR1\n1,0.5\n", Quantity.EFFICIENCY, 0.5),
    ],
)
def test_units_are_read_where_they_stand(text: str, quantity: Quantity, value: float) -> None:
    (point,) = read(text).points
    assert point.quantity is quantity
    assert point.regions[0].value == pytest.approx(value)


def test_uncertainties_have_the_unit_of_the_yields() -> None:
    (region,) = read("region,yield [pb],stat [fb],syst:a,syst:b\nSR1,0.5,3,0.01,10%\n").points[0].regions
    assert region.statistical == pytest.approx(3.0)
    assert dict(region.systematics) == {"a": (-10.0, 10.0), "b": (-50.0, 50.0)}


def test_comments_state_luminosity_and_cross_section() -> None:
    imported = read(
        "# luminosity: 139 fb-1\n# cross section = 12 pb\n# analysis: my search\n# name: bino 100\n"
        "# efficiencies from Delphes: good\nregion,efficiency\nSR1,0.1\n"
    )
    assert imported.luminosity_fb == 139.0
    assert imported.analysis == "my search"
    assert imported.points[0].cross_section_fb == 12000.0
    assert imported.points[0].name == "bino 100"
    german = read("# luminosity: 36,1 fb-1;;\nregion;yield\nSR1;3,2\n")
    assert german.luminosity_fb == 36.1


def test_cross_sections_of_model_points() -> None:
    text = "m1,cross section [pb],SR1\n1,0.5,0.1\n2,12 fb,0.2\n3,,0.3\n"
    assert [point.cross_section_fb for point in read(text).points] == [500.0, 12.0, None]


def test_cells_without_a_yield_are_left_out_and_counted() -> None:
    imported = read("region,yield\nSR1,3\nCR,\n")
    assert values(imported) == {"SR1": 3.0}
    assert "without a yield" in imported.notes[-1]
    scan = read("m1,SR1,CR1\n1,2,\n2,3,4\n3,,\n")
    assert [len(point.regions) for point in scan.points] == [1, 2]
    assert "3 cells" in " ".join(scan.notes)


ORDERED = {
    "column": "3.2\n4.5\n",
    "row": "3.2\t4.5",
    "column with decimal commas": "3,2\n4,5\n",
    "heading": "yield\n3.2\n4.5\n",
    "with uncertainties": "yield\tstat\n3.2\t0.1\n4.5\t0.2\n",
}


@pytest.mark.parametrize("text", ORDERED.values(), ids=ORDERED.keys())
def test_numbers_alone_have_only_their_order(text: str) -> None:
    (imported,) = read_signals(("pasted text", text))
    assert imported.tool == "csv"
    assert imported.ordered
    assert values(imported) == {"1": 3.2, "2": 4.5}
    assert imported.points[0].name == "pasted text"


def test_a_single_region_of_a_scan_has_only_its_order() -> None:
    imported = read("m1,m2,yield\n1,2,3\n2,2,4\n")
    assert imported.ordered
    assert imported.regions == ("1",)
    assert imported.labels == ("m1", "m2")


MISTAKES = {
    "empty": ("", "holds no numbers"),
    "comments only": ("# a\n# b\n", "holds no numbers"),
    "headings only": ("region,yield\n", "headings only"),
    "nothing filled in": ("region,yield\nSR1,\n", "no yields are filled in"),
    "NaN": ("region,yield\nSR1,nan\n", r"line 2, column 'yield': 'nan' is not a number"),
    "infinity": ("region,yield\nSR1,inf\n", r"line 2, column 'yield': 'inf' is not a number"),
    "too large": ("region,yield\nSR1,1e999\n", "is not a number"),
    "a word": ("m1,SR1\n1,3\n2,none\n", r"line 3, column 'SR1': 'none' is not a number"),
    "underscore": ("region,yield\nSR1,1_000\n", "is not a number"),
    "thousands": ('region,yield\nSR1,"1,234.5"\n', "mark between thousands"),
    "thousands, unquoted": ("region,yield\nSR1,1,234.5\n", "3 cells under 2 headings"),
    "thousands or decimals": ("region;yield\nSR1;3,200\n", "may be 3200 or 3.200"),
    "thousands with a point": ("region;yield\nSR1;1.234\nSR2;12\n", "may be 1234 or 1,234, as semicolons"),
    "millions with points": ("region;yield\nSR1;1.234.567\nSR2;12\n", "mark between thousands"),
    "both marks": ("region;yield\nSR1;3,2\nSR2;4.1\n", r"line 2: '3,2' .* '4.1' on line 3"),
    "German thousands": ("region;yield\nSR1;1.234,5\n", "mark between thousands"),
    "columns twice": ("m1,SR1,SR1\n1,2,3\n", "line 1: columns 2 and 3 are both headed 'SR1'"),
    "yields twice": ("region,yield,efficiency\nSR1,3,4\n", "both 'yield' and 'efficiency'"),
    "region twice": ("region,yield\nSR1,3\nSR1,4\n", "SR1 stands twice, on lines 2 and 3"),
    "region twice in a scan": ("point,region,yield\na,SR1,3\na,SR1,4\n", "for the same model point"),
    "point twice": ("name,m1,SR1\na,1,3\na,2,4\n", "model point a stands twice, on lines 2 and 3"),
    "same parameters twice": ("m1,SR1\n1,3\n1,4\n", "stands twice"),
    "different parameters": (
        "point,m1,region,yield\na,1,SR1,3\na,2,SR2,4\n",
        "different parameters on lines 2 and 3",
    ),
    "name on the first line only": (
        "point,region,yield\na,SR1,3\n,SR2,4\n",
        "line 3: the model point has no name",
    ),
    "no heading": ("region,yield,\nSR1,3,4\n", "column 3 has no heading"),
    "no column of yields": ("region,foo,bar\nSR1,3,4\n", "no column headed 'yield'"),
    "numbers without headings": ("1,2,3\n4,5,6\n", "no headings"),
    "region without name": ("region,yield\n,3\n", "line 2: the region has no name"),
    "bin of a word": ("channel,bin,yield\nSR,first,3\n", "counted from 0"),
    "stat of nothing": ("m1,SR1,stat:SR3\n1,2,3\n", "'SR3' is to be the heading of one"),
    "negative uncertainty": ("region,yield,stat\nSR1,3,-1\n", "uncertainty of SR1 is below zero"),
    "uncertainty for all": ("m1,SR1,SR2,syst:JES\n1,2,3,0.5\n", "write it in percent"),
    "no unit of cross sections": ("m1,xsec,SR1\n1,2,3\n", "2 has no unit"),
    "a luminosity as cross section": ("m1,xsec,SR1\n1,2/fb,3\n", "is a luminosity"),
    "luminosity without unit": (
        "# luminosity: 139\nregion,yield\nSR1,3\n",
        "line 1: the luminosity 139 has no unit",
    ),
    "luminosity in a column": ("region,yield,lumi\nSR1,3,139\n", "# luminosity: 139 fb-1"),
    "two luminosities": (
        "# lumi: 139/fb\n# lumi: 36/fb\nregion,yield\nSR1,3\n",
        "line 1 states the luminosity",
    ),
    "unit unknown": ("# unit: furlong\nregion,yield\nSR1,3\n", "unit 'furlong' is not known"),
    "two units": ("# unit: efficiency\nregion,yield [pb]\nSR1,3\n", "different units"),
    "unit of a heading": ("region,yield [GeV]\nSR1,3\n", "unit that yields cannot have"),
    "no unit of visible cross sections": ("region,sigma_vis\nSR1,3\n", "has no unit"),
    "mixed units": ("m1,SR1 [fb],SR2 [%]\n1,2,3\n", "give all regions in the same unit"),
    "other unit of uncertainties": ("region,yield,stat [fb]\nSR1,3,4\n", "unit that the yields do not have"),
    "parameters that are not there": ("# parameters: m3\nm1,SR1\n1,2\n", "names 'm3', and no column"),
    "cells missing between spaces": ("m1 SR1 SR2\n1 2\n", "2 cells under 3 headings"),
    "binary": ("region,yield\n\0\0,3\n", "not a text file"),
    "SimpleAnalysis": ("SR,events,acceptance,err\nAll,9,9,9\nSR1,3,0.3,0.1\n", "file of SimpleAnalysis"),
    "a gap in a column of numbers": ("3\n\n4\n", "line 2: it is empty, and the regions have no names"),
    "a dash in a column of numbers": ("3\n-\n4\n", "line 1: the number 3 has no name of a region"),
    "a gap in a row of numbers": ("3\t\t4\n", "a cell between numbers is empty"),
    "a gap below a heading": ("yield\n3\n\n4\n", "line 3: it is empty, and the regions have no names"),
    "an empty cell below a heading": ("yield,stat\n3,1\n,1\n", "line 3: there is no yield"),
    "two uncertainties": (
        "region,yield,stat\nSR1,3 ± 1,0.5\n",
        "an uncertainty behind ±, and one of its own",
    ),
    "given twice": ("region,yield,syst:a,syst:a:up\nSR1,3,1,1\n", "a of SR1 is given twice"),
}


@pytest.mark.parametrize(("text", "says"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_said_with_its_place(text: str, says: str) -> None:
    with pytest.raises(SignalError, match=says) as caught:
        read(text)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 400


@pytest.mark.parametrize(
    "text",
    [
        "SR,events,acceptance,err\nAll,9,9,9\n",
        "analysis sr o b db s ds\natlas SR1 1 2 3 4 5\n",
        '{"SR": [1]}',
        "<SAFheader>\n</SAFheader>\n",
        "Dear all,\nplease find the yields below, they are good.\n",
        "",
    ],
)
def test_other_files_are_not_taken_for_tables(text: str) -> None:
    assert not plain_csv.looks_like(text, "x.csv")


@given(st.text(max_size=120))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    plain_csv.looks_like(text, "x")
    with suppress(SignalError):
        plain_csv.read(text, "x")


@given(st.lists(st.text('SRCm12,;\t .#"%:[]()\n-eyildstapx', max_size=12), max_size=12))
def test_texts_that_look_nearly_right_are_read_or_refused_in_words(parts: list[str]) -> None:
    text = ",".join(parts)
    plain_csv.looks_like(text, "x")
    with suppress(SignalError):
        plain_csv.read(text, "x")


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    with suppress(SignalError):
        plain_csv.read(data, "x")


def test_ten_thousand_points() -> None:
    lines = ["m1,m2," + ",".join(f"SR{number}" for number in range(12))]
    lines += [
        f"{point % 100},{point // 100}," + ",".join(repr(point / (number + 7)) for number in range(12))
        for point in range(10_000)
    ]
    imported = read("\n".join(lines))
    assert len(imported.points) == 10_000
    assert imported.points[1234].regions[5].value == 1234 / 12


@pytest.mark.parametrize("cell", ["0.123", "1.2345", "1.234e-1", "1.23", "1.234 ± 0.100"])
def test_points_of_decimals_between_semicolons(cell: str) -> None:
    (region, _) = read(f"region;yield\nSR1;{cell}\nSR2;1.234\n").points[0].regions
    assert region.value == float(cell.partition(" ")[0])

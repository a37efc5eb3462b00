"""Templates: written for a target, filled in as somebody would, read back into the right bins."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from fitgui.reinterpretation.formats.documents import plain_json
from fitgui.reinterpretation.formats.tables import plain_csv
from fitgui.reinterpretation.formats.template import template_text, write_template
from fitgui.reinterpretation.mapping.placing import signal_of
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.model import BinRef, Imported, Signal, SignalError, Target
from fitgui.reinterpretation.reading import read_signals
from tests.reinterpretation.targets import REAL, example_target, real_target


@pytest.fixture(
    params=[*REAL, None], ids=lambda one: "example" if one is None else f"{one[0][12:19]} {one[1]}"
)
def target(request: pytest.FixtureRequest) -> Target:
    if request.param is None:
        return example_target()
    return real_target(request.getfixturevalue("real_pallets"), *request.param)


def yields(target: Target, point: int = 0) -> dict[BinRef, float]:
    """A number for every bin that no other bin has."""
    return {place: 0.1 + number + point / 8 for number, place in enumerate(target.bins())}


def signals(imported: Imported, target: Target) -> list[Signal]:
    region_map = propose(imported, target)
    assert {one.reason for one in region_map.assignments} == {"same name"}
    return [signal_of(point, region_map, target) for point in imported.points]


def in_bins(signal: Signal) -> dict[BinRef, float]:
    return {BinRef(name, at): value for name, each in signal.yields.items() for at, value in enumerate(each)}


def split(text: str) -> tuple[list[str], list[list[str]]]:
    lines = text.splitlines()
    comments = [line for line in lines if line.startswith("#")]
    return comments, list(csv.reader(line for line in lines if not line.startswith("#")))


def joined(comments: list[str], rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return "\n".join(comments) + "\n" + out.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_table_that_was_filled_in(target: Target, delimiter: str) -> None:
    comments, rows = split(template_text(target, "csv"))
    wanted = yields(target)
    places = list(target.bins())
    assert [row[0] for row in rows[1:]] == [target.text(place) for place in places]
    for row, place in zip(rows[1:], places, strict=True):
        row[1] = str(wanted[place])
        row[2] = "5%"
    text = joined(comments, rows, delimiter)
    if delimiter == ";":  # as a spreadsheet saves it where decimals have a comma
        text = "\n".join(line if line[0] == "#" else line.replace(".", ",") for line in text.splitlines())
    (imported,) = plain_csv.read(text, "mine.csv")
    (signal,) = signals(imported, target)
    assert in_bins(signal) == wanted
    assert all(
        signal.statistical[place.channel][place.bin] == pytest.approx(0.05 * value)
        for place, value in wanted.items()
    )
    assert imported.luminosity_fb == target.luminosity_fb
    assert not imported.notes


def test_rows_in_another_order_and_empty_control_regions(target: Target) -> None:
    comments, rows = split(template_text(target, "csv"))
    wanted = {
        place: value for place, value in yields(target).items() if target.channel(place.channel).is_signal
    }
    texts = {target.text(place): value for place, value in wanted.items()}
    for row in rows[1:]:
        row[1] = str(texts.get(row[0], ""))
    (imported,) = plain_csv.read(joined(comments, [rows[0], *reversed(rows[1:])]), "mine.csv")
    (signal,) = signals(imported, target)
    assert in_bins(signal) == wanted
    assert "without a yield are left out" in " ".join(imported.notes)


def test_a_scan_that_was_filled_in(target: Target) -> None:
    comments, rows = split(template_text(target, "csv", scan=True))
    labels = target.analysis.labels or ("m1", "m2")
    assert rows[0] == ["name", *labels, *map(target.text, target.bins())]
    wanted = [yields(target, point) for point in range(3)]
    for point, each in enumerate(wanted):
        coordinates = [str(100.0 * point + at) for at in range(len(labels))]
        rows.append(["", *coordinates, *map(str, each.values())])
    (imported,) = plain_csv.read(joined(comments, rows), "mine.csv")
    assert imported.labels == labels
    assert [in_bins(signal) for signal in signals(imported, target)] == wanted
    assert [point.values[labels[0]] for point in imported.points] == [0.0, 100.0, 200.0]
    assert not imported.notes


@pytest.mark.parametrize("scan", [False, True])
def test_json_that_was_filled_in(target: Target, scan: bool) -> None:
    document = json.loads(template_text(target, "json", scan=scan))
    wanted = yields(target)
    point = document["points"][0]
    for place, value in wanted.items():
        point["yields"][place.channel][place.bin] = value
    (imported,) = plain_json.read(json.dumps(document), "mine.json")
    (signal,) = signals(imported, target)
    assert in_bins(signal) == wanted
    assert imported.luminosity_fb == target.luminosity_fb


@pytest.mark.parametrize("name", ["mine.csv", "mine.json"])
@pytest.mark.parametrize("scan", [False, True])
def test_an_empty_template_is_not_a_signal_of_zero(tmp_path: Path, name: str, scan: bool) -> None:
    path = tmp_path / name
    write_template(example_target(), path, scan=scan)
    with pytest.raises(SignalError, match=r"no yields are filled in|headings only"):
        read_signals(path)


def test_a_template_says_what_each_region_is_and_how_to_write_units(target: Target) -> None:
    for text in (
        template_text(target, "csv"),
        template_text(target, "csv", scan=True),
        template_text(target, "json"),
    ):
        assert "signal region" in text
        assert "control region" in text or all(channel.is_signal for channel in target.channels)
        assert all(words in text for words in ("efficienc", "events", "fb", "12"))
        for channel in target.channels:
            assert channel.name in text


def test_a_template_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(SignalError, match=r"cannot write .*; choose another place"):
        write_template(example_target(), tmp_path / "nowhere" / "mine.csv")

"""Contours as numbers: every surface and every piece, in CSV and in JSON."""

from __future__ import annotations

import csv
import io

import pytest

from fitgui.exclusion.model import SURFACES
from fitgui.takeaway.contours import Contours, contours_csv, contours_document, find_contours
from fitgui.takeaway.tables import choose
from tests.takeaway.recorded import result_of, run_of, stored


def contours_of(name: str) -> tuple[Contours, dict[str, list[tuple[bool, list[float], list[float]]]]]:
    record, snapshot, _ = stored(name)
    chosen = choose(snapshot.points)
    found = find_contours(record.plan, chosen, {})
    document = contours_document(record.plan, found, chosen.left_out, run=record.id)
    assert document["problem"] is None
    assert document["points"] == len(chosen.results)
    pieces = {
        surface: [(piece["closed"], piece["x"], piece["y"]) for piece in lines]
        for surface, lines in document["contours"].items()
    }
    return found, pieces


@pytest.mark.parametrize("name", ["1Lbb", "stau-lowMass"])
def test_json_and_csv_hold_the_same_pieces(name: str) -> None:
    found, pieces = contours_of(name)
    assert list(pieces) == [str(surface) for surface in SURFACES]
    rows = list(csv.DictReader(io.StringIO(contours_csv(found))))
    read: dict[str, dict[str, list[dict[str, str]]]] = {}
    for row in rows:
        read.setdefault(row["contour"], {}).setdefault(row["piece"], []).append(row)
    x, y = found.x.label, found.y.label
    for surface, lines in pieces.items():
        told = list(read.get(surface, {}).values())
        assert len(told) == len(lines) == len(found.exclusion.contours[SURFACES[list(pieces).index(surface)]])
        for line, (closed, xs, ys) in zip(told, lines, strict=True):
            assert [float(row[x]) for row in line] == xs
            assert [float(row[y]) for row in line] == ys
            assert {row["closed"] for row in line} == {"true" if closed else "false"}
            if closed:
                assert (xs[0], ys[0]) == (xs[-1], ys[-1])
    assert any(len(lines) > 1 for lines in pieces.values()), "these pallets have islands"


@pytest.mark.parametrize(
    ("labels", "values", "options", "why"),
    [
        (("m",), {"a": {"m": 100.0}, "b": {"m": 200.0}, "c": {"m": 300.0}}, {}, "fewer than two"),
        (
            ("m1", "kind"),
            {name: {"m1": 1.0 * place, "kind": name} for place, name in enumerate("abc")},
            {},
            "is a word",
        ),
        (
            ("m1", "m2"),
            {name: {"m1": 100.0 * place, "m2": place**2 * 9.0} for place, name in enumerate("abc")},
            {"poi_test": 2.0},
            "mu = 2",
        ),
    ],
)
def test_where_there_is_no_plane_it_says_why(labels, values, options, why) -> None:  # type: ignore[no-untyped-def]
    results = [result_of(name, (0.01, 0.001, 0.002, 0.01, 0.05, 0.2)) for name in "abc"]
    record, snapshot = run_of(results, values, labels=labels, **options)
    chosen = choose(snapshot.points)
    found = find_contours(record.plan, chosen, {})
    assert why in found.exclusion.problem
    document = contours_document(record.plan, found, chosen.left_out, run=record.id)
    assert not any(document["contours"].values())
    assert contours_csv(found).count("\n") == 1

"""The report of a run: all that was fitted is in it, it stands alone, and a stranger's names do no harm."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import bibtexparser
import msgspec
import pytest
from bibtexparser.middlewares.names import parse_single_name_into_parts

from fitgui.cli.plain import printable
from fitgui.figures.of_run import RunFigures, Wishes
from fitgui.figures.text import drawable
from fitgui.pallets.plane import MINUS
from fitgui.report.blocks import Code, Picture
from fitgui.report.content import Material, report_of
from fitgui.report.html import html_of
from fitgui.report.pdf import pdf_of
from fitgui.report.results import DOUBTFUL, read_outs
from fitgui.report.saving import save_report
from fitgui.runs.plan import RunError
from fitgui_backends.contract import TaskState
from tests.takeaway.recorded import NOWHERE, result_of, run_of, stored

XHTML = "{http://www.w3.org/1999/xhtml}"


def published(name: str) -> Material:
    record, snapshot, origin = stored(name)
    figures = RunFigures(record.id, record.plan, snapshot, origin.entry, wishes=Wishes(bound=10.0))
    return Material(record, snapshot, origin, figures)


@pytest.fixture(scope="module")
def hostile() -> Material:
    """Names that are markup, mathematics and control characters; a doubtful result, a warning, a failure."""
    names = ["<script>alert(1)</script>", "$\\frac{", "\x1b[31mred & \"quoted\" 'too'", "x" * 300]
    results = [
        result_of(
            name,
            [0.01 + 0.1 * n] * 6,
            converged=n != 1,
            warnings=(f"bad </td> {n}",),
            notes=("a note",),
            limits=[1.0] * 6 if n == 3 else None,
        )
        for n, name in enumerate(names)
    ]
    lost = msgspec.structs.replace(results[3].limits, converged=False)
    results[3] = msgspec.structs.replace(results[3], limits=lost)
    values = {name: {"a": float(n), "b": float(n * n % 3)} for n, name in enumerate([*names, "failed"])}
    record, snapshot = run_of(results, values, labels=["a", "b"], failed=["failed"], pallet="<b>&\x00")
    return Material(record, snapshot, NOWHERE, RunFigures(record.id, record.plan, snapshot, None))


@pytest.fixture(scope="module")
def page(hostile: Material, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    save_report(path, hostile)
    return path.read_text(encoding="utf-8")


def rows_of(page: str) -> list[list[str]]:
    root = ET.fromstring(page)
    body = root.iter(f"{XHTML}tr")
    return [["".join(cell.itertext()) for cell in row] for row in body]


def test_the_report_of_a_published_pallet_has_everything(tmp_path: Path) -> None:
    material = published("stau-combined")
    plan, path = material.record.plan, tmp_path / "report.html"
    save_report(path, material)
    page = path.read_text(encoding="utf-8")
    rows = {row[0]: row for row in rows_of(page)}
    for name, status in material.snapshot.points.items():
        assert status.state is TaskState.DONE
        assert status.result is not None
        assert float(rows[name][3]) == pytest.approx(status.result.cls_obs, rel=6e-3)
    order = [row[1:3] for row in rows_of(page)[1 : 1 + len(plan.points)]]
    assert order == sorted(order, key=lambda place: [float(value) for value in place])
    for fact in (
        plan.pallet.name,
        plan.pallet.digest,
        plan.analysis.digest,
        plan.points_digest,
        "https://doi.org/10.17182/hepdata.92006.v2/r2",
        "Phys. Rev. D 101 (2020) 032009",
        "arXiv:1911.06660",
        "newton",
        "57 of 57 points fitted.",
        "Expected excluded area",
        "10.21105/joss.02823",
        "Cowan:2010js",
        "@software{fitgui",
        "10.17182/hepdata.92006.v2",
    ):
        assert fact in page, fact
    root = ET.fromstring(page)
    images = [image.get("src", "") for image in root.iter(f"{XHTML}img")]
    assert len(images) == 3, "plane, limits, wall time"
    for image in images:
        drawn = base64.b64decode(image.removeprefix("data:image/svg+xml;base64,"))
        assert ET.fromstring(drawn).tag.endswith("svg")


def test_numbers_keep_the_spaces_between_their_thousands(tmp_path: Path) -> None:
    material = published("1Lbb")
    save_report(tmp_path / "report.html", material)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.search(r"Observed excluded area: \d{2,3}\u202f\d{3} GeV²", page)
    assert not re.search(r"\d\?\d", re.sub(r'base64,[^"]*"', "", page))
    (said,) = [line for line in read_outs(material.figures) if line.startswith("Observed excluded area")]
    first, second = material.record.plan.analysis.labels
    other = Wishes(x=first, y=f"{first}{MINUS}{second}")
    difference = RunFigures(
        material.record.id, material.record.plan, material.snapshot, material.origin.entry, wishes=other
    )
    assert read_outs(difference) == (), "of the published masses only"
    for shown in (drawable(said), printable(said)):  # in the PDF, on a terminal
        assert re.search(r"\d{2,3} \d{3} GeV²", shown)
        assert "?" not in shown


def test_what_is_to_be_cited_is_bibtex() -> None:
    report = report_of(published("1Lbb"))
    (cited,) = [block.text for block in report.blocks if isinstance(block, Code)]
    library = bibtexparser.parse_string(cited)
    assert library.failed_blocks == []
    entries = {
        entry.key: {name: field.value for name, field in entry.fields_dict.items()}
        for entry in library.entries
    }
    times = entries["arXiv:2103.02182"]
    names = [parse_single_name_into_parts(name) for name in times["author"].split(" and ")]
    assert [(name.first, name.last) for name in names] == [
        *((["Matthew"], ["Feickert"]), (["Lukas"], ["Heinrich"])),
        *((["Giordon"], ["Stark"]), (["Ben"], ["Galewsky"])),
    ]
    assert {name: times[name] for name in ("journal", "volume", "pages", "year", "doi", "eprint")} == {
        "journal": "EPJ Web Conf.",
        "volume": "251",
        "pages": "02070",
        "year": "2021",
        "doi": "10.1051/epjconf/202125102070",
        "eprint": "2103.02182",
    }
    for key, fields in entries.items():
        for name in [] if "author" not in fields else fields["author"].split(" and "):
            parts = parse_single_name_into_parts(name)
            assert parts.last, (key, name)
        assert not re.search(r"\d", fields.get("journal", "")), key
    other = report_of(published("3L"))
    assert not any("2103.02182" in block.text for block in other.blocks if isinstance(block, Code))


def test_the_file_stands_alone(page: str) -> None:
    without = re.sub(r"data:image/svg\+xml;base64,[\w+/=]+", "", page)
    assert not re.search(r'(?:src|href)="(?!")', without)
    assert "<script" not in without
    assert "@import" not in without
    assert "url(" not in without.replace(r"\url{", "")
    assert "default-src 'none'" in without


def test_names_of_strangers_are_text(page: str, hostile: Material) -> None:
    rows = [row[0] for row in rows_of(page)]
    assert "<script>alert(1)</script>" in rows
    assert "$\\frac{" in rows
    assert "x" * 300 in rows
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", page)
    assert len(set(hostile.record.plan.points) - set(rows)) == 1, "only the escape sign is replaced"


def test_doubts_are_marked_and_said(page: str) -> None:
    root = ET.fromstring(page)
    marked = [row for row in root.iter(f"{XHTML}tr") if row.get("class") == "marked"]
    said = ["".join(row.itertext()) for row in marked]
    assert any(text.startswith("$\\frac{") and text.endswith(DOUBTFUL) for text in said)
    assert any("The fit failed." in text for text in said)
    whole = "".join(root.itertext())
    assert "2 results are doubtful" in whole
    assert "Doubtful, for a fit did not converge: $\\frac{." in whole
    assert f"Limits are doubtful, for the search for them did not converge: {'x' * 300}." in whole
    assert "1 failed" in whole
    assert all(f"bad </td> {n}." in whole for n in range(4))
    assert "a note." in whole


def test_a_pdf_has_pages(hostile: Material, tmp_path: Path) -> None:
    save_report(tmp_path / "report.pdf", hostile)
    content = (tmp_path / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type /Page\b", content)) >= 4
    assert b"CreationDate" not in content


def test_the_same_report_is_the_same_file(hostile: Material) -> None:
    whole = report_of(hostile)
    text = replace(whole, blocks=[block for block in whole.blocks if not isinstance(block, Picture)])
    assert pdf_of(text) == pdf_of(text)
    assert html_of(text) == html_of(text)


def test_a_run_without_results_has_no_report(tmp_path: Path) -> None:
    record, snapshot = run_of([], {"p": {"a": 1.0}}, labels=["a"], failed=["p"])
    nothing = Material(record, snapshot, NOWHERE, RunFigures(record.id, record.plan, snapshot, None))
    with pytest.raises(RunError, match=f"run {record.id} has no results to report"):
        save_report(tmp_path / "report.html", nothing)
    assert not list(tmp_path.iterdir())


def test_another_ending_is_refused(hostile: Material, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"neither \.html nor \.pdf"):
        save_report(tmp_path / "report.docx", hostile)
    assert not list(tmp_path.iterdir())

"""What the browser says, before any widget says it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.gui import theme
from fitgui.gui.browser.card_text import byline_of, facts_html, links_html, problems_of, source_of
from fitgui.gui.browser.links import links_of, open_link
from fitgui.gui.browser.plane_drawing import ticks_of
from fitgui.gui.browser.primary import Verb, primary_of
from fitgui.gui.browser.row_looks import UNKNOWN_SHARE, look_of_item, look_of_row
from fitgui.gui.browser.wording import age_words, points_words, received_words, size_words
from fitgui.gui.store_states import DownloadState
from fitgui.pallets import SignalPoint
from fitgui.pallets.catalogue.shelf import Row, shelf
from fitgui.pallets.hepdata.progress import Progress
from fitgui.pallets.library.item import LibraryItem, Origin
from fitgui.pallets.plane import axis_of
from fitgui.pallets.published import AnalysisSummary, Entry, Format, Licence, PublishedFile
from fitgui.pallets.readable import readable

FILE = PublishedFile(name="likelihoods.tar.gz", doi="10.17182/hepdata.92006.v2/r2", version=2, size=2_600_000)
STAU = Entry(
    key="ins1765529",
    title=r"Search for direct stau production with two hadronic $\tau$-leptons in $\sqrt{s} = 13$ TeV",
    nickname="Direct stau",
    collaboration="ATLAS",
    analysis="SUSY-2018-04",
    arxiv="1911.06660",
    journal="Phys. Rev. D 101, 032009",
    journal_doi="10.1103/PhysRevD.101.032009",
    year=2020,
    inspire=1765529,
    record=92006,
    energy_tev=13.0,
    luminosity_fb=139.0,
    points=57,
    labels=("mst", "mn2"),
    format=Format.PATCH_SET,
    files=(FILE,),
    unchecked=("luminosity_fb",),
)
HS3 = Entry(key="ins2845789", nickname="HHH", analysis="HIGP-2024-32", format=Format.HS3)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def region(name: str, points: int) -> AnalysisSummary:
    grid = tuple((float(number), 1.0) for number in range(points))
    return AnalysisSummary(
        name=name, channels=2, bins=4, parameters=9, poi="mu", labels=("mst", "mn2"), points=grid
    )


def kept(**changes: object) -> LibraryItem:
    item = LibraryItem(
        digest="a" * 64,
        name="stau",
        file_name="likelihoods.tar.gz",
        size=2_600_000,
        added="2026-08-03T10:00:00+00:00",
        origins=(Origin(source="https://example.org/1", when="2026-08-03", entry=STAU, file=FILE),),
        folder=Path("folder"),
    )
    return msgspec.structs.replace(item, **changes)


def row(entry: Entry = STAU, *items: LibraryItem) -> Row:
    return Row(entry.key, entry, items)


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"two hadronic $\tau$-leptons in $\sqrt{s} = 13$ TeV", "two hadronic τ-leptons in √s = 13 TeV"),
        (r"$\tilde\chi_1^\pm \to W^{\pm}\tilde{\chi}^{0}_{1}$", "χ̃₁± → W±χ̃⁰₁"),
        (r"$E_{\mathrm{T}}^{\mathrm{miss}}$, 139 fb$^{-1}$", "E_T^miss, 139 fb⁻¹"),
        (r"$B^+ \rightarrow K^{+}\nu\bar{\nu}$", "B⁺ → K⁺νν̄"),
        (r"$t\bar t$ and $\ell\nu b\bar{b}$", "tt̄ and ℓνbb̄"),
        ("H<sub>2</sub>O &amp; <math><mi>x</mi></math>", "H₂O & x"),
        ("a file_name and 50% <  60 %", "a file_name and 50% < 60 %"),
        (r"\sqrt{s_{NN}} broken {", "√(s_NN) broken"),
        ("plain words", "plain words"),
    ],
)
def test_titles_are_readable(latex: str, text: str) -> None:
    assert readable(latex) == text


@given(st.text(alphabet=r"\{}$^_~<>&;abtilde 12", max_size=200))
def test_no_title_is_too_strange_to_be_read(text: str) -> None:
    assert "\n" not in readable(text)


def test_a_title_of_braces_within_braces_ends() -> None:
    assert len(readable("$" + "{" * 50_000)) < 10
    assert len(readable(r"\bar" * 50_000)) < 100


def test_sizes_have_as_many_digits_as_are_of_use() -> None:
    assert [size_words(size) for size in (0, 340, 92_300, 2_600_000, 52_000_000, 3_200_000_000, None)] == [
        "0 B", "340 B", "92 kB", "2.6 MB", "52 MB", "3.2 GB", "",
    ]  # fmt: skip
    assert received_words(1_234_567, 2_600_000) == "1.2 of 2.6 MB"
    assert received_words(1_234_567, None) == "1.2 MB"
    assert received_words(999_900, 1_000_000) == "1.0 of 1.0 MB"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "just now"), (200, "3 min ago"), (7300, "2 h ago"), (90_000, "yesterday"), (3e6, "19 Oct 2026")],
)
def test_ages_are_told_as_people_do(seconds: float, text: str) -> None:
    assert age_words(NOW - timedelta(seconds=seconds), NOW) == text


def test_points_are_counted_by_region_where_the_regions_are_alike() -> None:
    assert points_words(STAU, ()) == "57 points"
    assert points_words(STAU, [region("low", 57), region("high", 57), region("all", 57)]) == "3 × 57 points"
    assert points_words(STAU, [region("A", 217), region("B", 218)]) == "435 points"
    assert points_words(Entry(key="a", format=Format.MEASUREMENT), ()) == "measurement, no grid"
    assert points_words(Entry(key="a"), ()) == ""


def test_a_row_says_whether_it_is_here_and_what_it_would_take() -> None:
    assert look_of_row(row()).spoken == "Direct stau\nSUSY-2018-04 · 57 points\n↓ 2.6 MB"
    assert look_of_row(row(STAU, kept())).state == "✓ library"
    assert look_of_row(row(STAU, kept(refused="it is empty"))).state == "✗ does not open"
    assert look_of_row(row(HS3)).state == "⊘ not fittable: HS3"
    hard = msgspec.structs.replace(STAU, known_problems=("pyhf's default fit is wrong here.",))
    assert look_of_row(row(hard)).caution == "⚠ hard to fit"
    note = msgspec.structs.replace(STAU, known_problems=("There are two models in it.",))
    assert look_of_row(row(note)).caution == ""


def test_a_download_tells_bytes_and_speed() -> None:
    progress = Progress(received=1_300_000, total=2_600_000, bytes_per_second=850_000.0)
    look = look_of_row(row(), DownloadState(STAU.key, FILE, "downloading", progress))
    assert (look.state, look.share) == ("↓ 1.3 of 2.6 MB · 850 kB/s", 0.5)
    unknown = Progress(received=1_300_000, total=None)
    assert look_of_row(row(), DownloadState(STAU.key, FILE, "downloading", unknown)).share == UNKNOWN_SHARE
    failed = look_of_row(row(), DownloadState(STAU.key, FILE, "failed", progress, "HEPData is busy."))
    assert (failed.state, failed.role, failed.share) == ("✗ HEPData is busy.", "error", None)
    done = look_of_row(row(STAU, kept()), DownloadState(STAU.key, FILE, "done", progress))
    assert done.state == "✓ library"


def test_a_kept_file_says_its_size_when_it_came_and_from_where() -> None:
    assert (
        look_of_item(kept(), row(STAU, kept())).spoken
        == "Direct stau, version 2\n2.6 MB · 3 Aug 2026 · from HEPData"
    )
    own = kept(origins=(Origin(source="/data/a.zip", when="2026-08-03"),))
    assert look_of_item(own).spoken == "stau\n2.6 MB · 3 Aug 2026 · from a file"


def test_of_several_versions_that_are_the_same_the_newest_is_said() -> None:
    files = [msgspec.structs.replace(FILE, doi=f"10.17182/hepdata.92006.v{n}/r2", version=n) for n in (1, 2)]
    origins = [Origin(source=file.doi, when="2026-08-03T10:00:00Z", entry=STAU, file=file) for file in files]
    for order in (origins, origins[::-1]):
        item = msgspec.structs.replace(kept(), origins=tuple(order))
        assert look_of_item(item, row(STAU, item)).name == "Direct stau, version 2"


def test_one_thing_can_be_done_with_a_row() -> None:
    assert primary_of(row(), FILE, None, None, "").text == "Get and open (2.6 MB)"
    assert primary_of(row(), None, None, None, "").text == "Get and open"
    assert primary_of(row(STAU, kept()), FILE, kept(), None, "").verb is Verb.OPEN
    assert primary_of(row(STAU, kept()), FILE, kept(), None, kept().digest).verb is Verb.NOTHING
    hs3 = primary_of(row(HS3), None, None, None, "")
    assert hs3.verb is Verb.NOTHING
    assert "HS3" in hs3.remark
    progress = Progress(received=1_300_000, total=2_600_000, resumed_from=1_000_000)
    going = primary_of(row(), FILE, None, DownloadState(STAU.key, FILE, "downloading", progress), "")
    assert (going.verb, going.remark) == (Verb.CANCEL, "↓ 1.3 of 2.6 MB · resumed at 1.0 MB")
    failed = DownloadState(STAU.key, FILE, "failed", progress, "The line was cut.")
    again = primary_of(row(), FILE, None, failed, "")
    assert (again.text, again.remark, again.role) == ("Retry", "✗ The line was cut.", "error")
    other = msgspec.structs.replace(FILE, version=1, doi="10.17182/hepdata.92006.v1/r2")
    assert primary_of(row(), other, None, failed, "").text == "Get and open (2.6 MB)"
    cancelled = primary_of(row(), FILE, None, DownloadState(STAU.key, FILE, "cancelled", progress), "")
    assert (cancelled.text, cancelled.remark) == ("Go on", "⊘ cancelled: 1.3 of 2.6 MB are here")
    at_once = primary_of(row(), FILE, None, DownloadState(STAU.key, FILE, "cancelled"), "")
    assert (at_once.text, at_once.remark) == ("Get and open", "⊘ cancelled")


def test_the_card_marks_what_nobody_could_check_and_leaves_out_what_is_unknown() -> None:
    html = facts_html(STAU, (), FILE, theme.LIGHT)
    assert "139 fb⁻¹\N{NO-BREAK SPACE}?" in html
    assert "could not be checked" in html
    assert "13 TeV," in html
    assert "Final" not in html
    assert byline_of(STAU) == "ATLAS · SUSY-2018-04 · 2020"
    nothing = facts_html(Entry(key="a"), (), None, theme.LIGHT)
    assert "unknown" in nothing
    assert "could not" not in nothing


def test_nothing_that_strangers_wrote_is_taken_for_mark_up() -> None:
    nasty = "<img src=x onerror=alert(1)>"
    entry = msgspec.structs.replace(
        STAU, title=nasty, model=nasty, final_states=(nasty,), journal=nasty, labels=(nasty,), arxiv='1"><b>'
    )
    licence = Licence(name=nasty, url='javascript:"alert(1)"')
    file = msgspec.structs.replace(FILE, name=nasty, licence=licence)
    for html in (facts_html(entry, (), file, theme.DARK), links_html(entry, theme.DARK)):
        assert "<img" not in html
        assert "<b>" not in html
        assert "javascript" not in html
    assert problems_of(entry) == ""


def test_links_lead_to_known_places_over_https() -> None:
    links = {text: address for text, address, _field in links_of(STAU)}
    assert links == {
        "arXiv:1911.06660": "https://arxiv.org/abs/1911.06660",
        "Phys. Rev. D 101, 032009": "https://doi.org/10.1103/PhysRevD.101.032009",
        "HEPData": "https://www.hepdata.net/record/ins1765529",
        "INSPIRE": "https://inspirehep.net/literature/1765529",
    }


@pytest.mark.parametrize(
    "address", ["http://arxiv.org/abs/1", "file:///etc/passwd", "javascript:1", "https:", ""]
)
def test_other_addresses_are_not_opened(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", lambda url: opened.append(url) or True)
    assert not open_link(address)
    assert opened == []


def test_where_something_is_known_from_is_told_with_its_age() -> None:
    catalogue = msgspec.structs.replace(STAU, retrieved="2026-08-03")
    assert source_of(catalogue) == "the catalogue of 3 Aug 2026"
    told = msgspec.structs.replace(STAU, source="hepdata", retrieved="2026-11-23T11:57:00+00:00")
    assert source_of(told, NOW) == "HEPData 3 min ago"
    both = msgspec.structs.replace(told, source="catalogue")
    assert source_of(both, NOW) == "the catalogue, and HEPData 3 min ago"


def test_ticks_are_round_numbers_within_the_axis() -> None:
    points = [
        SignalPoint("", {"m": value, "word": word}, b"", "") for value, word in ((80.0, "a"), (440.0, "b"))
    ]
    assert [text for _, text in ticks_of(axis_of(points, "m"))] == ["100", "200", "300", "400"]
    assert [text for _, text in ticks_of(axis_of(points, "word"))] == ["a", "b"]
    same = [SignalPoint("", {"m": 5.0}, b"", "")]
    assert "5" in [text for _, text in ticks_of(axis_of(same, "m"))]


def test_kept_files_without_a_record_have_rows_of_their_own() -> None:
    own = kept(origins=(Origin(source="/data/a.zip", when="2026-08-03"),))
    (lonely,) = shelf((), [own])
    assert look_of_row(lonely).name == "stau"
    assert primary_of(lonely, None, own, None, "").verb is Verb.OPEN

"""Figures as files: valid, the same each time, of the size that was asked for, with text that is text."""

from __future__ import annotations

import struct
import threading
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib as mpl
import pytest

from fitgui.figures.of_run import RunFigures, What
from fitgui.figures.saving import save_figure
from fitgui.figures.style import COLUMN, DOTS, MILLIMETRES, Style
from fitgui.runs.plan import RunError
from tests.figures.inspecting import figures_of


@pytest.fixture(scope="module")
def made() -> RunFigures:
    return figures_of("stau-combined")


def save(made: RunFigures, path: Path, what: What = What.LIMITS) -> bytes:
    save_figure(path, lambda where: made.draw(what, where), width=COLUMN)
    return path.read_bytes()


def test_a_pdf_embeds_its_fonts_and_is_the_same_twice(made: RunFigures, tmp_path: Path) -> None:
    content = save(made, tmp_path / "figure.pdf")
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert b"/FontFile" in content
    assert b"CreationDate" not in content
    assert save(made, tmp_path / "again.pdf") == content


def test_an_svg_needs_no_font_and_is_the_same_twice(made: RunFigures, tmp_path: Path) -> None:
    content = save(made, tmp_path / "figure.svg")
    tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(content).iter()}
    assert {"path", "use"} <= tags
    assert not {"text", "script", "image"} & tags
    assert b"<!-- All limits at 95 % CL -->" in content
    assert save(made, tmp_path / "again.svg") == content


def test_a_png_has_the_width_that_was_asked_for(made: RunFigures, tmp_path: Path) -> None:
    content = save(made, tmp_path / "figure.png", What.WALL_TIME)
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    (width,) = struct.unpack(">I", content[16:20])
    assert width == pytest.approx(COLUMN / MILLIMETRES * DOTS, abs=1)


def test_threads_do_not_mix_their_styles(made: RunFigures, tmp_path: Path) -> None:
    paths = {style: tmp_path / f"{style}.svg" for style in Style}

    def draw(style: Style) -> None:
        save_figure(paths[style], lambda where: made.draw(What.CLS, where), style=style, width=COLUMN)

    threads = [threading.Thread(target=draw, args=(style,)) for style in Style]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fonts = {style: path.read_text(encoding="utf-8") for style, path in paths.items()}
    assert "TeXGyreHeros" in fonts[Style.ATLAS]
    assert "TeXGyreHeros" not in fonts[Style.NEUTRAL]
    assert mpl.rcParams["svg.hashsalt"] is None, "nothing stays behind"


def test_another_ending_is_refused_and_leaves_nothing(made: RunFigures, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"\.pdf, \.svg, \.png"):
        save(made, tmp_path / "figure.jpg")
    assert not list(tmp_path.iterdir())

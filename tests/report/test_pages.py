"""Pages of a PDF report: no line is wider than it may be, no letter is lost, nothing leaves the page."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from fitgui.figures.style import Style, sheet
from fitgui.report.blocks import Heading, Table
from fitgui.report.pages import TEXT_WIDTH, Pages, Type, broken, measured
from fitgui.report.pdf import _add

KIND = Type(9.0)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="abcWi .,_-", max_size=80), st.floats(min_value=6.0, max_value=60.0, allow_nan=False))
def test_lines_are_broken_where_they_must_be(text: str, width: float) -> None:
    lines = broken(text, KIND, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(measured(line, KIND) <= width or len(line) == 1 for line in lines)


@pytest.mark.parametrize("style", list(Style))
def test_a_long_table_goes_on_with_its_headings(style: Style) -> None:
    rows = tuple((f"point_{n}" * (1 + 9 * (n % 7 == 0)), f"{n}", "0.0123", "fitted") for n in range(150))
    with sheet(style, TEXT_WIDTH) as where:
        pages = Pages(where, "the foot")
        _add(pages, Heading("Results"), where)
        _add(pages, Table(("Point", "m1", "CLs", "State"), rows), where)
        assert len(pages.figures) > 2
        for page in pages.figures:
            canvas = FigureCanvasAgg(page)
            page.draw_without_rendering()
            texts = [text for text in page.findobj(Text) if text.get_text()]
            assert any(text.get_text() == "CLs" for text in texts)
            for text in texts:
                box = text.get_window_extent(canvas.get_renderer())
                assert page.bbox.x0 <= box.x0 <= box.x1 <= page.bbox.x1
                assert page.bbox.y0 <= box.y0 <= box.y1 <= page.bbox.y1
        said = {text.get_text() for page in pages.figures for text in page.findobj(Text)}
        assert {row[1] for row in rows} <= said

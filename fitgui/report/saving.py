"""Reports as files."""

from __future__ import annotations

from pathlib import Path

from fitgui.figures.style import Style
from fitgui.report.content import Material, report_of
from fitgui.report.html import html_of
from fitgui.report.pdf import pdf_of
from fitgui.runs.files import write_whole_bytes
from fitgui.runs.plan import RunError

ENDINGS = (".html", ".htm", ".pdf")


def save_report(path: Path, material: Material, *, style: str | Style = Style.ATLAS) -> None:
    """Write the report of a run; may be called from any thread.

    Args:
        path: ends in ``.html`` or ``.pdf``.
        material: the run, with all that is known of it.
        style: the look of the figures.

    Raises:
        RunError: if the run has no results, the name has another ending, or it cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise RunError(f"{path.name} ends in neither .html nor .pdf: choose a name that does")
    if material.figures.empty:
        raise RunError(
            f"run {material.record.id} has no results to report: choose another of `fitgui runs list`, or go "
            "on with it"
        )
    report, look = report_of(material), Style(style)
    content = pdf_of(report, style=look) if ending == ".pdf" else html_of(report, style=look).encode("utf-8")
    write_whole_bytes(path, content)

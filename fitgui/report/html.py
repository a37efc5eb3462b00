"""A report as one HTML file that needs nothing else: no network, no scripts, figures within."""

from __future__ import annotations

import base64
from html import escape

from fitgui.figures.style import PAGE, Style, sheet
from fitgui.report.blocks import (
    Block,
    Code,
    Facts,
    Heading,
    Paragraphs,
    Picture,
    Report,
    Table,
    legible,
)

_CSS = """
:root { color-scheme: light; }
body { font: 15px/1.45 "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif; color: #1a1a1a;
  max-width: 60rem; margin: 2rem auto; padding: 0 1.2rem; background: #fff; }
h1 { font-size: 1.6rem; margin: 0 0 .2rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.subtitle { color: #555; margin: 0 0 1.2rem; } p { margin: .25rem 0; overflow-wrap: anywhere; }
.warning { border-left: 4px solid #b34700; padding-left: .7rem; }
dl { display: grid; grid-template-columns: 13rem 1fr; gap: .2rem .9rem; margin: 0; }
dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-size: .86rem; font-variant-numeric: tabular-nums; width: 100%; }
th { text-align: right; border-bottom: 1.5px solid #444; padding: .25rem .5rem; vertical-align: bottom; }
td { text-align: right; padding: .14rem .5rem; border-bottom: 1px solid #e4e4e4; }
th.word, td.word { text-align: left; overflow-wrap: anywhere; }
tr.marked td { background: #fdf0e3; }
figure { margin: 1.2rem 0; } figure img { max-width: 100%; height: auto; display: block; }
figcaption { color: #444; font-size: .9rem; margin-top: .3rem; }
pre { font: 12.5px/1.4 Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; background: #f6f6f6; padding: .8rem; }
@media print { body { font-size: 10pt; max-width: none; margin: 0; padding: 0; } h2 { break-after: avoid; }
  figure, tr { break-inside: avoid; } thead { display: table-header-group; }
  pre { background: none; padding: 0; }
  @page { size: A4; margin: 16mm; } }
"""
WORD = ' class="word"'
MARKED = ' class="marked"'
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def html_of(report: Report, *, style: Style = Style.ATLAS) -> str:
    """The whole file; well-formed XML, too. The same report gives the same text."""
    body = "\n".join(_block(block, style) for block in report.blocks)
    title = _text(report.title)
    return f"""<!DOCTYPE html>
<html lang="en" xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="{_POLICY}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>{title}</title>
<style>{_CSS}</style>
</head>
<body>
<h1>{title}</h1>
<p class="subtitle">{_text(report.subtitle)}</p>
{body}
</body>
</html>
"""


def _block(block: Block, style: Style) -> str:
    match block:
        case Heading():
            return f"<h2>{_text(block.text)}</h2>"
        case Paragraphs():
            kind = ' class="warning"' if block.warning else ""
            return "\n".join(f"<p{kind}>{_text(line)}</p>" for line in block.lines)
        case Facts():
            rows = "\n".join(f"<dt>{_text(label)}</dt><dd>{_text(value)}</dd>" for label, value in block.rows)
            return f"<dl>\n{rows}\n</dl>"
        case Table():
            return _table(block)
        case Picture():
            return _picture(block, style)
        case Code():
            return f"<pre>{_text(block.text)}</pre>"


def _table(table: Table) -> str:
    last = len(table.headings) - 1

    def cells(row: tuple[str, ...], tag: str) -> str:
        return "".join(
            f"<{tag}{WORD if place < table.words or place == last else ''}>{_text(cell)}</{tag}>"
            for place, cell in enumerate(row)
        )

    head = f"<thead><tr>{cells(table.headings, 'th')}</tr></thead>"
    rows = "\n".join(
        f"<tr{MARKED if number in table.marked else ''}>{cells(row, 'td')}</tr>"
        for number, row in enumerate(table.rows)
    )
    return f"<table>\n{head}\n<tbody>\n{rows}\n</tbody>\n</table>"


def _picture(picture: Picture, style: Style) -> str:
    with sheet(style, PAGE) as where:
        content = where.encoded(picture.draw(where), "svg")
    packed = base64.b64encode(content).decode("ascii")
    caption = _text(picture.caption)
    return (
        f'<figure><img src="data:image/svg+xml;base64,{packed}" alt="{caption}"/>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _text(text: str) -> str:
    return escape(legible(text), quote=True)

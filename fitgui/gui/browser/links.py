"""Where more can be read; opened in the system's browser, and only over https."""

from __future__ import annotations

from urllib.parse import quote

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from fitgui.pallets.published import Entry


def links_of(entry: Entry) -> list[tuple[str, str, str]]:
    """Words, address, and the name of the field behind each link that is known."""
    links = []
    if entry.arxiv:
        links.append((f"arXiv:{entry.arxiv}", f"https://arxiv.org/abs/{quote(entry.arxiv)}", "arxiv"))
    if entry.journal_doi:
        words = entry.journal or f"doi:{entry.journal_doi}"
        links.append((words, f"https://doi.org/{quote(entry.journal_doi)}", "journal_doi"))
    if entry.inspire is not None:
        links.append(("HEPData", f"https://www.hepdata.net/record/ins{entry.inspire}", "inspire"))
        links.append(("INSPIRE", f"https://inspirehep.net/literature/{entry.inspire}", "inspire"))
    elif entry.record is not None:
        links.append(("HEPData", f"https://www.hepdata.net/record/{entry.record}", "record"))
    return links


def open_link(address: str) -> bool:
    """Hand an address to the system's browser; whether it is one that may be opened and was."""
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    if not url.isValid() or url.scheme() != "https" or not url.host():
        return False
    return bool(QDesktopServices.openUrl(url))

"""Numbers of analyses and of papers in what somebody writes: ``ATLAS-SUSY-2018-04``, ``arXiv:1911.06660``."""

from __future__ import annotations

import re
from typing import Final

NUMBER: Final = re.compile(
    r"(SUSY|EXOT|HIGG|HIGP|HDBS|TOPQ|STDM|SMP|SUS|EXO|B2G)[-_ ]?(\d{2,4})[-_ ](\d{2,3})(?!\d)"
)
_PAPER: Final = re.compile(r"arxiv\W{0,3}(\d{2}(?:0[1-9]|1[0-2])[._]\d{4,5})(?!\d)", re.IGNORECASE)


def numbers_in(text: str) -> tuple[str, ...]:
    """Which analyses a text of somebody's own speaks of.

    A number of a paper counts only behind ``arXiv``: yields and masses look the same.

    Args:
        text: a comment, a title, the name of a file.

    Returns:
        ``SUSY-2018-04``, ``arXiv:1911.06660``, each once, in order.
    """
    found = [(each.start(), "-".join(each.groups())) for each in NUMBER.finditer(text.upper())]
    found += [(each.start(), f"arXiv:{each.group(1).replace('_', '.')}") for each in _PAPER.finditer(text)]
    return tuple(dict.fromkeys(name for _, name in sorted(found)))

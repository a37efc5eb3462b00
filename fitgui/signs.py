"""Signs of a stranger's text that can be shown as they are; errors come before anything else is loaded."""

from __future__ import annotations

import unicodedata


def is_harmless(sign: str) -> bool:
    """Whether a sign does nothing but show itself; the spaces of numbers are among these."""
    return sign.isprintable() or unicodedata.category(sign) == "Zs"

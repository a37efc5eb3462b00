"""What workers elsewhere run: the text of functions, which needs nothing of fitgui to be installed.

Replaced by the owner of this module.
"""

from __future__ import annotations

FUNCTIONS = ("fit", "check", "stop")
"""Names for :func:`source_of`."""

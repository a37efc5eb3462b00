"""The level at which signals are excluded; imports nothing, so that it travels to any worker."""

from __future__ import annotations

from typing import Final

EXCLUSION_CLS: Final = 0.05
"""A signal is excluded at 95 % CL where CLs is below this."""

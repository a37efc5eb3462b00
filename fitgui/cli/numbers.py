"""Numbers as they are typed; what is none is answered in words that need no knowledge of types."""

from __future__ import annotations

import math
from typing import Any

import click


class Whole(click.IntRange):
    """A whole number.

    Args:
        least: the smallest that makes sense.
    """

    def __init__(self, least: int) -> None:
        super().__init__(min=least)
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """From what was typed."""
        try:
            number = int(value)
        except ValueError:
            number = self.least - 1
        if number < self.least:
            self.fail(f"{value} is no whole number of {self.least} or more.", param, ctx)
        return number


class Number(click.FloatRange):
    """A finite number.

    Args:
        least: the smallest that makes sense; or what it must be above.
        above: whether that itself makes no sense.
    """

    def __init__(self, least: float, *, above: bool = False) -> None:
        super().__init__(min=least, min_open=above)
        self.least, self.above = least, above

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """From what was typed."""
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or number < self.least or (self.above and number == self.least):
            range_ = f"above {self.least:g}" if self.above else f"of {self.least:g} or more"
            self.fail(f"{value} is no number {range_}.", param, ctx)
        return number

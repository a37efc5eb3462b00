"""What is in a bin, in words and numbers."""

from __future__ import annotations

import math
from typing import Final

from fitgui import words
from fitgui.insight.sentences import measured
from fitgui.insight.stacking import Stack

LEFT_OUT: Final = "left out of the fit"


def bin_name(stack: Stack, number: int) -> str:
    """``SR, bin 2``; without the bin where there is only one."""
    first = 0
    for name, bins in stack.channels:
        if number < first + bins:
            return f"{name}, bin {number - first + 1}" if bins > 1 else name
        first += bins
    raise IndexError(number)


def bin_in_words(stack: Stack, number: int) -> str:
    """In one line: what was observed, what is expected."""
    if not math.isfinite(stack.observed[number]):
        return f"{bin_name(stack, number)}: {LEFT_OUT}"
    return (
        f"{bin_name(stack, number)}: observed {float(stack.observed[number]):g}, expected "
        f"{measured(float(stack.total[number]), float(stack.errors[number]))}, of it signal "
        f"{words.number(float(stack.signal[number]), 3)}"
    )


def bin_in_lines(stack: Stack, number: int) -> list[str]:
    """With every sample, the largest first; names are whole."""
    if not math.isfinite(stack.observed[number]):
        return [bin_name(stack, number), LEFT_OUT]
    total, error = float(stack.total[number]), float(stack.errors[number])
    ratio = stack.ratio[0][number]
    lines = [
        bin_name(stack, number),
        f"observed {float(stack.observed[number]):g} (68 %: {float(stack.observed_low[number]):.3g} to "
        f"{float(stack.observed_high[number]):.3g})",
        f"expected {measured(total, error)}"
        + (f", data / total {ratio:.2f}" if math.isfinite(ratio) else ""),
    ]
    names = ", ".join(stack.signal_names)
    lines.append(f"signal at μ = {stack.mu:.3g} ({names}): {words.number(float(stack.signal[number]), 3)}")
    for layer in reversed(stack.layers):
        named = layer.name if len(layer.members) == 1 else f"{layer.name} ({', '.join(layer.members)})"
        lines.append(f"{named}: {words.number(float(layer.values[number]), 3)}")
    return lines

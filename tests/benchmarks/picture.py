"""The picture of the page: seconds per point by method, and how they grow with the model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

COLOURS = {
    "newton": "#d55e00",
    "slsqp-numpy": "#0072b2",
    "slsqp-jax": "#56b4e9",
    "minuit-numpy": "#999999",
}
LABELS = {
    "newton": "fitgui, newton",
    "slsqp-numpy": "pyhf, numpy, SLSQP",
    "slsqp-jax": "pyhf, jax, SLSQP",
    "minuit-numpy": "pyhf, numpy, minuit",
}


def draw(series: Mapping[str, Any], path: Path) -> None:
    """Write the picture as SVG.

    Args:
        series: The plain numbers of the parts ``pyhf`` and ``scaling``; what is missing is left empty.
        path: The file.

    Raises:
        ImportError: if matplotlib is not installed.
    """
    import matplotlib as mpl  # noqa: PLC0415

    mpl.use("svg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    # The same figures give the same file.
    mpl.rcParams.update({"svg.hashsalt": "fitgui", "font.size": 9})
    figure, axes = plt.subplots(1, 3, figsize=(11.0, 3.6), width_ratios=(1.3, 1.0, 1.0), layout="constrained")
    _methods(axes[0], series.get("pyhf", {}))
    scaling = series.get("scaling", {})
    _growth(axes[1], scaling.get("parameters", {}), "parameters", "nuisance parameters (20 bins)")
    _growth(axes[2], scaling.get("bins", {}), "bins", "bins (30 nuisance parameters)")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None}, facecolor="white")
    plt.close(figure)


def _methods(axes: Any, analyses: Mapping[str, Mapping[str, float]]) -> None:
    axes.set_yscale("log")
    lowest = 0.4 * min((value for methods in analyses.values() for value in methods.values()), default=1.0)
    shown: set[str] = set()
    for group, methods in enumerate(analyses.values()):
        for place, name in enumerate(COLOURS):
            if name not in methods:
                continue
            x, seconds = group + 0.2 * (place - 1.5), methods[name]
            label = None if name in shown else LABELS[name]
            shown.add(name)
            axes.bar(x, seconds - lowest, 0.19, lowest, color=COLOURS[name], label=label)
            axes.annotate(
                _short(seconds), (x, seconds), (0, 2), fontsize=7, ha="center", textcoords="offset points"
            )
    axes.set_xticks(range(len(analyses)), list(analyses))
    axes.set_ylabel("fits of one point, seconds on one core")
    _plain_ticks(axes.yaxis)
    if analyses:
        axes.set_ylim(lowest, 12.0 * max(max(methods.values()) for methods in analyses.values()))
        axes.legend(fontsize=7, frameon=False, loc="upper center", ncols=2)


def _growth(axes: Any, found: Mapping[str, Any], size: str, label: str) -> None:
    for engine, name in (("newton", "newton"), ("pyhf", "slsqp-numpy")):
        lines = found.get(engine, ())
        if lines:
            x, y = [line[size] for line in lines], [line["fit"] for line in lines]
            axes.loglog(x, y, "o-", color=COLOURS[name], label=LABELS[name], markersize=4)
    for axis in (axes.xaxis, axes.yaxis):
        _plain_ticks(axis)
    axes.set_xlabel(label)
    if found:
        axes.set_ylabel("fits, seconds")
        axes.legend(fontsize=7, frameon=False)


def _plain_ticks(axis: Any) -> None:
    """Label 0.01, 0.1, 1, 10 as they are, and nothing between them."""
    from matplotlib.ticker import FuncFormatter, NullFormatter  # noqa: PLC0415

    axis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _short(seconds: float) -> str:
    return f"{seconds:.2g} s" if seconds >= 0.1 else f"{1000.0 * seconds:.2g} ms"

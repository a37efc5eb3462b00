"""The pages of pulls and of impacts."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from fitgui import words
from fitgui.gui.point.charts import ImpactChart, PullChart
from fitgui.gui.point.page import PointPage, choice, control_row, filter_line
from fitgui.gui.theme import Theme
from fitgui.gui.widgets import text_label
from fitgui.insight.model import ImpactRanking, Parameters

HELD = "\u00a0"
"""A space at which no line ends, and of which several are as wide as they are."""


class PullsPage(PointPage):
    """How far each nuisance parameter was moved, how well it is known now, and the values of free ones."""

    title = "Pulls"
    explanation = (
        "How far each nuisance parameter was moved, how much the data constrain it, and the values of free "
        "norm factors"
    )
    has_fits = True
    only_the_fit = True

    def __init__(self, look: Theme) -> None:
        super().__init__(look)
        self.order = choice(
            "Order",
            "What stands first",
            [("Largest pull", "pull"), ("Strongest constraint", "constraint"), ("Name", "name")],
        )
        self.filter = filter_line("Show only nuisance parameters with this in their names")
        self._count = text_label(role="muted")
        self.chart = PullChart(look)
        self.column.addLayout(control_row([self.order, self.filter, self._count]))
        self.column.addWidget(self.chart, stretch=1)
        self.order.currentIndexChanged.connect(lambda _index: self.refresh())
        self.filter.textChanged.connect(lambda _text: self.refresh())

    def refresh(self) -> None:
        """Draw the chosen fit."""
        fit = None if self.shown is None else self.shown.chosen
        if fit is None:
            return
        order, known = pull_order(fit.parameters, self.order.currentData(), self.filter.text())
        free = free_order(fit.parameters, fit.poi, self.filter.text())
        told = [f"{len(order)} of {words.count(known, 'constrained parameter')}"]
        if free:
            told.append(f"{len(free)} free")
        self._count.setText(", ".join(told))
        self.chart.show_pulls(fit.parameters, order, free)

    @property
    def missing(self) -> str:
        """As long as the fit is not done, and where there is neither a pull nor a free parameter."""
        fit = None if self.shown is None else self.shown.chosen
        if fit is None:
            return "Fitting the point …"
        if not np.isfinite(fit.parameters.pulls).any() and not free_order(fit.parameters, fit.poi, ""):
            return "No parameter of this fit is constrained, so there are no pulls."
        return ""


class ImpactsPage(PointPage):
    """What the signal strength depends on."""

    title = "Impacts"
    explanation = "By how much each nuisance parameter moves the best signal strength"
    part = "impacts"

    def __init__(self, look: Theme) -> None:
        super().__init__(look)
        self.filter = filter_line("Show only nuisance parameters with this in their names")
        self._note = text_label(role="muted")
        self._message = text_label(role="warning", wrap=True)
        self._message.hide()
        self.chart = ImpactChart(look)
        self.legend = text_label(role="muted", wrap=True)
        low, high = self.chart.colours.lowered, self.chart.colours.raised
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        marks = [f'<span style="color:{colour}">{mark}</span>' for mark in "■□" for colour in (low, high)]
        entries = (
            "after the fit: {} at −1σ, {} at +1σ".replace(" ", HELD).format(*marks[:2]),
            "before the fit: {} at −1σ, {} at +1σ".replace(" ", HELD).format(*marks[2:]),
            "● pull ± constraint, thin lines at pulls of ±1".replace(" ", HELD),
        )
        self.legend.setText(f"{3 * HELD} ".join(entries))
        self.column.addLayout(control_row([self.filter, self._note]))
        self.column.addWidget(self.chart, stretch=1)
        self.column.addWidget(self.legend)
        self.column.addWidget(self._message)
        self.filter.textChanged.connect(lambda _text: self.refresh())

    def refresh(self) -> None:
        """Draw the ranking as far as it is known."""
        shown = self.shown
        ranking = None if shown is None else shown.inside.impacts
        free = None if shown is None else shown.inside.fits.get("free")
        if shown is None or ranking is None or free is None:
            return
        order = impact_order(ranking, self.filter.text())
        complete = len(ranking.names) >= ranking.total
        listed = words.count(ranking.total, "parameter")
        self._note.setText(
            f"{len(order)} of {listed}, {words.count(ranking.fits, 'fit')}"
            if complete
            else f"{len(ranking.names)} of {listed} so far"
        )
        self._message.setText(" ".join(ranking.messages))
        self._message.setVisible(bool(ranking.messages))
        self.chart.show_impacts(ranking, free.parameters, order)

    @property
    def missing(self) -> str:
        """As long as none is known, and where there are none."""
        ranking = None if self.shown is None else self.shown.inside.impacts
        if ranking is None:
            return "Fitting again with each nuisance parameter held …"
        if not ranking.total:
            return "There is no nuisance parameter that could have an impact."
        return ""


def pull_order(parameters: Parameters, by: str, part: str) -> tuple[list[int], int]:
    """Places of the parameters with a pull that contain ``part``, in order; and of how many they are."""
    known = [int(place) for place in np.flatnonzero(np.isfinite(parameters.pulls))]
    wanted = [place for place in known if part.strip().lower() in parameters.names[place].lower()]
    if by == "name":
        wanted.sort(key=lambda place: parameters.names[place].lower())
    elif by == "constraint":
        wanted.sort(key=lambda place: float(np.nan_to_num(parameters.constraints[place], nan=np.inf)))
    else:
        wanted.sort(key=lambda place: -abs(float(parameters.pulls[place])))
    return wanted, len(known)


def free_order(parameters: Parameters, poi: str, part: str) -> list[int]:
    """Places of the parameters that nothing constrains and that contain ``part``, by their names.

    The signal strength is not among them: it stands above every page.
    """
    wanted = part.strip().lower()
    unconstrained = np.isnan(parameters.pulls) & np.isnan(parameters.widths)
    found = [
        int(place)
        for place in np.flatnonzero(unconstrained)
        if parameters.names[place] != poi and parameters.standing[place] != "fixed"
    ]
    return sorted(
        (place for place in found if wanted in parameters.names[place].lower()),
        key=lambda place: parameters.names[place].lower(),
    )


def impact_order(ranking: ImpactRanking, part: str) -> list[int]:
    """Entries of the ranking that contain ``part``, the largest impact first."""
    wanted = part.strip().lower()
    return [entry for entry, name in enumerate(ranking.names) if wanted in name.lower()]

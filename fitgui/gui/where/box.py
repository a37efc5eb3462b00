"""The three places to compute, as cards, and what they lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from fitgui import words
from fitgui.gui.fit_options import SPIN_WIDTH
from fitgui.gui.where.card import PlaceCard
from fitgui.gui.where.cluster import Cluster
from fitgui.gui.where.cluster_controls import ClusterControls
from fitgui.gui.where.panel_dialog import PanelDialog
from fitgui.gui.where.standing import ALL_LOOKS, TITLES, Action, Standing, install_command, of_local
from fitgui.gui.where.wheel import keep_from_wheel
from fitgui.gui.where.where import LOCAL, Where
from fitgui.gui.widgets import describe, text_label
from fitgui_backends.contract import Need

EXPLANATIONS = {
    LOCAL: "Fit in worker processes of this computer",
    "globus": "Fit on a cluster that has a Globus Compute endpoint; runs go on when this window is closed",
    "parsl": "Fit through the batch system of the machine on which this window runs",
}


class WhereBox(QWidget):
    """Cards; the chosen one shows its controls. Dialogs are imported when they open: the start is short."""

    said = Signal(str, str)
    """A level and one sentence for the user."""
    opened = Signal(object)
    """The card that was chosen or has got more controls, and is larger now."""

    def __init__(
        self, where: Where, workers: int, look_again: Callable[[], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._where = where
        self._look_again = look_again
        """At this machine."""
        self.workers_box = QSpinBox()
        self.workers_box.setRange(1, max(workers, 1))
        self.workers_box.setValue(workers)
        self.workers_box.setMinimumWidth(SPIN_WIDTH)
        keep_from_wheel(self.workers_box)
        describe(
            self.workers_box, "Workers", "How many points are fitted at once; each worker takes one core"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        group = QButtonGroup(self)
        self.cards: dict[str, PlaceCard] = {}
        self._controls: dict[str, ClusterControls] = {}
        self._add(LOCAL, self._local_controls(), group, column)
        for name, cluster in where.clusters.items():
            controls = ClusterControls(cluster)
            self._controls[name] = controls
            controls.log_in.connect(lambda cluster=cluster: self.log_in(cluster))
            controls.grown.connect(lambda name=name: self.opened.emit(self.cards[name]))
            controls.options.connect(lambda cluster=cluster: self.fill_in(cluster))
            controls.check.connect(lambda cluster=cluster: self.try_out(cluster))
            controls.set_up.connect(self.set_up)
            self._add(name, controls, group, column)
        self.cards[LOCAL].radio.setChecked(True)
        where.changed.connect(self.show_standings)
        self.workers_box.valueChanged.connect(lambda _value: self.show_standings())
        self.show_standings()

    @property
    def workers(self) -> int | None:
        """How many points at once; ``None`` where the cluster decides."""
        return self.workers_box.value() if self._where.chosen == LOCAL else None

    def show_standings(self) -> None:
        """Bring every card up to date."""
        for name, card in self.cards.items():
            cluster = self._where.clusters.get(name)
            standing = cluster.standing if cluster is not None else self._of_local()
            health = self._where.local_health if cluster is None else cluster.place_health or cluster.health
            card.show_standing(standing, health.details if health is not None else {})
        chosen = self.cards[self._where.chosen]
        if not chosen.radio.isChecked():
            chosen.radio.setChecked(True)

    def _of_local(self) -> Standing:
        """This machine, with as many workers as were chosen."""
        health = self._where.local_health
        standing = of_local(health)
        if health is None or not health.ready:
            return standing
        chosen, most = self.workers_box.value(), self.workers_box.maximum()
        of = words.count(most, "worker")
        return replace(standing, line=of if chosen == most else f"{chosen} of {of}")

    def choose(self, name: str) -> None:
        """Choose a place by the name of its backend, as a click on its card does."""
        self.cards[name].radio.setChecked(True)
        self.cards[name].radio.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def act(self, action: Action) -> None:
        """Do what the chosen place needs."""
        cluster = self._where.cluster
        if cluster is None:
            self._look_again()
        elif action is Action.LOGIN:
            self.log_in(cluster)
        elif action is Action.OPTIONS:
            self.fill_in(cluster)
        elif action is Action.CHOOSE:
            self.opened.emit(self.cards[cluster.name])
            self._controls[cluster.name].endpoints.focus()
        elif action is Action.SET_UP:
            self.set_up()
        elif action is Action.COPY_INSTALL:
            self._copy_install(cluster)
        else:
            cluster.look_again()

    @property
    def possible(self) -> frozenset[str]:
        """Of ``log in``, ``log out``, ``options``, ``check`` and ``again``, what can be done now."""
        cluster = self._where.cluster
        if not self.isEnabled():
            return frozenset()
        if cluster is None:
            return frozenset({"again"})
        needs_login = cluster.health is not None and cluster.health.needs is Need.LOGIN
        can = {
            "log in": needs_login,
            "log out": cluster.can_log_in and cluster.is_open,
            "options": cluster.is_usable and cluster.place is not None and cluster.form is not None,
            "check": cluster.can_be_tried,
            "again": True,
        }
        return frozenset(name for name, possible in can.items() if possible)

    def log_in_here(self) -> None:
        """Log in at the chosen cluster."""
        if self._where.cluster is not None:
            self.log_in(self._where.cluster)

    def log_out_here(self) -> None:
        """Log out of the chosen cluster."""
        if self._where.cluster is not None:
            self._where.cluster.log_out()

    def fill_in_here(self) -> None:
        """Open the options of the chosen place."""
        if self._where.cluster is not None:
            self.fill_in(self._where.cluster)

    def try_out_here(self) -> None:
        """Try the chosen place out."""
        if self._where.cluster is not None:
            self.try_out(self._where.cluster)

    def look_again(self) -> None:
        """Look at the chosen place again."""
        self.act(Action.LOOK_AGAIN)

    def log_in(self, cluster: Cluster) -> None:
        """Open the panel in which the user logs in."""
        from fitgui.gui.where.login_dialog import LoginDialog  # noqa: PLC0415

        if not self._is_open(LoginDialog):
            LoginDialog(cluster, self.window()).begin()

    def fill_in(self, cluster: Cluster) -> None:
        """Open the options of the chosen place."""
        from fitgui.gui.where.options_dialog import OptionsDialog  # noqa: PLC0415

        if cluster.place is not None and cluster.form is not None and not self._is_open(OptionsDialog):
            OptionsDialog(cluster, self.window()).begin()

    def try_out(self, cluster: Cluster) -> None:
        """Try out the chosen place."""
        from fitgui.gui.where.trial_dialog import TrialDialog  # noqa: PLC0415

        if cluster.place is not None and not self._is_open(TrialDialog):
            here = self._where.local_health
            TrialDialog(cluster, here.details if here is not None else {}, self.window()).begin()

    def set_up(self) -> None:
        """Open the dialog that writes the configuration of an endpoint."""
        from fitgui.gui.where.setup_dialog import SetupDialog  # noqa: PLC0415

        if not self._is_open(SetupDialog):
            SetupDialog(self._where.run, self.window()).begin()

    def close_dialogs(self) -> None:
        """Give up what is open: the window is closed."""
        for dialog in self.window().findChildren(PanelDialog):
            dialog.close()

    def _is_open(self, kind: type[PanelDialog]) -> bool:
        """Whether there is such a dialog, which comes to the front then."""
        dialog = next((known for known in self.window().findChildren(kind) if known.isVisible()), None)
        if dialog is not None:
            dialog.activateWindow()
        return dialog is not None

    def _add(self, name: str, body: QWidget, group: QButtonGroup, column: QVBoxLayout) -> None:
        card = PlaceCard(TITLES.get(name, name), EXPLANATIONS.get(name, ""), body)
        card.chosen.connect(lambda: self._where.choose(name))
        card.chosen.connect(lambda: self.opened.emit(card))
        card.make_room(str(look) for look in ALL_LOOKS)
        group.addButton(card.radio)
        column.addWidget(card)
        self.cards[name] = card

    def _local_controls(self) -> QWidget:
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 2, 0, 0)
        label = text_label("Workers")
        label.setBuddy(self.workers_box)
        row.addWidget(label)
        row.addWidget(self.workers_box, stretch=1)
        return body

    def _copy_install(self, cluster: Cluster) -> None:
        command = install_command(cluster.name)
        QGuiApplication.clipboard().setText(command)
        self.said.emit(
            "info", f"Copied: {command}. Run it where fitgui is installed, then start fitgui again."
        )

"""What can be done with a cluster, on its card: log in, choose an endpoint, fill in its options, check it."""

from __future__ import annotations

import re

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from fitgui.gui.appearance import breakable
from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.where.cluster import Cluster
from fitgui.gui.where.endpoint_choice import EndpointChoice
from fitgui.gui.where.standing import install_command
from fitgui.gui.widgets import push_button, text_label
from fitgui_backends.contract import Need


class ClusterControls(QWidget):
    """Only what the state of the cluster allows is shown."""

    log_in = Signal()
    """The user wants to log in."""
    grown = Signal()
    """What can be done once somebody is logged in is shown now."""
    options = Signal()
    """The user wants to fill in the options of the place."""
    check = Signal()
    """The user wants to try the place out."""
    set_up = Signal()
    """The user wants to set up an endpoint."""

    def __init__(self, cluster: Cluster, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cluster = cluster
        word = cluster.word
        self._log_in = push_button("Log in…", f"Log in at {cluster.title}, in the browser", self.log_in.emit)
        self._who = text_label(role="muted", wrap=True)
        self._log_out = push_button(
            "Log out", "Revoke the login, and delete what is kept of it", cluster.log_out, role="link"
        )
        self.endpoints = EndpointChoice(cluster)
        self.endpoints.chosen.connect(cluster.choose)
        self._options = push_button(
            "Options…", f"Partition, walltime and what else the {word} asks", self.options.emit
        )
        self._check = push_button(
            "Check…", f"Run a small task on a worker of the {word}, and see what is there", self.check.emit
        )
        self._set_up = push_button(
            "Set up an endpoint…",
            "Write the configuration of an endpoint for a cluster of yours",
            self.set_up.emit,
            role="link",
        )
        self._log_in.setAccessibleName(f"Log in at {cluster.title}")
        self._log_out.setAccessibleName(f"Log out of {cluster.title}")
        for button in (self._options, self._check):
            button.setAccessibleName(f"{button.text().rstrip('…')} of the {word}")
        who = QHBoxLayout()
        who.addWidget(self._who, stretch=1)
        who.addWidget(self._log_out)
        pair = QHBoxLayout()
        pair.setSpacing(6)
        pair.addWidget(self._options)
        pair.addWidget(self._check)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._log_in)
        column.addLayout(who)
        column.addWidget(self.endpoints)
        column.addLayout(pair)
        column.addWidget(self._set_up)
        cluster.changed.connect(self.show_state)
        cluster.places_changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Show what can be done now."""
        cluster = self._cluster
        health, usable = cluster.health, cluster.is_open
        missing = health is not None and health.needs is Need.PACKAGE
        who = cluster.who if usable and cluster.can_log_in else ""
        # An address is broken behind its sign, and the id of a client behind a hyphen, if it must be.
        who = re.sub(r"[@-]", "\\g<0>\N{ZERO WIDTH SPACE}", breakable(who))
        if missing:
            who = f"Install it with\n{install_command(cluster.name)}\nand start fitgui again."
        self._who.setText(who)
        self._who.setVisible(bool(who))
        details = health.details if health is not None else {}
        self._who.setToolTip(plain_tip("\n".join(f"{key}: {value}" for key, value in details.items())))
        self._log_in.setVisible(health is not None and health.needs is Need.LOGIN)
        self._log_out.setVisible(usable and cluster.can_log_in)
        grown = usable and self.endpoints.isHidden()
        self.endpoints.setVisible(usable)
        self._options.setVisible(usable)
        self._check.setVisible(usable)
        chosen = cluster.place is not None
        self._options.setEnabled(chosen and cluster.form is not None)
        self._check.setEnabled(cluster.can_be_tried)
        self._set_up.setVisible(cluster.can_log_in and not chosen)
        if grown and self.isVisible():
            self.grown.emit()

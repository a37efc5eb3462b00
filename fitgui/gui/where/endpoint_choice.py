"""Which place of a cluster: a list with favourites first, a line that finds, a star, and looking again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from fitgui.gui.appearance import StateLook, breakable
from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.where.cluster import Cluster
from fitgui.gui.where.place_combo import BETWEEN, PlaceCombo
from fitgui.gui.where.wheel import keep_from_wheel
from fitgui.gui.widgets import describe, text_label
from fitgui_backends.contract import PlaceInfo

STATUS = {
    "online": StateLook("✓", "online"),
    "offline": StateLook("✗", "offline"),
    "unknown": StateLook("○", "not known"),
}
MANY = 8
"""With more places than that, a line that finds is shown for every kind of them."""


def look_of_place(info: PlaceInfo) -> StateLook:
    """Icon and word of a place."""
    return STATUS.get(info.status, STATUS["unknown"])


def ordered(places: Sequence[PlaceInfo], favourites: Sequence[str]) -> list[PlaceInfo]:
    """Favourites, then what is online, then the rest; each by name."""
    return sorted(
        places,
        key=lambda info: (info.identifier not in favourites, info.status != "online", info.name.casefold()),
    )


class EndpointChoice(QWidget):
    """The places of one cluster to choose from."""

    chosen = Signal(str, str)
    """Identifier and name of the place that the user chose."""

    def __init__(self, cluster: Cluster, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cluster = cluster
        word = cluster.word
        self._find = FindLine()
        self._find.setPlaceholderText("Find, or paste an id")
        self._find.setClearButtonEnabled(True)
        describe(
            self._find,
            f"Find {word}",
            f"Shows the {word}s whose name, owner or id holds this text; Enter chooses the first. The id of "
            "one that is not listed is taken, too.",
        )
        self._find.textChanged.connect(lambda _text: self.show_places())
        self._find.returnPressed.connect(self._take_first)
        self._find.down.connect(self._to_list)
        self.box = PlaceCombo(word.capitalize(), f"The {word} that is to compute; favourites come first")
        keep_from_wheel(self.box)
        self.box.activated.connect(self._activated)
        self._star = _tool("☆", checkable=True)
        self._star.clicked.connect(self._starred)
        self._again = _tool("⟳")
        self._again.clicked.connect(lambda: cluster.look_again())
        describe(self._again, f"Look for {word}s again", f"Ask for the {word}s and their status again")
        self._about = text_label(role="muted", wrap=True)
        upper, row = QHBoxLayout(), QHBoxLayout()
        for line, widgets in ((upper, (self._find,)), (row, (self.box, self._star))):
            line.setSpacing(2)
            for widget in widgets:
                line.addWidget(widget, stretch=0 if widget is self._star else 1)
        # Beside the line that finds, or, where there is none, beside the list.
        (upper if cluster.can_log_in else row).addWidget(self._again)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addLayout(upper)
        column.addLayout(row)
        column.addWidget(self._about)
        cluster.places_changed.connect(self.show_places)
        cluster.changed.connect(self._show_about)
        self.show_places()

    def focus(self) -> None:
        """Go where a place is chosen."""
        self.box.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_places(self) -> None:
        """Fill the list with what is found; the chosen place is always in it."""
        cluster, place = self._cluster, self._cluster.place
        chosen = place.identifier if place is not None else ""
        found = [info for info in ordered(cluster.places, cluster.favourites) if self._matches(info)]
        if place is not None and all(info.identifier != chosen for info in found):
            here = (info for info in cluster.places if info.identifier == chosen)
            found.insert(0, next(here, PlaceInfo(identifier=chosen, name=place.name or chosen)))
        self.box.blockSignals(True)
        self.box.clear()
        if place is None:
            article = "an" if cluster.word[0] in "aeiou" else "a"
            what = (
                "none there" if cluster.places_known and not found else f"choose {article} {cluster.word} …"
            )
            self.box.addItem("looking …" if cluster.listing and not found else what, "")
        for info in found:
            star = "★ " if info.identifier in cluster.favourites else ""
            look = look_of_place(info)
            text = f"{star}{info.name or info.identifier}"
            # A scheduler that is there says nothing new of itself, and its name needs the room.
            telling = info.status == "offline" or (info.status == "online" and cluster.can_log_in)
            self.box.addItem(f"{text}{BETWEEN}{look}" if telling else text, info.identifier)
            last = self.box.count() - 1
            about = "\n".join(
                part for part in (info.name, str(look), info.description, info.identifier) if part
            )
            self.box.setItemData(last, plain_tip(about), Qt.ItemDataRole.ToolTipRole)
        self.box.setCurrentIndex(max(0, self.box.findData(chosen)))
        self.box.blockSignals(False)
        view = self.box.view()
        view.setMinimumWidth(view.sizeHintForColumn(0) + 24)
        self._find.setVisible(cluster.can_log_in or len(cluster.places) > MANY)
        starred = chosen in cluster.favourites
        self._star.setText("★" if starred else "☆")
        self._star.setChecked(starred)
        self._star.setVisible(cluster.can_log_in or len(cluster.places) > MANY)
        self._star.setEnabled(bool(chosen))
        describe(
            self._star,
            f"Favourite {cluster.word}",
            "No longer a favourite" if starred else "A favourite: it is listed first",
        )
        self._show_about()

    def _show_about(self) -> None:
        cluster, place = self._cluster, self._cluster.place
        info = next(
            (i for i in cluster.places if place is not None and i.identifier == place.identifier), None
        )
        text = self._find.text().strip()
        if text and not any(self._matches(info) for info in cluster.places):
            about = f"No {cluster.word} has this in its name; press Enter if it is an id."
        elif info is not None and info.description:
            about = info.description
        else:
            about = ""
        self._about.setText(breakable(about))
        self._about.setVisible(bool(about))

    def _matches(self, info: PlaceInfo) -> bool:
        wanted = self._find.text().casefold().split()
        inside = f"{info.name} {info.description} {info.identifier}".casefold()
        return all(part in inside for part in wanted)

    def _activated(self, index: int) -> None:
        identifier = self.box.itemData(index)
        if identifier:
            self._choose(str(identifier))

    def _choose(self, identifier: str, name: str = "") -> None:
        self._find.blockSignals(True)
        self._find.clear()
        self._find.blockSignals(False)
        self.chosen.emit(identifier, name)
        self.show_places()

    def _take_first(self) -> None:
        text = self._find.text().strip()
        if not text:
            return
        found = [
            info for info in ordered(self._cluster.places, self._cluster.favourites) if self._matches(info)
        ]
        if found:
            self._choose(found[0].identifier)
            return
        try:
            self._choose(str(uuid.UUID(text)))
        except ValueError:
            self._about.setText(f"No {self._cluster.word} has this in its name, and it is no id: a UUID.")
            self._about.show()

    def _to_list(self) -> None:
        self.box.setFocus(Qt.FocusReason.OtherFocusReason)
        self.box.showPopup()

    def _starred(self) -> None:
        place = self._cluster.place
        if place is not None:
            self._cluster.set_favourite(place.identifier, on=self._star.isChecked())


class FindLine(QLineEdit):
    """A line from which the arrow key goes on to what it found."""

    down = Signal()
    """The arrow key was pressed."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow key has no other meaning in a line."""
        if event.key() == Qt.Key.Key_Down:
            self.down.emit()
            return
        super().keyPressEvent(event)


def _tool(text: str, *, checkable: bool = False) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setCheckable(checkable)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setProperty("role", "sign")
    return button

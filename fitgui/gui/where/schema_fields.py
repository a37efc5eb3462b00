"""One field of a form for each kind of property that a JSON schema can describe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from fitgui.gui.where.wheel import keep_from_wheel

SCALARS = (str, int, float, bool)
LINES = 4
"""Of a field for text of several lines, before it scrolls."""
MULTILINE = ("textarea", "multiline", "multi-line")


def kind_of(schema: Mapping[str, Any]) -> str:
    """``choice``, ``boolean``, ``integer``, ``number``, ``string``, ``lines``, or ``other`` for the rest."""
    options = schema.get("enum")
    if isinstance(options, list) and options and all(isinstance(value, SCALARS) for value in options):
        return "choice"
    kind = schema.get("type")
    if isinstance(kind, list):  # what may also be nothing is what it is otherwise
        kinds = [name for name in kind if name != "null"]
        kind = kinds[0] if len(kinds) == 1 else None
    if kind == "string" and (schema.get("format") in MULTILINE or "\n" in str(schema.get("default", ""))):
        return "lines"
    return kind if kind in ("boolean", "integer", "number", "string") else "other"


def text_of(value: object) -> str:
    """A value as it stands in a line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value)


def parsed(kind: str, text: str) -> object:
    """What a line means; ``None`` where it is empty, the text itself where it means nothing of that kind."""
    text = text.strip()
    if not text:
        return None
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
        return json.loads(text) if kind == "other" else text
    except ValueError:
        return text


class Field(QObject):
    """A widget and its value; ``None`` where it is left open."""

    changed = Signal()

    widget: QWidget

    @property
    def value(self) -> object:
        """What is filled in."""
        raise NotImplementedError

    def show_value(self, value: object) -> None:
        """Fill in a value; ``None`` leaves it open."""
        raise NotImplementedError


class ChoiceField(Field):
    """One of several values."""

    def __init__(self, options: list[Any], default: object, *, open_: bool, parent: QObject) -> None:
        super().__init__(parent)
        self._box = QComboBox()
        self._box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        keep_from_wheel(self._box)
        if open_ or "" in options:
            self._box.addItem(f"default: {text_of(default)}" if default not in (None, "") else "–", None)
        for option in (known for known in options if known != ""):
            self._box.addItem(text_of(option), option)
        self._box.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self.widget = self._box

    @property
    def value(self) -> object:
        """The value that is chosen."""
        value: object = self._box.currentData()
        return value

    def show_value(self, value: object) -> None:
        """Choose a value; one that there is no longer leaves it open."""
        found = next((i for i in range(self._box.count()) if self._box.itemData(i) == value), 0)
        self._box.setCurrentIndex(found)


class TickField(Field):
    """Yes or no, where the default is known."""

    def __init__(self, title: str, default: bool, parent: QObject) -> None:
        super().__init__(parent)
        self._default = default
        self._box = QCheckBox(title)
        self._box.toggled.connect(lambda _on: self.changed.emit())
        self.widget = self._box
        self.show_value(None)

    @property
    def value(self) -> object:
        """Whether it is ticked."""
        return self._box.isChecked()

    def show_value(self, value: object) -> None:
        """Tick it or not; open, it is as by default."""
        self._box.setChecked(self._default if value is None else bool(value))


class LineField(Field):
    """A number, a word, or what else stands in a line."""

    def __init__(self, kind: str, default: object, parent: QObject) -> None:
        super().__init__(parent)
        self._kind = kind
        self._line = QLineEdit()
        if default not in (None, ""):
            self._line.setPlaceholderText(f"default: {text_of(default)}")
        self._line.textChanged.connect(lambda _text: self.changed.emit())
        self.widget = self._line

    @property
    def value(self) -> object:
        """What the text means."""
        return parsed(self._kind, self._line.text())

    def show_value(self, value: object) -> None:
        """Fill in a value."""
        self._line.setText("" if value is None else text_of(value))
        self._line.setCursorPosition(0)


class TextField(Field):
    """Text of several lines, such as commands."""

    def __init__(self, default: object, parent: QObject) -> None:
        super().__init__(parent)
        self._text = QPlainTextEdit()
        self._text.setTabChangesFocus(True)
        self._text.setFixedHeight(self._text.fontMetrics().lineSpacing() * LINES + 22)
        if default:
            self._text.setPlaceholderText(f"default:\n{default}")
        self._text.textChanged.connect(self.changed)
        self.widget = self._text

    @property
    def value(self) -> object:
        """The text."""
        return self._text.toPlainText().rstrip() or None

    def show_value(self, value: object) -> None:
        """Fill in a text."""
        self._text.setPlainText("" if value is None else str(value))


def make_field(
    schema: Mapping[str, Any], title: str, *, required: bool, prefilled: bool, parent: QObject
) -> Field:
    """The field for a property.

    Args:
        schema: of the property.
        title: of the property, for fields that stand without a label.
        required: whether it must be filled in.
        prefilled: whether the default is filled in, rather than told of.
        parent: keeps the field.
    """
    kind, default = kind_of(schema), schema.get("default")
    told = None if prefilled else default
    if kind == "choice":
        open_ = told is not None or not (required or prefilled) or (prefilled and default is None)
        field: Field = ChoiceField(list(schema["enum"]), told, open_=open_, parent=parent)
    elif kind == "boolean" and isinstance(default, bool):
        field = TickField(title, default, parent)
    elif kind == "boolean":
        field = ChoiceField([True, False], None, open_=True, parent=parent)
    elif kind == "lines":
        field = TextField(told, parent)
    else:
        field = LineField(kind, told, parent)
    if prefilled:
        field.show_value(default)
    return field

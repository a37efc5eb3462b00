"""A form made from a JSON schema: one field for each property, what is wrong beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from fitgui.gui import theme
from fitgui.gui.appearance import breakable
from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.where.schema_fields import Field, make_field
from fitgui.gui.where.schema_words import problems_of
from fitgui.gui.widgets import describe, text_label

WITHIN = 2
"""Between the parts of a field, in pixels."""


def titles_of(schema: Mapping[str, Any]) -> dict[str, str]:
    """How each property is called, by its name."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    return {
        name: str((inner.get("title") if isinstance(inner, Mapping) else None) or _plain(name))
        for name, inner in properties.items()
    }


class SchemaForm(QWidget):
    """Fields one below the other.

    Args:
        schema: of an object; properties that it does not describe cannot be filled in.
        prefilled: whether defaults are filled in; otherwise a field that is left open says what its
            default is, and its property is absent.
        parent: keeps it.
    """

    changed = Signal()
    """A field was changed."""

    def __init__(
        self, schema: Mapping[str, Any], *, prefilled: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._schema = schema
        self._fields: dict[str, Field] = {}
        self._notes: dict[str, QLabel] = {}
        self._explained: dict[str, str] = {}
        self._touched: set[str] = set()
        self._filling = False
        self._prefilled = prefilled
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.SPACING + 2)
        self._whole = text_label(role="error", wrap=True)
        self._whole.hide()
        self._column.addWidget(self._whole)
        required = schema.get("required")
        needed = required if isinstance(required, list) else []
        properties = schema.get("properties")
        for name, title in titles_of(schema).items():
            assert isinstance(properties, Mapping)
            inner = properties[name] if isinstance(properties[name], Mapping) else {}
            self._add(name, title, inner, required=name in needed)
        if not self._fields:
            self._column.addWidget(text_label("There is nothing to fill in.", role="muted", wrap=True))
        self._column.addStretch(1)

    @property
    def values(self) -> dict[str, Any]:
        """What is filled in, by the name of the property; without what is left open."""
        found = {name: field.value for name, field in self._fields.items()}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def problems(self) -> dict[str, str]:
        """What is wrong, by the name of the property; ``""`` for the form as a whole."""
        return problems_of(self._schema, self.values)

    def title_of(self, name: str) -> str:
        """How a property is called; empty for the form as a whole."""
        return titles_of(self._schema).get(name, name)

    def show_values(self, values: Mapping[str, object]) -> None:
        """Fill in these values, and leave everything else open."""
        self._filling = True
        for name, field in self._fields.items():
            field.show_value(values.get(name))
        self._filling = False
        self._touched.clear()
        self._show_problems()
        self.changed.emit()

    def reset(self) -> None:
        """Back to the defaults."""
        properties = self._schema.get("properties")
        defaults = {
            name: properties[name].get("default")
            for name in self._fields
            if self._prefilled and isinstance(properties, Mapping) and isinstance(properties[name], Mapping)
        }
        self.show_values(defaults)

    def complain(self) -> bool:
        """Say everything that is wrong, and go to the first of it; whether something is."""
        self._touched = {"", *self._fields}
        problems = self._show_problems()
        first = next((name for name in self._fields if name in problems), None)
        if first is not None:
            self._fields[first].widget.setFocus(Qt.FocusReason.OtherFocusReason)
        return bool(problems)

    def _add(self, name: str, title: str, schema: Mapping[str, Any], *, required: bool) -> None:
        field = make_field(schema, title, required=required, prefilled=self._prefilled, parent=self)
        block = QVBoxLayout()
        block.setSpacing(WITHIN)
        if not isinstance(field.widget, QCheckBox):
            label = text_label(f"{title} (needed)" if required else title, wrap=True)
            label.setBuddy(field.widget)
            block.addWidget(label)
        block.addWidget(field.widget)
        explanation = str(schema.get("description") or "")
        if explanation:
            block.addWidget(text_label(breakable(explanation, 40), role="muted", wrap=True))
        note = text_label(role="error", wrap=True)
        note.hide()
        block.addWidget(note)
        self._column.addLayout(block)
        describe(field.widget, title, explanation or title)
        field.widget.setToolTip(plain_tip(explanation or title))
        self._explained[name] = explanation or title
        field.changed.connect(lambda: self._edited(name))
        self._fields[name], self._notes[name] = field, note

    def _edited(self, name: str) -> None:
        if not self._filling:
            self._touched.add(name)
            self._show_problems()
            self.changed.emit()

    def _show_problems(self) -> dict[str, str]:
        problems = self.problems
        for name, note in self._notes.items():
            text = problems.get(name, "") if name in self._touched else ""
            note.setText(f"✗ {breakable(text, 40)}" if text else "")
            note.setVisible(bool(text))
            field = self._fields[name].widget
            about = self._explained[name]
            field.setAccessibleDescription(f"{text}. {about}" if text else about)
        others = [text for name, text in problems.items() if name not in self._notes]
        self._whole.setText(" ".join(f"✗ {text}" for text in others))
        self._whole.setVisible(bool(others) and "" in self._touched)
        return problems


def _plain(name: str) -> str:
    words = name.replace("_", " ").strip() or name
    return words[:1].upper() + words[1:]

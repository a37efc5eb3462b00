"""The look of the window: colours, spacing and type in one place, light and dark.

Colours of marks are from the Okabe-Ito set, which is told apart with every common colour vision; CLs uses the
perceptually uniform map *viridis*.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from fitgui.resources import resource_path


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by what they mean."""

    name: str
    window: str
    panel: str
    field: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    good: str
    warning: str
    bad: str
    grid: str
    """Colour of marks that carry no information yet."""


LIGHT = Theme(
    name="light",
    window="#eef0f3",
    panel="#ffffff",
    field="#f4f5f7",
    line="#d9dde3",
    text="#1b1f27",
    muted="#566072",
    accent="#0068a3",
    on_accent="#ffffff",
    good="#00785a",
    warning="#9a5b00",
    bad="#b34700",
    grid="#8b93a1",
)
DARK = Theme(
    name="dark",
    window="#14161a",
    panel="#1d2026",
    field="#15171b",
    line="#343a44",
    text="#eceef2",
    muted="#a3acba",
    accent="#56b4e9",
    on_accent="#0c1117",
    good="#35c99b",
    warning="#f0b23e",
    bad="#ff8a4c",
    grid="#7d8696",
)

SPACING = 8
MARGIN = 14
HEADLINE_POINTS = 19


def system_theme() -> Theme:
    """The theme that the desktop asks for; light where it does not say."""
    return theme_for(QApplication.styleHints().colorScheme())


def theme_for(scheme: Qt.ColorScheme) -> Theme:
    """The theme for what a desktop asks for; light where it does not say."""
    return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


def apply_theme(application: QApplication, theme: Theme) -> None:
    """Give the whole application the colours of ``theme``."""
    if not application.styleSheet():  # else it has it: setting it again takes as long as the style sheet
        application.setStyle("Fusion")
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.panel,
        QPalette.ColorRole.AlternateBase: theme.field,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Button: theme.field,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.ToolTipBase: theme.panel,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.Mid: theme.line,
        QPalette.ColorRole.Dark: theme.line,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.grid))
    application.setPalette(palette)
    application.setStyleSheet(_style_sheet(theme))


def headline_font(base: QFont) -> QFont:
    """The font of the numbers that matter."""
    font = QFont(base)
    font.setPointSize(HEADLINE_POINTS)
    font.setBold(True)
    # Figures of equal width, so that running numbers do not jump.
    font.setStyleHint(QFont.StyleHint.SansSerif)
    return font


def _style_sheet(theme: Theme) -> str:
    down, up = (resource_path(f"icons/chevron-{side}.svg").as_posix() for side in ("down", "up"))
    check = resource_path(f"icons/check-{theme.name}.svg").as_posix()
    return f"""
    QFrame#panel {{ background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 8px; }}
    QFrame#place {{ background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 8px; }}
    QFrame#place:hover {{ border-color: {theme.muted}; }}
    QFrame#place[chosen="true"] {{ background: {theme.field}; border-color: {theme.accent}; }}
    QFrame#place QLineEdit, QFrame#place QComboBox, QFrame#place QAbstractSpinBox {{
        background: {theme.panel}; }}
    QDialog {{ background: {theme.panel}; }}
    QDialog#palette {{ border: 1px solid {theme.muted}; }}
    QDialog#palette QTreeView {{ background: {theme.panel}; border: none; outline: none; }}
    QDialog#palette QTreeView::item {{ padding: 0 6px; border: none; }}
    QDialog#palette QTreeView::item:selected {{ background: {theme.accent}; color: {theme.on_accent}; }}
    QLabel {{ background: transparent; }}
    QLabel[role="step"] {{ color: {theme.muted}; font-weight: bold; }}
    QLabel[role="muted"] {{ color: {theme.muted}; }}
    QLabel[role="title"] {{ font-weight: bold; font-size: 12pt; }}
    QLabel[role="good"] {{ color: {theme.good}; }}
    QLabel[role="warning"] {{ color: {theme.warning}; }}
    QLabel[role="error"] {{ color: {theme.bad}; }}
    QPushButton {{ background: {theme.panel}; color: {theme.text}; border: 1px solid {theme.line};
        border-radius: 6px; padding: 5px 12px; }}
    QPushButton:hover {{ border-color: {theme.accent}; }}
    QPushButton:focus {{ border: 2px solid {theme.accent}; padding: 4px 11px; }}
    QPushButton:checked {{ background: {theme.accent}; color: {theme.on_accent}; }}
    QPushButton:disabled {{ color: {theme.grid}; background: {theme.field}; }}
    QPushButton[role="primary"] {{ background: {theme.accent}; color: {theme.on_accent}; border: none;
        padding: 10px; font-weight: bold; font-size: 12pt; }}
    QPushButton[role="primary"]:hover {{ border: none; }}
    QPushButton[role="primary"]:focus {{ border: 2px solid {theme.text}; padding: 8px; }}
    QPushButton[role="primary"]:disabled {{ background: {theme.line}; color: {theme.muted}; }}
    QPushButton[role="link"] {{ background: transparent; border: none; color: {theme.accent};
        padding: 2px 4px; text-align: left; }}
    QPushButton[role="link"]:hover {{ text-decoration: underline; }}
    QPushButton[role="link"]:focus {{ border: 1px solid {theme.accent}; }}
    QPushButton[role="segment"] {{ padding: 5px 3px; }}
    QPushButton[role="segment"]:focus {{ border: 2px solid {theme.accent}; padding: 4px 2px; }}
    QPushButton[role="segment"]:checked {{ background: {theme.field}; color: {theme.accent};
        border: 1px solid {theme.accent}; font-weight: bold; }}
    QPushButton[role="segment"]:checked:focus {{ border: 2px solid {theme.accent}; padding: 4px 2px; }}
    QPushButton[role="action"] {{ color: {theme.accent}; border: 1px solid {theme.accent};
        padding: 7px 10px; font-weight: bold; }}
    QPushButton[role="action"]:focus {{ border: 2px solid {theme.accent}; padding: 6px 9px; }}
    QPushButton[role="action"]:disabled {{ color: {theme.muted}; border-color: {theme.line}; }}
    QLineEdit, QPlainTextEdit {{ background: {theme.field}; color: {theme.text};
        border: 1px solid {theme.line}; border-radius: 6px; padding: 4px 8px;
        selection-background-color: {theme.accent}; selection-color: {theme.on_accent}; }}
    QLineEdit:focus, QPlainTextEdit:focus {{
        border: 2px solid {theme.accent}; padding: 3px 7px; }}
    QComboBox, QAbstractSpinBox {{ background: {theme.field}; color: {theme.text};
        border: 1px solid {theme.line}; border-radius: 6px; padding: 3px 6px; min-height: 18px; }}
    QComboBox {{ combobox-popup: 0; }}
    QComboBox:focus, QAbstractSpinBox:focus {{ border: 2px solid {theme.accent}; padding: 2px 5px; }}
    QComboBox:disabled, QAbstractSpinBox:disabled {{ color: {theme.grid}; }}
    QComboBox::drop-down {{ border: none; width: 22px; }}
    QComboBox::down-arrow, QAbstractSpinBox::down-arrow {{ image: url("{down}"); width: 12px; height: 12px; }}
    QAbstractSpinBox::up-arrow {{ image: url("{up}"); width: 12px; height: 12px; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: none; width: 20px; }}
    QComboBox QAbstractItemView {{ background: {theme.panel}; color: {theme.text};
        border: 1px solid {theme.line}; selection-background-color: {theme.accent};
        selection-color: {theme.on_accent}; }}
    QSlider {{ min-height: 20px; }}
    QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {theme.line}; }}
    QSlider::sub-page:horizontal {{ border-radius: 2px; background: {theme.accent}; }}
    QSlider::handle:horizontal {{ width: 12px; margin: -5px 0; border: 2px solid {theme.accent};
        border-radius: 8px; background: {theme.panel}; }}
    QSlider::handle:horizontal:focus {{ background: {theme.accent}; border-color: {theme.text}; }}
    QRadioButton::indicator {{ width: 12px; height: 12px; border: 1px solid {theme.muted}; border-radius: 7px;
        background: {theme.field}; }}
    QRadioButton::indicator:checked {{ width: 6px; height: 6px; border: 4px solid {theme.accent};
        background: {theme.panel}; }}
    QRadioButton:focus, QCheckBox:focus {{ color: {theme.accent}; }}
    QCheckBox {{ spacing: 6px; }}
    QCheckBox::indicator {{ width: 12px; height: 12px; border: 1px solid {theme.muted}; border-radius: 3px;
        background: {theme.field}; }}
    QCheckBox::indicator:checked {{ background: {theme.accent}; border-color: {theme.accent};
        image: url("{check}"); }}
    QCheckBox::indicator:disabled {{ border-color: {theme.line}; }}
    QCheckBox::indicator:checked:disabled {{ background: {theme.grid}; border-color: {theme.grid}; }}
    QCheckBox:disabled {{ color: {theme.grid}; }}
    QToolButton {{ background: transparent; color: {theme.muted}; border: 1px solid transparent;
        border-radius: 4px; padding: 2px 4px; }}
    QToolButton:hover, QToolButton:focus {{ border-color: {theme.accent}; }}
    QToolButton[role="sign"] {{ color: {theme.accent}; font-size: 12pt; }}
    QToolButton[role="sign"]:disabled {{ color: {theme.grid}; }}
    QToolButton[role="menu"] {{ color: {theme.text}; border: 1px solid {theme.line}; border-radius: 6px;
        padding: 3px 20px 3px 6px; }}
    QToolButton[role="menu"]:hover {{ border-color: {theme.accent}; }}
    QToolButton[role="menu"]:focus {{ border: 2px solid {theme.accent}; padding: 2px 19px 2px 5px; }}
    QToolButton[role="menu"]::menu-indicator {{ image: url("{down}"); width: 12px; height: 12px; right: 4px;
        subcontrol-origin: padding; subcontrol-position: center right; }}
    QTabBar {{ qproperty-drawBase: 0; }}
    QProgressBar {{ background: {theme.line}; border: none; border-radius: 4px; max-height: 8px;
        min-height: 8px; }}
    QProgressBar::chunk {{ background: {theme.accent}; border-radius: 4px; }}
    QTabWidget::pane {{ border: none; }}
    QTabBar::tab {{ background: transparent; color: {theme.muted}; padding: 6px 12px; border: none;
        border-bottom: 2px solid transparent; }}
    QTabBar::tab:selected {{ color: {theme.text}; font-weight: bold;
        border-bottom-color: {theme.accent}; }}
    QTabBar::tab:focus {{ border-bottom: 3px solid {theme.accent}; }}
    QTableView {{ background: {theme.panel}; alternate-background-color: {theme.field};
        border: 1px solid {theme.line};
        border-radius: 6px; gridline-color: {theme.line};
        selection-background-color: {theme.accent};
        selection-color: {theme.on_accent}; }}
    QTableView:focus {{ border: 2px solid {theme.accent}; }}
    QListView {{ background: {theme.panel}; border: 1px solid transparent; border-radius: 6px;
        outline: none; }}
    QHeaderView::section {{ background: {theme.panel}; color: {theme.muted}; border: none;
        border-bottom: 1px solid {theme.line}; padding: 4px; }}
    QTableCornerButton::section {{ background: {theme.panel}; border: none; }}
    QFrame#notice {{ background: {theme.field}; border: 2px solid {theme.line}; border-radius: 6px; }}
    QFrame#notice[fresh="true"] {{ border-color: {theme.accent}; }}
    QFrame#verdict {{ background: {theme.field}; border: 1px solid {theme.line}; border-radius: 8px; }}
    QFrame#drop {{ border: 2px dashed {theme.line}; border-radius: 8px; }}
    QFrame#drop[active="true"] {{ border-color: {theme.accent}; }}
    QToolTip {{ background: {theme.panel}; color: {theme.text};
        border: 1px solid {theme.line}; padding: 4px; }}
    QSplitter::handle {{ background: transparent; }}
    QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0 0 0 4px; }}
    QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 4px 0 0 0; }}
    QScrollBar::handle {{ background: {theme.grid}; border-radius: 4px; min-height: 24px; min-width: 24px; }}
    QScrollBar::handle:hover {{ background: {theme.accent}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QScrollArea {{ border: none; background: transparent; }}
    QScrollArea > QWidget > QWidget {{ background: transparent; }}
    QMenu {{ background: {theme.panel}; border: 1px solid {theme.line}; }}
    QMenu::item:selected {{ background: {theme.accent}; color: {theme.on_accent}; }}
    QMenuBar {{ background: {theme.window}; }}
    QMenuBar::item:selected {{ background: {theme.line}; }}
    """

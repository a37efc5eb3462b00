"""Logging in: in the system's browser, which comes back by itself, or by a code that is pasted."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLineEdit, QWidget

from fitgui.gui.appearance import breakable
from fitgui.gui.where.cluster import KEPT, WHO, Cluster
from fitgui.gui.where.panel_dialog import PanelDialog, copy
from fitgui.gui.widgets import describe, push_button, set_role, text_label
from fitgui_backends.contract import Health, Need

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def open_login(address: str) -> bool:
    """Show an address of a login in the system's browser; whether it may be shown, and was.

    Only https, and http of this machine itself, which tests use.
    """
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    secure = url.scheme() == "https" or (url.scheme() == "http" and url.host() in LOOPBACK)
    return bool(url.isValid() and url.host() and secure and QDesktopServices.openUrl(url))


class LoginDialog(PanelDialog):
    """One login, from its address to who is logged in; closing it gives the login up.

    Args:
        cluster: the backend that asks who the user is.
        parent: the window.
    """

    def __init__(self, cluster: Cluster, parent: QWidget | None = None) -> None:
        super().__init__(f"Log in – {cluster.title}", f"Log in at {cluster.title}", parent)
        self._cluster = cluster
        self._attempt = 0
        """Numbers the logins that were begun here: what comes of an earlier one is dropped."""
        self._pending = False
        self._text = text_label(wrap=True)
        self._address = QLineEdit()
        self._address.setReadOnly(True)
        describe(self._address, "Address of the login", "Where you log in; open it in any browser")
        self._code = QLineEdit()
        self._code.setPlaceholderText("Paste the code here")
        describe(self._code, "Code", "The code that the page shows after you have logged in")
        self._note = text_label(role="muted", wrap=True)
        for widget in (self._text, self._address, self._code, self._note):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self._other = push_button(
            "Use a code instead",
            "For a machine without a browser: log in anywhere, and paste the code that is shown",
            lambda: self.begin(browser=False),
            role="link",
        )
        self._copy = push_button("Copy the address", "Copy the address of the login", self._copy_address)
        self._again = push_button("Try again", "Begin another login", self.begin)
        self._cancel = push_button("Cancel", "Give the login up", self.reject)
        self._send = push_button("Log in", "Log in with this code", self._send_code, role="action")
        self._code.textChanged.connect(lambda text: self._send.setEnabled(bool(text.strip())))
        self.buttons.addWidget(self._other)
        self.buttons.addStretch(1)
        for button in (self._copy, self._again, self._cancel, self._send):
            self.buttons.addWidget(button)
        self.finished.connect(lambda _result: self._give_up())

    @property
    def text(self) -> str:
        """What it says now."""
        return self._text.text()

    @property
    def address(self) -> str:
        """Of the login that is going on."""
        return self._address.text()

    def begin(self, *, browser: bool = True) -> None:
        """Begin a login; one that is going on is given up."""
        if not self.isVisible():
            self.open_at(520, 250)
        self._attempt += 1
        attempt = self._attempt
        self._address.clear()
        self._code.clear()
        self._show("Asking for a login …")

        def begun(address: str) -> None:
            if attempt != self._attempt:
                return
            self._address.setText(address)
            self._address.setCursorPosition(0)
            self._begun(attempt, browser=browser)

        def start() -> None:
            if attempt == self._attempt:
                self._pending = True
                self._cluster.begin_login(
                    browser=browser, done=begun, failed=lambda why: self._failed(attempt, why)
                )

        if self._pending:
            self._cluster.cancel_login(start)
        else:
            start()

    def _begun(self, attempt: int, *, browser: bool) -> None:
        opened = open_login(self.address)
        if browser:
            what = (
                "Your browser shows the login. This goes on by itself when you are done there."
                if opened
                else "No browser could be opened here. Open this address in a browser of this machine; this "
                "goes on by itself when you are done there."
            )
            self._show(what, address=True, other=True)
            self._finish(attempt, None)
        else:
            self._show(
                "Log in at this address, in any browser on any machine. It then shows a code: paste it here.",
                address=True,
                code=True,
            )
            self._code.setFocus()

    def _send_code(self) -> None:
        code = self._code.text().strip()
        if code:
            self._code.clear()
            self._show("The code is being checked …")
            self._finish(self._attempt, code)

    def _finish(self, attempt: int, code: str | None) -> None:
        self._cluster.finish_login(
            code,
            lambda health: self._done(attempt, health),
            lambda why: self._failed(attempt, why),
        )

    def _done(self, attempt: int, health: Health) -> None:
        if attempt != self._attempt:
            return
        self._pending = False
        who = health.details.get(WHO, "")
        if not health.ready and health.needs is not Need.PLACE:
            self._failed(attempt, health.summary)
            return
        self._show(f"✓ Logged in as {who}." if who else "✓ Logged in.", role="good", note=kept_where(health))
        self._cancel.setText("Close")
        describe(self._cancel, "Close", "Back to the window")
        self._cancel.setFocus()

    def _failed(self, attempt: int, why: str) -> None:
        if attempt != self._attempt:
            return
        self._pending = False
        self._show(f"✗ {why}.", role="error", again=True, other=True)
        self._again.setFocus()

    def _show(
        self,
        text: str,
        *,
        role: str = "",
        note: str = "",
        address: bool = False,
        code: bool = False,
        other: bool = False,
        again: bool = False,
    ) -> None:
        self._text.setText(breakable(text, 60))
        set_role(self._text, role)
        self._note.setText(note or "fitgui never sees your password.")
        self._address.setVisible(address)
        self._copy.setVisible(address)
        self._code.setVisible(code)
        self._send.setVisible(code)
        self._send.setDefault(code)
        self._send.setEnabled(bool(self._code.text().strip()))
        self._other.setVisible(other)
        self._again.setVisible(again)
        self.setAccessibleDescription(text)

    def _copy_address(self) -> None:
        copy(self.address)
        self._note.setText("The address is copied.")

    def _give_up(self) -> None:
        """What comes from now on is for nobody."""
        self._attempt += 1
        if self._pending:
            self._pending = False
            self._cluster.cancel_login()


def kept_where(health: Health) -> str:
    """Where the login is kept, in a sentence; empty where the backend does not say."""
    place = health.details.get(KEPT, "")
    return f"The login is kept in {place}." if place else ""

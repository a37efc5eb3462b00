"""How a place to compute stands, in an icon, a word, a line, and the one thing that can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fitgui.gui.appearance import StateLook
from fitgui_backends.contract import Health, Need, Place

TITLES = {"local": "This machine", "globus": "Globus Compute", "parsl": "Parsl"}
PLACE_WORDS = {"globus": "endpoint", "parsl": "scheduler"}
"""What a backend calls its places."""
INSTALL = 'pip install "fitgui[{name}]"'


class Action(Enum):
    """What a place needs the user to do; the value stands on the button."""

    COPY_INSTALL = "Copy the command"
    LOGIN = "Log in…"
    CHOOSE = "Choose one"
    OPTIONS = "Options…"
    SET_UP = "Set one up…"
    LOOK_AGAIN = "Look again"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the card of a place shows, and what keeps the user from running there."""

    look: StateLook
    role: str
    """Of the icon and the word: ``good``, ``muted``, ``warning`` or ``error``."""
    line: str
    """One line, or an empty one."""
    obstacle: str = ""
    """Why nothing can be run there now, in a sentence; empty where it can."""
    action: Action | None = None
    """What helps, where the user can do something."""
    waits: bool = False
    """Whether a run can be started all the same, and waits until the obstacle is gone."""

    @property
    def ready(self) -> bool:
        """Whether a run can be started there."""
        return not self.obstacle or self.waits


_LOOKS = {
    Need.PACKAGE: (StateLook("○", "not installed"), "muted", Action.COPY_INSTALL),
    Need.LOGIN: (StateLook("⚠", "needs login"), "warning", Action.LOGIN),
    Need.PLACE: (StateLook("○", "none chosen"), "muted", Action.CHOOSE),
    Need.ONLINE: (StateLook("✗", "offline"), "error", Action.LOOK_AGAIN),
    Need.SERVICE: (StateLook("✗", "no answer"), "error", Action.LOOK_AGAIN),
    Need.NOTHING: (StateLook("✗", "not ready"), "error", Action.LOOK_AGAIN),
}
CHECKING = StateLook("◔", "checking")
READY = StateLook("✓", "ready")
REFUSED = StateLook("✗", "refused")
NEEDS_OPTIONS = StateLook("⚠", "incomplete")
ALL_LOOKS = (CHECKING, READY, REFUSED, NEEDS_OPTIONS, *(look for look, _role, _action in _LOOKS.values()))


def install_command(name: str) -> str:
    """What installs a backend."""
    return INSTALL.format(name=name)


def of_local(health: Health | None) -> Standing:
    """This machine: it can be used before it has been looked at, too."""
    if health is None:
        return Standing(CHECKING, "muted", "workers are started")
    if health.ready:
        return Standing(READY, "good", health.summary.removeprefix("ready, "))
    obstacle = f"This machine is not ready: {_sentence(health)}"
    return Standing(_LOOKS[Need.NOTHING][0], "error", health.summary, obstacle, Action.LOOK_AGAIN)


def of_cluster(
    name: str,
    health: Health | None,
    *,
    visited: bool,
    place: Place | None,
    place_health: Health | None,
    asking: bool,
    empty: bool = False,
    lacking: str = "",
) -> Standing:
    """A backend with places elsewhere.

    Args:
        name: of the backend.
        health: what the backend says of itself; ``None`` before it was asked.
        visited: whether the user has chosen the card, so that its service may be asked.
        place: the place that is chosen.
        place_health: what is known of that place.
        asking: whether the place is being asked, or, where none is chosen, for places.
        empty: whether there is no place that the user may use, but one can be set up.
        lacking: what its options lack, in a sentence.
    """
    title = TITLES.get(name, name)
    named = (place.name or place.identifier) if place is not None else ""
    if health is None:
        return Standing(CHECKING, "muted", "", f"{title} is being looked at.")
    if not health.ready and health.needs is not Need.PLACE:
        return _needy(name, title, health)
    if not visited:
        look = StateLook("✓", _short(health))
        return Standing(look, "muted", named, f"{title} is being looked at.")
    if place is None:
        return _of_none(title, PLACE_WORDS.get(name, "place"), asking=asking, empty=empty)
    return _of_place(name, place, place_health, asking=asking, lacking=lacking)


def _of_none(title: str, word: str, *, asking: bool, empty: bool) -> Standing:
    look, role, action = _LOOKS[Need.PLACE]
    if asking:
        return Standing(CHECKING, "muted", f"looking for {word}s", f"{title} is being asked for {word}s.")
    if empty:
        why = f"There is no {word} that you may use yet: set one up, or paste the id of one."
        return Standing(look, role, f"no {word} yet", why, Action.SET_UP)
    return Standing(look, role, f"no {word} chosen", f"Choose the {word} that is to compute.", action)


def _of_place(name: str, place: Place, health: Health | None, *, asking: bool, lacking: str) -> Standing:
    named = place.name or place.identifier
    if health is None:
        return Standing(CHECKING, "muted", named, f"{named} is being looked at.")
    if not health.ready and health.needs is Need.PLACE:  # this one is refused
        return Standing(REFUSED, "error", named, _about(named, health), Action.CHOOSE)
    if not health.ready:
        return _needy(name, named, health)
    if lacking:
        return Standing(NEEDS_OPTIONS, "warning", named, f"{named}: {lacking}", Action.OPTIONS)
    look = CHECKING if asking else READY
    return Standing(look, "muted" if asking else "good", _line(named, health, place))


def _needy(name: str, subject: str, health: Health) -> Standing:
    look, role, action = _LOOKS[health.needs]
    title = TITLES.get(name, name)
    if health.needs is Need.PACKAGE:
        return Standing(
            look, role, f"needs fitgui[{name}]", f"{title} is not installed: {install_command(name)}", action
        )
    if health.needs is Need.LOGIN:
        return Standing(look, role, "", f"{title}: {health.summary.rstrip('.')}.", action)
    line = health.summary if subject == title else subject
    waits = name == "globus" and health.needs is Need.ONLINE  # the service keeps its tasks meanwhile
    return Standing(look, role, line, _about(subject, health), action, waits)


def _about(subject: str, health: Health) -> str:
    """What is wrong, of whom; a subject that is named in it is not named twice."""
    text = _sentence(health)
    named = subject.casefold() in health.summary.casefold()
    return text[:1].upper() + text[1:] if named else f"{subject}: {text}"


def _sentence(health: Health) -> str:
    text = health.summary.rstrip(".")
    return f"{text}. {health.remedy}" if health.remedy else f"{text}."


def _short(health: Health) -> str:
    """In the place of a state that is not known before the service is asked."""
    return "logged in" if health.summary.lower().startswith("logged in") else "installed"


def _line(named: str, health: Health, place: Place) -> str:
    """The name of a place, and its most telling options."""
    parts = [named]
    blocks, nodes = place.options.get("max_blocks"), place.options.get("nodes_per_block")
    if blocks is not None:
        plural = "" if blocks in (1, "1") else "s"
        parts.append(f"{blocks} block{plural}" + (f" × {nodes} node" if nodes is not None else ""))
        if nodes not in (None, 1, "1"):
            parts[-1] += "s"
    elif health.summary.startswith("ready, "):
        told = health.summary.removeprefix("ready, ")
        parts = [told] if named.casefold() in told.casefold() else [named, told]
    return " · ".join(parts)

"""Cross sections and luminosities with their units: one is always required, none is ever guessed."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.model import SignalError

FEMTOBARNS = {
    "b": Decimal("1e15"),
    "mb": Decimal("1e12"),
    "ub": Decimal("1e9"),
    "nb": Decimal("1e6"),
    "pb": Decimal("1e3"),
    "fb": Decimal(1),
    "ab": Decimal("1e-3"),
}
"""Of a unit of cross sections."""
_SPELLED = {
    "barn": "b",
    "millibarn": "mb",
    "microbarn": "ub",
    "nanobarn": "nb",
    "picobarn": "pb",
    "femtobarn": "fb",
    "attobarn": "ab",
}
_NUMBER = r"(?P<number>[-+−]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+−]?[0-9]+)?)"
_AREA = r"(?P<unit>[A-Za-zµμ]*[bB]|[A-Za-z]*barns?)"
_MINUS_ONE = (
    r"\s*(?:\^|\*\*)?\s*\$?\s*(?:\^|\*\*)?\s*(?:\{\s*[-−–]\s*1\s*\}|\(\s*[-−–]\s*1\s*\)|[-−–]\s*1|⁻¹)\s*\$?"
)
_SECTION = re.compile(rf"{_NUMBER}\s*[\[(]?\s*{_AREA}\s*[\])]?")
_LUMINOSITIES = (
    re.compile(rf"{_NUMBER}\s*[\[(]?\s*{_AREA}{_MINUS_ONE}\s*[\])]?"),
    re.compile(rf"{_NUMBER}\s*[\[(]?\s*1?\s*/\s*{_AREA}\s*[\])]?"),
    re.compile(rf"{_NUMBER}\s*[\[(]?\s*(?:inv(?:erse)?|i)[\s.-]*{_AREA}\s*[\])]?"),
)
_SPOKEN = r"[0-9]+(?:[.,][0-9]+)?|[.][0-9]+"
_SPOKEN_AREA = r"(?:[afp]b|(?:atto|femto|pico)barns?)"
"""In sentences only these: ``nb`` is a number of b-jets more often than a unit."""
_INVERSE = (
    r"(?:\s*\$?\s*(?:\^|\*\*)\s*(?:\{\s*[-−–]\s*1\s*\}|\(\s*[-−–]\s*1\s*\)|[-−–]\s*1)|\s?[-−–]1|\s*⁻¹)"
    r"(?![.]?[0-9])"
)
_IN_WORDS = (
    re.compile(
        rf"(?<![\w.,])(?P<number>{_SPOKEN})\s*[\[(]?\s*(?:(?P<unit>{_SPOKEN_AREA})\s?{_INVERSE}"
        rf"|1?\s*/\s*(?P<under>{_SPOKEN_AREA})(?!\w)|(?:inv(?:erse)?|i)[\s.-]*(?P<inv>{_SPOKEN_AREA})(?!\w))",
        re.IGNORECASE,
    ),
    re.compile(
        rf"[\[(]\s*(?:(?P<unit>{_SPOKEN_AREA})\s?{_INVERSE}|1?\s*/\s*(?P<under>{_SPOKEN_AREA})|"
        rf"(?:inv(?:erse)?|i)[\s.-]*(?P<inv>{_SPOKEN_AREA}))\s*[\])]\s*[:=]?\s*(?P<number>{_SPOKEN})(?![\w.,]*\d)",
        re.IGNORECASE,
    ),
)
"""``36.1 fb-1``, ``36.1/fb``, ``36.1 ifb``; ``[fb-1]: 36.1``."""
_BARE = re.compile(_NUMBER)
_INVERSE_WORD = re.compile(r"(?:inv|inverse|i)[umnpfa]?b(?:arns?)?")
_COMMA = re.compile(r"[-+−]?[0-9]+(?:[.,][0-9]+)*,[0-9]+(?:[.,][0-9]+)*(?![0-9])")


def cross_section(text: str) -> float:
    """A cross section as somebody writes it: ``12 fb``, ``0.35pb``, ``1.2e-3 nb``.

    Args:
        text: a number and a unit of ab, fb, pb, nb, µb (or ub), mb, b.

    Returns:
        In fb, correctly rounded.

    Raises:
        SignalError: if there is no unit, or it is that of a luminosity, or the number is not above zero.
    """
    plain = _plain(text, "cross section", "0.5 pb")
    found = _SECTION.fullmatch(plain)
    if found and not _INVERSE_WORD.fullmatch(found["unit"].lower()):
        return _scaled(text, "cross section", found["number"], _factor(text, found["unit"], "cross section"))
    if any(pattern.fullmatch(plain) for pattern in _LUMINOSITIES):
        raise SignalError(
            f"'{shown(text)}' is a luminosity: write the cross section as in '12 fb' or '0.012 pb'"
        )
    if bare := _BARE.fullmatch(plain):
        raise SignalError(
            f"the cross section {bare.group()} has no unit: write '{bare.group()} fb' or '{bare.group()} pb'"
        )
    raise SignalError(
        f"'{shown(text)}' is not a cross section: write a number and its unit, as in '12 fb' or '0.012 pb'"
    )


def luminosity(text: str) -> float:
    """An integrated luminosity as somebody writes it: ``139 fb-1``, ``36.1 fb^-1``, ``139/fb``, ``139 ifb``.

    Args:
        text: a number and an inverse unit.

    Returns:
        In 1/fb, correctly rounded.

    Raises:
        SignalError: if there is no unit, or it is that of a cross section, or the number is not above zero.
    """
    plain = _plain(text, "luminosity", "36.1 fb-1")
    for pattern in _LUMINOSITIES:
        if found := pattern.fullmatch(plain):
            return _scaled(
                text, "luminosity", found["number"], 1 / _factor(text, found["unit"], "luminosity")
            )
    if _SECTION.fullmatch(plain):
        raise SignalError(
            f"'{shown(text)}' is a cross section: write the luminosity as in '139 fb-1' (or '139/fb')"
        )
    if bare := _BARE.fullmatch(plain):
        raise SignalError(f"the luminosity {bare.group()} has no unit: write '{bare.group()} fb-1'")
    raise SignalError(f"'{shown(text)}' is not a luminosity: write a number and its unit, as in '139 fb-1'")


def luminosities_in(text: str) -> list[tuple[float, str]]:
    """Luminosities that a sentence, a title or a heading speaks of: ``yields for 36.1 fb-1``.

    Args:
        text: words of somebody's own.

    Returns:
        Each in 1/fb, with the part of the text that says it.

    Raises:
        SignalError: if a number may be one with a mark between thousands.
    """
    found = []
    for pattern in _IN_WORDS:
        for each in pattern.finditer(text):
            number = each["number"]
            if re.search(r",[0-9]{3}$", number):
                raise SignalError(
                    f"the number {number} of the luminosity '{shown(each.group(), 40)}' has a comma: write "
                    "decimals with a point and thousands without anything, as in '36.1 fb-1'"
                )
            unit = each["unit"] or each["under"] or each["inv"]
            plain = f"{number.replace(',', '.')} {unit}"
            factor = 1 / _factor(text, unit, "luminosity")
            found.append((_scaled(plain, "luminosity", number.replace(",", "."), factor), each.group()))
    return found


def femtobarns(unit: str) -> float | None:
    """How many fb a unit of cross sections is; ``None`` if it is none: ``pb`` is 1000."""
    factor = FEMTOBARNS.get(_unit(unit))
    return None if factor is None else float(factor)


def cross_section_text(fb: float) -> str:
    """For showing, in the unit that leaves few digits: ``12 fb``, ``1.5 pb``."""
    return _text(fb, (("ab", 1e-3), ("fb", 1.0), ("pb", 1e3), ("nb", 1e6), ("µb", 1e9), ("mb", 1e12)))


def luminosity_text(per_fb: float) -> str:
    """For showing, in fb⁻¹: ``139 fb⁻¹``."""
    return f"{per_fb:.6g} fb⁻¹"


def _text(value: float, units: tuple[tuple[str, float], ...]) -> str:
    unit, size = units[0]
    for name, each in units:
        if abs(value) >= each:
            unit, size = name, each
    return f"{value / size:.6g} {unit}"


def _plain(text: str, what: str, example: str) -> str:
    plain = text.strip().replace("\u00a0", " ").replace("\u202f", " ")
    if comma := _COMMA.match(plain):
        raise SignalError(
            f"the number {comma.group()} of the {what} has a comma: write decimals with a point and "
            f"thousands without anything, as in '{example}'"
        )
    return plain


def _unit(written: str) -> str:
    """The key of a unit, or a text that is none; upper case is taken as lower case, but not ``M`` (mega)."""
    if written.startswith("M"):
        return ""
    plain = written.lower().replace("µ", "u").replace("μ", "u")
    return _SPELLED.get(plain.removesuffix("s"), plain)


def _factor(text: str, written: str, what: str) -> Decimal:
    factor = FEMTOBARNS.get(_unit(written))
    if factor is None:
        example = "'12 fb' or '0.012 pb'" if what == "cross section" else "'139 fb-1'"
        raise SignalError(
            f"'{shown(text)}' has a unit that is not known, '{written}': write the {what} as in {example}"
        )
    return factor


def _scaled(text: str, what: str, number: str, factor: Decimal) -> float:
    try:
        value = float(Decimal(number.replace("−", "-")) * factor)
    except (InvalidOperation, OverflowError):
        value = 0.0
    if not 0.0 < value < float("inf"):
        raise SignalError(
            f"the {what} '{shown(text)}' is not above zero, or is no number that can be used: check it"
        )
    return value

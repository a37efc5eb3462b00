"""Where the files that fitgui brings along are: the example pallet, icons, theme."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_resources"
_CHECKOUT = _PACKAGE.parent / "resources"


def resource_path(name: str) -> Path:
    """Where a bundled file or folder is, in an installed wheel as in a checkout.

    Args:
        name: path below ``resources/`` with forward slashes, such as ``example`` or ``icons/fitgui.svg``.

    Raises:
        FileNotFoundError: if there is no such file, so that the installation is incomplete.
        ValueError: if the name leads out of the folder of resources.
    """
    if name.startswith("/") or ".." in name.split("/"):
        raise ValueError(f"{name!r} is not the name of a bundled file.")
    root = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    path = root / name
    if not path.exists():
        raise FileNotFoundError(f"The bundled file {name} is missing: please install fitgui again.")
    return path

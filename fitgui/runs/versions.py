"""Which versions fit: of fitgui, of the libraries that the numbers depend on, and of Python."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from fitgui_backends.contract import FitOptions

_ALWAYS = ("fitgui", "fitgui-backends", "pyhf", "numpy", "scipy")


def fitting_versions(options: FitOptions, *, elsewhere: bool = False) -> dict[str, str]:
    """Versions by distribution, read without importing any of them; what is not installed is left out.

    Args:
        options: tell whether optional libraries (iminuit, jax) take part.
        elsewhere: whether workers of a cluster fit, who tell theirs with their first task.
    """
    if elsewhere:
        return {"fitgui": version("fitgui")}
    names = list(_ALWAYS)
    names += ["iminuit"] if options.optimizer == "minuit" else []
    names += ["jax"] if options.tensor_backend == "jax" else []
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return {**found, "Python": platform.python_version()}

"""Small HistFactory documents, made the way published ones look."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

Workspace = dict[str, Any]


def digest_of(document: object) -> str:
    """As ``pyhf.utils.digest`` does it."""
    return hashlib.sha256(json.dumps(document, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def make_workspace(
    channels: Mapping[str, Sequence[float]] | None = None,
    *,
    poi: str = "mu_SIG",
    observed: Mapping[str, Sequence[float]] | None = None,
) -> Workspace:
    """A background-only workspace: one background per channel, a normsys on it and a staterror.

    Args:
        channels: Expected background by channel, one number per bin.
        poi: The parameter of interest, which only a signal brings.
        observed: Data where they are not the rounded expectation.
    """
    yields = channels or {"SR": [12.0, 5.0], "CR": [80.0]}
    data = observed or {}
    return {
        "channels": [
            {
                "name": name,
                "samples": [
                    {
                        "name": "bkg",
                        "data": list(expected),
                        "modifiers": [
                            {"name": "JES", "type": "normsys", "data": {"lo": 0.9, "hi": 1.1}},
                            {
                                "name": f"stat_{name}",
                                "type": "staterror",
                                "data": [0.05 * b for b in expected],
                            },
                        ],
                    }
                ],
            }
            for name, expected in yields.items()
        ],
        "observations": [
            {"name": name, "data": [float(round(b)) for b in data.get(name, expected)]}
            for name, expected in yields.items()
        ],
        "measurements": [{"name": "NormalMeasurement", "config": {"poi": poi, "parameters": []}}],
        "version": "1.0.0",
    }


def make_signal(name: str, yields: Sequence[float], poi: str = "mu_SIG") -> dict[str, Any]:
    """A signal sample that the parameter of interest scales."""
    return {
        "name": name,
        "data": list(yields),
        "modifiers": [
            {"name": poi, "type": "normfactor", "data": None},
            {"name": "JES", "type": "normsys", "data": {"lo": 0.95, "hi": 1.05}},
        ],
    }


def make_operations(workspace: Workspace, point: str = "signal", scale: float = 1.0) -> list[dict[str, Any]]:
    """The patch that adds a signal to the first channel, as published patches do."""
    bins = len(workspace["channels"][0]["samples"][0]["data"])
    poi = workspace["measurements"][0]["config"]["poi"]
    signal = make_signal(point, [scale * (bin_ + 1) for bin_ in range(bins)], poi)
    return [{"op": "add", "path": "/channels/0/samples/1", "value": signal}]


def make_patch_set(
    workspace: Workspace,
    points: Mapping[str, Sequence[float | str]] | None = None,
    *,
    labels: Sequence[str] = ("m1", "m2"),
    digest: str | None = None,
) -> dict[str, Any]:
    """A patch set for the workspace.

    Args:
        workspace: It names this one by its digest.
        points: Coordinates by name.
        labels: What they are called.
        digest: Another digest than the right one.
    """
    chosen = points or {"sig_300_100": [300, 100], "sig_400_100": [400, 100], "sig_400_200": [400, 200]}
    return {
        "metadata": {
            "name": "patches",
            "description": "made for a test",
            "digests": {"sha256": digest_of(workspace) if digest is None else digest},
            "labels": list(labels),
            "references": {"hepdata": "ins1234567"},
        },
        "patches": [
            {
                "metadata": {"name": name, "values": list(values)},
                "patch": make_operations(workspace, name, scale=2.0 + index),
            }
            for index, (name, values) in enumerate(chosen.items())
        ],
        "version": "1.0.0",
    }


def as_bytes(content: object) -> bytes:
    """Bytes as they are, text in UTF-8, everything else as JSON."""
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode()

"""Which orderflow this is, for what a sandbox writes: its file, its archive, its description."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """Version of orderflow."""
    try:
        return version("orderflow-harness")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "0+unknown"

"""What a sandbox is like unless somebody says otherwise."""

from __future__ import annotations

KEPT = 20_000
"""Ended sales that are remembered: some 400 MB."""

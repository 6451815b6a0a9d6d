"""What names in a flow file may look like, for the loader and for the JSON Schema alike."""

from __future__ import annotations

import re

HIDDEN = r"[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
"""Characters nobody sees, some of which reorder or erase what stands around them on a screen."""

EVENT = r"[A-Za-z][A-Za-z0-9._-]*"
"""What a person can type as an act of a scenario."""

TAKEN = "advance"
"""Stands for time that passes in a scenario, so no event may be called so."""


def is_plain(name: str) -> bool:
    """Whether *name* hides nothing."""
    return re.search(HIDDEN, name) is None


def is_typable(name: str) -> bool:
    """Whether *name* can be typed as an event."""
    return name != TAKEN and re.fullmatch(EVENT, name) is not None

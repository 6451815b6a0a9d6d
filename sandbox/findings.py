"""What a client does that the platform lets pass and that is a mistake all the same.

A lenient sandbox does as the platform and writes it down, a strict one refuses.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake.

    Attributes:
        code: Number of the mistake in the domain fact sheet "What real clients send and read",
            ``CM-34``; empty when it has none there.
        message: What was wrong, and what would have been right.
        call: Number of the call in the trace.
        at: Virtual time in ms.
        key: End of the key's name.
        order_id: Order it was about, empty for none.
    """

    code: str
    message: str
    call: int
    at: int
    key: str = ""
    order_id: str = ""

"""What a client does that the platform lets pass and that is a mistake all the same.

A lenient sandbox does as the platform and writes it down, a strict one refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
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


SEEN: Mapping[str, str] = {
    "CM-02": "committing a feed item after start handling was refused",
    "CM-03": "start handling in a status other than ready-for-handling",
    "CM-05": "committing a handle that is over",
    "CM-07": "an invoice under another number that would exceed the order",
    "CM-08": "the same POST again after an answer of 500 that hid that it was done",
    "CM-09": "start handling again where it was refused before",
    "CM-10": "an invoice worth nothing",
    "CM-11": "an invoice before start handling",
    "CM-12": "an invoice without start handling",
    "CM-13": "listing orders by short ranges of creation dates, again and again",
    "CM-19": "handling or invoicing an order that is being cancelled",
    "CM-21": "a call without credentials in its headers that has them in its body",
    "CM-22": "PUT on the invoice route",
    "CM-23": "a body that is no JSON",
    "CM-24": "an invoice number with a slash",
    "CM-29": "a hook answered with a status of success other than 200",
    "CM-31": "an invoice whose items are missing, or whose fields have other names or types",
    "CM-32": "an issuance date without a time or an offset",
    "CM-33": "a feed filter of both kinds at once, or without a type",
    "CM-34": "reading the feed without maxlot",
    "CM-35": "Feed v2, or changestate",
    "CM-36": "a tracking update without events",
}
"""By code, the call in which a sandbox sees the mistake.

The others of the fact sheet show in what a client does not do, in its own records, or against the
clock on the wall: a recorded trace tells of those.
"""

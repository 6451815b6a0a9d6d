"""What the fact sheet on order flows says of each flow, as data, and a reader of the sheet itself.

A row id is split on blanks; an edge is ``id | from | to | label | S, D or G``, in which ``L``
says that there is a label. Statuses and nodes are strings of the drawings and the API.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orderflow.flows.model import Line

SHEET = Path(__file__).parents[2] / ".." / "shared" / "domain" / "flows.md"
"""Where the sheet lies when a checkout has it beside itself."""

LINES = {"S": Line.SOLID, "D": Line.DASHED, "G": Line.GREY}

ROWS = {
    "marketplace": """M01 M02 M03 M03o M04 M05 M06 M06d M07 M08 M09 M10 M11 M12 M13 M14 M15 M16
        M16L M17 M18 M19 M20 M21 M22 M23 M24 M24a M25 M26 M27 M28 M29 M30""",
    "seller": """S01 S02 S03 S03p S03a S03r S04 S05 S06 S06x S07 S08 S09 S10 S11 S12 S13 S14 S15
        S15a S16 S17 S18 S19 S20 S21 S22 S23 S24 S25 S26 S27 S28 S29 S30""",
    "complete": """C01 C02 C03 C03o C04 C05 C06 C06d C07 C08 C09 C10 C11 C12 C13 C14 C15 C16 C17
        C18 C19 C20 C21 C21L C22 C23 C24 C25 C26 C27 C28 C29 C30""",
    "chain": """H01 H02 H03 H03o H04 H05 H05o H06o H07 H08 H09 H10 H11 H12 H13 H13t H13f H14 H15
        H16 H17""",
}
"""Ids of the transition tables, sections 2.2, 3.2, 4.2 and 5.2."""

OWN_ROWS = {
    "marketplace": "M15p M29n M29g M29c M29x M30r",
    "seller": "S01o S15b S20p S20v S24r",
    "complete": "C16a C18a C25p C25v C30r C31 C31n C31g C31c C31x C32 C33",
    "chain": "H08o H10o H12n H13p H14L H14w H15i H15o H18 H18n H18g H18c H18x H19 H19r",
}
"""Parts of a row of the sheet that became a row of its own, and rows by analogy."""

ACTIVE = {
    "marketplace": "M01 M12 M13 M15 M16 M16L M19 M20 M23 M24a M25 M26 M27 M28 M30 M30r",
    "seller": "S03a S03r S05 S08 S16 S17 S18 S19 S20 S20p S22 S24 S24r S28 S29 S30",
    "complete": "C01 C11 C18 C18a C20 C21 C21L C23 C25 C25p C28 C30 C30r",
    "chain": "H11 H12 H13 H14 H14L H14w H15 H15i H15o H19 H19r",
}
"""Rows in which somebody has to act; in all others the platform moves the order on."""

_STORE_ABOVE = """
    1  | Order received | Waiting for seller's confirmation | L | S
    2  | Waiting for seller's confirmation | Payment pending | | S
    3  | Payment pending | Payment approved | | S
    4  | Payment pending | Canceling | L | S
    5  | Payment approved | Verifying invoice | L | S
    6  | Verifying invoice | Payment approved | L | S
    7  | Verifying invoice | Invoiced | L | S
    8  | Cancellation requested | Payment pending | L | S
    9  | Cancellation requested | Canceling | L | S
    10 | Canceling | Canceled | | S
    11 | Waiting for seller's confirmation | Cancellation requested | | D
    12 | Payment pending | Canceling | | D
    13 | Verifying invoice | Canceling | | D
"""

_DRAWINGS = {
    "marketplace": ("dm", _STORE_ABOVE),
    "chain": ("dh", _STORE_ABOVE),
    "seller": (
        "ds",
        """
    1  | Order received | Waiting for authorization to dispatch | L | S
    2  | Waiting for authorization to dispatch | Authorize fulfillment | | D
    3  | Authorize fulfillment | Cancellation grace period | | S
    4  | Cancellation grace period | Ready for handling | | S
    5  | Ready for handling | Start handling | | D
    6  | Start handling | Preparing for delivery | | S
    7  | Preparing for delivery | Verifying invoice | | S
    8  | Verifying invoice | Invoiced | L | S
    9  | Verifying invoice | Preparing for delivery | L | G
    10 | Waiting for authorization to dispatch | Canceling | | S
    11 | Cancellation grace period | Canceling | | D
    12 | Preparing for delivery | Cancellation requested | | D
    13 | Verifying invoice | Canceling | | D
    14 | Cancellation requested | Canceling | | S
    15 | Canceling | Canceled | | S
""",
    ),
    "complete": (
        "dc",
        """
    1  | Order received | Waiting for seller's confirmation | L | S
    2  | Waiting for seller's confirmation | Payment pending | | S
    3  | Payment pending | Payment approved | | S
    4  | Payment approved | Authorize fulfillment | | D
    5  | Authorize fulfillment | Cancellation grace period | | S
    6  | Cancellation grace period | Ready for handling | | S
    7  | Ready for handling | Start handling | | D
    8  | Start handling | Preparing for delivery | | S
    9  | Preparing for delivery | Verifying invoice | | S
    10 | Verifying invoice | Invoiced | L | S
    11 | Verifying invoice | Preparing for delivery | L | G
    12 | Payment pending | Canceling | | D
    13 | Cancellation grace period | Canceling | | D
    14 | Preparing for delivery | Cancellation requested | | D
    15 | Verifying invoice | Canceling | | D
    16 | Cancellation requested | Canceling | | S
    17 | Canceling | Canceled | | S
    18 | junction below Cancellation grace period | Payment pending | L | S
""",
    ),
}


def edges(flow: str) -> tuple[tuple[str, str, str, bool, Line], ...]:
    """Return id, source node, target node, whether it is labelled, and line of every edge."""
    prefix, drawing = _DRAWINGS[flow]
    table = [[cell.strip() for cell in line.split("|")] for line in drawing.strip().splitlines()]
    return tuple(
        (prefix + number, source, target, label == "L", LINES[line])
        for number, source, target, label, line in table
    )


CREATION = "order-created on-order-completed"
_TO_APPROVAL = f"{CREATION} waiting-for-authorization payment-pending payment-approved"
_SEEN_APPROVAL = f"{CREATION} payment-pending approve-payment payment-approved"
_HANDLING = """authorize-fulfillment window-to-cancel ready-for-handling start-handling handling
    invoice invoiced"""
_SELLER = f"on-order-completed-ffm waiting-ffmt-authorization {_HANDLING}"

HAPPY_PATHS = {
    ("marketplace", "documented"): f"{_TO_APPROVAL} invoice invoiced",
    ("marketplace", "observed"): f"{_SEEN_APPROVAL} invoice invoiced",
    ("seller", "documented"): f"order-accepted {_SELLER}",
    ("seller", "observed"): _SELLER,
    ("complete", "documented"): f"{_TO_APPROVAL} {_HANDLING}",
    ("complete", "observed"): f"{_SEEN_APPROVAL} {_HANDLING}",
    ("chain", "documented"): f"{_TO_APPROVAL} invoice invoiced",
    (
        "chain",
        "observed",
    ): f"""{CREATION} payment-pending waiting-for-mkt-authorization waiting-seller-handling
        invoice invoiced""",
}
"""Section 9."""

_ABOVE = {
    "payment-approved": "seller",
    "waiting-for-authorization": "seller",
    "waiting-for-seller-decision": "seller",
}
WAITS = {
    "marketplace": _ABOVE
    | {
        "payment-pending": "gateway",
        "window-to-change-payment": "shopper",
        "window-to-change-seller": "marketplace",
    },
    "seller": {
        "cancellation-requested": "seller",
        "handling": "seller",
        "ready-for-handling": "seller",
        "ready-for-invoicing": "seller",
        "waiting-ffmt-authorization": "marketplace",
        "waiting-for-fulfillment": "marketplace",
        "waiting-for-manual-authorization": "seller",
        "window-to-cancel": "timer",
    },
    "complete": _ABOVE
    | {
        "handling": "seller",
        "payment-approved": "platform",
        "payment-pending": "gateway",
        "ready-for-handling": "seller",
        "ready-for-invoicing": "seller",
        "window-to-cancel": "timer",
    },
    "chain": _ABOVE
    | {
        "payment-pending": "marketplace",
        "waiting-for-mkt-authorization": "marketplace",
        "waiting-seller-handling": "seller",
    },
}
"""Statuses that wait for somebody, and for whom: sections 2.0, 3.0, 4.0 and 5.0."""

_CREATION_TIMER = "order-created gateway_callback create_error"
_ANSWER_TIMER = "waiting-for-seller-decision seller_answer cancel_request_timeout"
_WINDOW_TIMER = "window-to-cancel cancellation_window grace_period_over"
TIMERS = {
    "marketplace": {
        _CREATION_TIMER,
        _ANSWER_TIMER,
        "window-to-change-seller change_seller_window change_seller_timeout",
    },
    "seller": {
        _WINDOW_TIMER,
        "waiting-ffmt-authorization marketplace_authorization authorization_timeout",
        "waiting-for-fulfillment marketplace_authorization authorization_timeout",
        "authorize-fulfillment marketplace_authorization authorization_timeout",
        "cancellation-requested seller_answer cancel_request_timeout",
    },
    "complete": {
        _CREATION_TIMER,
        _ANSWER_TIMER,
        _WINDOW_TIMER,
        "authorize-fulfillment marketplace_authorization authorization_timeout",
    },
    "chain": {_CREATION_TIMER, _ANSWER_TIMER},
}

DECISIONS = {
    "D-01": "M16 M16L S19 C21 C21L H14 H14L H14w",
    "D-02": "S01 S01o S02",
    "D-03": "S03 S03p S05",
    "D-04": "M03 M03o C03 C03o H03 H03o",
    "D-05": "M20 S22 C23 H15i",
    "D-06": "M13",
    "D-07": "M18 S23 C24 H13f",
    "D-08": "S16 S24r C18a",
    "D-09": "M09 S11 C14 H08 H08o",
    "D-10": "M21 M23",
    "D-11": "S20 S20p S20v C25 C25p C25v",
    "D-12": "C18 C18a",
    "D-13": "H05o H06o H08o H10o H15o",
    "D-14": "H11 H12 H12n H14w",
    "D-16": "M14 M16 S16 S17 S19",
    "D-17": "S08 S09 C11 C12",
    "D-19": "M30r S30 C30r H19r",
    "D-21": "M26 S25 S26 S27 C26 C27",
    "D-22": "M28 C28",
    "D-23": "C03",
    "D-24": "M07 C07 H10",
}
"""Rows that cite a decision of section 8."""

STATUS_DECISIONS = {
    "marketplace": {
        "waiting-for-authorization": {"D-04"},
        "request-cancel": {"D-20"},
        "waiting-for-seller-decision": {"D-16"},
        "cancel": {"D-07"},
        "window-to-change-payment": {"D-21"},
        "ready-for-invoicing": {"D-21"},
        "replaced": {"D-22"},
    },
    "seller": {
        "order-accepted": {"D-02"},
        "on-order-completed-ffm": {"D-02"},
        "waiting-ffmt-authorization": {"D-03"},
        "waiting-for-manual-authorization": {"D-03"},
        "waiting-for-fulfillment": {"D-21"},
        "ready-for-invoicing": {"D-21"},
        "invoice": {"D-15"},
        "cancellation-requested": {"D-16"},
        "invoice-after-cancellation-deny": {"D-11"},
        "cancel": {"D-07"},
    },
    "complete": {
        "waiting-for-authorization": {"D-04", "D-23"},
        "ready-for-handling": {"D-15"},
        "ready-for-invoicing": {"D-21"},
        "request-cancel": {"D-12", "D-20"},
        "invoice-after-cancellation-deny": {"D-11"},
        "cancel": {"D-07"},
        "replaced": {"D-22"},
    },
    "chain": {
        "waiting-for-authorization": {"D-04"},
        "waiting-for-mkt-authorization": {"D-13"},
        "waiting-seller-handling": {"D-13"},
        "request-cancel": {"D-14"},
        "waiting-for-seller-decision": {"D-14"},
        "cancel": {"D-07"},
    },
}
"""Decisions that the note of a status cites."""


# The sheet itself.

_SECTIONS = {"2": "marketplace", "3": "seller", "4": "complete", "5": "chain"}
_HEADING = re.compile(r"### ([2-5])\.([12]) ")
_NO_WORD = re.compile(r"[†‡*]")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One line of a table of the sheet, its cells as they stand there.

    Attributes:
        flow: Flow the section is about.
        cells: Texts of the cells.
    """

    flow: str
    cells: tuple[str, ...]

    @property
    def id(self) -> str:
        """The first cell."""
        return self.cells[0]

    def words(self, cell: int) -> set[str]:
        """Return the strings that stand between backquotes in a cell, marks left out."""
        return set(re.findall(r"`([^`]+)`", _NO_WORD.sub("", self.cells[cell])))


def read_tables(text: str, part: str) -> Iterator[SheetRow]:
    """Yield the lines of every table in subsections 2.*part* to 5.*part* of the sheet."""
    flow = ""
    for line in text.splitlines():
        if line.startswith("#"):
            heading = _HEADING.match(line)
            here = heading is not None and heading[2] == part
            flow = _SECTIONS[heading[1]] if heading and here else ""
        elif flow and line.startswith("|") and not line.startswith(("|--", "| ID ", "| # ")):
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            yield SheetRow(flow, tuple(cell.strip() for cell in cells))

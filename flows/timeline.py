"""The five stages a shopper sees of an order, as a pure decision over its status and packages.

Three readings: ``std`` is what the simulator shows, ``ui`` what the public storefront code
draws, ``seed`` the literal text of the first documentation, each stage taken by itself.

Source: domain fact sheet "My Account timeline"; the rules themselves are in ``timeline.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, assert_never, cast

from orderflow.flows.document import YamlDocument
from orderflow.flows.loader import parse_yaml
from orderflow.flows.model import ABSENT, INCOMPLETE
from orderflow.flows.statuses import catalogue

FILE = "timeline.yaml"

Slot = Literal["todo", "doing", "done"]
Reading = Literal["std", "ui", "seed"]
Way = Literal["delivery", "pickup", "mixed"]
"""How the items travel; a mixed order shows the stages of a delivery (section 4.1)."""

SLOTS: dict[str, Slot] = {"T": "todo", "I": "doing", "D": "done"}
"""The letters of a vector such as ``DDITT``."""

PICKUP = "pickup-in-point"
DELIVERY = "delivery"


@dataclass(frozen=True, slots=True)
class Package:
    """One package of an order.

    Attributes:
        kind: ``Output`` for a sale, ``Input`` for a return.
        events: How many movements the carrier has reported.
        finished: Delivered: ``courierStatus.finished``.
        channel: Delivery channel of its items; None means that of the order's items.
        has_invoice: An invoice stands behind it. Only the reading ``ui`` asks.
    """

    kind: Literal["Output", "Input"]
    events: int
    finished: bool
    channel: str | None = None
    has_invoice: bool = True


@dataclass(frozen=True, slots=True)
class Shipment:
    """What the timeline reads of an order besides its status.

    Attributes:
        channels: Delivery channel of each item.
        estimates: Shipping estimate date of each item, in ms since the Unix epoch; None, or
            no entry at all, when the document has none.
        packages: Packages, those of returns included.
    """

    channels: tuple[str, ...] = ()
    estimates: tuple[int | None, ...] = ()
    packages: tuple[Package, ...] = ()


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage as the shopper sees it.

    Attributes:
        number: 1 to 5.
        slot: Whether it is to come, going on, or over.
        trigger: Its official name, such as ``order.progress.confirmOrder``.
        label: What the shopper reads.
    """

    number: int
    slot: Slot
    trigger: str
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the shopper sees of an order.

    Attributes:
        stages: Five of them, or none when *closed* or *hidden*.
        headline: The one line that sums it up; empty when *hidden*.
        mixed: Some items are delivered and some picked up.
        canceling: A cancellation was asked for or is being carried out, and is not over.
        closed: The document ended without a sale: it was cancelled, denied or replaced.
        hidden: The storefront code draws no bar (reading ``ui`` only).
    """

    stages: tuple[StageView, ...]
    headline: str
    mixed: bool = False
    canceling: bool = False
    closed: bool = False
    hidden: bool = False


_HIDDEN = Timeline((), "", hidden=True)
_UNHELD_RANK = 3  # section 4.1: where a cancellation without a known history stands
_UI_INVOICED = 3  # section 3.2: the one index that the packages can move


def timeline(
    status: str | None,
    shipment: Shipment,
    now: int,
    *,
    reading: Reading = "std",
    history: Sequence[str] = (),
) -> Timeline:
    """Return what the shopper sees. Never fails, whatever *status* says.

    Args:
        status: API status; None, empty and ``null`` mean an order without one.
        shipment: Items and packages.
        now: Time in ms since the Unix epoch.
        reading: Which reading of the sources to follow.
        history: Statuses the order has had, oldest first; with or without *status*. Only the
            reading ``std`` asks, for a cancellation (which keeps the stages) or an unknown string.

    >>> timeline("handling", Shipment(("delivery",)), 0).headline
    'Handling order'
    >>> [stage.slot for stage in timeline("invoiced", Shipment(), 0).stages]
    ['done', 'done', 'done', 'doing', 'todo']
    """
    if reading == "std":
        return _std(status, shipment, now, history)
    if reading == "ui":
        return _ui(status, shipment, now)
    if reading == "seed":
        return _literal(status, shipment, now)
    assert_never(reading)


def _std(status: str | None, shipment: Shipment, now: int, history: Sequence[str]) -> Timeline:
    tables = _tables()
    way = _way(shipment.channels)
    fixed = tables.fixed.get(status)
    if fixed is not None:
        return _board(fixed, way)
    if status in tables.closed:
        return tables.closed[status]
    rank = tables.ranks.get(status)
    if rank is None:
        unheld = _UNHELD_RANK if status in tables.sticky else 0
        rank = _held_rank(tables, history, unheld)
    slots = tables.slots.get(rank) or tables.last_slots[_stage_5(way, shipment, now)]
    board = _board(slots, way)
    if status in tables.ranks:
        return board
    if status in tables.sticky:
        return replace(board, canceling=True, headline=tables.sticky[status] or board.headline)
    return replace(board, headline=status or board.headline)


def _held_rank(tables: _Tables, history: Sequence[str], unheld: float) -> float:
    """Rank of the last status outside the cancellation family (``sticky``, section 4.1)."""
    for status in reversed(history):
        rank = tables.ranks.get(status)
        if rank is not None and status != ABSENT:
            return rank
    return unheld


def _literal(status: str | None, shipment: Shipment, now: int) -> Timeline:
    """Stage 5 looks at dates and packages only, whatever the status is (O-6)."""
    tables = _tables()
    way = _way(shipment.channels)
    first_four = tables.literal.get(status, tables.none_of_the_above)
    return _board(first_four + _stage_5(way, shipment, now), way)


def _ui(status: str | None, shipment: Shipment, now: int) -> Timeline:
    tables = _tables()
    index = tables.ui.get(status)
    if not index:  # the component tests the index for truth, so 0 hides the bar, too
        return _HIDDEN
    packages = shipment.packages
    order_way = _way(shipment.channels)
    usual = PICKUP if order_way == "pickup" else None
    pickup = bool(packages) and all((p.channel or usual) == PICKUP for p in packages)
    delivered = (
        bool(packages)
        and all(p.has_invoice for p in packages)
        and all(p.finished for p in packages if p.kind == "Output")
    )
    if index == _UI_INVOICED and (delivered or _ui_moves(pickup, shipment, now)):
        index += 1
    here = "D" if index > _UI_INVOICED and delivered else "I"
    slots = "D" * index + here + "T" * (len(tables.views) - 1 - index)
    return _board(slots, "pickup" if pickup else "mixed" if order_way == "mixed" else "delivery")


def _ui_moves(pickup: bool, shipment: Shipment, now: int) -> bool:
    """Whether the code counts the order as ready for pickup, or as with the carrier."""
    if pickup:
        return _estimate_ok(shipment, now)
    return bool(shipment.packages) and all(p.events for p in shipment.packages)


def _way(channels: tuple[str, ...]) -> Way:
    picked_up = channels.count(PICKUP)
    if not picked_up:
        return "delivery"
    if picked_up == len(channels):
        return "pickup"
    return "mixed" if DELIVERY in channels else "delivery"


def _stage_5(way: Way, shipment: Shipment, now: int) -> str:
    """The letter of stage 5 once the order is invoiced (sections 4.1 and 4.2)."""
    finished = moved = False
    outputs = [package for package in shipment.packages if package.kind == "Output"]
    if outputs:
        finished = moved = True
        for package in outputs:
            finished = finished and package.finished
            moved = moved and package.events > 0
    if finished:
        return "D"
    if way == "pickup":
        moved = _estimate_ok(shipment, now)
    return "I" if moved else "T"


def _estimate_ok(shipment: Shipment, now: int) -> bool:
    """Whether no item to be picked up is still to come; a date equal to *now* has come."""
    return all(
        estimate is None or now >= estimate
        for channel, estimate in zip(shipment.channels, shipment.estimates, strict=False)
        if channel == PICKUP
    )


@dataclass(frozen=True, slots=True)
class _Tables:
    """The decision tables, keyed for speed. A status without an entry is an unknown string.

    Attributes:
        views: For each stage, its view by slot letter, on a delivery and on a pickup.
        ranks: Rank by status.
        slots: Vector by rank, except of the last one.
        fixed: Vector by status, except where packages, history or an ending decide.
        last_slots: Vectors of the last rank by letter of stage 5.
        sticky: The cancellation family: headline of its own, or empty.
        closed: What an ended document shows.
        literal: Letters of stages 1 to 4 by status, reading ``seed``.
        none_of_the_above: The same for every other string.
        ui: Index by status, reading ``ui``.
    """

    views: tuple[dict[tuple[str, bool], StageView], ...]
    ranks: dict[str | None, float]
    slots: dict[float, str]
    fixed: dict[str | None, str]
    last_slots: dict[str, str]
    sticky: dict[str | None, str]
    closed: dict[str | None, Timeline]
    literal: dict[str | None, str]
    none_of_the_above: str
    ui: dict[str | None, int]


@cache
def document() -> YamlDocument:
    """Return ``timeline.yaml`` as read, for the checks that talk about the file itself."""
    return parse_yaml(Path(__file__).with_name(FILE).read_text("utf-8"), source=FILE)


@cache
def _board(slots: str, way: Way) -> Timeline:
    views = _tables().views
    stages = tuple(view[letter, way == "pickup"] for view, letter in zip(views, slots, strict=True))
    begun = [stage for stage in stages if stage.slot != "todo"]
    # O-7: the headline is the furthest stage that has begun.
    return Timeline(stages, (begun or stages[:1])[-1].label, mixed=way == "mixed")


@cache
def _tables() -> _Tables:
    data = cast("dict[str, Any]", document().data)
    ranks, sticky, closed = _standings(data)
    slots = {row["rank"]: row["slots"] for row in data["ranks"] if "last" not in row}
    letter = {slot: letter for letter, slot in SLOTS.items()}
    literal = _literal_vectors(data)
    return _Tables(
        views=tuple(_views(number, row) for number, row in enumerate(data["stages"], 1)),
        ranks=ranks,
        slots=slots,
        fixed={status: slots[rank] for status, rank in ranks.items() if rank in slots},
        last_slots={letter[row["last"]]: row["slots"] for row in data["ranks"] if "last" in row},
        sticky=sticky,
        closed=closed,
        literal=literal,
        none_of_the_above=_literal_vector(data, None),
        ui=dict(data["ui"]),
    )


def _views(number: int, row: Mapping[str, Any]) -> dict[tuple[str, bool], StageView]:
    views = {}
    for letter, slot in SLOTS.items():
        for pickup in (False, True):
            told = (row["pickup"] if pickup and "pickup" in row else row["delivery"])[slot]
            views[letter, pickup] = StageView(number, slot, told["trigger"], told["label"])
    return views


def _standings(
    data: Mapping[str, Any],
) -> tuple[dict[str | None, float], dict[str | None, str], dict[str | None, Timeline]]:
    """Rank, cancellation family and endings, by status and by every alias of one."""
    ranks: dict[str | None, float] = {}
    sticky: dict[str | None, str] = {}
    closed: dict[str | None, Timeline] = {}
    for name, standing in data["statuses"].items():
        for text in _spellings(name):
            if standing == "sticky":
                sticky[text] = data["headlines"].get(name, "")
            elif standing == "closed":
                closed[text] = Timeline((), data["headlines"][name], closed=True)
            else:
                ranks[text] = standing
    return ranks, sticky, closed


def _spellings(status: str) -> list[str | None]:
    aliases = catalogue().aliases.values()
    known = [alias.text for alias in aliases if alias.means[:1] == (status,)]
    return [status, *known, *([None, ABSENT] if status == INCOMPLETE else ())]


def _literal_vectors(data: Mapping[str, Any]) -> dict[str | None, str]:
    """Stages 1 to 4 as the literal rules have them, for every status they name."""
    named = [status for members in data["sets"].values() for status in members]
    vectors: dict[str | None, str] = {name: _literal_vector(data, name) for name in named}
    absent = _literal_vector(data, INCOMPLETE)
    return vectors | dict.fromkeys(_spellings(INCOMPLETE), absent)


def _literal_vector(data: Mapping[str, Any], status: str | None) -> str:
    """Stages 1 to 4 of *status*; of "none of the above" when it is None.

    The rule told by a cause means the order that has no status (section 3.1).
    """
    letter = {slot: letter for letter, slot in SLOTS.items()}
    letters: dict[int, str] = {}
    for rule in data["literal"]:
        members = [name for key in rule.get("status_in", ()) for name in data["sets"][key]]
        by_cause = "cause" in rule and status == INCOMPLETE
        if by_cause or status in members or not {"cause", "status_in", "field"} & rule.keys():
            letters.setdefault(rule["stage"], letter[rule["slot"]])
    return "".join(letters[stage] for stage in sorted(letters))

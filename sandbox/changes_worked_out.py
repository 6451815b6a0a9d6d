"""What becomes of an order's lines and totals by a modification; nothing here changes an order.

Source: domain fact sheet "HTTP surface", sections 8.2 and 8.3. The sandbox has no catalogue. An
item that comes costs what the request says; else what its SKU costs in the order; else, in a
replacement, what the first item that goes costs; else as much as the sample item (sandbox
decision).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from orderflow.sandbox.changes_amendment import Line
from orderflow.sandbox.changes_asked import ChangeRequest, Delivery, Kind, Operation, Wanted
from orderflow.sandbox.changes_codes import refused
from orderflow.sandbox.document_names import mark
from orderflow.simulator.simulator import SAMPLE_ITEMS

ReplaceType = Literal["ItemReplacement", "WeightChange", "PriceChange", "QuantityChange"]


@dataclass(frozen=True, slots=True)
class Step:
    """One operation, with the lines it is about.

    Attributes:
        kind: What it does.
        goes: What goes, as lines.
        comes: What comes, as lines.
        deliveries: How that is shipped.
    """

    kind: Kind
    goes: tuple[Line, ...]
    comes: tuple[Line, ...]
    deliveries: tuple[Delivery, ...]

    @property
    def type(self) -> ReplaceType:
        """What a replacement changes; that the first difference names it is a sandbox decision."""
        before, after = self.goes[0], self.comes[0]
        if [line.id for line in self.goes] != [line.id for line in self.comes]:
            return "ItemReplacement"
        if (before.multiplier, before.unit) != (after.multiplier, after.unit):
            return "WeightChange"
        return "PriceChange" if before.price != after.price else "QuantityChange"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a modification comes to.

    Attributes:
        lines: The order's lines afterwards.
        steps: Its operations, in the order in which they happen.
        items: Cents by which the value of the lines moves.
        shipping: Cents that shipping costs more.
        discount: Cents taken off by hand.
        increment: Cents put on by hand.
    """

    lines: tuple[Line, ...]
    steps: tuple[Step, ...]
    items: int
    shipping: int
    discount: int
    increment: int

    @property
    def total(self) -> int:
        """Cents by which the value of the order moves."""
        return self.items + self.shipping + self.increment - self.discount

    @property
    def moved(self) -> tuple[tuple[str, int], ...]:
        """Cents by which totals of the order document move, by total id."""
        return (
            ("Items", self.items),
            ("Discounts", self.increment - self.discount),
            ("Shipping", self.shipping),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """What a modification begins with.

    Attributes:
        lines: The order's lines.
        address_id: Where the order goes.
        name: Tells the modification from others; lines that come are called after it.
        compensates: Shipping costs stay as they are.
    """

    lines: tuple[Line, ...]
    address_id: str
    name: str
    compensates: bool


def work_out(standing: Standing, request: ChangeRequest) -> Outcome:
    """What *request* would come to.

    Raises:
        DialectError: It names what the order does not have, or leaves nothing of it.
    """
    work = _Work(standing)
    steps = tuple(work.step(each) for each in request.operations)
    if not work.lines:
        raise refused("SalesOrderSystem010", standing.lines[-1].id)
    before = sum(line.value for line in standing.lines)
    return Outcome(
        tuple(work.lines),
        steps,
        sum(line.value for line in work.lines) - before,
        0 if standing.compensates else sum(d.price for s in steps for d in s.deliveries),
        request.discount,
        request.increment,
    )


class _Work:
    """The lines of an order while operations happen to them, one after the other."""

    def __init__(self, standing: Standing) -> None:
        self._standing, self.lines = standing, list(standing.lines)
        self._came = 0

    def step(self, operation: Operation) -> Step:
        _check_deliveries(operation, self._standing.address_id)
        first = len(self.lines)
        goes: list[Line] = []
        for wanted in operation.goes:
            place = self._place(wanted)
            first = min(first, place)
            goes.append(self._take(place, wanted))
        comes: list[Line] = []
        for number, wanted in enumerate(operation.comes):
            line = self._come(wanted, goes, operation, number)
            comes.append(self._put(first + number, line))
        return Step(operation.kind, tuple(goes), tuple(comes), operation.deliveries)

    def _place(self, wanted: Wanted) -> int:
        """Where the line stands that is meant."""
        same = [place for place, line in enumerate(self.lines) if line.id == wanted.id]
        if not same:
            raise refused("CHK0022")
        if wanted.unique_id:
            same = [place for place in same if self.lines[place].unique_id == wanted.unique_id]
        if len(same) != 1:
            raise refused("SalesOrderSystem026", wanted.id)
        return same[0]

    def _take(self, place: int, wanted: Wanted) -> Line:
        line = self.lines[place]
        if wanted.quantity > line.quantity:
            raise refused("SalesOrderSystem011", wanted.id)
        if wanted.quantity == line.quantity:
            return self.lines.pop(place)
        self.lines[place] = line._replace(quantity=line.quantity - wanted.quantity)
        return line._replace(quantity=wanted.quantity)

    def _come(self, wanted: Wanted, goes: list[Line], operation: Operation, place: int) -> Line:
        """The line that *wanted* stands for."""
        like = next((line for line in goes if line.id == wanted.id), None)
        known = like or next((line for line in self.lines if line.id == wanted.id), None)
        pattern = known or (goes[0] if goes else None)
        if known is not None and wanted.unit not in ("", known.unit):
            raise refused("SalesOrderSystem055", wanted.id)
        price = wanted.price
        if price is None:
            price = pattern.price if pattern else SAMPLE_ITEMS[0].price
        multiplier = wanted.multiplier or (known.multiplier if known else 1.0)
        delivery = next((d for d in operation.deliveries if d.place == place), None)
        channel = pattern.channel if pattern else self._standing.lines[0].channel
        return Line(
            wanted.id,
            self._unique_id(like),
            wanted.quantity,
            price,
            wanted.unit or (known.unit if known else "un"),
            multiplier,
            delivery.channel if delivery else channel,
            (pattern or self._standing.lines[0]).estimate,
        )

    def _unique_id(self, like: Line | None) -> str:
        """That of the line whose place it takes, else a new one."""
        if like is not None and all(line.unique_id != like.unique_id for line in self.lines):
            return like.unique_id
        self._came += 1
        return mark(self._standing.name, "line", str(self._came))

    def _put(self, place: int, line: Line) -> Line:
        """Put a line in, or its units to those of one that is alike; as it is called then."""
        for at, known in enumerate(self.lines):
            alike = line._replace(quantity=known.quantity, unique_id=known.unique_id)
            if alike == known:
                self.lines[at] = known._replace(quantity=known.quantity + line.quantity)
                return line._replace(unique_id=known.unique_id)
        self.lines.insert(place, line)
        return line


def _check_deliveries(operation: Operation, address_id: str) -> None:
    """See that shipping is asked for where the order goes, once for each item that comes."""
    places = [each.place for each in operation.deliveries]
    for place in places:
        if not 0 <= place < len(operation.comes):
            raise refused("SalesOrderSystem013", str(place))
        if places.count(place) > 1:
            raise refused("SalesOrderSystem012", operation.comes[place].id)
    addresses = {each.address_id for each in operation.deliveries}
    if len(addresses) > 1:
        raise refused("SalesOrderSystem029")
    if addresses - {address_id}:
        raise refused("SalesOrderSystem045")

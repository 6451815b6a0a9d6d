"""The invoices of an order as an integration sent them, with what there was to invoice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import INVOICES, READS, is_output
from orderflow.conformance.integration.story import Story, inner


@dataclass(frozen=True, slots=True)
class Sent:
    """One invoice, whether it was taken or not.

    Attributes:
        line: The call.
        value: Cents of the order's value at that moment, None when unknown.
        before: Cents of the Output invoices with other numbers that were taken before.
        changed: The step that changed the order's value last, None when none did.
        old: The value before that change.
        read: The latest Get order that showed the value of that moment, None without one.
        glance: The latest Get order, None without one.
        twin: The call by which an invoice of that number was taken before, None without one.
    """

    line: Line
    value: int | None
    before: int
    changed: Line | None
    old: int | None
    read: Line | None
    glance: Line | None
    twin: Line | None

    @property
    def is_output(self) -> bool:
        """Whether it is of a sale, not of a return."""
        return is_output(self.line)

    @property
    def cents(self) -> int:
        """Its value, 0 when it says none."""
        return self.line.whole("cents") or 0

    @property
    def total(self) -> int:
        """Cents of the Output invoices, with this one."""
        return self.before + self.cents


@dataclass(slots=True)
class _Books:
    """What is known of an order while its story is told."""

    value: int | None = None
    old: int | None = None
    changed: Line | None = None
    read: Line | None = None
    glance: Line | None = None

    def step(self, line: Line) -> None:
        value = line.whole("value")
        if value is None or value == self.value:
            return
        if self.value is not None:
            self.changed, self.old = line, self.value
        self.value, self.read = value, None

    def look(self, line: Line) -> None:
        self.glance = line
        shown = inner(line, "shown")
        if shown is not None and shown.whole("value") in (None, self.value):
            self.read = line


def sent(story: Story) -> Iterator[Sent]:
    """The invoices of an order, oldest first."""
    books = _Books()
    taken: dict[str, Line] = {}
    for moment in story.moments:
        line = moment.line
        if line.kind == "step":
            books.step(line)
        elif moment.called(*READS) and line.told_success:
            books.look(line)
        elif moment.called(*INVOICES):
            number = line.text("number")
            yield Sent(
                line,
                books.value,
                _sum(taken, number),
                books.changed,
                books.old,
                books.read,
                books.glance,
                taken.get(number),
            )
            if line.worked:
                taken.setdefault(number, line)


def _sum(taken: dict[str, Line], but: str) -> int:
    """Cents of the Output invoices that were taken, *but* one number."""
    return sum(
        line.whole("cents") or 0
        for number, line in taken.items()
        if number != but and is_output(line)
    )


def money(cents: int | None) -> str:
    """Cents as an amount, as invoices write it."""
    return "nothing" if cents is None else f"{cents} cents"

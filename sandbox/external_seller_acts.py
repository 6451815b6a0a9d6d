"""What a seller outside the platform does, as steps of its document in the simulated sale.

That document is shown to nobody. It says where the order stands with the seller as far as the
marketplace can know, and its news are what the marketplace's order follows. Nothing of it happens
by itself but the time limits of the platform. Sandbox decisions: the cancellation window is a
setting of stores on the platform, so this seller has none and is asked from its leave on; and an
invoice says that all the steps before it have been taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orderflow.sandbox.course import Course
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.message import Message
from orderflow.simulator.order import Order
from orderflow.simulator.simulator import Refused

_MOST_NEWS = 100
"""News that one act of a seller may bring; no real one comes near."""

_TOWARDS_INVOICE = ("grace_period_over", "start_handling")
_TAKES_INVOICES = frozenset(
    {"window-to-cancel", "ready-for-handling", "handling", "ready-for-invoicing"}
)
_ASKED = "cancellation-requested"

_NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Desk:
    """The place of an outside seller in a sale.

    Attributes:
        sale: The sale.
        name: The participant it plays.
        course: What follows from a step.
    """

    sale: DealSimulator
    name: str
    course: Course

    @property
    def order(self) -> Order:
        """Its document."""
        return self.sale.simulators[self.name].order

    def told(self) -> tuple[Message, ...]:
        """News for the seller that have not reached it, oldest first."""
        return tuple(each for each in self.sale.mailbox if each.receiver == self.name)

    def hear(self, message: Message) -> bool:
        """Let news reach the seller; False when they have to wait."""
        if self.sale.hand_over(message) is None:
            return False
        self._follow()
        return True

    def hear_of(self, notice: str) -> None:
        """Let the news reach the seller that say *notice*, if there are any."""
        for message in self.told():
            if message.notice == notice:
                self.hear(message)

    def speak(self, first: str = "") -> None:
        """Let everything arrive that the seller has said: its calls have carried it already.

        Args:
            first: Notice that arrives before the others.
        """
        for _ in range(_MOST_NEWS):
            said = [each for each in self.sale.deliverable() if each.sender == self.name]
            if not said:
                return
            chosen = next((each for each in said if each.notice == first), said[0])
            same = [each for each in said if each.channel == chosen.channel]
            self.sale.deliver(*chosen.channel, same.index(chosen))

    @property
    def asked(self) -> bool:
        """Whether it has been asked to agree to a cancellation."""
        return self.order.status == _ASKED

    def agree(self) -> None:
        """The seller agrees to the cancellation that it is asked for."""
        if self.asked:
            self._attempt("accept_cancel")
        self.speak()

    def finish(self) -> None:
        """Take the steps that follow from a time limit."""
        if self.order.status == "cancel":
            self._follow()

    def drop(self, reason: str = "") -> Refused | None:
        """The seller cancels by itself, or agrees to the cancellation that it is asked for.

        One call is enough, where the platform's own sellers need two past their window.
        """
        data = {"reason": reason} if reason else _NOTHING
        first = "" if self.asked else "out"
        refused = None if self.asked else self._attempt("seller_cancel", data)
        if refused is None and self.asked:
            refused = self._attempt("accept_cancel", data)
        self.speak(first)
        return refused

    def takes_invoices(self) -> bool:
        """Whether an Output invoice would be taken, as far as the status goes."""
        return self.order.status in _TAKES_INVOICES | {_ASKED}

    def invoice(self, number: str, value: int) -> Refused | None:
        """The seller sends an Output invoice; it refuses a cancellation that is asked for."""
        if self.asked:
            whole = self.order.invoiced + value == self.order.value
            event = "add_invoice_full" if whole else "add_invoice_partial"
        else:
            event = "verify_invoice"
            self.prepare()
        return self.say(event, {"number": number, "value": value})

    def prepare(self) -> None:
        """Take the steps that come before an invoice, or a modification."""
        for before in _TOWARDS_INVOICE:
            self._attempt(before)

    def take_back(self, number: str, value: int) -> Refused | None:
        """The seller sends an Input invoice."""
        return self.say("add_return_invoice", {"number": number, "value": value})

    def say(self, event: str, data: Mapping[str, object]) -> Refused | None:
        """Let *event* happen to the seller's document, and the marketplace hear of it at once."""
        refused = self._attempt(event, data)
        self.speak()
        return refused

    def _attempt(self, event: str, data: Mapping[str, object] = _NOTHING) -> Refused | None:
        happened = self.sale.attempt(self.name, event, data)
        if isinstance(happened, Refused):
            return happened
        self._follow()
        return None

    def _follow(self) -> None:
        self.course.follow(self.sale, self.name)

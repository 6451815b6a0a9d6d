"""Sellers outside the platform: who they are, and the orders that they handle.

An order whose seller is registered here is handled by whoever answers at the seller's address. The
sandbox calls it for the simulation, the placement, the leave to handle and a cancellation; what it
answers, and what it says in calls of its own, moves its place in the simulated sale
(:mod:`orderflow.sandbox.external_seller_acts`). One call an order is under way at a time, and news
for the seller wait until it has answered.

Sandbox decisions: a call that fails is repeated after 1, 2, 4, 8 … minutes up to an hour, ten times
in all, and the order's workflow is in error until one succeeds. A simulation is not repeated:
goods that are not available make the order fall. A cancellation goes past a leave, or a placement,
that the seller has not answered. A seller that evaluates a cancellation is called again after an
hour, once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import ClassVar, TypeVar

from orderflow.flows.model import ABSENT
from orderflow.sandbox.course import Course
from orderflow.sandbox.external_seller_acts import Desk
from orderflow.sandbox.external_seller_answers import Reading, read_answer
from orderflow.sandbox.external_seller_calls import CallName, Seller, headers_of, request
from orderflow.sandbox.external_seller_errands import Errand, Handled, Key, Logged
from orderflow.sandbox.order_statuses import CANCELED
from orderflow.sandbox.outbox import Message, Outcome, pause_after
from orderflow.sandbox.part import Part
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Change, Held
from orderflow.simulator.machine import compile_plan
from orderflow.simulator.message import Message as News

_T = TypeVar("_T")

_NO_WINDOW = {"cancellation_window": 0}
_HOUR = 3_600_000
MOST_TRIES = 10
_MOST_LOGGED = 1_000

_CALL_OF: dict[str, CallName] = {
    "order": "simulation",
    "authorized": "fulfillment",
    "unpaid": "cancellation",
    "called-off": "cancellation",
    "cancel-request": "cancellation",
    "dismissed": "cancellation",
}
"""The call that carries news; what is not here reaches the seller without one."""


class ExternalSellers(Part):
    """The sellers outside the platform that the accounts know.

    Args:
        service: The sandbox it belongs to.

    Attributes:
        sellers: By account and id, in the order of registration.
        log: The latest attempts to call one, oldest first.
    """

    name: ClassVar[str] = "external-sellers"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.sellers: dict[tuple[str, str], Seller] = {}
        self.log: deque[Logged] = deque(maxlen=_MOST_LOGGED)
        self._handled: dict[Key, Handled] = {}
        self._called: dict[int, tuple[Key, CallName, int]] = {}
        self._serial = 0

    def forgot(self, held: Held) -> None:
        """Nobody will call about that order any more."""
        self._handled.pop(_key(held), None)

    def plays(self, held: Held) -> bool:
        """Whether a seller outside handles this order of a marketplace."""
        return _key(held) in self._handled

    def work(self, held: Held, do: Callable[[Desk], _T]) -> _T:
        """Let the seller of *held* do something, and what follows from it happen.

        Raises:
            KeyError: No seller outside handles it.
        """
        handled = self._handled[_key(held)]
        course = Course(held.sale.deal)
        return self.service.store.work_on(
            held, lambda sale: do(Desk(sale, handled.participant, course))
        )

    def desk(self, held: Held) -> Desk:
        """The seller's place in the sale, to look at."""
        return Desk(held.sale, self._handled[_key(held)].participant, Course(held.sale.deal))

    def document(self, held: Held) -> Held | None:
        """What the seller of *held* has of the order, None when no seller outside handles it.

        It is called as the marketplace's order, and stands in no list.
        """
        handled = self._handled.get(_key(held))
        return None if handled is None else replace(held, participant=handled.participant)

    def invoice(self, held: Held, kind: str, number: str, value: int) -> bool:
        """Let the seller send an invoice; False when the order does not take it."""
        if kind == "Input":
            return self.work(held, partial(Desk.take_back, number=number, value=value)) is None
        self._has_got(held)
        if not self.desk(held).takes_invoices():
            return False
        return self.work(held, partial(Desk.invoice, number=number, value=value)) is None

    def cancel(self, held: Held, reason: str) -> bool:
        """Let the seller cancel, or agree to a cancellation; False when it is too late."""
        self._has_got(held)
        dropped = self.work(held, partial(Desk.drop, reason=reason)) is None
        self._handled[_key(held)].told_off |= dropped
        return dropped

    def _has_got(self, held: Held) -> None:
        """Take a leave or a cancellation as received that the seller has been sent: it acts."""
        handled = self._handled[_key(held)]
        errand = handled.errand
        if errand is None or errand.call not in ("fulfillment", "cancellation"):
            return
        self._settled(held, handled)
        for news in self.desk(held).told():
            if news.number == errand.news:
                self.work(held, partial(_learn, news=news))

    def ask_again(self, held: Held) -> bool:
        """Call a seller that is evaluating a cancellation again, unless a call to it is going on.

        False when no seller evaluates one.
        """
        handled = self._handled.get(_key(held))
        if handled is None or not self.desk(held).asked:
            return False
        if handled.errand is None:
            self._begin(held, handled, Errand("cancellation", again=True))
        return True

    def order_of(self, message: Message) -> str:
        """Id of the marketplace's order that a call which is on its way is about, else empty."""
        key, _, _ = self._called.get(int(message.token), (("", ""), "", 0))
        return key[1]

    def retry(self, held: Held) -> bool:
        """Make a call now that waits to be repeated, or was given up; False when there is none."""
        handled = self._handled.get(_key(held))
        if handled is None or handled.errand is None or handled.errand.under_way:
            return False
        handled.errand.tries = 0
        self._call(held, handled, handled.errand)
        return True

    def heard(self, change: Change) -> None:
        """Look after a handled order when it has moved, and at a new one."""
        if _key(change.held) in self._handled:
            self.service.soon(self, ("go on", *_key(change.held)))
        elif self.sellers and change.event.source == ABSENT:
            self.service.soon(self, ("adopt", *_key(change.held)))

    def due(self, token: object) -> None:
        """Do what was left for now: what, account, order id, and perhaps the serial of a call."""
        if not isinstance(token, tuple):
            raise TypeError(f"no token of this part: {token!r}")
        what, account, order_id, *rest = token
        held = self.service.store.find(order_id, account)
        if held is None:
            return
        if what == "adopt":
            self._adopt(held)
        elif what == "go on":
            self._go_on(held)
        elif what == "second":
            self.ask_again(held)
        else:
            self._repeat(held, rest[0])

    def _adopt(self, held: Held) -> None:
        """Let a seller outside handle a new order, if one is registered for it."""
        deal = held.sale.deal
        if deal.participant[held.participant].family != "marketplace" or deal.instant:
            return
        for lower in deal.lower(held.participant):
            placed = held.sale.simulators[lower.name].status != ABSENT
            if lower.joins or lower.family != "seller" or placed:
                continue
            seller = self._seller_for(held, lower.name)
            if seller is not None:
                plan = compile_plan(lower.flow, held.sale.settings.override(_NO_WINDOW))
                self.service.store.play_outside(held, lower.name, plan)
                held.seller_ids[lower.name] = seller.id
                self._handled[_key(held)] = Handled(seller, lower.name)
                self._go_on(held)
                return

    def _seller_for(self, held: Held, participant: str) -> Seller | None:
        """The seller of the items; where nobody has named one, the first of the account."""
        named = held.seller_ids.get(participant)
        found = self.sellers.get((held.account, named or participant))
        if found is not None or named:
            return found
        of_account = (each for each in self.sellers.values() if each.account == held.account)
        return next(of_account, None)

    def _go_on(self, held: Held) -> None:
        """Let arrive what the seller has said, and tell it what it has not been told."""
        handled = self._handled.get(_key(held))
        if handled is None:
            return
        self._let_speak(held)
        desk, errand = self.desk(held), handled.errand
        off = any(_CALL_OF.get(each.notice) == "cancellation" for each in desk.told())
        if errand is not None:
            if errand.under_way or errand.call == "cancellation" or not off:
                return
            self._settled(held, handled)
        for news in desk.told():
            call = self._call_for(held, handled, news.notice)
            if call is None or (off and call != "cancellation"):
                self.work(held, partial(Desk.hear, message=news))
            else:
                self._begin(held, handled, Errand(call, news.number))
                return
        if desk.order.status in CANCELED and not handled.told_off and _knows(held, handled):
            self._begin(held, handled, Errand("cancellation"))

    def _call_for(self, held: Held, handled: Handled, notice: str) -> CallName | None:
        """The call that carries news; a seller that is not in the sale hears of no end of it."""
        call = _CALL_OF.get(notice)
        if call == "simulation" and handled.simulated:
            return "placement"
        if call == "cancellation" and (
            not _knows(held, handled) or self.desk(held).order.status in CANCELED
        ):
            return None
        return call

    def _let_speak(self, held: Held) -> None:
        desk = self.desk(held)
        said = any(each.sender == desk.name for each in held.sale.deliverable())
        if said or desk.order.status == "cancel":
            self.work(held, _finish_and_speak)

    def _begin(self, held: Held, handled: Handled, errand: Errand) -> None:
        handled.errand = errand
        handled.told_off |= errand.call == "cancellation"
        self._call(held, handled, errand)

    def _call(self, held: Held, handled: Handled, errand: Errand) -> None:
        self._serial += 1
        errand.serial, errand.under_way = self._serial, True
        errand.tries += 1
        seller, token = handled.seller, str(self._serial)
        self._called[self._serial] = (_key(held), errand.call, errand.tries)
        made = request(errand.call, held, seller, _seller_order_id(held, handled))
        headers = headers_of(seller, held, errand.call, errand.tries)
        self.service.outbox.send(
            lambda number: Message(
                number,
                self.name,
                token,
                "POST",
                seller.url + made.path,
                headers,
                made.body,
                made.patience,
            )
        )

    def answered(self, message: Message, outcome: Outcome) -> None:
        """A seller has answered, or could not be reached."""
        serial = int(message.token)
        key, call, attempt = self._called.pop(serial)
        if call == "placement" and self.service.faults.strikes("seller.answer_lost", key[1]):
            outcome = Outcome(0, trouble="timeout")
        held, handled = self.service.store.find(key[1], key[0]), self._handled.get(key)
        if held is None or handled is None:
            return
        reading = read_answer(call, outcome, held.order, _seller_order_id(held, handled))
        errand, next_at = handled.errand, None
        if errand is not None and errand.serial == serial:
            errand.under_way = False
            next_at = self._take(held, handled, errand, reading)
        self.log.append(
            Logged(
                at=self.service.now,
                account=held.account,
                seller=handled.seller.id,
                order_id=held.order_id,
                call=call,
                attempt=attempt,
                result=reading.result,
                note=reading.note,
                next_at=next_at,
            )
        )
        self._go_on(held)

    def _take(self, held: Held, handled: Handled, errand: Errand, reading: Reading) -> int | None:
        """Do what an answer comes to; when the seller is called again, None when it is not."""
        if reading.result == "failed":
            return self._failed(held, errand)
        self._settled(held, handled)
        news = next((each for each in self.desk(held).told() if each.number == errand.news), None)
        if reading.result == "no":
            handled.told_off = True
            self.work(held, _has_not_got_it)
        elif errand.call == "simulation":
            handled.simulated = True
        elif errand.call == "placement":
            held.seller_order_ids[handled.participant] = reading.order_id
        if news is not None and errand.call != "simulation":
            self.work(held, partial(_learn, news=news))
        if errand.call == "cancellation" and reading.result == "yes":
            self.work(held, Desk.agree)
        if reading.result == "evaluating" and self.desk(held).asked and not errand.again:
            return self._remind("second", held, _HOUR)
        return None

    def _settled(self, held: Held, handled: Handled) -> None:
        """The latest call is answered, or needs no answer any more."""
        handled.errand = None
        held.stuck.discard(held.participant)

    def _failed(self, held: Held, errand: Errand) -> int | None:
        held.stuck.add(held.participant)
        if errand.tries >= MOST_TRIES:
            return None
        return self._remind("repeat", held, pause_after(errand.tries), errand.serial)

    def _remind(self, what: str, held: Held, pause: int, serial: int = 0) -> int:
        at = self.service.now + pause
        self.service.remind(at, self, (what, *_key(held), serial))
        return at

    def _repeat(self, held: Held, serial: int) -> None:
        handled = self._handled.get(_key(held))
        errand = handled.errand if handled else None
        if handled and errand and errand.serial == serial and not errand.under_way:
            self._call(held, handled, errand)


def _key(held: Held) -> Key:
    return held.account, held.order_id


def _knows(held: Held, handled: Handled) -> bool:
    """Whether the seller has taken the order."""
    return handled.participant in held.seller_order_ids


def _seller_order_id(held: Held, handled: Handled) -> str:
    return held.seller_order_ids.get(handled.participant, "")


def _finish_and_speak(desk: Desk) -> None:
    desk.finish()
    desk.speak()


def _has_not_got_it(desk: Desk) -> None:
    """The order falls before the seller has taken it."""
    desk.hear_of("order")
    desk.drop("item unavailable")


def _learn(desk: Desk, news: News) -> None:
    desk.hear(news)
    desk.speak()

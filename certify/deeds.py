"""What a scenario does, each at once; waiting for what comes of it is done elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from orderflow.certify.cast import Cast
from orderflow.certify.scenario import (
    Advance,
    AllWell,
    Ask,
    AtOnce,
    Fire,
    PlaceOrders,
    Step,
    SwitchOn,
    Tell,
    TurnKey,
    Upon,
)
from orderflow.certify.standing import Standing
from orderflow.flows.errors import OrderflowError

if TYPE_CHECKING:
    from orderflow.certify.stage import Reply, Stage
    from orderflow.sandbox.outbox import Outcome

_WRONG = 400
_NOBODY = (404, 405)
"""What somebody answers who listens, and for whom nobody has anything to tell."""


class ScenarioError(OrderflowError):
    """A scenario asks the sandbox for what it cannot do.

    Attributes:
        step: Which step.
    """

    def __init__(self, step: Step, why: str) -> None:
        super().__init__(f"{step.where}: {step.verb}: {why}")
        self.step = step


class Deeds:
    """Does the steps of one scenario.

    Args:
        name: Name of the scenario.
        stage: Where it is played.

    Attributes:
        cast: The orders it has placed.
        why: Why it cannot go on, empty as long as it can.
        skipped: Why it would show nothing, empty as long as it would.
        standing: What happens upon calls.
    """

    def __init__(self, name: str, stage: Stage) -> None:
        self._stage = stage
        self.cast = Cast(stage)
        self.why = self.skipped = ""
        self.standing = Standing(name, stage, self.cast, self.all_at_once)
        self._faults: list[int] = []
        self._tellers: list[Teller] = []

    def act(self, what: str, facts: Mapping[str, object], order_id: str = "") -> None:
        """Write down what is done."""
        self._stage.note("act", {"what": what, **facts}, order_id)

    def all_at_once(self, steps: Iterable[Step]) -> None:
        """Do *steps* before anybody else comes in.

        Raises:
            ScenarioError: The sandbox cannot do what one asks for.
        """
        with self._stage.lock:
            for step in steps:
                if not self.why:
                    self.do(step)

    def do(self, step: Step) -> Reply | None:  # noqa: C901, PLR0912  # one case a verb
        """Do one step; the reply when it may have to be waited for.

        Raises:
            ScenarioError: The sandbox cannot do it.
        """
        self._stage.stir()
        match step.deed:
            case PlaceOrders(name, wish):
                self._place(step, name, wish)
            case SwitchOn(setting):
                self._switch_on(step, setting)
            case AllWell():
                self._all_well()
            case Fire(order, body):
                self._fire(step, order, body)
            case TurnKey(what):
                self.act(what, {})
                (self._stage.revoke if what == "revoke" else self._stage.restore)()
            case AtOnce(steps):
                self.all_at_once(steps)
            case Upon() as order:
                self.standing.add(order)
            case Advance(ms):
                self.act("advance", {"ms": ms})
                return self._stage.advance(ms)
            case Ask() as asked:
                return self._ask(step, asked)
            case Tell(name, body):
                self.tell(name, body)
            case _:
                raise TypeError(f"{step.verb} takes time")
        return None

    def see(self, step: Step, reply: Reply) -> bool:
        """Whether the sandbox did it; what it refuses now it might have done earlier.

        Raises:
            ScenarioError: It could never do it.
        """
        if reply.status == _WRONG:
            raise ScenarioError(step, reply.why)
        if reply.refused:
            self.why = f"{step.verb} in line {step.where.line} came too late: {reply.why}"
        return not reply.refused

    def tell(self, name: str, body: Mapping[str, object]) -> Teller | None:
        """Tell the integration something, in a thread of its own; None if nobody listens."""
        sent = self.cast.filled(dict(body))
        outside = str(sent.get("id") or "") if isinstance(sent, dict) else ""
        if name:
            self.cast.expect(name, outside)
        if not self._stage.addresses.tell:
            self.skipped = "nobody said where the integration listens for what it is told"
            return None
        # First, as the integration may call back before it answers.
        self.act("tell", {"said": body.get("what"), "id": outside})
        teller = Teller(lambda: self._stage.tell(sent))
        self._tellers.append(teller)
        teller.start()
        return teller

    def hear_back(self) -> None:
        """Take note of what the integration answered to what it was told."""
        for teller in tuple(self._tellers):
            if teller.outcome is None:
                continue
            self._tellers.remove(teller)
            status, trouble = teller.outcome.status, teller.outcome.trouble
            if trouble == "refused" or status in _NOBODY:
                self.skipped = f"nobody listens at {self._stage.addresses.tell}"
            elif not 200 <= status < 300:  # noqa: PLR2004 - success in HTTP
                told = str(status) if status else f"nothing ({trouble})"
                self.why = f"the integration answered {told} to what it was told"

    def _place(self, step: Step, name: str, wish: Mapping[str, object]) -> None:
        reply = self._stage.ask("POST", "/_sandbox/orders", self.cast.filled(dict(wish)))
        if not self.see(step, reply) or not isinstance(reply.data, dict):
            return
        ids = self.cast.add(name, reply.data["orders"])
        facts = {"name": name, "orders": list(ids), "status": wish.get("status", "")}
        self.act("place", facts, ids[0] if len(ids) == 1 else "")

    def _switch_on(self, step: Step, setting: Mapping[str, object]) -> None:
        body, named = dict(setting), setting.get("orders")
        orders = [named] if isinstance(named, str) else named
        if isinstance(orders, list):
            body["orders"] = [each for name in orders for each in self.cast.ids(str(name))]
        self.act("fault", body)
        reply = self._stage.ask("POST", "/_sandbox/faults", body)
        if self.see(step, reply) and isinstance(reply.data, dict):
            self._faults += [each["number"] for each in reply.data["on"]]

    def _all_well(self) -> None:
        self.act("faults", {"off": True})
        for number in self._faults:
            self._stage.ask("DELETE", f"/_sandbox/faults/{number}")
        self._faults.clear()

    def _fire(self, step: Step, order: str, body: Mapping[str, object]) -> None:
        ids = self.cast.ids(order)
        if not ids:
            self.why = f"there is no order {order} to which {body.get('event')} could happen"
        for order_id in ids:
            self.act("fire", {"event": body.get("event")}, order_id)
            path = f"/_sandbox/orders/{order_id}/events"
            self.see(step, self._stage.ask("POST", path, self.cast.filled(dict(body))))

    def _ask(self, step: Step, asked: Ask) -> Reply:
        path = str(self.cast.filled(asked.path))
        self.act(asked.who, {"method": asked.method.upper(), "path": path.partition("?")[0]})
        own = self._stage.key if asked.own else self._stage.other
        key = None if asked.who == "call" else own
        try:
            reply = self._stage.ask(asked.method, path, self.cast.filled(asked.body), key=key)
        except OrderflowError as wrong:
            raise ScenarioError(step, str(wrong)) from None
        if reply.later is None:
            self.see(step, reply)
        return reply


class Teller(threading.Thread):
    """Tells the integration something, and waits for what it answers.

    Args:
        tell: Does it.

    Attributes:
        outcome: What it answered; None as long as that is not known.
    """

    def __init__(self, tell: Callable[[], Outcome]) -> None:
        super().__init__(name="orderflow-teller", daemon=True)
        self._tell = tell
        self.outcome: Outcome | None = None

    def run(self) -> None:
        """Tell it."""
        self.outcome = self._tell()

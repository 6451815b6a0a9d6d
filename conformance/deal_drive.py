"""Drives whole sales, one after another, and judges every step of every document and message.

Like :mod:`orderflow.conformance.drive` for single orders, it knows nothing of chance: it is handed
acts, and hands back what broke.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from orderflow.conformance.deal_coverage import DealCoverage
from orderflow.conformance.deal_messages import Post
from orderflow.conformance.deal_observe import Ground, Watched, deal_record, watch
from orderflow.conformance.deal_record import DealFinding
from orderflow.conformance.deal_rule import DealRule
from orderflow.conformance.drive import Start
from orderflow.conformance.invariants import Breach, no_way_out, stage_breaches
from orderflow.conformance.judge import judge
from orderflow.conformance.judge_deal import judge_deal
from orderflow.conformance.observe import BREATH_MS, timeline_of
from orderflow.conformance.rule import Rule
from orderflow.conformance.rules import CATALOGUE, DEAL_RULES, DOCUMENT_RULES
from orderflow.flows.model import ABSENT
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.deal_scenario import Carry, DealAct, play_deal
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.events import Event
from orderflow.simulator.message import DealEvent, Delivery, LogEntry
from orderflow.simulator.order import Order
from orderflow.simulator.scenario import ADVANCE, EARLY, ScenarioError
from orderflow.simulator.simulator import Refused, new_order

AnyAct = DealAct | Carry
"""Something done to a sale."""

Identity = tuple[str, str, str]
"""What makes two troubles the same: rule, participant, and transition or else (status, event)."""

_PROMPT = frozenset({"A-28", "A-38", "A-71"})
"""Rules that allow for no delay. The others are asked when nothing is under way."""

PROMPT_RULES: tuple[DealRule, ...] = tuple(rule for rule in DEAL_RULES if rule.id in _PROMPT)


@dataclass(frozen=True, slots=True)
class DealTrouble:
    """Something that broke in a sale, where it broke.

    Attributes:
        rule: Id of the rule or invariant.
        severity: ``error``, ``warning`` or ``info``.
        participant: Whose document it is.
        transition: Id of the transition at which it broke, or empty.
        cell: (status, event) in which it lies.
        act: Number of acts played when it was seen.
        observed: What was seen.
        expected: What should have been.
    """

    rule: str
    severity: str
    participant: str
    transition: str
    cell: tuple[str, str]
    act: int
    observed: str
    expected: str

    @property
    def identity(self) -> Identity:
        """What makes two troubles the same."""
        return (self.rule, self.participant, self.transition or "-".join(self.cell))


@dataclass(frozen=True, slots=True)
class DealDone:
    """One act as it was played, for the trace.

    Attributes:
        act: The act.
        log: What happened; empty for a refusal or time that passed without anything.
        refused: The refusal, if it was one.
        at: Virtual time after the act.
        statuses: Where each document stood after it.
    """

    act: AnyAct
    log: tuple[LogEntry, ...]
    refused: Refused | None
    at: int
    statuses: dict[str, str]

    @property
    def moved(self) -> bool:
        """Whether some document took a step."""
        return any(isinstance(entry, DealEvent) for entry in self.log)


@dataclass(frozen=True, slots=True)
class _Before:
    """A sale as it was before an act."""

    orders: tuple[Order, ...]
    mail: tuple[object, ...]
    log: int
    events: int
    now: int


class DealDriver:
    """One sale after another, judged at every step.

    Args:
        ground: What the sales of the deal share.
        coverage: Where to count; nowhere when None.
        judged: Whether to evaluate rules.
        alone: Whether to judge each document by itself, too. Without, only the rules on the
            whole sale are asked, which takes a fraction of the time.

    Attributes:
        simulator: The sale being driven.
        watched: Its documents by participant.
        done: Acts played on it.
        troubles: What broke on it, first found first.
        taken: Times each (participant, transition) was taken in it.
        arrived: Messages that arrived in it, by (sender, receiver).
    """

    def __init__(
        self,
        ground: Ground,
        *,
        coverage: DealCoverage | None = None,
        judged: bool = True,
        alone: bool = True,
    ) -> None:
        self.ground, self.judged, self.alone = ground, judged, judged and alone
        self.coverage = coverage or DealCoverage()
        self.window = ground.settings.milliseconds("change_seller_window") > 0
        self._begun = 0
        self.done: list[DealDone] = []
        self.begin()

    def begin(self, start: Start | None = None) -> None:
        """Drop the current sale and prepare another one."""
        self.start = start or Start()
        if self.done or not self._begun:
            self._begun += 1
        deal_id = f"sale-{self._begun}"
        orders = {
            each.name: new_order(
                each.flow,
                f"{deal_id}-{each.name}",
                self.start.items,
                replaceable=self.start.replaceable,
                change_seller=self.window,
            )
            for each in self.ground.deal.participants
        }
        self.simulator = DealSimulator(
            self.ground.deal,
            settings=self.ground.settings,
            orders=orders,
            plans=self.ground.plans,
            deal_id=deal_id,
        )
        self.watched: dict[str, Watched] = watch(self.simulator, self.ground)
        self.post = Post(self.simulator)
        self.done = []
        self.troubles: list[DealTrouble] = []
        self.taken: Counter[tuple[str, str]] = Counter()
        self.arrived: Counter[tuple[str, str]] = Counter()
        self._told: set[Identity] = set()
        self._moved = False

    def act(self, act: AnyAct) -> DealDone:
        """Play one act and judge whatever happens."""
        simulator = self.simulator
        if self._moved and (pause := self._breath()):
            simulator.advance(pause)
        before = self._standing()
        self.post.look(act)
        try:
            result = play_deal(simulator, act)
        except (ScenarioError, EventDataError) as error:  # data that this order cannot come with
            result = Refused(_event_of(act), self._status(act), str(error))
        refused = result if isinstance(result, Refused) else None
        log = tuple(simulator.log[before.log :])
        self.done.append(DealDone(act, log, refused, simulator.now, simulator.statuses))
        self._moved = len(simulator.events) > before.events
        self._happened(before.events)
        for entry in log:
            if isinstance(entry, Delivery):
                self.coverage.links[entry.message.link] += 1
                self.arrived[entry.message.channel] += 1
        if refused is not None:
            self._refused(act, refused, before)
        if self.judged:
            self._judge_messages(act, log)
            self._judge_sale(log, before.events)
        return self.done[-1]

    def _status(self, act: AnyAct) -> str:
        name = act.receiver if isinstance(act, Carry) else act.participant
        known = self.simulator.simulators.get(name)
        return known.status if known else ABSENT

    def _standing(self) -> _Before:
        simulator = self.simulator
        orders = tuple(one.order for one in simulator.simulators.values())
        count = len(simulator.log), len(simulator.events)
        return _Before(orders, simulator.mailbox, *count, simulator.now)

    def _breath(self) -> int:
        """Time to pass before the next act: short enough for nothing to happen by itself."""
        simulator, now = self.simulator, self.simulator.now
        if any(each.due_at <= now for each in simulator.mailbox):
            first = simulator.next_due()  # it waits for its receiver, or could arrive at once
        else:
            dues = (one.clock.next_due() for one in simulator.simulators.values())
            times = [each.due_at for each in simulator.mailbox]
            first = min((*times, *(due.at for due in dues if due)), default=None)
        left = BREATH_MS + 1 if first is None else first - now
        return min(BREATH_MS, max(left - 1, 0))

    def judge(self) -> list[DealTrouble]:
        """Evaluate all rules on the sale so far; return what is new."""
        if not self.judged or not self.simulator.events:
            return []
        before = len(self.troubles)
        if self.alone:
            for each in self.watched.values():
                if each.steps:
                    self._judged(each, CATALOGUE, self.simulator.now)
        self._ask(DEAL_RULES)
        return self.troubles[before:]

    def _happened(self, first: int) -> None:
        """Count and judge the steps from number *first* on."""
        for happened in self.simulator.events[first:]:
            name, event = happened.participant, happened.event
            one = self.watched[name]
            before = one.document
            document = self.simulator.simulators[name].documents[event.seq - 1]
            self.taken[name, event.transition] += 1
            self.coverage.step(happened, first=happened.seq == 1)
            status = one.statuses[-1] if one.statuses else ABSENT
            one.note(event, document)
            if self.alone:
                self._staged(one, event, document)
                self._agreement(one, event, before, status)
                self._way_out(one, event, before)
                self._judged(one, DOCUMENT_RULES, event.at)

    def _staged(self, one: Watched, event: Event, document: Order) -> None:
        flow = self.ground.flow(one.name)
        new = timeline_of(document, event.at, one.statuses)
        step = flow.transition[event.transition]
        for breach in stage_breaches(one.view or new, new, step, flow, document, at=event.at):
            self._breach(breach, one.name, (step.source, step.event), step.id)
        one.view = new

    def _agreement(self, one: Watched, event: Event, before: Order, status: str) -> None:
        cell, wrong = (event.source, event.event), ""
        if one.document.status != event.target:
            wrong = f"the document says {one.document.status}, the event {event.target}"
        elif event.source != status or before.status != status:
            wrong = f"the event leaves {event.source}, the history stands at {status}"
        if wrong:
            expected = "document, event and history agree"
            self._breach(Breach("I-07", wrong, expected), one.name, cell, event.transition)
        place = one.place_of(before)
        if place is None or (place, event.transition) in self.ground.known_steps[one.name]:
            return
        wrong = f"{event.event} was taken in {event.source} by {event.transition}"
        expected = "the flow refuses it there"
        self._breach(Breach("I-09", wrong, expected), one.name, cell, event.transition)

    def _way_out(self, one: Watched, event: Event, before: Order) -> None:
        lost = self.ground.spaces[one.name].lost
        was_lost = event.source != ABSENT and lost and one.place_of(before) in lost
        if lost and not was_lost and one.place_of(one.document) in lost:
            cell = (event.source, event.event)
            self._breach(no_way_out(one.document.status), one.name, cell, event.transition)

    def _judged(self, one: Watched, rules: tuple[Rule, ...], now: int) -> None:
        judgement = judge(one.record(now), rules)
        self.coverage.judged(judgement.evaluated, judgement.missing)
        for rule, finding in judgement.findings:
            severity = rule.severity_of(finding)
            self._broken(
                (rule.id, severity, one.name), finding.step, finding.observed, finding.expected
            )

    def _broken(self, who: tuple[str, str, str], step: int, observed: str, expected: str) -> None:
        rule, severity, name = who
        events = self.simulator.simulators[name].events
        event = events[step if step >= 0 else len(events) - 1] if events else None
        cell = (event.source, event.event) if event else (ABSENT, "")
        taken = event.transition if event else ""
        self._tell(
            DealTrouble(rule, severity, name, taken, cell, len(self.done), observed, expected)
        )

    def _breach(self, breach: Breach, name: str, cell: tuple[str, str], transition: str) -> None:
        seen, wanted = breach.observed, breach.expected
        number = len(self.done)
        found = DealTrouble(breach.invariant, "error", name, transition, cell, number, seen, wanted)
        self._tell(found)

    def _tell(self, trouble: DealTrouble) -> None:
        if trouble.identity not in self._told:
            self._told.add(trouble.identity)
            self.troubles.append(trouble)

    def _judge_messages(self, act: AnyAct, log: tuple[LogEntry, ...]) -> None:
        for wrong in self.post.wrong(act, log):
            self._breach(wrong.breach, wrong.participant, (wrong.status, wrong.notice), "")

    def _judge_sale(self, log: tuple[LogEntry, ...], first: int) -> None:
        """Ask the rules on the whole sale, as far as they can have come to another answer."""
        if not log:
            return
        if not self.simulator.mailbox:
            self._ask(DEAL_RULES)
        elif any(self._is_news(each) for each in self.simulator.events[first:]):
            self._ask(PROMPT_RULES)

    def _is_news(self, happened: DealEvent) -> bool:
        """Whether a document came to a status for the first time."""
        seen = self.watched[happened.participant].statuses
        return seen.index(happened.event.target) == happened.event.seq - 1

    def _ask(self, rules: tuple[DealRule, ...]) -> None:
        judgement = judge_deal(deal_record(self.simulator, self.ground, self.watched), rules)
        self.coverage.judged(judgement.evaluated, judgement.missing)
        for rule, finding in judgement.findings:
            self._found(rule, finding)

    def _found(self, rule: DealRule, finding: DealFinding) -> None:
        who = (rule.id, rule.severity_of(finding), finding.party)
        self._broken(who, finding.step, finding.observed, finding.expected)

    def _refused(self, act: AnyAct, refused: Refused, before: _Before) -> None:
        """Count and judge a refusal; *before* is how things stood ahead of it."""
        self.coverage.steps += 1
        self.coverage.refused += 1
        if not self.judged:
            return
        waited = self.simulator.now > before.now and self._waits(act)
        if not waited and self._standing() != before:
            observed = f"{act} was refused in {refused.status} and yet something changed"
            breach = Breach("I-08", observed, "a refused act changes nothing")
            name = act.receiver if isinstance(act, Carry) else act.participant
            self._breach(breach, name, (refused.status, _event_of(act)), "")
        if isinstance(act, DealAct) and not isinstance(refused.why, str) and not waited:
            self._expected(act)

    def _waits(self, act: AnyAct) -> bool:
        """Whether playing *act* may let time pass."""
        if isinstance(act, Carry):
            return act.fate != "lost"
        return act.act.event == ADVANCE or act.act.choice != EARLY

    def _expected(self, deal_act: DealAct) -> None:
        """Judge a refusal by the flow of one participant."""
        name, act = deal_act.participant, deal_act.act
        one = self.watched[name]
        place = one.place_of(one.document)
        if place is None:
            return
        told = self.ground.expectations[name].of_refusal(
            act, place, one.document, self.simulator.now
        )
        if told is not None:
            cell = (one.document.status, act.event)
            self._breach(told.breach, name, cell, told.transition)


def _event_of(act: AnyAct) -> str:
    return f"{act.sender}>{act.receiver}" if isinstance(act, Carry) else act.act.event


def run_deal(
    ground: Ground, acts: Iterable[AnyAct], start: Start, *, alone: bool = True
) -> DealDriver:
    """Play *acts* on a new sale and judge it; the driver tells what broke."""
    driver = DealDriver(ground, alone=alone)
    driver.begin(start)
    for act in acts:
        driver.act(act)
    driver.judge()
    return driver


def deal_trouble_in(driver: DealDriver, identity: Identity) -> DealTrouble | None:
    """The trouble of that identity, or None."""
    return next((each for each in driver.troubles if each.identity == identity), None)

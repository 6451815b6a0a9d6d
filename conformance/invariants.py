"""What must hold after every step whatever the flow: stages, triggers, agreement, refusal.

Ids ``I-..`` are ours. Unlike the A-rules these look at two moments of one run, before and
after a step, and at the simulator itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from orderflow.flows.model import Flow, Transition
from orderflow.flows.timeline import Timeline
from orderflow.simulator.order import Order

Kind = Literal["invariant", "agreement", "refusal"]

_SLOTS = {"todo": 0, "doing": 1, "done": 2}

_FIRST_STAGES = {
    status: stages
    for stages, statuses in (
        (("todo", "todo", "todo"), "null order-create-error order-creation-error"),
        (
            ("doing", "todo", "todo"),
            "order-created order-completed on-order-completed on-order-completed-ffm",
        ),
        (("done", "todo", "todo"), "order-accepted waiting-for-authorization"),
        (
            ("done", "doing", "todo"),
            (
                "payment-pending waiting-for-order-authorization approve-payment "
                "window-to-change-payment waiting-ffmt-authorization "
                "waiting-for-manual-authorization waiting-for-fulfillment "
                "waiting-for-mkt-authorization"
            ),
        ),
        (
            ("done", "done", "doing"),
            (
                "payment-approved authorize-fulfillment release-to-fulfillment window-to-cancel "
                "window-to-change-seller waiting-seller-handling ready-for-handling start-handling "
                "handling ready-for-invoicing invoice invoice-after-cancellation-deny"
            ),
        ),
        (("done", "done", "done"), "invoiced"),
    )
    for status in statuses.split()
}
"""Stages 1 to 3 of every open status. Source: domain fact sheet "Timeline", section 4.3."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """Something that must hold after every step.

    Attributes:
        id: ``I-..``.
        title: Short name.
        kind: What sort of breach it is.
        statement: The claim, in one sentence.
        explanation: Why it matters, for a tired person.
        source: Where it comes from.
    """

    id: str
    title: str
    kind: Kind
    statement: str
    explanation: str
    source: tuple[str, ...]


def _invariant(
    number: int, title: str, kind: Kind, statement: str, why: str, source: str
) -> Invariant:
    return Invariant(f"I-{number:02}", title, kind, statement, why, tuple(source.split()))


INVARIANTS = {
    invariant.id: invariant
    for invariant in (
        _invariant(
            1,
            "one trigger per stage",
            "invariant",
            "An open order shows five stages, each with exactly one trigger.",
            "The shopper's page draws one bar per stage; a missing trigger leaves a hole in it.",
            "seed",
        ),
        _invariant(
            2,
            "stages in order",
            "invariant",
            "No stage has begun while an earlier one is unfinished.",
            "The shopper would see goods on the road before the payment is through.",
            "seed mac",
        ),
        _invariant(
            3,
            "stages do not go backwards",
            "invariant",
            "A finished stage stays finished, except along a transition that says `undoes`.",
            "Something already promised to the shopper was taken back. If the flow means to do so, "
            "say it with `undoes` on that transition.",
            "seed",
        ),
        _invariant(
            4,
            "one delivery channel",
            "invariant",
            "An order shows the triggers of delivery or those of pickup, never both.",
            "A shopper who comes to the pickup point must not read about a carrier.",
            "seed mac",
        ),
        _invariant(
            5,
            "trigger follows the table",
            "invariant",
            "The stages are those that status, packages and dates of the document make.",
            "The page would tell something else than the order document it is made from.",
            "seed hc-flow",
        ),
        _invariant(
            6,
            "terminal orders stay put",
            "invariant",
            "A final status is left by no event.",
            "Finished orders are archived, settled and reported; nothing may move them again.",
            "seed hc-flow hc-canceling",
        ),
        _invariant(
            7,
            "document equals history",
            "agreement",
            "Document, last event and status tell the same story.",
            "Whoever reads the document and whoever follows the events must come to one result.",
            "oas-orders",
        ),
        _invariant(
            8,
            "refusal changes nothing",
            "refusal",
            "A refused event leaves document, history and clock as they were.",
            "An integration that is told no will try again; a half-done step would count twice.",
            "oas-orders",
        ),
        _invariant(
            9,
            "the flow decides",
            "agreement",
            "An event is taken exactly when the flow allows it, along the transition it names.",
            "The subject accepted what the flow forbids, or refused what it allows.",
            "seed",
        ),
        _invariant(
            10,
            "a way out remains",
            "invariant",
            "From wherever an order is, a final status can still be reached.",
            "The order can never end: nobody is paid, nobody gets the goods or the money back.",
            "hc-flow",
        ),
        _invariant(
            11,
            "a sale can succeed",
            "invariant",
            "Some run of a sale leads the order that begins it to success.",
            "Every sale of this kind ends in a cancellation, however well everybody does their "
            "part. Usual cause: news that an order waits for is not sent, or to somebody else.",
            "hc-flow",
        ),
    )
}
"""All invariants by id."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One invariant that does not hold.

    Attributes:
        invariant: Its id.
        observed: What was seen, one clause.
        expected: What it asks for, one clause.
    """

    invariant: str
    observed: str
    expected: str


def no_way_out(status: str) -> Breach:
    """The breach of an order in *status* that can no longer end."""
    observed = f"the order is in {status}, from where no final status can be reached"
    return Breach("I-10", observed, "every order can still end")


def stage_breaches(  # the whole moment of one step
    before: Timeline, after: Timeline, step: Transition, flow: Flow, order: Order, *, at: int
) -> list[Breach]:
    """Judge the timeline before and after *step*.

    Args:
        before: Timeline of the document before the step.
        after: Timeline of *order*.
        step: The transition taken.
        flow: Its flow.
        order: The document after the step.
        at: Virtual time of the step in ms.
    """
    found: list[Breach] = []
    if step.source in flow.final and step.target != step.source:
        found.append(
            Breach(
                "I-06",
                f"the order left the final status {step.source} for {step.target}",
                f"nothing moves an order out of {step.source}",
            )
        )
    if after.closed or after.hidden:
        return found
    if [stage.number for stage in after.stages] != [1, 2, 3, 4, 5]:
        return [*found, _misshapen(after)]
    found += _shape(after)
    found += _channel(after, order)
    found += _as_the_table_says(after, order, at)
    found += _backwards(before, after, step)
    return found


def _misshapen(after: Timeline) -> Breach:
    seen = ", ".join(f"{stage.number} {stage.trigger or 'nothing'}" for stage in after.stages)
    return Breach("I-01", f"the stages are {seen}", "five stages have one trigger each")


def _shape(after: Timeline) -> list[Breach]:
    if not all(stage.trigger for stage in after.stages):
        return [_misshapen(after)]
    lowest = 2
    for stage in after.stages:
        slot = _SLOTS[stage.slot]
        if slot and lowest < 2:  # noqa: PLR2004  # done
            text = (
                f"stage {stage.number} has begun ({stage.trigger}) before an earlier one was done"
            )
            return [Breach("I-02", text, "stages begin one after the other")]
        lowest = slot
    return []


def _channel(after: Timeline, order: Order) -> list[Breach]:
    pickup = bool(order.items) and all(i.channel == "pickup-in-point" for i in order.items)
    names = [stage.trigger for stage in after.stages[3:]]
    wrong = [name for name in names if _is_pickup(name) != pickup]
    if not wrong:
        return []
    way = "pickup" if pickup else "delivery"
    return [Breach("I-04", f"{wrong[0]} is shown", f"an order for {way} shows {way} triggers")]


def _is_pickup(trigger: str) -> bool:
    return "pick" in trigger.lower()


def _as_the_table_says(after: Timeline, order: Order, at: int) -> list[Breach]:
    """The stages from the document alone, independently of the table the timeline is made from."""
    first = _FIRST_STAGES.get(order.status)
    if after.canceling or first is None:
        return []  # the stages shown are those of the status before it, or nobody knows them
    wanted = (*first, *(_last_stages(order, at) if order.status == "invoiced" else ("todo",) * 2))
    seen = tuple(stage.slot for stage in after.stages)
    if wanted == seen:
        return []
    number = next(n for n, pair in enumerate(zip(wanted, seen, strict=True)) if len({*pair}) > 1)
    text = f"stage {number + 1} is {seen[number]} in {order.status}"
    return [Breach("I-05", text, f"the document makes it {wanted[number]}")]


def _last_stages(order: Order, at: int) -> tuple[str, str]:
    """Stages 4 and 5 of an invoiced order."""
    outputs = order.outputs
    if outputs and all(output.finished for output in outputs):
        return ("done", "done")
    if order.items and all(item.channel == "pickup-in-point" for item in order.items):
        under_way = all(item.estimate is None or at >= item.estimate for item in order.items)
    else:
        under_way = bool(outputs) and all(output.events for output in outputs)
    return ("done", "doing") if under_way else ("doing", "todo")


def _backwards(before: Timeline, after: Timeline, step: Transition) -> list[Breach]:
    for old, new in zip(before.stages, after.stages, strict=False):
        if old.slot == "done" and new.slot != "done" and old.number not in step.undoes:
            back = f"stage {old.number} back from {old.label} to {new.label}"
            text = f"the event {step.event} took {back}"
            return [Breach("I-03", text, "a finished stage stays finished")]
    return []

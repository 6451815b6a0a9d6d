"""Rules on the answer to a cancellation request: where a denial leads and how it is recorded.

Source: domain fact sheet "Conformance rules", section A.7, A-59 to A-62.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from orderflow.conformance.record import Finding, Missing
from orderflow.conformance.rule import (
    ALL,
    ASK,
    CANC,
    CHAIN,
    COMPLETE,
    MARKETPLACE,
    NO_START,
    SELLER,
    Rule,
    moved,
    overstays,
    was_in,
)

if TYPE_CHECKING:
    from orderflow.conformance.record import Outcome, Record
    from orderflow.simulator.order import CancellationRequest

Answer = Literal["open", "denied", "invoiced", "other"]

NO_REQUESTS = Missing("the cancellation requests of the order")

_INVOICED = frozenset({"invoice", "invoice-after-cancellation-deny"})
_NOT_DENIED = frozenset({"cancel", "canceled", "window-to-change-seller", "replaced"})
_WHERE = {
    "marketplace": ("waiting-for-seller-decision", "request-cancel"),
    "seller": ("cancellation-requested",),
}
"""Where a request waits for the seller's answer; the second place is legacy (D-01)."""


def requests_of(record: Record) -> list[tuple[int, int]]:
    """Find the cancellation requests of a history.

    Returns:
        For each unbroken run of request statuses the numbers of its first stay and of the stay
        behind it, which is ``len(record.path)`` while the request is open.
    """
    path = record.path
    runs: list[tuple[int, int]] = []
    for stay, status in enumerate(path):
        if status not in ASK:
            continue
        if runs and runs[-1][1] == stay:
            runs[-1] = (runs[-1][0], stay + 1)
        else:
            runs.append((stay, stay + 1))
    return runs


def answer_of(record: Record, after: int) -> Answer:
    """Say how a request was answered, by the stay that follows it."""
    if after == len(record.path):
        return "open"
    status = record.path[after]
    if record.steps[record.step_of(after)].event == "deny_cancel":
        return "denied"
    if status in _INVOICED:
        return "invoiced"
    return "other" if status in _NOT_DENIED else "denied"


def _denial_target(record: Record) -> Outcome:
    if ASK.isdisjoint(record.first):
        return ()
    missing: Outcome = ()
    found: list[Finding] = []
    for start, end in requests_of(record):
        if answer_of(record, end) != "denied":
            continue
        right, target = _targets(record, start), record.path[end]
        if not right:
            missing = NO_START
        elif target not in right:
            expected = f"a denied request leads to {' or '.join(right)}"
            mild = target == "payment-pending"
            found.append(Finding(record.step_of(end), moved(record, end), expected, mild))
    return tuple(found) or missing


def _targets(record: Record, start: int) -> tuple[str, ...]:
    """Return where a denial of the request that began at a stay leads, () when unknown."""
    held = [status for status in record.path[:start] if status not in CANC][-1:]
    if record.family == "marketplace":
        return ("payment-approved",)
    if record.family == "chain":
        return tuple(dict.fromkeys(("payment-approved", *held)))
    return tuple(held)


def _denial_recorded(record: Record) -> Outcome:
    if ASK.isdisjoint(record.first):
        return ()
    ends = [end for _, end in requests_of(record) if answer_of(record, end) == "denied"]
    requests = record.evidence.requests
    if requests is None:
        return NO_REQUESTS if ends else ()
    found = [
        Finding(record.step_at(each.denied_at or each.at), seen, "a denial has a reason and a date")
        for each in requests
        if each.denied and (seen := _ill_recorded(each))
    ]
    if len(ends) > sum([each.denied for each in requests]):
        seen = f"{moved(record, ends[-1])} and no request is marked as denied"
        found.append(Finding(record.step_of(ends[-1]), seen, "the denied request says so"))
    return tuple(found)


def _ill_recorded(request: CancellationRequest) -> str:
    """Say what is wrong with the record of a denial, empty when nothing is."""
    if not request.deny_reason:
        return "a request was denied without a reason"
    if request.denied_at is None:
        return "a request was denied without a date"
    if request.denied_at < request.at:
        return "a request was denied before it was made"
    return ""


def _denial_place(record: Record) -> Outcome:
    requests = record.evidence.requests
    if requests is None:
        return () if ASK.isdisjoint(record.first) else NO_REQUESTS
    places = _WHERE[record.family]
    found: list[Finding] = []
    for request in requests:
        if request.denied_at is None or was_in(record, places[:1], request.denied_at):
            continue
        mild = was_in(record, places[1:], request.denied_at)
        step = record.step_at(request.denied_at)
        seen = f"a request was denied in {record.statuses[step] if step >= 0 else 'null'}"
        found.append(Finding(step, seen, f"a request is denied in {places[0]}", mild))
    return tuple(found)


def _unanswered(record: Record) -> Outcome:
    stays = [
        stay
        for status in ("cancellation-requested", "waiting-for-seller-decision")
        for stay in record.visits.get(status, ())
    ]
    if not stays:
        return ()
    return overstays(record, stays, "seller_answer", "the request is answered or times out by then")


RULES = (
    Rule(
        id="A-59",
        title="a denial leads back",
        severity="error",
        families=MARKETPLACE | SELLER | COMPLETE | CHAIN,
        statement="A denied request leads to payment-approved (marketplace; chain: or the status "
        "held before) or to the status held before (seller, complete); payment-pending is a "
        "warning.",
        source=("dp-cancel", "hc-declining", "D-01"),
        explanation="The seller refused the cancellation, and the order did not go back to where "
        "it was. Work on it stops or begins again from a wrong place. Usual cause: the status "
        "before the request was not remembered; old diagrams lead to payment-pending.",
        check=_denial_target,
        folds=("A-04", "A-82"),
    ),
    Rule(
        id="A-60",
        title="a denial is recorded",
        severity="warning",
        families=ALL,
        statement="A denied request is marked deniedBySeller, with a reason and a date not before "
        "the request.",
        source=("dp-cancel",),
        explanation="A cancellation was refused and the order does not say by whom, why or when. "
        "The shopper asks again, and customer care cannot answer. Usual cause: a denial sent "
        "without a reason.",
        check=_denial_recorded,
    ),
    Rule(
        id="A-61",
        title="denial only while the seller decides",
        severity="error",
        families=MARKETPLACE | SELLER,
        statement="A request is denied while the order is in cancellation-requested (seller) or "
        "waiting-for-seller-decision (marketplace).",
        source=("dp-cancel",),
        explanation="The denial is dated to a moment when no request was waiting for the seller. "
        "It may answer an older request, or come after the order was cancelled. Usual cause: "
        "clocks that disagree, or a denial sent twice.",
        check=_denial_place,
    ),
    Rule(
        id="A-62",
        title="requests are answered in time",
        severity="warning",
        families=SELLER | MARKETPLACE | COMPLETE,
        statement="An order does not stay in cancellation-requested or "
        "waiting-for-seller-decision longer than seller_answer.",
        source=("hc-declining",),
        explanation="The seller has not answered a cancellation request for longer than the "
        "platform waits, 30 days. The order should have been cancelled by itself. Usual cause: "
        "the time-out did not fire.",
        check=_unanswered,
        folds=("A-84",),
    ),
)

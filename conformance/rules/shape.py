"""Rules on the shape of a history: known statuses, allowed edges, start, end and times.

Source: domain fact sheet "Conformance rules", section A.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderflow.conformance.record import Finding, Missing
from orderflow.conformance.rule import ALL, Rule, breach, tolerance
from orderflow.conformance.rules.edges import edges_of, leads_to
from orderflow.conformance.rules.statuses import KNOWN, MISSPELT, TOLERATED, UNLISTED, VISIBLE

if TYPE_CHECKING:
    from orderflow.conformance.record import Outcome, Record

STARTS = {
    "seller": ("null", "order-accepted", "on-order-completed-ffm", "waiting-ffmt-authorization"),
    "": (),
}
"""First statuses by family, where they are not those of a sale."""

_SALE_STARTS = ("null", "order-created", "on-order-completed", "waiting-for-authorization")
_CREATION_ERRORS = frozenset({"", "order-create-error", "order-creation-error"})
NO_FLOW = Missing("the transition table of the flow")
NO_STEP = Missing("any status")


def _known(record: Record) -> Outcome:
    if KNOWN.issuperset(record.first):
        return ()
    own = record.flow.state if record.flow is not None else {}
    return tuple(
        Finding(step, f"the order was in {status}", "a status the platform documents")
        for status, step in record.first.items()
        if status not in KNOWN and status not in own and status not in MISSPELT
    )


def _spelling(record: Record) -> Outcome:
    if MISSPELT.keys().isdisjoint(record.first):
        return ()
    return tuple(
        Finding(step, f"the record says {status}", f"the status is called {MISSPELT[status]}")
        for status, step in record.first.items()
        if status in MISSPELT
    )


def _visible(record: Record) -> Outcome:
    visible = VISIBLE.get(record.family, frozenset())
    if visible.issuperset(record.first):
        return ()
    if not record.family and record.flow is None:
        return NO_FLOW
    own = record.flow.state if record.flow is not None else {}
    tolerated = TOLERATED.get(record.family, frozenset())
    return tuple(
        Finding(
            step,
            f"the {record.family or 'flow'} order was in {status}",
            f"{status} belongs to another flow",
            status in tolerated,
        )
        for status, step in record.first.items()
        if status in KNOWN and status not in visible | UNLISTED and status not in own
    )


def _edges(record: Record) -> Outcome:
    flow = record.flow
    if flow is None:
        return NO_FLOW
    edges, path, steps = edges_of(flow), record.path, record.steps
    found: list[Finding] = []
    for stay in range(1, len(path)):
        pair = (path[stay - 1], path[stay])
        if pair in edges.direct:
            continue
        if pair[0] in MISSPELT or pair[1] in MISSPELT:
            continue  # A-02 has told; what was meant is a guess
        single = steps[record.stays[stay][0]].transition is not None
        if not single and edges.accepts(pair):
            continue
        found.append(breach(record, stay, leads_to(flow, pair[0]), mild=pair in edges.legacy))
    return tuple(found)


def _start(record: Record) -> Outcome:
    if not record.steps:
        return NO_STEP
    flow, status = record.flow, record.statuses[0]
    if not record.family and flow is None:
        return NO_FLOW
    allowed = STARTS.get(record.family, _SALE_STARTS)
    if status in allowed or status in _CREATION_ERRORS or (flow and status == flow.initial):
        return ()
    names = allowed or ((flow.initial,) if flow else ())
    expected = f"an order starts in {' or '.join(names)}"
    return (Finding(0, f"the history starts in {status}", expected, mild=not record.whole),)


def _end(record: Record) -> Outcome:
    if not record.over:
        return ()
    if not record.steps:
        return NO_STEP
    last, flow = record.last, record.flow
    finals: tuple[str, ...] = ("invoiced", "canceled")
    if record.family in {"marketplace", "complete"}:
        finals = ("invoiced", "canceled", "replaced")
    elif not record.family and flow is not None:
        finals = tuple(sorted(flow.final))
    if last in finals:
        return ()
    expected = f"a closed order ends in {' or '.join(finals)}"
    return (Finding(len(record.steps) - 1, f"the order ended in {last or 'null'}", expected),)


def _times(record: Record) -> Outcome:
    steps, created = record.steps, record.evidence.created_at
    before = None if created is None else created - tolerance(record)
    found: list[Finding] = []
    for index, step in enumerate(steps):
        if before is not None and step.at < before:
            what = "the step before" if index else "the creation of the order"
            seen = f"{step.status or 'null'} is dated before {what}"
            found.append(Finding(index, seen, "times never run backwards"))
        before = step.at
    return tuple(found)


def _repeats(record: Record) -> Outcome:
    steps = record.steps
    if len(record.stays) == len(steps):
        return ()
    found: list[Finding] = []
    for index in range(1, len(steps)):
        one, two = steps[index - 1], steps[index]
        if one.status == two.status and one.at == two.at and one.event == two.event:
            if two.transition is not None:
                continue
            seen = f"{two.status or 'null'} is recorded twice at the same moment"
            found.append(Finding(index, seen, "a repeated status is an event of its own"))
    return tuple(found)


def _last_state(record: Record) -> Outcome:
    if not any(step.last_state is not None for step in record.steps):
        return Missing("lastState of the feed or hook items")
    order = sorted(range(len(record.steps)), key=lambda index: record.steps[index].at)
    found: list[Finding] = []
    for place in range(1, len(order)):
        told = record.steps[order[place]].last_state
        held = record.statuses[order[place - 1]]
        if told is not None and (told or "null") != (held or "null"):
            seen = f"the item {record.statuses[order[place]]} says the order was in {told} before"
            found.append(Finding(order[place], seen, f"the item before says {held}"))
    return tuple(found)


def _document(record: Record) -> Outcome:
    status = record.evidence.status
    if status is None:
        return Missing("status of the order document")
    if not record.steps:
        return NO_STEP
    if (status or "null") == (record.last or "null"):
        return ()
    seen = f"the document says {status or 'null'}, the history ends in {record.last or 'null'}"
    return (Finding(len(record.steps) - 1, seen, "document and history agree"),)


def _workflow(record: Record) -> Outcome:
    workflow = record.evidence.workflow
    if workflow is None:
        return Missing("workflowData of the order document")
    slack = tolerance(record)
    told = [
        workflow[place]
        for place in range(len(workflow))
        if not place or workflow[place - 1][0] != workflow[place][0]
    ]
    for stay, (status, at) in enumerate(told[: len(record.path)]):
        if status != record.path[stay] or abs(at - record.entered(stay)) > slack:
            seen = f"workflowData has {status} where the history has {record.path[stay]}"
            return (Finding(record.step_of(stay), seen, "both tell the same steps and times"),)
    if len(told) == len(record.path):
        return ()
    seen = f"workflowData has {len(told)} steps, the history {len(record.path)}"
    return (Finding(-1, seen, "both tell the same steps"),)


RULES = (
    Rule(
        id="A-01",
        title="only known statuses",
        severity="warning",
        families=ALL,
        statement="Every status is one the platform documents.",
        source=("hc-flow", "oas-orders"),
        explanation="The history holds a status that no source lists. An integration that does "
        "not know it may crash or skip the order; usually it is a new platform status or a "
        "slip of the tool that wrote the record.",
        check=_known,
    ),
    Rule(
        id="A-02",
        title="no misspelt status",
        severity="warning",
        families=ALL,
        statement="No status is one of the known misspellings, labels or pseudo statuses.",
        source=("flows.md 1.1",),
        explanation="The string looks like a status but is a typing slip or a screen label. "
        "Feed filters are not validated, so a filter with this spelling silently matches "
        "nothing. It is usually copied from a guide that has the slip.",
        check=_spelling,
    ),
    Rule(
        id="A-03",
        title="the status belongs to the flow",
        severity="error",
        families=ALL,
        statement="Every status is one that this flow shows, by the status table or its diagram.",
        source=("hc-flow", "diag-mkt", "diag-sel", "diag-cpl", "diag-chn", "D-12", "D-14", "D-15"),
        explanation="The order shows a status of somebody else's flow, such as a seller status "
        "on a marketplace order. Code that waits for the right statuses will never see them. "
        "Usual cause: the two documents of one sale were mixed up.",
        check=_visible,
        folds=("A-04", "A-82"),
    ),
    Rule(
        id="A-04",
        title="only allowed steps",
        severity="error",
        families=ALL,
        statement="Each step is a row of the flow's transition table, or several automatic rows "
        "in one when the record may leave steps out.",
        source=("diag-mkt", "diag-sel", "diag-cpl", "diag-chn", "D-02", "D-04", "D-11", "D-21"),
        explanation="The order went from one status to another although the flow has no way "
        "there. Whatever was to happen in between, such as a payment or an invoice, may not have "
        "happened. Usual cause: an event was accepted in a status that should refuse it.",
        check=_edges,
    ),
    Rule(
        id="A-05",
        title="an order starts at the start",
        severity="error",
        families=ALL,
        statement="The first status is one in which orders of this flow begin; a creation error "
        "counts as one. On a record without its beginning a breach is only information.",
        source=("diag-mkt", "diag-sel", "diag-cpl", "diag-chn", "hc-flow", "D-02", "D-04"),
        explanation="The history begins in the middle of the flow. Either the first steps were "
        "lost on the way, for instance because a feed was set up late, or the order was created "
        "in a status it should only reach later.",
        check=_start,
        folds=("A-82",),
        mild="info",
    ),
    Rule(
        id="A-06",
        title="a closed order is final",
        severity="error",
        families=ALL,
        statement="An order that is over ended in invoiced, canceled or (marketplace, complete) "
        "replaced.",
        source=("hc-flow", "D-22"),
        explanation="Nothing more will happen to this order, yet it was neither delivered nor "
        "cancelled. The customer waits and the money is in limbo. Usual cause: a lost message "
        "or a timer that never fired.",
        check=_end,
    ),
    Rule(
        id="A-07",
        title="times never run backwards",
        severity="error",
        families=ALL,
        statement="No step is dated before the step ahead of it, nor before the creation date "
        "where that is known.",
        source=("oas-orders",),
        explanation="Two steps are recorded in an order that their times contradict. Every rule "
        "on durations is worthless for such an order. Usual causes: feed items sorted by "
        "arrival instead of by change date, or dates read without their offset.",
        check=_times,
    ),
    Rule(
        id="A-08",
        title="no step recorded twice",
        severity="info",
        families=ALL,
        statement="The same status twice in a row stands for two distinct events.",
        source=("dp-erp-faq",),
        explanation="The same status is recorded twice at the same moment with nothing to tell "
        "the two apart. Feed and hook deliver at least once, so this is usually one event "
        "stored twice; a consumer that acts on both would ship twice.",
        check=_repeats,
    ),
    Rule(
        id="A-09",
        title="lastState tells the status before",
        severity="warning",
        families=ALL,
        statement="In feed and hook records lastState is the state of the item before, in the "
        "order of currentChange.",
        source=("oas-orders",),
        explanation="An item says the order came from another status than the item before it "
        "shows. Usually an item is missing between the two: it was filtered out, or its "
        "retention ended before anybody read it.",
        check=_last_state,
    ),
    Rule(
        id="A-10",
        title="document and history agree",
        severity="warning",
        families=ALL,
        statement="The status of the order document is the last status of the history; what an "
        "incomplete order may show is left to A-26.",
        source=("oas-orders", "hc-incomplete", "ki-577103"),
        explanation="The order document and the last recorded step disagree. One of them is "
        "stale; list and search pages lag behind the order itself. Read the order by its id "
        "before acting on it.",
        check=_document,
    ),
    Rule(
        id="A-11",
        title="workflow data equals history",
        severity="warning",
        families=ALL,
        statement="The timeline of the main workflow instance tells the same steps and times as "
        "the history.",
        source=("oas-pii",),
        explanation="The platform's own log of the order differs from the recorded history. The "
        "record has lost or invented steps, or the wrong one of the two workflow instances of "
        "the document was read (see mainFlowIndex).",
        check=_workflow,
    ),
)

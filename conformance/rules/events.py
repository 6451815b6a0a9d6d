"""Rules on the events of a history: which lead where, when time brings them, under what condition.

They go beyond the fact sheet "Conformance rules", which judges statuses: these hold a record that
tells its events against the transition tables of the flows.
Source: domain fact sheets "Order flows", sections 2 to 5, and "Timers, limits and numbers".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderflow.conformance.record import Finding, Missing
from orderflow.conformance.rule import ALL, Rule, overstays, setting, span, tolerance
from orderflow.conformance.rules.changes import NO_EVENTS
from orderflow.conformance.rules.edges import Row, Rows, edges_of, rows_of
from orderflow.conformance.rules.shape import NO_FLOW
from orderflow.flows.model import ABSENT

if TYPE_CHECKING:
    from orderflow.conformance.record import Outcome, Record

NO_ACTORS = Missing("who took the steps")


def _leads_there(record: Record) -> Outcome:
    if record.flow is None:
        return NO_FLOW
    taken = _taken(record)
    if not any(event for _, event, _ in taken):
        return NO_EVENTS
    rows = rows_of(record.flow)
    if rows.known.issuperset(taken):
        return ()
    return tuple(
        _wrong_event(record, rows, index, row)
        for index, row in enumerate(taken)
        if row not in rows.known and _is_ours(record, rows, index, row)
    )


def _taken(record: Record) -> list[tuple[str, str | None, str]]:
    """(status before, event, status after) of each step."""
    statuses = record.statuses
    events = [step.event for step in record.steps]
    return list(zip((ABSENT, *statuses), events, statuses, strict=False))


def _is_ours(record: Record, rows: Rows, index: int, row: tuple[str, str | None, str]) -> bool:
    """Whether the event of a step is to be judged; the pair of its statuses is A-04's business."""
    before, event, after = row
    step, last = record.steps[index], record.steps[index - 1]
    if event is None:
        return False
    if not index:
        return record.whole and (step.transition is not None or after in rows.starts)
    if before != after:
        flow = record.flow
        if flow is None or (before, after) not in edges_of(flow).direct:
            return False
    elif step.transition is None and step.event == last.event:
        return False  # the same step told twice
    return step.transition is not None or not rows.passes(before, event, after)


def _wrong_event(
    record: Record, rows: Rows, index: int, row: tuple[str, str | None, str]
) -> Finding:
    before, event, after = row
    known = " or ".join(rows.between(before, after))
    if before == after:
        seen = f"{event} happened in {after or 'null'}"
        expected = f"only {known} happens in {after}" if known else f"nothing happens in {after}"
    elif index:
        seen = f"{event} led from {before or 'null'} to {after or 'null'}"
        expected = f"{known} leads there"
    else:
        seen = f"the order began in {after or 'null'} by {event}"
        expected = f"{known} begins it" if known else "no order begins there"
    return Finding(index, seen, expected, record.steps[index].transition is None)


def _waited(record: Record) -> Outcome:
    flow = record.flow
    if flow is None:
        return NO_FLOW
    if not any(step.event for step in record.steps):
        return NO_EVENTS
    limits = rows_of(flow).limits
    found: list[Finding] = []
    for stay in range(1, len(record.path)):
        step = record.step_of(stay)
        row: Row = (record.path[stay - 1], record.steps[step].event or "", record.path[stay])
        name = limits.get(row)
        if name is None:
            continue
        limit, spent = setting(record, name), record.spent(stay - 1)
        if limit is None:
            return Missing(f"the setting {name}")
        if spent is not None and spent < limit - tolerance(record):
            seen = f"{row[1]} came after {span(spent)} in {row[0]}"
            found.append(Finding(step, seen, f"it comes when {span(limit)} are over"))
    return tuple(found)


def _ends_in_time(record: Record) -> Outcome:
    if record.flow is None:
        return NO_FLOW
    missing: Outcome = ()
    found: list[Finding] = []
    rows = rows_of(record.flow)
    for status, name in rows.ends.items():
        stays = [each for each in record.visits.get(status, ()) if _is_bounded(record, rows, each)]
        late = overstays(record, stays, name, f"{name} ends {status} by then")
        if isinstance(late, Missing):
            missing = late
        else:
            found += late
    return tuple(found) or missing


def _is_bounded(record: Record, rows: Rows, stay: int) -> bool:
    """Whether it is known when a stay ended: what is left out behind it may belong to it or not."""
    if stay + 1 == len(record.path):
        return True
    return bool(rows.between(record.path[stay], record.path[stay + 1]))


def _by_whom(record: Record) -> Outcome:
    if record.flow is None:
        return NO_FLOW
    if not any(step.actor for step in record.steps):
        return NO_ACTORS
    actors = rows_of(record.flow).actors
    found: list[Finding] = []
    before = ABSENT
    for index, step in enumerate(record.steps):
        row: Row = (before, step.event or "", step.status)
        before, may = step.status, actors.get(row)
        if may is None or step.actor is None or step.actor in may:
            continue
        if not index and not record.whole:  # nobody knows where the order stood before
            continue
        seen = f"the {step.actor} fired {step.event} in {row[0]}"
        expected = f"only the {' or the '.join(sorted(may))} may do that"
        found.append(Finding(index, seen, expected, step.transition is None))
    return tuple(found)


RULES = (
    Rule(
        id="A-82",
        title="only the events that lead there",
        severity="error",
        families=ALL,
        statement="Each step is taken by an event with which a row of the flow's transition table "
        "joins the two statuses, one that keeps the status included; where the record may leave "
        "steps out it is a warning.",
        source=("flows.md 2", "flows.md 3", "flows.md 4", "flows.md 5"),
        explanation="The order went a way that exists, but something else took it there, or "
        "something happened in a status that should have refused it. Whoever answers to events "
        "does the wrong thing or nothing. Usual cause: a call that is not checked against the "
        "status of the order.",
        check=_leads_there,
    ),
    Rule(
        id="A-83",
        title="time limits run to their end",
        severity="warning",
        families=ALL,
        statement="An event that only a time limit brings comes when the order has been in its "
        "status for that long, less the tolerance.",
        source=("hc-grace", "hc-declining", "hc-changeseller", "ki-416936", "oas-chk"),
        explanation="A time limit ended something before it was over. Shopper, seller or "
        "marketplace had less time to act than they were promised. Usual cause: a limit that "
        "counts from another moment, or an event of the timer that somebody else sent.",
        check=_waited,
    ),
    Rule(
        id="A-84",
        title="time limits end what they limit",
        severity="warning",
        families=ALL,
        statement="An order does not stay in a status longer than the time limit that ends it "
        "whatever the order is like.",
        source=("hc-grace", "hc-declining", "hc-changeseller", "hc-flow", "ki-416936"),
        explanation="A time limit is over and nothing came of it: the order stands where it "
        "stood. Whoever relies on the limit, such as a shopper who waits for the money back, "
        "waits for ever. Usual cause: a timer that was lost or never set.",
        check=_ends_in_time,
    ),
    Rule(
        id="A-85",
        title="only those who may act",
        severity="error",
        families=ALL,
        statement="Each event is fired by somebody who may take that row of the transition "
        "table; where the record may leave steps out it is a warning.",
        source=("flows.md 0.3", "flows.md 2", "flows.md 3", "flows.md 4", "flows.md 5"),
        explanation="An event came from somebody who has no say in it, such as a time limit "
        "where a person decides. The order went on without the consent it needed. Usual cause: "
        "a call whose sender is not checked, or an event written down under a wrong name.",
        check=_by_whom,
    ),
)

"""B-50 to B-52, B-54 and B-55: orders that change, and what is done by what an order says.

Source: domain fact sheet "Conformance rules", section B.3.
"""

from __future__ import annotations

from collections.abc import Iterator

from orderflow.conformance.integration.invoiced import Sent, money, sent
from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import (
    CHANGE,
    INVOICES,
    OLD_CHANGE,
    STARTS,
)
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.story import Moment, Story, each_story

READY = "ready-for-handling"
_AT_ONCE_MS, _AT_ONCE_VIRTUAL_MS = 5_000, 60_000
"""Within which an invoice is sent by what was read just before."""

_NEVER = frozenset({"SalesOrderSystem008", "SalesOrderSystem046", "CHK0095", "CHK0124"})
_FINISHED = frozenset({"invoice", "invoiced", "cancel", "canceled", "replaced"})
_BAD_REQUEST = 400
_PACKED = frozenset({"start-handling", "handling", "ready-for-invoicing", "invoice"})


def _invoice_the_new_value(story: Story) -> Iterator[Sighting]:
    for invoice in sent(story):
        if not invoice.is_output or invoice.changed is None or invoice.twin is not None:
            continue
        value, line = invoice.value or 0, invoice.line
        fresh = invoice.read is not None
        if invoice.total == value or (fresh and invoice.total < value != invoice.old):
            shown = (invoice.changed, *([invoice.read] if invoice.read else []), line)
            yield kept(*shown)
        elif _is_stale(invoice) and not _was_just_read(story, invoice):
            read = "" if fresh else " without reading the order again"
            yield broken(
                invoice.changed,
                line,
                told=f"invoices {money(invoice.total)}{read} after the order's value had changed"
                f" from {money(invoice.old)} to {money(value)}",
                instead="GET .../orders/{orderId} right before POST .../invoice, and invoice its"
                " value",
            )


def _is_stale(invoice: Sent) -> bool:
    """Whether an invoice comes to what the order was worth, or to more than it is."""
    above = invoice.read is None and invoice.total > (invoice.value or 0)
    return invoice.total == invoice.old or above


def _was_just_read(story: Story, invoice: Sent) -> bool:
    """Whether the order was read in the call before, so that only a race can have gone wrong."""
    line, glance = invoice.line, invoice.glance
    if glance is None or invoice.read is not None:
        return False
    between = any(
        moment.line.kind == "call" and glance.number < moment.line.number < line.number
        for moment in story.moments
    )
    quick = line.began - glance.wall < _AT_ONCE_MS and line.at - glance.at < _AT_ONCE_VIRTUAL_MS
    return quick and not between


def _fresh_request_id(story: Story) -> Iterator[Sighting]:
    known: dict[str, Line] = {}
    last: Line | None = None
    open_call: Line | None = None
    for line in story.calls(OLD_CHANGE):
        request = line.text("request_id")
        before = known.get(request)
        if before is not None and before.text("body") != line.text("body"):
            yield broken(
                before,
                line,
                told="uses the requestId of an earlier modification for another one",
                instead="make a new requestId for each modification; this one has no effect",
            )
        elif before is None and open_call is not None and _same_change(open_call, line):
            yield broken(
                open_call,
                line,
                told="repeats a modification under another requestId, which changes the order"
                " twice",
                instead="repeat POST .../changes with the same requestId and body",
            )
        elif last is not None:
            yield kept(before or last, line)
        known.setdefault(request, line)
        last = line
        open_call = line if line.worked and not line.told_success else None


def _same_change(one: Line, other: Line) -> bool:
    return one.words("asked") == other.words("asked")


def _no_change_of_finished(story: Story) -> Iterator[Sighting]:
    read = ""
    moved = False
    for moment in story.moments:
        line = moment.line
        if line.kind == "step":
            moved = True
        if moment.read is not None:
            read, moved = moment.read, False
        if not moment.called(CHANGE, OLD_CHANGE):
            continue
        if line.worked:
            yield kept(line)
        elif _is_refused(story, line) and not (moved and read and read not in _FINISHED):
            yield broken(
                line,
                told=f"asks for a modification of an order that takes none"
                f" ({line.before or 'unknown'})",
                instead="GET .../orders/{orderId} and change it only in handling,"
                " waiting-for-fulfillment or ready-for-invoicing, without an invoice",
            )
            read, moved = line.before, False


def _is_refused(story: Story, line: Line) -> bool:
    if line.operation == CHANGE:
        return line.text("code") in _NEVER
    closed = line.before in _FINISHED or story.flow == "chain"
    return line.status == _BAD_REQUEST and closed


def _stock_after_the_invoice(story: Story) -> Iterator[Sighting]:
    started: Line | None = None
    status = ""
    for moment in story.moments:
        line = moment.line
        if line.kind == "step":
            status = line.after
            started = line if started is None and status == "start-handling" else started
        elif line.kind != "record" or line.text("what") != "stock" or started is None:
            continue
        elif status in _PACKED:
            yield broken(
                started,
                line,
                told=f"updates the stock while the order is in {status}",
                instead="update the stock after the last invoice",
            )
        else:
            yield kept(started, line)


def _reads_the_status(story: Story) -> Iterator[Sighting]:
    shown: Line | None = None
    for moment in story.moments:
        line = moment.line
        if moment.read is not None and _has_odd_description(moment):
            shown = line if moment.read == READY else shown
        elif shown is not None and moment.called(*STARTS, *INVOICES):
            yield kept(shown, line)
            return
    if shown is not None and story.status == READY and story.end is not None:
        yield broken(
            shown,
            story.end,
            told="does not start an order that is ready-for-handling and whose statusDescription"
            " is another text than usual",
            instead="branch on status, never on statusDescription",
        )


def _has_odd_description(moment: Moment) -> bool:
    return any("description" in fault for fault in moment.line.faults)


RULES = (
    IntegrationRule(
        id="B-50",
        title="Read the order again before invoicing",
        part="erp",
        severity="error",
        statement="After a modification the invoice is made from the order's new value.",
        source=("dp-ordmod", "ki-1348894"),
        explanation="An invoice over the old value is refused, or taken in a race: then the"
        " shopper pays for goods that were taken out of the order, and the order never"
        " ends.",
        check=each_story(_invoice_the_new_value),
    ),
    IntegrationRule(
        id="B-51",
        title="Use one requestId for each modification",
        part="erp",
        severity="error",
        statement="A modification of the first version is repeated with its requestId, and"
        " another one gets a new requestId.",
        source=("oas-orders",),
        explanation="Only the first call with a requestId counts. A second modification under"
        " the same one is lost without an error, and the same one under a second id"
        " changes the value twice.",
        check=each_story(_fresh_request_id),
    ),
    IntegrationRule(
        id="B-52",
        title="Modify only orders that can change",
        part="erp",
        severity="error",
        statement="No modification is asked for an order that is finished, invoiced in part,"
        " cancelled, or that of a chain.",
        source=("dp-ordmod",),
        explanation="The platform refuses it. An integration that has taken the goods out of its"
        " own books all the same ships something else than the shopper pays for.",
        check=each_story(_no_change_of_finished),
    ),
    IntegrationRule(
        id="B-54",
        title="Update stock after the last invoice",
        part="erp",
        severity="warning",
        statement="Stock is not updated between start handling and the last invoice.",
        source=("hc-flow",),
        explanation="The order's reservation is dropped with the invoice. Stock that is pushed"
        " before counts the goods twice, so too little is on sale, or too much.",
        check=each_story(_stock_after_the_invoice),
    ),
    IntegrationRule(
        id="B-55",
        title="Branch on status, not its description",
        part="erp",
        severity="error",
        statement="What to do with an order is decided by status, never by statusDescription.",
        source=("ki-1350055",),
        explanation="statusDescription is deprecated, comes in Portuguese, in English or not at"
        " all, and changes without notice. Then orders are skipped in silence.",
        check=each_story(_reads_the_status),
    ),
)
"""The rules of this module by id."""

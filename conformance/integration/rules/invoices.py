"""B-33 to B-38 and B-53: what stands in an invoice, and what invoices come to.

Source: domain fact sheet "Conformance rules", section B.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from orderflow.conformance.integration.invoiced import Sent, money, sent
from orderflow.conformance.integration.line import Line, Row
from orderflow.conformance.integration.operations import DENIED, INVOICES, PERSONAL_INVOICE
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.seen import Seen
from orderflow.conformance.integration.story import Story, each_story
from orderflow.conformance.rule import CANC, CREATE, PAYWAIT

_BEFORE_HANDLING = (
    CREATE | PAYWAIT | {"authorize-fulfillment", "window-to-cancel"} | {"ready-for-handling"}
)
_NO_SUM = CANC | {"replaced"}
_UNITS = 100
_BAD_NUMBER = re.compile(r"[\s/#]")
_NOT_OURS = frozenset({401, 403})
_DATES = {
    "time": "a date and time without an offset",
    "date": "a date without a time",
    "sql": "a date and a time with a blank between",
    "other": "no date that can be read",
}


def _value_in_cents(story: Story) -> Iterator[Sighting]:
    for invoice in sent(story):
        line = invoice.line
        kind = line.text("value_type")
        if kind in {"", "missing"}:
            continue
        said = f"invoiceValue is {money(line.whole('cents'))}"
        if kind not in {"integer", "string"} or line.whole("cents") is None:
            said = "invoiceValue is no whole number"
        elif not _is_in_units(story, invoice):
            yield kept(line)
            continue
        else:
            said += f", a hundredth of what there is to invoice ({money(_left(invoice))})"
        yield broken(
            line,
            told=f"sends an invoice whose {said}",
            instead="send invoiceValue in cents, without a separator: 2499 for 24.99",
        )


def _left(invoice: Sent) -> int:
    return (invoice.value or 0) - invoice.before


def _is_in_units(story: Story, invoice: Sent) -> bool:
    """Whether a value is that of the order, or its rest, in whole units of the currency."""
    if not invoice.is_output or invoice.value is None:
        return False
    close = any(
        abs(invoice.cents * _UNITS - whole) < _UNITS <= whole
        for whole in (invoice.value, _left(invoice))
    )
    return close and not _has_real_prices(story, invoice.line)


def _has_real_prices(story: Story, line: Line) -> bool:
    """Whether the items are lines of the order at its prices, and the small value is theirs."""
    first = story.first
    real = {_price(row) for row in first.rows("items")} if first else set()
    rows = line.rows("items")
    cost = sum((row.whole("price") or 0) * (row.whole("quantity") or 1) for row in rows)
    close = cost <= (line.whole("cents") or 0)
    return close and bool(rows) and all(_price(row) in real for row in rows)


def _price(row: Row) -> tuple[str, int | None]:
    return row.text("id"), row.whole("price")


def _reaches_the_value(story: Story) -> Iterator[Sighting]:
    outputs = [each for each in sent(story) if each.is_output]
    over = [each for each in outputs if _is_over(each)]
    for each in over:
        yield broken(
            each.line,
            told=f"sends an invoice that brings the total to {money(each.total)}, above the"
            f" order's value of {money(each.value)}",
            instead="send what is left: value of GET .../orders/{orderId} less the Output"
            " invoices in packageAttachment, and repeat an invoice under its own number",
        )
    tried = [each for each in outputs if each.line.before not in _BEFORE_HANDLING]
    if tried and not over:
        yield from _in_the_end(story, tried)


def _is_over(invoice: Sent) -> bool:
    """Whether an invoice goes above the value as the integration could know it."""
    if invoice.value is None or invoice.total <= invoice.value or invoice.twin is not None:
        return False
    return invoice.changed is None or invoice.read is not None


def _in_the_end(story: Story, tried: list[Sent]) -> Iterator[Sighting]:
    taken = {each.line.text("number"): each for each in reversed(tried) if each.line.worked}
    total = sum(each.cents for each in taken.values())
    values = [step.whole("value") for step in story.steps]
    value = next((each for each in reversed(values) if each is not None), None)
    if story.status in _NO_SUM or value is None:
        return
    last = tried[-1].line
    if total == value:
        yield kept(*sorted((each.line for each in taken.values()), key=lambda one: one.number))
    elif total < value and story.end is not None and not _locked_out(story):
        yield broken(
            last,
            story.end,
            told=f"leaves the order with {money(total)} of {money(value)} invoiced",
            instead="POST .../invoice for the rest, until the Output invoices reach the order's"
            " value",
        )


def _locked_out(story: Story) -> bool:
    """Whether the latest call about the order was turned away: there was nothing it could do."""
    calls = [each.line for each in story.moments if each.line.kind == "call" and each.row is None]
    return calls[-1].status in _NOT_OURS


def _one_number_each(story: Story) -> Iterator[Sighting]:
    others: Line | None = None
    for invoice in sent(story):
        line, twin = invoice.line, invoice.twin
        if twin is not None and _content(twin) != _content(line):
            yield broken(
                twin,
                line,
                told=f"uses the invoice number {line.text('number')} again for another invoice",
                instead="give each invoice a number of its own; repeat one only with the same body",
                mild=line.operation != PERSONAL_INVOICE,
            )
        elif twin is not None or (others is not None and line.worked):
            first = twin or others
            yield kept(*(each for each in (first, line) if each is not None))
        if line.worked:
            others = line


def _content(line: Line) -> tuple[object, ...]:
    rows = tuple(
        (row.text("id"), row.whole("quantity"), row.whole("price")) for row in line.rows("items")
    )
    return line.text("type").lower(), line.whole("cents"), rows


def _required_fields(seen: Seen) -> Iterator[Sighting]:
    for line in seen.of(*INVOICES):
        if line.flag("json") is False or "missing" not in line.facts or line.status in DENIED:
            continue
        wrong = [*line.words("missing"), *line.words("item_fields")]
        if not line.rows("items"):
            wrong.append("items")
        if wrong:
            names = ", ".join(sorted(set(wrong), key=wrong.index))
            yield broken(
                line,
                told=f"sends an invoice whose {names} {_is(wrong)} missing or wrong",
                instead="send type, issuanceDate, invoiceNumber, invoiceValue, and items with id,"
                " price and quantity as whole numbers",
            )
        else:
            yield kept(line)


def _is(names: list[str]) -> str:
    return "is" if len(names) == 1 and names != ["items"] else "are"


def _date_with_offset(seen: Seen) -> Iterator[Sighting]:
    for line in seen.of(*INVOICES):
        issued = line.text("issued")
        if line.operation == PERSONAL_INVOICE or line.status in DENIED:
            continue  # its field is another, a bare date
        if issued == "offset":
            yield kept(line)
        elif issued in _DATES:
            yield broken(
                line,
                told=f"sends an issuanceDate that is {_DATES[issued]}",
                instead="write date, time and offset: 2026-11-23T14:05:00Z",
            )


def _simple_number(seen: Seen) -> Iterator[Sighting]:
    for line in seen.of(*INVOICES):
        number = line.text("number")
        if not number or line.status in DENIED:
            continue
        if _BAD_NUMBER.search(number):
            yield broken(
                line,
                told=f"sends the invoice number {number!r}, which has a blank, a slash or a hash",
                instead="use letters, digits and hyphens: the number is part of tracking paths",
            )
        else:
            yield kept(line)


def _returns_after_sale(story: Story) -> Iterator[Sighting]:
    for invoice in sent(story):
        if invoice.is_output or invoice.value is None or invoice.line.status in DENIED:
            continue
        if invoice.before < invoice.value and invoice.line.before != "invoiced":
            yield broken(
                invoice.line,
                told=f"sends a return invoice with {money(invoice.before)} of"
                f" {money(invoice.value)} invoiced",
                instead="invoice the whole order first; a return before is not refunded",
            )
        else:
            yield kept(invoice.line)


RULES = (
    IntegrationRule(
        id="B-33",
        title="Send invoice values in cents",
        part="erp",
        severity="error",
        statement="invoiceValue is a whole number of cents without a decimal separator.",
        source=("oas-orders",),
        explanation="24.99 is refused, or read as 24 or 2499 by whoever comes next; 24 is taken"
        " and invoices a hundredth. The order then stays in handling for good, and the"
        " shopper is charged the wrong amount.",
        check=each_story(_value_in_cents),
    ),
    IntegrationRule(
        id="B-34",
        title="Invoice the order's value exactly",
        part="erp",
        severity="error",
        statement="In the end the Output invoices that were taken come to the order's value, and"
        " none goes above it.",
        source=("hc-flow",),
        explanation="An order is invoiced only when the sum of its Output invoices is its value."
        " Below it the order stays open and the payment is not settled; an"
        " invoice above it is refused, though it was issued.",
        check=each_story(_reaches_the_value),
        mistakes=("CM-07", "CM-10", "CM-20"),
    ),
    IntegrationRule(
        id="B-35",
        title="Give each invoice its own number",
        part="erp",
        severity="error",
        statement="One invoice number stands for one invoice: it is not used again with other"
        " lines or another value.",
        source=("oas-pii", "oas-orders"),
        explanation="The platform takes the second one for a repetition of the first and keeps no"
        " second package, so that part of the order is never invoiced; the PII route"
        " refuses it.",
        check=each_story(_one_number_each),
    ),
    IntegrationRule(
        id="B-36",
        title="Send every required invoice field",
        part="erp",
        severity="error",
        statement="An invoice carries type, issuance date, number, value and items, each item"
        " with its id, price and quantity.",
        source=("oas-orders",),
        explanation="Without items the platform guesses what was sent, and guesses wrong for"
        " partial invoices: the shopper sees the wrong goods on their way.",
        check=_required_fields,
        mistakes=("CM-10", "CM-31"),
    ),
    IntegrationRule(
        id="B-37",
        title="Write dates with time and offset",
        part="erp",
        severity="warning",
        statement="issuanceDate has a date, a time and an offset or Z, and no blank.",
        source=("oas-orders",),
        explanation="A bare date is taken as midnight UTC: west of Greenwich the invoice is dated"
        " the day before, which tax authorities do not accept.",
        check=_date_with_offset,
        mistakes=("CM-32",),
    ),
    IntegrationRule(
        id="B-38",
        title="Keep invoice numbers simple",
        part="erp",
        severity="warning",
        statement="An invoice number has no blank, slash or hash.",
        source=("ki-953285", "ki-1302085"),
        explanation="The number is part of the path of the tracking calls. With a slash no route"
        " matches: the package can never be tracked.",
        check=_simple_number,
        mistakes=("CM-24",),
    ),
    IntegrationRule(
        id="B-53",
        title="Send returns after the whole sale",
        part="erp",
        severity="warning",
        statement="An Input invoice is sent only once the order's value was invoiced.",
        source=("oas-orders",),
        explanation="The refund follows from a return on an invoiced order. A return that comes"
        " before starts no refund: the shopper waits for the money.",
        check=each_story(_returns_after_sale),
    ),
)
"""The rules of this module by id."""

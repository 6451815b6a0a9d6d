"""B-47 to B-49: what is told of a package on its way.

Source: domain fact sheet "Conformance rules", section B.3.
"""

from __future__ import annotations

from collections.abc import Iterator

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import (
    DENIED,
    INVOICES,
    NUMBERS,
    TRACKINGS,
    is_output,
)
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.seen import Seen
from orderflow.conformance.integration.story import Story, each_story

_MAY_NOT = DENIED - {404}
"""404 says here that there is no such invoice, which is what the rules are about."""


def _number_first(story: Story) -> Iterator[Sighting]:
    numbered: dict[str, Line] = {}
    for line in story.calls(*NUMBERS, *INVOICES, *TRACKINGS):
        number = line.text("number")
        if line.operation not in TRACKINGS:
            if line.worked and line.flag("tracking"):
                numbered.setdefault(number, line)
        elif number in numbered:
            yield kept(numbered[number], line)
        elif line.status not in _MAY_NOT:
            yield broken(
                line,
                told="tells where the package is before it has a tracking number",
                instead="PATCH .../invoice/{invoiceNumber} with the tracking number first, then"
                " PUT .../tracking",
            )


def _apart_from_the_invoice(seen: Seen) -> Iterator[Sighting]:
    for line in seen.of(*INVOICES):
        tracking = line.flag("tracking")
        if tracking is None or not is_output(line):
            continue
        if tracking:
            yield broken(
                line,
                told="sends tracking data with the invoice",
                instead="leave them out of the invoice, and PATCH .../invoice/{invoiceNumber}"
                " when the carrier has the package",
            )
        else:
            yield kept(line)


def _delivered_once(story: Story) -> Iterator[Sighting]:
    over: dict[str, Line] = {}
    for line in story.calls(*TRACKINGS):
        number, delivered = line.text("number"), bool(line.flag("delivered"))
        before = over.get(number)
        if not line.worked:
            continue
        if before is not None:
            yield broken(
                before,
                line,
                told="tells of the package again after it was delivered",
                instead="send isDelivered true once, as the last PUT .../tracking",
            )
        elif delivered and line.flag("delivered_at") is False:
            yield broken(
                line,
                told="tells that the package was delivered and not when",
                instead="send deliveredDate with isDelivered true",
            )
        elif delivered:
            yield kept(line)
        if delivered and line.told_success:
            over.setdefault(number, line)


RULES = (
    IntegrationRule(
        id="B-47",
        title="Send the tracking number first",
        part="erp",
        severity="error",
        statement="Events of a package are sent only once its invoice has a tracking number.",
        source=("oas-orders",),
        explanation="Without a number the call is refused: the shopper never sees that the"
        " package is on its way, and asks.",
        check=each_story(_number_first),
    ),
    IntegrationRule(
        id="B-48",
        title="Keep tracking out of the invoice",
        part="erp",
        severity="info",
        statement="The tracking fields of the invoice call are empty; tracking has a call of its"
        " own.",
        source=("oas-orders",),
        explanation="At the time of the invoice the carrier rarely has the package. A number that"
        " is sent too early leads to a page that knows nothing of it.",
        check=_apart_from_the_invoice,
    ),
    IntegrationRule(
        id="B-49",
        title="Tell of the delivery once",
        part="erp",
        severity="warning",
        statement="isDelivered true comes last, once, and with the date of the delivery.",
        source=("oas-orders",),
        explanation="The delivery ends the order's course: marketplaces pay on it, and times for"
        " returns begin. Told twice, or without its date, they begin wrongly.",
        check=each_story(_delivered_once),
    ),
)
"""The rules of this module by id."""

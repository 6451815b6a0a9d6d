"""B-45 and B-46: refusing a request to cancel an order.

Source: domain fact sheet "Conformance rules", section B.3.
"""

from __future__ import annotations

from collections.abc import Iterator

from orderflow.conformance.integration.operations import DENIED, DENY
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.seen import Seen


def _deny_with_the_right_data(seen: Seen) -> Iterator[Sighting]:
    for line in seen.of(DENY):
        if line.status in DENIED:
            continue
        wrong = []
        if line.text("request") != "known":
            wrong.append("without the id of the request")
        if not line.flag("reason"):
            wrong.append("without a reason")
        if wrong:
            yield broken(
                line,
                told=f"refuses a cancellation {' and '.join(wrong)}",
                instead="send cancellationRequestId from cancellationRequests[].id of GET"
                " .../orders/{orderId}, and a denyReason",
            )
        else:
            yield kept(line)


def _no_denial_of_own_request(seen: Seen) -> Iterator[Sighting]:
    for line in seen.of(DENY):
        own = line.flag("own")
        if own:
            yield broken(
                line,
                told="refuses the cancellation that it asked for itself",
                instead="send the invoice to go on with the order",
            )
        elif own is not None and line.text("request") == "known":
            yield kept(line)


RULES = (
    IntegrationRule(
        id="B-45",
        title="Refuse with request id and reason",
        part="erp",
        severity="error",
        statement="A refusal carries the id of the cancellation request, as the order has it, and"
        " a reason that is not empty.",
        source=("dp-cancel",),
        explanation="Otherwise it is answered 400, the request stays open, and the order is"
        " cancelled in the end although the goods are on their way.",
        check=_deny_with_the_right_data,
    ),
    IntegrationRule(
        id="B-46",
        title="Do not refuse your own request",
        part="erp",
        severity="error",
        statement="A seller that asked for the cancellation does not refuse it.",
        source=("ki-1004978",),
        explanation="The platform lets it pass and the order goes wrong: the marketplace goes on"
        " with an order that the seller believes to be settled. Who wants to go on"
        " sends the invoice.",
        check=_no_denial_of_own_request,
    ),
)
"""The rules of this module by id."""

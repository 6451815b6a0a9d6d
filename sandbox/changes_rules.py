"""Which orders may be modified, and by how much; nothing here changes an order.

Source: domain fact sheets "HTTP surface", section 8 with decisions D-A12 and D-A13, and
"Conformance rules", A-73, A-76 and A-77.
"""

from __future__ import annotations

from orderflow.flows.model import INCOMPLETE
from orderflow.sandbox.changes_amendment import LEGACY
from orderflow.sandbox.changes_asked import ChangeRequest
from orderflow.sandbox.changes_codes import refused
from orderflow.sandbox.changes_settings import ChangeSettings
from orderflow.sandbox.changes_shown import MODIFIED, lines, versions
from orderflow.sandbox.changes_worked_out import Outcome, Standing, work_out
from orderflow.sandbox.dialect import bad_request
from orderflow.sandbox.document_money import payments
from orderflow.sandbox.document_shopper import address
from orderflow.sandbox.held import Held
from orderflow.sandbox.order_statuses import CANCELED
from orderflow.sandbox.placed import MOST_CENTS

HANDLING = frozenset({"handling", "waiting-for-fulfillment", "ready-for-invoicing"})

_MAY_PAY_MORE = frozenset({"creditCard", "promissory"})
"""Groups of payment systems that can be charged more, as far as the sandbox knows their names:
credit card and payable notes. Source: Orders API, Create order modifications."""


def outside_seller(held: Held) -> str:
    """The participant that handles the order of *held* outside the platform, empty for none."""
    name = held.sale.current(held.participant)
    return name if name in held.sale.outside else ""


def is_chain(held: Held) -> bool:
    """Whether the sale has a chain order: none of its documents is modified (decision D-A13)."""
    return any(each.flow.family == "chain" for each in held.sale.deal.participants)


def check_order(held: Held, asked: ChangeRequest) -> None:
    """See that today's operation may modify the order.

    The complete flow has no modifications, so orders of that deal take none. An order whose seller
    is outside the platform has no other document there: it is modified itself, in
    ``payment-approved`` (sandbox decision).

    Raises:
        DialectError: It may not.
    """
    if held.status == INCOMPLETE:
        raise refused("CHK0229", held.order_id)
    if is_chain(held):
        raise refused("CHK0095")
    if held.status in CANCELED:
        raise refused("SalesOrderSystem008")
    if LEGACY in versions(held):
        raise refused("SalesOrderSystem015")
    if held.order.outputs:
        moves = any(operation.deliveries for operation in asked.operations)
        raise refused("SalesOrderSystem048" if moves else "SalesOrderSystem046")
    if outside_seller(held):
        if held.status != "payment-approved":
            raise refused("CHK0124")
    elif held.status not in HANDLING or MODIFIED not in held.sale.accepts(held.participant):
        raise refused("CHK0124")


def outcome_of(held: Held, asked: ChangeRequest, settings: ChangeSettings, name: str) -> Outcome:
    """What a modification of the order would come to.

    Args:
        held: The document.
        asked: What is asked for.
        settings: Under which it is.
        name: Tells the modification from others.

    Raises:
        DialectError: It asks for nothing, or for what the order does not have.
    """
    if asked.is_empty:
        raise refused("CHK0124")
    where = str(address(held)["addressId"])
    standing = Standing(lines(held), where, name, settings.compensates_shipping)
    return work_out(standing, asked)


def check_value(held: Held, paid: Held, outcome: Outcome, settings: ChangeSettings) -> None:
    """See that the order can be worth that much.

    Args:
        held: The document.
        paid: The document of the sale that is paid.
        outcome: What the modification comes to.
        settings: Under which it was asked for.

    Raises:
        DialectError: It cannot.
    """
    value = held.order.value + outcome.total
    if value < 0:
        raise refused("CHK0034")
    if value > MOST_CENTS:
        raise bad_request(f"An order is worth at most {MOST_CENTS} cents")
    if outcome.total > 0 and not _may_pay_more(paid, settings):
        raise refused("CHK00342")


def _may_pay_more(paid: Held, settings: ChangeSettings) -> bool:
    return all(
        each["group"] in _MAY_PAY_MORE or each["paymentSystem"] in settings.payment_systems
        for each in payments(paid)
    )

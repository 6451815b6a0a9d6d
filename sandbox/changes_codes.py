"""Codes and messages with which order modifications say no.

The messages are those of the guide, or its words where it gives no message. That all of them but
the two for what is not found come with 400 is a sandbox decision: the guide gives no HTTP status.
Source: domain fact sheet "HTTP surface", sections 8.1 and 8.3.
"""

from __future__ import annotations

from orderflow.sandbox.dialect import GENERIC, DialectError, refusal

MESSAGES = {
    "CHK0022": "Invalid id for item.",
    "CHK0023": "Invalid quantity for item.",
    "CHK0034": "The value of the change exceed the order's price.",
    "CHK0095": "Changes in chain orders are not allowed.",
    "CHK0098": "The change value needs to be greater or equal than zero.",
    "CHK0124": "Invalid change for order.",
    "CHK0201": "Order not found",
    "CHK0229": "Workflow not found for order {0}",
    "CHK0289": "Change request {0} not found",
    "CHK00342": "Change order cannot increase the value for this payment method.",
    "SalesOrderSystem008": "Cannot Change Cancelled Order.",
    "SalesOrderSystem010": "The item {0} cannot be removed",
    "SalesOrderSystem011": "Too many units of the item {0} removed",
    "SalesOrderSystem012": "The logistics information of the item {0} is ambiguous",
    "SalesOrderSystem013": "The logistics information of the item {0} was not found",
    "SalesOrderSystem014": "Change In Progress.",
    "SalesOrderSystem015": "A change of the first version already exists for this order",
    "SalesOrderSystem016": "Cannot Retry Change.",
    "SalesOrderSystem017": "The change was canceled by the system after failed retries",
    "SalesOrderSystem026": "Unable to match the item {0}; use uniqueId",
    "SalesOrderSystem029": "The change has multiple addresses",
    "SalesOrderSystem035": "{0} is not a valid Agreement Type.",
    "SalesOrderSystem045": "The address is invalid",
    "SalesOrderSystem046": "Not allowed after the item invoice has been issued",
    "SalesOrderSystem048": "The address cannot be changed: packages exist",
    "SalesOrderSystem055": "The measurement unit of the item {0} differs",
}
"""By code; what stands in ``{0}`` is the id it is about."""

NEVER_HERE = {
    "CHK0096": "a settlement by API, before any invoice, is no event of the flows",
    "CHK0196": "every order has a payment",
    "CHK0199": "no operation on modifications names an order group",
    "SalesOrderSystem018": "nobody is called: sellers are asked nothing, they send agreements",
    "SalesOrderSystem019": "one call is answered after the other, so nothing locks the settings",
    "SalesOrderSystem027": "every account has settings",
    "SalesOrderSystem047": "an order has one address, so there is none to change it to",
    "SalesOrderSystem051": "no tax hub is called",
}
"""Codes that no request can cause in a sandbox, and why."""

NOT_FOUND = frozenset({"CHK0201", "CHK0289"})

_LONGEST = 100


def refused(code: str, about: str = "") -> DialectError:
    """The error to raise for *code*."""
    told = MESSAGES[code].format(about[:_LONGEST])
    return refusal(404 if code in NOT_FOUND else 400, code, told)


IN_HANDLING = (
    "It is only allowed to register an order modification when the order is in handling: "
    "status = handling, waiting for fulfillment or ready for invoicing"
)
IN_PAYMENT_APPROVED = (
    "It is only allowed to register a modification in the order when the payment is approved - "
    "status = payment-approved"
)
CHAIN = "It is not allowed to make modifications to chain orders"
BELOW_ZERO = "The modification value needs to be greater or equal than zero"
INVALID = "Invalid modification for order"
INVALID_ID = "Invalid id for item"
NO_REASON = "Field reason not set"
ABOVE_PRICE = "The value of the modification exceeds the order's price"
TOO_MANY = "Max allowed modifications for order exceeded: {0}"
QUANTITY = "Invalid quantity to remove from item {0}"
NO_WORKFLOW = "Workflow not found for order {0}"


def legacy_refused(message: str, about: str = "") -> DialectError:
    """The error of the legacy operation, for which no source gives a code (sandbox decision)."""
    return refusal(400, GENERIC, message.format(about[:_LONGEST]))

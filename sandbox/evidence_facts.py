"""Which facts a call has, by its operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from orderflow.sandbox.evidence import Facts, Sight, call_facts, held_of, name_of
from orderflow.sandbox.evidence_change import agreement_facts, change_facts, former_change_facts
from orderflow.sandbox.evidence_feed import (
    commit_facts,
    commit_foretold,
    config_facts,
    hook_facts,
    read_facts,
)
from orderflow.sandbox.evidence_invoice import (
    invoice_facts,
    number_facts,
    personal_invoice_facts,
    sellers_invoice_facts,
    tracking_facts,
)
from orderflow.sandbox.evidence_order import (
    cancel_facts,
    deny_facts,
    list_facts,
    order_facts,
)
from orderflow.sandbox.evidence_placing import (
    authorized_facts,
    found,
    integrated_facts,
    placed_facts,
    updated_facts,
)
from orderflow.sandbox.trace import shown_path

if TYPE_CHECKING:
    from orderflow.sandbox.store import Held

Tell = Callable[[Sight], Facts]

_OMS = "/api/oms/pvt/orders"
_DOCUMENT = "/api/orders/pvt/document/{orderId}"
_SELLER = "/pvt/orders/{orderId}"
_PACKAGE = "/invoice/{invoiceNumber}"
_CHANGES = "/api/order-system/orders/{changeOrderId}/changes"
_CHANGE = _CHANGES + "/{changeRequestId}"
_FULFILLMENT = "/api/fulfillment/pvt/orders"
_INTEGRATION = "/api/order-integration/orders"

FACTS: Mapping[str, Tell] = {
    "GET /api/orders/feed": read_facts,
    "POST /api/orders/feed": commit_facts,
    "POST /api/orders/feed/config": config_facts,
    "POST /api/orders/hook/config": hook_facts,
    f"GET {_OMS}/{{orderId}}": order_facts,
    "GET /api/oms/user/orders/{orderId}": order_facts,
    f"GET {_DOCUMENT}": order_facts,
    f"GET {_OMS}": list_facts,
    "GET /api/oms/user/orders": list_facts,
    "POST /api/orders/extendsearch/orders": list_facts,
    f"POST {_OMS}/{{orderId}}/cancel": cancel_facts,
    f"POST {_DOCUMENT}/cancel": cancel_facts,
    f"POST {_SELLER}/cancel": cancel_facts,
    f"POST {_DOCUMENT}/deny-cancellation-request": deny_facts,
    f"POST {_OMS}/{{orderId}}/invoice": invoice_facts,
    f"POST {_DOCUMENT}/invoices": personal_invoice_facts,
    f"POST {_SELLER}/invoice": sellers_invoice_facts,
    f"PATCH {_OMS}/{{orderId}}{_PACKAGE}": number_facts,
    f"POST {_SELLER}{_PACKAGE}": number_facts,
    f"PUT {_OMS}/{{orderId}}{_PACKAGE}/tracking": tracking_facts,
    f"POST {_SELLER}{_PACKAGE}/tracking": tracking_facts,
    f"PATCH {_CHANGES}": change_facts,
    f"POST {_CHANGES}/preview": change_facts,
    f"POST {_CHANGE}/retry": change_facts,
    f"POST {_CHANGE}/cancel": change_facts,
    f"POST {_OMS}/{{orderId}}/changes": former_change_facts,
    f"POST {_SELLER}/changes/{{changeRequestId}}/send-agreement": agreement_facts,
    f"POST {_FULFILLMENT}": placed_facts,
    f"POST {_FULFILLMENT}/{{orderId}}/fulfill": authorized_facts,
    f"POST {_INTEGRATION}": integrated_facts,
    f"PUT {_INTEGRATION}/status": updated_facts,
}
"""By operation, what tells the facts that it has beside those of every call."""

FORETOLD: Mapping[str, Tell] = {"POST /api/orders/feed": commit_foretold}
"""By operation, what tells the facts that are not there any more once the call is answered."""


def foretold(sight: Sight) -> Facts:
    """The facts of a call that has not been answered."""
    tell = FORETOLD.get(sight.operation) if sight.key else None
    return tell(sight) if tell else {}


def about(sight: Sight) -> Held | None:
    """The order that a call is about, None when it is about none that its account has."""
    return held_of(sight) or found(sight)


def order_id_of(sight: Sight) -> str:
    """Id of that order; of one that is not there, as it was sent."""
    held = about(sight)
    return shown_path(name_of(sight) if held is None else held.order_id)


def facts_of(sight: Sight) -> Facts:
    """All facts of a call that has been answered."""
    tell = FACTS.get(sight.operation)
    own = tell(sight) if tell else {}
    return {**call_facts(sight), **sight.foretold, **own}

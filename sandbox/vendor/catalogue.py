"""Every operation of the platform that the sandbox answers."""

from __future__ import annotations

from orderflow.sandbox.account import (
    CANCEL_ORDER,
    CHANGE_STATUS,
    FEED_ADMIN,
    FEED_VIEW,
    LIST_ORDERS,
    NOTIFY_INVOICE,
    NOTIFY_PAYMENT,
    NOTIFY_REFUND,
    ORDERS_FULL_ACCESS,
    VIEW_ORDER,
)
from orderflow.sandbox.routes import Route
from orderflow.sandbox.vendor import (
    cancelling,
    change_seller,
    changes,
    changes_legacy,
    conversation,
    external_marketplace,
    external_seller,
    feed_two,
    feeds,
    handling,
    hooks,
    invoicing,
    listing,
    notes,
    order_integration,
    personal,
    placement,
    reading,
    shopper,
    simulation,
    tasks,
    tracking,
    transaction,
)

_OMS = "/api/oms/pvt/orders"
_DOCUMENT = "/api/orders/pvt/document/{orderId}"
_FEED = "/api/orders/feed"
_VIEW = (VIEW_ORDER, ORDERS_FULL_ACCESS)
_INVOICE = (NOTIFY_INVOICE, NOTIFY_REFUND)
_TRACKING = (NOTIFY_INVOICE,)
_ANY_FEED = (FEED_VIEW, FEED_ADMIN)
"""Of the configuration, as the reference has it; for reading and committing a sandbox decision."""

_PAYMENT = _OMS + "/{orderId}/payments/{paymentId}/payment-notification"

ROUTES: tuple[Route, ...] = (
    Route("GET", _OMS, listing.list_orders, (LIST_ORDERS, ORDERS_FULL_ACCESS)),
    Route("GET", _OMS + "/{orderId}", reading.get_order, _VIEW),
    Route("GET", _OMS + "/order-group/{orderGroup}", reading.get_group, _VIEW),
    Route("GET", _DOCUMENT, reading.get_order_with_personal_data, _VIEW),
    Route("POST", _OMS + "/{orderId}/start-handling", handling.start_handling, (CHANGE_STATUS,)),
    Route("POST", _DOCUMENT + "/actions/start-handling", handling.start_handling, (CHANGE_STATUS,)),
    Route("POST", _OMS + "/{orderId}/cancel", cancelling.cancel, (CANCEL_ORDER,)),
    Route("POST", _DOCUMENT + "/cancel", cancelling.cancel, (CANCEL_ORDER,)),
    Route(
        "POST",
        _DOCUMENT + "/deny-cancellation-request",
        cancelling.deny_cancellation,
        (CANCEL_ORDER,),
    ),
    Route("POST", _OMS + "/{orderId}/invoice", invoicing.add_invoice, _INVOICE),
    Route("PATCH", _OMS + "/{orderId}/invoice/{invoiceNumber}", tracking.add_number, _TRACKING),
    Route("PUT", _OMS + "/{orderId}/invoice/{invoiceNumber}/tracking", tracking.update, _TRACKING),
    Route("POST", _PAYMENT, handling.notify_payment, (NOTIFY_PAYMENT,)),
    Route(
        "POST",
        _DOCUMENT + "/payment/{paymentId}/notify-payment",
        handling.notify_payment,
        (NOTIFY_PAYMENT,),
    ),
    Route(
        "POST", _OMS + "/{orderId}/interactions", handling.add_interaction, (ORDERS_FULL_ACCESS,)
    ),
    Route("GET", _FEED + "/config", feeds.get_config, _ANY_FEED),
    Route("POST", _FEED + "/config", feeds.set_config, _ANY_FEED, apart=True),
    Route("DELETE", _FEED + "/config", feeds.delete_config, _ANY_FEED, apart=True),
    Route("GET", _FEED, feeds.read, _ANY_FEED, reads=False, apart=True),  # it hides what it gives
    Route("POST", _FEED, feeds.commit, _ANY_FEED, apart=True),
    Route("POST", "/api/orders/expressions/jsonata", feeds.try_expression, reads=True),
    *hooks.ROUTES,
    *listing.ROUTES,
    *shopper.ROUTES,
    *conversation.ROUTES,
    *transaction.ROUTES,
    *personal.ROUTES,
    *feed_two.ROUTES,
    *placement.ROUTES,
    *simulation.ROUTES,
    *order_integration.ROUTES,
    *external_marketplace.ROUTES,
    *change_seller.ROUTES,
    *external_seller.ROUTES,
    *notes.ROUTES,
    *tasks.ROUTES,
    *changes.ROUTES,
    *changes_legacy.ROUTES,
)
"""By method and path; the permission is one of those that are named."""

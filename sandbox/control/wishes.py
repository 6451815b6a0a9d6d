"""Which orders to make: what somebody who tests an integration may wish for.

All is optional: ``deal``, or ``flow`` for the deal of which a document goes through that flow;
``status`` to bring the main document to; ``count``; ``items``, or ``value`` in cents for one item;
``channel`` by which the items travel; ``sellers``, one id or two, who split the items between
them; ``email`` of the shopper; ``salesChannel``; ``affiliate`` for orders of a marketplace outside
the platform, with its ``endpoint`` and, for one order, its ``marketplaceOrderId``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from orderflow.sandbox.control.asking import listed, text, trouble, whole
from orderflow.sandbox.deals import EXTERNAL_MARKETPLACE, FINISH_CANCEL, SELLER
from orderflow.sandbox.marketplaces import Marketplaces
from orderflow.sandbox.placed import MOST_CENTS, Marketplace, Placed
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.simulator.order import Channel, Item

NAMES = (
    "deal",
    "flow",
    "account",
    "status",
    "count",
    "items",
    "value",
    "channel",
    "sellers",
    "email",
    "salesChannel",
    "affiliate",
    "endpoint",
    "marketplaceOrderId",
)
"""All that may be said."""

_DEALS = {
    "complete": "complete",
    "marketplace": "marketplace-seller",
    "chain": "marketplace-chain-seller",
    "seller": "marketplace-seller",
}
_CHANNELS: Mapping[str, Channel] = {
    "": "delivery",
    "delivery": "delivery",
    "pickup-in-point": "pickup-in-point",
}
_SPLIT = "split-order"
_MOST_ORDERS, _MOST_ITEMS, _MOST_SELLERS = 10_000, 200, 2
_MOST_UNITS = 10**6
_LONGEST, _AFFILIATE = 100, 3
_DELIVERY = 4 * 86_400_000


@dataclass(frozen=True, slots=True)
class Wish:
    """Orders as somebody wants them.

    Attributes:
        deal: Name of the deal.
        status: Status of the main document, empty for where it comes by itself.
        count: How many sales.
        parts: What is said of their orders.
    """

    deal: str
    status: str
    count: int
    parts: tuple[Placed, ...]


def wish_of(service: Service, account: str, sent: Mapping[str, object]) -> Wish:
    """Read a wish.

    Raises:
        DialectError: It makes no sense.
    """
    sellers, affiliate = _sellers(sent), _word(sent, "affiliate")
    count = whole(sent, "count", 1, most=_MOST_ORDERS)
    if count < 1:
        raise trouble(400, "count must be at least 1")
    deal = _deal(sent, sellers, affiliate)
    said = Placed(
        items=_items(sent, service.now),
        sales_channel=_word(sent, "salesChannel") or "1",
        marketplace=_marketplace(service, account, sent, count),
        profile={"email": _word(sent, "email")} if _word(sent, "email") else {},
    )
    return Wish(deal, text(sent, "status"), count, _split(said, sellers))


def make(service: Service, account: str, wish: Wish, number: int) -> tuple[Held, ...]:
    """Make the sale of that number of a wish, from 0.

    Raises:
        OrderflowError: There is no such deal, or the status cannot be reached; nothing is made.
    """
    parts, waits = wish.parts, []
    marketplace = parts[0].marketplace
    if marketplace is not None:
        service.part(Marketplaces)  # from now on it hears of the order
        if not service.outbox.wrong_with(marketplace.endpoint):
            waits = [(SELLER, FINISH_CANCEL)]
        order_id = marketplace.order_id or _free_id(service, account, marketplace, number)
        parts = (replace(parts[0], marketplace=replace(marketplace, order_id=order_id)),)
    return service.store.place(
        deal=wish.deal, account=account, to=wish.status, parts=parts, waits=waits
    )


def _free_id(service: Service, account: str, marketplace: Marketplace, number: int) -> str:
    """A name for an order that the marketplace has not used."""
    number += 1
    while service.store.find(f"{marketplace.affiliate}-{number}", account):
        number += 1
    return str(number)


def _deal(sent: Mapping[str, object], sellers: tuple[str, ...], affiliate: str) -> str:
    deal, flow = text(sent, "deal"), text(sent, "flow")
    if flow and flow not in _DEALS:
        raise trouble(400, f"no flow {flow!r}; there are: {listed(_DEALS)}")
    usual = "complete"
    if affiliate:
        usual = EXTERNAL_MARKETPLACE
    elif sellers:
        usual = _SPLIT if len(sellers) > 1 else "marketplace-seller"
    wanted = deal or _DEALS.get(flow, usual)
    if deal and flow:
        raise trouble(400, "say deal or flow, not both")
    if bool(affiliate) != (wanted == EXTERNAL_MARKETPLACE):
        raise trouble(400, f"affiliate goes with deal {EXTERNAL_MARKETPLACE}, and only with it")
    if len(sellers) > 1 and wanted != _SPLIT:
        raise trouble(400, f"two sellers go with deal {_SPLIT} only")
    if sellers and wanted in ("complete", EXTERNAL_MARKETPLACE):
        raise trouble(400, f"deal {wanted} has no seller but the store itself")
    return wanted


def _marketplace(
    service: Service, account: str, sent: Mapping[str, object], count: int
) -> Marketplace | None:
    affiliate, order_id = _word(sent, "affiliate"), _word(sent, "marketplaceOrderId")
    endpoint = text(sent, "endpoint")
    if not affiliate:
        if order_id or endpoint:
            raise trouble(400, "endpoint and marketplaceOrderId go with affiliate only")
        return None
    if len(affiliate) != _AFFILIATE or not affiliate.isascii() or not affiliate.isalnum():
        raise trouble(400, "affiliate must have 3 letters or digits")
    if order_id and count > 1:
        raise trouble(400, "several orders cannot have one marketplaceOrderId")
    if "/" in order_id or not order_id.isascii():
        raise trouble(400, "marketplaceOrderId must be ASCII without slashes")
    wrong = service.outbox.wrong_with(endpoint) if endpoint else ""
    if wrong:
        raise trouble(400, f"endpoint: {wrong}")
    marketplace = Marketplace(affiliate, order_id, endpoint)
    if order_id and service.store.find(marketplace.seller_order_id, account):
        raise trouble(409, f"there is an order {marketplace.seller_order_id} already")
    return marketplace


def _split(said: Placed, sellers: tuple[str, ...]) -> tuple[Placed, ...]:
    """One part a seller; the items go round, and one item alone is bought from each."""
    if not sellers:
        return (said,)
    shared = len(said.items) < len(sellers)
    return tuple(
        replace(
            said,
            seller=seller,
            items=said.items if shared else said.items[place :: len(sellers)],
        )
        for place, seller in enumerate(sellers)
    )


def _sellers(sent: Mapping[str, object]) -> tuple[str, ...]:
    given = sent.get("sellers") or []
    if not isinstance(given, list) or len(given) > _MOST_SELLERS:
        raise trouble(400, f"sellers: write {_MOST_SELLERS} ids at most")
    found = tuple(_word({"sellers": each}, "sellers") for each in given)
    if "" in found or len(set(found)) < len(found):
        raise trouble(400, "sellers: each needs an id of its own")
    return found


def _items(sent: Mapping[str, object], now: int) -> tuple[Item, ...]:
    """The items asked for, none when a sample will do."""
    channel, given = text(sent, "channel"), sent.get("items")
    if channel not in _CHANNELS:
        raise trouble(400, "channel must be delivery or pickup-in-point")
    value = whole(sent, "value", 0, most=MOST_CENTS)
    if given is not None and "value" in sent:
        raise trouble(400, "say items or value, not both")
    if given is None and (channel or "value" in sent):
        if "value" in sent and value < 1:
            raise trouble(400, "value must be at least 1 cent")
        given = [{"id": "item-1", "quantity": 1, "price": value or 10_000}]
    if given is None:
        return ()
    if not isinstance(given, list) or not given or not all(isinstance(i, dict) for i in given):
        raise trouble(400, 'items: write [{"id": "sku-1", "quantity": 1, "price": 2499}]')
    if len(given) > _MOST_ITEMS:
        raise trouble(400, f"no more than {_MOST_ITEMS} items")
    return tuple(
        Item(
            _word(each, "id") or f"item-{place}",
            max(whole(each, "quantity", 1, most=_MOST_UNITS), 1),
            max(whole(each, "price", 1, most=MOST_CENTS), 1),
            _CHANNELS[channel],
            now + _DELIVERY,
        )
        for place, each in enumerate(given, start=1)
    )


def _word(sent: Mapping[str, object], name: str) -> str:
    """A short text that can stand in a document."""
    found = text(sent, name)
    if len(found) > _LONGEST or not found.isprintable():
        raise trouble(400, f"{name} must have at most {_LONGEST} characters, all of them printable")
    return found

"""Tracking of a package: its number, and what the carrier tells.

The flow takes news of a package once the order is invoiced. A partly invoiced order takes them,
too, and only its document shows them (sandbox decision).
Source: domain fact sheet "HTTP surface", section 4.
"""

from __future__ import annotations

from orderflow.sandbox.dialect import (
    GENERIC,
    Answer,
    as_json,
    bad_request,
    refusal,
    required,
    text_in,
)
from orderflow.sandbox.document import receipt
from orderflow.sandbox.handled import bring_up, documents_to_seller
from orderflow.sandbox.moments import iso
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.sandbox.vendor.fields import date_in
from orderflow.sandbox.vendor.mistakes import body_of
from orderflow.sandbox.vendor.packages import add_papers, papers_of

_NUMBER_TEXTS = ("trackingNumber", "trackingUrl", "dispatchedDate", "courier")
_EVENT_TEXTS = ("city", "state", "description", "date")
_MOST_EVENTS = 200


def add_number(service: Service, call: Call) -> Answer:
    """200 with a receipt; the package gets its tracking number, URL and carrier."""
    held, number = _package(service, call)
    sent = body_of(service, call)
    required(sent, "trackingNumber")
    texts = {name: text_in(sent, name) or None for name in _NUMBER_TEXTS if name in sent}
    tracking = texts["trackingNumber"]
    if tracking is not None:
        _tell(service, held, number, {"number": tracking})
    texts.pop("dispatchedDate", None)  # no field of a package shows it
    add_papers(held, number, texts)
    return as_json(receipt(held, service.now, again=service.again(held, number)))


def update(service: Service, call: Call) -> Answer:
    """200 with a receipt; the invoice must have a tracking number, else 400 (sandbox decision).

    Without ``isDelivered`` nothing was delivered, which is written down (sandbox decision: the
    reference requires it, and does not say how its absence is answered).
    """
    held, number = _package(service, call)
    sent = body_of(service, call)
    delivered = sent.get("isDelivered", False)
    if not isinstance(delivered, bool):
        raise bad_request("The field isDelivered must be a boolean")
    events = events_in(sent.get("events"))
    day = text_in(sent, "deliveredDate")
    on = date_in("deliveredDate", day) if day else iso(service.now)
    if not papers_of(held, number).get("trackingNumber"):
        raise bad_request(f"Invoice {number} has no tracking number")
    if "isDelivered" not in sent:
        told = "isDelivered is missing, which is required: send true or false"
        service.remark(call, "", told, held.order_id)
    if sent.get("events") is None:
        told = "events are missing: send city, state, description and date of each, or []"
        service.remark(call, "CM-36", told, held.order_id)
    data: dict[str, object] = {"delivered": True} if delivered else {}
    if events:
        data["movement"] = events[-1]["description"] or "moved"
    _tell(service, held, number, data)
    status = courier_status(service, held, number, events, on if delivered else "")
    add_papers(held, number, {"courierStatus": status})
    return as_json(receipt(held, service.now, again=service.again(held, number)))


def _package(service: Service, call: Call) -> tuple[Held, str]:
    """The order, and the number of an invoice that it has."""
    held = service.order(call.parameters["orderId"], call.account)
    number = call.parameters["invoiceNumber"]
    if number not in {invoice.number for invoice in held.order.invoices}:
        # The message stands in the sources, its HTTP status does not (sandbox decision).
        raise refusal(404, GENERIC, "Invoice Not Found")
    return held, number


def events_in(given: object) -> list[dict[str, str]]:
    """The movements that were sent; none when the field is absent."""
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise bad_request("The field events must be an array of objects")
    if len(given) > _MOST_EVENTS:
        raise bad_request(f"events: at most {_MOST_EVENTS} in one call")
    found = [{name: text_in(each, name) for name in _EVENT_TEXTS} for each in given]
    for each in found:
        if each["date"]:
            each["date"] = date_in("date", each["date"])
    return found


def _tell(service: Service, held: Held, number: str, data: dict[str, object]) -> None:
    """Let the flow hear the news of an Output package, where it has a step for it."""
    documents = documents_to_seller(service, held)
    seller = documents[-1]
    outputs = [invoice.number for invoice in seller.order.outputs]
    if number not in outputs or seller.status != "invoiced" or not data:
        return
    place = outputs.index(number)
    package = seller.order.outputs[place]
    if package.finished:
        data.pop("movement", None)  # nothing moves a delivered package
    if not data:
        return
    known = papers_of(held, number).get("trackingNumber")
    if not package.tracking_number and known and "number" not in data:
        data["number"] = known
    service.fire(seller, "update_tracking", {**data, "package": place + 1})
    bring_up(service, documents)


def courier_status(
    service: Service, held: Held, number: str, events: list[dict[str, str]], delivered: str
) -> dict[str, object]:
    """``courierStatus`` with the movements so far and the new ones."""
    old = papers_of(held, number).get("courierStatus")
    known = old if isinstance(old, dict) else {}
    news = [
        {
            "lastChange": iso(service.now),
            "city": each["city"],
            "state": each["state"],
            "description": each["description"],
            "createDate": each["date"] or iso(service.now),
        }
        for each in events
    ]
    return {
        "status": "ok",
        "finished": bool(delivered) or bool(known.get("finished")),
        "deliveredDate": delivered or known.get("deliveredDate"),
        "data": [*known.get("data", []), *news],
    }

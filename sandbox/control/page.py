"""The page: what happens in the sandbox as a person sees it, and forms for what a person does.

Each form is answered by the call of the control API that a program would make; without a script
the browser is sent back to where it came from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from orderflow.sandbox.control.asking import listed, trouble
from orderflow.sandbox.dialect import Answer, DialectError
from orderflow.sandbox.page_fields import data_of, sent_form, whole
from orderflow.sandbox.page_order import order_facts
from orderflow.sandbox.page_overview import overview_facts
from orderflow.sandbox.page_text import HOME, gone_to, page, script, styles, told
from orderflow.sandbox.page_words import time
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service

_BACK = re.compile(r"/_sandbox/(?:page/order)?(?:\?[A-Za-z0-9%&=._~+-]{0,2000})?")
"""Places to which a form may lead back: ours, and nobody else's."""

_LONGEST = 200
_FAILED = 400
_UNITS = ("seconds", "minutes", "hours", "days")

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wish:
    """A call of the control API, as a form asks for it.

    Attributes:
        method: Upper-case method.
        path: Its path.
        sent: What its body says.
        account: Account it is about; empty where the body says so, or nothing does.
    """

    method: str
    path: str
    sent: Mapping[str, object]
    account: str = ""


def overview(service: Service, call: Call) -> Answer:
    """The page itself: orders, feeds, hooks, calls, faults; ``?account=&q=&status=&page=``."""
    account = call.query.get("account") or service.accounts.first.account
    if account not in service.accounts.names:
        known = listed(service.accounts.names)
        return told(404, "No such account", f"There is no account {account[:_LONGEST]!r}: {known}.")
    facts = {"heading": "", **overview_facts(service, call, account)}
    title = f"{account}: sandbox"
    return page(title, "overview.html.j2", _seen(call), {**_frame(service, call), **facts})


def order(service: Service, call: Call) -> Answer:
    """One order on the graph of its flow; ``?id=&account=``."""
    account = call.query.get("account") or service.accounts.first.account
    order_id = call.query.get("id", "")
    held = service.store.find(order_id, account)
    if held is None:
        return told(
            404,
            "No such order",
            f"Account {account[:_LONGEST]!r} has no order {order_id[:_LONGEST]!r}.",
        )
    facts = {"heading": f"order {held.order_id}", **order_facts(service, held, call.host)}
    shown = {**_frame(service, call), **facts}
    return page(f"{held.order_id}: {held.status}", "order.html.j2", _seen(call), shown)


def _seen(call: Call) -> str:
    """The version of the page that the browser has."""
    return call.query.get("seen", "")


def _frame(service: Service, call: Call) -> dict[str, object]:
    """What stands at the head of both pages."""
    back = _place(call)
    return {
        "now": time(service.now),
        "accounts": service.accounts.names,
        "strict": service.strict,
        "units": _UNITS,
        "back": back if _BACK.fullmatch(back) else HOME,
    }


def _place(call: Call) -> str:
    """The address of a page, without the version that the browser has."""
    path = HOME if call.path == HOME.rstrip("/") else call.path
    asked = [f"{name}={quote(each)}" for name, each in call.query.items() if name != "seen"]
    return f"{path}?{'&'.join(asked)}" if asked else path


def _styles(service: Service, call: Call) -> Answer:
    """The styles of the page."""
    del service, call
    return styles()


def _script(service: Service, call: Call) -> Answer:
    """The script of the page."""
    del service, call
    return script()


def _form(wish: Callable[[Form], Wish]) -> Callable[[Service, Call], Answer]:
    """Answer a form by doing what *wish* makes of its fields."""

    def handler(service: Service, call: Call) -> Answer:
        # Imported here: answering calls knows all routes, those of this module too.
        from orderflow.sandbox.answering import perform

        form: dict[str, str] = {}
        try:
            form = sent_form(call.body)
            wished = wish(form)
        except DialectError as refused:
            return _told(refused.answer, form)
        return _finished(perform(service, _call(wished, call.host)), form)

    handler.__doc__ = wish.__doc__
    return handler


def _call(wished: Wish, host: str) -> Call:
    query = {"account": wished.account} if wished.account else {}
    body = json.dumps(wished.sent).encode("ascii")
    return Call(wished.method, wished.path, query=query, body=body, host=host)


def _finished(given: Answer, form: Form) -> Answer:
    """Send the browser back once the call is over."""
    later = given.later
    if later is None:
        return _told(given, form) if given.status >= _FAILED else gone_to(_back(form))

    def final() -> Answer | None:
        found = later()
        return None if found is None else _finished(found, form)

    return gone_to(_back(form))._replace(later=final)


def _told(given: Answer, form: Form) -> Answer:
    """Say why something was not done."""
    try:
        message = str(json.loads(given.body)["error"])
    except (ValueError, KeyError, TypeError):
        message = f"The sandbox answered {given.status}."
    return told(given.status, "Not done", message, _back(form))


def _back(form: Form) -> str:
    given = form.get("back", "")
    return given if _BACK.fullmatch(given) else HOME


def _place_orders(form: Form) -> Wish:
    """Place orders: ``deal``, ``status``, ``count``, ``account``."""
    named = {name: form[name] for name in ("deal", "status", "account") if form.get(name)}
    count = whole("count", form.get("count") or "1")
    return Wish("POST", "/_sandbox/orders", {**named, "count": count})


def _fire(form: Form) -> Wish:
    """Let an event happen to an order: ``id``, ``account``, ``event``, and ``data.NAME``."""
    path = f"/_sandbox/orders/{_named(form, 'id', 'order')}/events"
    sent = {"event": form.get("event", ""), "data": data_of(form)}
    return Wish("POST", path, sent, form.get("account", ""))


def _named(form: Form, name: str, what: str) -> str:
    """The name in a field, as part of a path.

    Raises:
        DialectError: No path leads to what is called so.
    """
    found = form.get(name, "")
    if not found or "/" in found:
        raise trouble(404, f"no {what} {found[:_LONGEST]!r} can be named here")
    return found


def _move_change(form: Form) -> Wish:
    """Bring a modification to a stage: ``id``, ``account``, ``change``, ``to``."""
    order_id, change = _named(form, "id", "order"), _named(form, "change", "modification")
    path = f"/_sandbox/orders/{order_id}/changes/{change}"
    return Wish("POST", path, {"to": form.get("to", "")}, form.get("account", ""))


def _decide(form: Form) -> Wish:
    """Decide what a task of the platform asks: ``task``, and ``decision``."""
    path = f"/_sandbox/tasks/{_named(form, 'task', 'task')}"
    return Wish("POST", path, {"decision": form.get("decision", "")})


def _keep(form: Form) -> Wish:
    """Keep the sandbox as it is, under a ``name``."""
    return Wish("POST", "/_sandbox/snapshots", {"name": form.get("name", "")})


def _use_snapshot(form: Form) -> Wish:
    """Go back to a snapshot, or forget it: its ``name``, and ``do``: ``restore`` or ``forget``."""
    path = f"/_sandbox/snapshots/{_named(form, 'name', 'snapshot')}"
    if form.get("do") == "forget":
        return Wish("DELETE", path, {})
    return Wish("POST", f"{path}/restore", {})


def _turn(form: Form) -> Wish:
    """Turn the clock: ``length`` and ``unit``."""
    length = whole("length", form.get("length", ""))
    return Wish("POST", "/_sandbox/clock/advance", {form.get("unit", ""): length})


def _switch_on(form: Form) -> Wish:
    """Switch a fault on: ``fault``, and ``times`` unless it strikes for ever."""
    times = form.get("times", "")
    more = {"times": whole("times", times)} if times else {}
    return Wish("POST", "/_sandbox/faults", {"fault": form.get("fault", ""), **more})


def _switch_off(form: Form) -> Wish:
    """Switch a fault off: its ``number``."""
    number = whole("number", form.get("number", ""))
    return Wish("DELETE", f"/_sandbox/faults/{number}", {})


def _be_strict(form: Form) -> Wish:
    """Refuse mistakes, or let them pass: ``strict`` is ``true`` or ``false``."""
    return Wish("POST", "/_sandbox/strict", {"strict": form.get("strict") == "true"})


def _reset(form: Form) -> Wish:
    """Forget everything but accounts and keys."""
    del form
    return Wish("POST", "/_sandbox/reset", {})


_FORMS: Mapping[str, Callable[[Form], Wish]] = {
    "orders": _place_orders,
    "events": _fire,
    "changes": _move_change,
    "tasks": _decide,
    "snapshots": _keep,
    "snapshots/use": _use_snapshot,
    "clock": _turn,
    "faults/on": _switch_on,
    "faults/off": _switch_off,
    "strict": _be_strict,
    "reset": _reset,
}

ROUTES: tuple[Route, ...] = (
    Route("GET", "/_sandbox", overview),
    Route("GET", "/_sandbox/page/order", order),
    Route("GET", "/_sandbox/page.css", _styles),
    Route("GET", "/_sandbox/page.js", _script),
    # The call that a form makes is the one that must be remembered.
    *(
        Route("POST", f"/_sandbox/page/{name}", _form(wish), reads=True)
        for name, wish in _FORMS.items()
    ),
)
"""Errors of the pages are pages."""

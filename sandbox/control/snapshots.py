"""Snapshots: keep the sandbox as it is, and go back to that."""

from __future__ import annotations

from orderflow.sandbox.control.asking import body_of, listed, text, trouble
from orderflow.sandbox.dialect import Answer, as_json
from orderflow.sandbox.moments import iso
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.snapshots import MOST_KEPT, Snapshot, restore, take

_LONGEST = 100


def snapshots(service: Service, call: Call) -> Answer:
    """All snapshots, oldest first."""
    del call
    kept = service.snapshots.values()
    return as_json({"snapshots": [{**_facts(each), "bytes": each.size} for each in kept]})


def keep(service: Service, call: Call) -> Answer:
    """Keep the sandbox as it is; ``{"name": "before the sale"}``. The same name replaces."""
    name = text(body_of(call, ("name",)), "name")
    if not 0 < len(name) <= _LONGEST or "/" in name:
        raise trouble(400, f"name: take 1 to {_LONGEST} characters without a slash")
    if name not in service.snapshots and len(service.snapshots) >= MOST_KEPT:
        known = listed(service.snapshots)
        raise trouble(400, f"no more than {MOST_KEPT} snapshots; delete one of: {known}")
    service.snapshots[name] = made = take(service, name)
    return as_json(_facts(made), 201)


def go_back(service: Service, call: Call) -> Answer:
    """Make the sandbox as it was; the trace, mistakes, accounts and keys stay as they are."""
    restore(service, _snapshot(service, call))
    return Answer(204)


def drop(service: Service, call: Call) -> Answer:
    """Forget a snapshot."""
    del service.snapshots[_snapshot(service, call).name]
    return Answer(204)


def _snapshot(service: Service, call: Call) -> Snapshot:
    name = call.parameters["name"]
    if name not in service.snapshots:
        known = listed(service.snapshots)
        raise trouble(404, f"no snapshot {name[:_LONGEST]!r}; there are: {known}")
    return service.snapshots[name]


def _facts(snapshot: Snapshot) -> dict[str, object]:
    return {
        "name": snapshot.name,
        "now": iso(snapshot.at),
        "orders": snapshot.orders,
    }


ROUTES: tuple[Route, ...] = (
    Route("GET", "/_sandbox/snapshots", snapshots),
    Route("POST", "/_sandbox/snapshots", keep),
    Route("POST", "/_sandbox/snapshots/{name}/restore", go_back),
    Route("DELETE", "/_sandbox/snapshots/{name}", drop),
)

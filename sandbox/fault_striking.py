"""Faults around a call: refused before it is done, or its answer changed afterwards.

They strike calls whose credentials and permissions are right (sandbox decision). A call that is
refused by a fault is in no journal; one that is done is, once, whatever is answered.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from orderflow.sandbox import watch
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.fault_answers import CHANGES, INSTEAD, ROW_BY_ROW, Scene
from orderflow.sandbox.fault_modes import operation
from orderflow.sandbox.fault_part import Fault
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service

Handled = Callable[[], Answer]
Kept = Callable[[Call], object]
"""Does a call of the sandbox's own, and writes it to the journal."""


def struck(service: Service, call: Call, route: Route, handled: Handled, kept: Kept) -> Answer:
    """The answer to a call, as the faults that are switched on let it be.

    Args:
        service: The sandbox.
        call: The call, with its key.
        route: Its operation.
        handled: Does it.
        kept: Keeps how often a fault has struck, where that matters.
    """
    faults = service.faults
    met = [each for each in tuple(faults.every) if _may(each, call, route)]
    for fault in met:
        instead = INSTEAD.get(fault.setting.name)
        given = instead(_scene(service, call, fault)) if instead else None
        if given is not None and _strikes(service, fault, kept):
            return given
    changing = [each for each in met if each.setting.name in CHANGES]
    striking = tuple(each for each in changing if _strikes(service, each, kept))
    done = handled()
    given = _changed(service, call, striking, done)
    watch.after(service, call, done, given)
    return given


def _may(fault: Fault, call: Call, route: Route) -> bool:
    setting = fault.setting
    if setting.name not in INSTEAD and setting.name not in CHANGES:
        return False
    about = setting.name in ROW_BY_ROW or setting.is_about(call.parameters.get("orderId", ""))
    return about and setting.is_for(operation(route))


def _strikes(service: Service, fault: Fault, kept: Kept) -> bool:
    """Whether the fault strikes; where it matters how often it could, that is kept."""
    strikes = service.faults.meets(fault)
    if fault.setting.counts and service.journal is not None:
        counts = json.dumps({"met": fault.met, "struck": fault.struck}).encode()
        kept(Call("POST", f"/_sandbox/faults/{fault.number}/counts", body=counts))
    return strikes


def _scene(service: Service, call: Call, fault: Fault) -> Scene:
    setting = fault.setting
    return Scene(service, call, setting.orders, setting.milliseconds, setting.seconds)


def _changed(service: Service, call: Call, striking: tuple[Fault, ...], given: Answer) -> Answer:
    """The answer after all faults that strike, oldest first."""
    if given.later is not None:
        later = given.later

        def final() -> Answer | None:
            found = later()
            return None if found is None else _changed(service, call, striking, found)

        return given._replace(later=final)
    for fault in striking:
        given = CHANGES[fault.setting.name](_scene(service, call, fault), given)
    return given

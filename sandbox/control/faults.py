"""Faults: which there are, which are on, and how one is switched on and off."""

from __future__ import annotations

from collections.abc import Mapping

from orderflow.flows.errors import OrderflowError
from orderflow.sandbox.control.asking import body_of, text, trouble, whole
from orderflow.sandbox.dialect import Answer, as_json
from orderflow.sandbox.fault_modes import Mode, checked, chosen, modes
from orderflow.sandbox.fault_part import Fault, Setting
from orderflow.sandbox.moments import iso
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.vendor.catalogue import ROUTES as VENDOR

FIELDS = (
    *("fault", "operations", "orders", "chance", "after", "times"),
    *("milliseconds", "seconds", "lasts"),
)
PATH = "/_sandbox/faults"
_MOST_COUNT = 10**9
_MOST_FAULTS = 100
_LONGEST_PAUSE = 86_400
_LONGEST_DELAY, _LONGEST_LAG = 60_000, 3_700 * 86_400_000


def faults(service: Service, call: Call) -> Answer:
    """The faults that are on, and all that can be switched on, each with its sources."""
    del call
    return as_json(
        {
            "on": [_facts(each) for each in service.faults.every],
            "known": [_described(each) for each in modes().values()],
        }
    )


def switch_on(service: Service, call: Call) -> Answer:
    """Switch a fault on; ``{"fault": "http.apply_then_500", "times": 1}``.

    ``operations`` and ``orders`` say which calls and orders it strikes, ``chance`` how often,
    ``after`` how many it lets pass first, ``times`` how many it strikes at most, ``lasts`` how many
    ms of virtual time it stays on, ``milliseconds`` how late it makes what it delays, ``seconds``
    after how long a client that is refused may come again.
    """
    sent = body_of(call, FIELDS)
    try:
        found = chosen(text(sent, "fault"))
        settings = [_setting(each, sent) for each in found]
    except OrderflowError as wrong:
        raise trouble(400, str(wrong)) from wrong
    if len(service.faults.every) + len(settings) > _MOST_FAULTS:
        raise trouble(400, f"no more than {_MOST_FAULTS} faults at once; switch some off first")
    made = [service.faults.switch_on(each) for each in settings]
    return as_json({"on": [_facts(each) for each in made]}, 201)


def switch_off(service: Service, call: Call) -> Answer:
    """Switch a fault off."""
    fault = _fault(service, call)
    service.faults.switch_off(fault.number)
    return Answer(204)


def all_off(service: Service, call: Call) -> Answer:
    """Switch all faults off."""
    del call
    for fault in tuple(service.faults.every):
        service.faults.switch_off(fault.number)
    return Answer(204)


def set_counts(service: Service, call: Call) -> Answer:
    """Say how often a fault could have struck, and did; ``{"met": 0, "struck": 0}`` to begin anew.

    A sandbox that is kept in a file does so itself whenever a fault has met a call.
    """
    fault = _fault(service, call)
    sent = body_of(call, ("met", "struck"))
    fault.met = whole(sent, "met", fault.met, most=_MOST_COUNT)
    fault.struck = whole(sent, "struck", fault.struck, most=_MOST_COUNT)
    return as_json(_facts(fault))


def _fault(service: Service, call: Call) -> Fault:
    number = call.parameters["number"]
    for fault in service.faults.every:
        if str(fault.number) == number:
            return fault
    on = ", ".join(f"{each.number} ({each.setting.name})" for each in service.faults.every)
    raise trouble(404, f"no fault {number[:40]!r} is on; there are: {on or 'none'}")


def _setting(mode: Mode, sent: Mapping[str, object]) -> Setting:
    """How *mode* is switched on.

    Raises:
        DialectError: Something has the wrong type.
        OrderflowError: Something does not fit the mode.
    """
    longest = _LONGEST_DELAY if mode.is_of_answers else _LONGEST_LAG
    setting = Setting(
        name=mode.name,
        operations=_names(sent, "operations"),
        orders=_names(sent, "orders"),
        chance=_chance(sent),
        after=whole(sent, "after", 0, most=_MOST_COUNT),
        times=whole(sent, "times", 0, most=_MOST_COUNT) if _is_given(sent, "times") else None,
        lasts=whole(sent, "lasts", 0, most=_LONGEST_LAG) if _is_given(sent, "lasts") else None,
        milliseconds=whole(sent, "milliseconds", 0, most=longest),
        seconds=whole(sent, "seconds", 0, most=_LONGEST_PAUSE),
    )
    said = [name for name in sent if name != "fault" and _is_given(sent, name)]
    return checked(mode, setting, said, VENDOR)


def _is_given(sent: Mapping[str, object], name: str) -> bool:
    return sent.get(name) is not None


def _names(sent: Mapping[str, object], name: str) -> tuple[str, ...]:
    given = sent.get(name)
    if given is None:
        return ()
    if not isinstance(given, list) or not given or not all(isinstance(each, str) for each in given):
        raise trouble(400, f"{name} must be an array of texts")
    return tuple(given)


def _chance(sent: Mapping[str, object]) -> float:
    given = sent.get("chance")
    if given is None:
        return 1.0
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= 1:
        raise trouble(400, "chance must be a number above 0, up to 1")
    return float(given)


def _facts(fault: Fault) -> dict[str, object]:
    setting = fault.setting
    return {
        "number": fault.number,
        "fault": setting.name,
        "operations": list(setting.operations),
        "orders": list(setting.orders),
        "chance": setting.chance,
        "after": setting.after,
        "times": setting.times,
        "milliseconds": setting.milliseconds,
        "seconds": setting.seconds,
        "until": None if fault.until is None else iso(fault.until),
        "met": fault.met,
        "struck": fault.struck,
    }


def _described(mode: Mode) -> dict[str, object]:
    return {
        "fault": mode.name,
        "says": mode.says,
        "sources": list(mode.sources),
        "takes": list(mode.takes),
        "operations": list(mode.operations),
        "deals": list(mode.deals),
        "decisions": list(mode.decisions),
    }


ROUTES: tuple[Route, ...] = (
    Route("GET", PATH, faults),
    Route("POST", PATH, switch_on),
    Route("DELETE", PATH, all_off),
    Route("DELETE", PATH + "/{number}", switch_off),
    Route("POST", PATH + "/{number}/counts", set_counts),
)

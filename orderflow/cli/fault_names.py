"""Which faults a person means, and where each of them can be looked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from orderflow.flows.deal_loader import bundled_deal_names
from orderflow.flows.errors import OrderflowError
from orderflow.flows.fault_loader import bundled_faults
from orderflow.flows.faults import Fault, FaultPlaceError
from orderflow.flows.loader import bundled_names

if TYPE_CHECKING:
    from orderflow.conformance.check import AnyTask


def wanted(names: Iterable[str]) -> tuple[Fault, ...]:
    """The faults called so, those of a profile in its place, each once.

    Raises:
        OrderflowError: Tells of each name that means none.
    """
    book = bundled_faults()
    found: dict[str, Fault] = {}
    wrong: list[str] = []
    for name in names:
        try:
            shown = book.profile(name)[0] if name in book.profiles else (book.fault(name),)
        except OrderflowError as error:
            wrong.append(f"--faults: {error}")
            continue
        found |= {fault.name: fault for fault in shown}
    if wrong:
        raise OrderflowError("\n".join(wrong))
    return tuple(found.values())


def not_shown(names: Iterable[str]) -> tuple[str, ...]:
    """What the profiles among *names* hold that nothing here can show, one line each."""
    book = bundled_faults()
    return tuple(
        f"{name}: {each.name} is not looked for: {each.why}"
        for name in names
        if name in book.profiles
        for each in book.profile(name)[1]
    )


def hunted(names: Iterable[str], tasks: Sequence[AnyTask]) -> tuple[AnyTask, ...]:
    """What to look through for faults, one entry for each fault and place that shows it.

    Args:
        names: Names of faults and profiles. What is named itself has to have a place, what stands
            in a profile need not.
        tasks: The flows and deals that are checked.

    Raises:
        FaultPlaceError: None of them shows a fault that was named.
    """
    named = tuple(names)
    found: list[AnyTask] = []
    for fault in wanted(named):
        places = [replace(each, fault=fault.name) for each in tasks if shows(fault, each)]
        if not places and fault.name in named:
            raise FaultPlaceError(fault, ", ".join(each.reference for each in tasks))
        found += places
    return tuple(found)


def shows(fault: Fault, task: AnyTask) -> bool:
    """Whether a flow or deal shows *fault*.

    Messages can go wrong in any deal; the other faults change what ships.
    """
    from orderflow.conformance.check import FlowTask

    if isinstance(task, FlowTask):
        return task.reference in bundled_names() and task.flow.name in fault.flows
    shipped = task.reference.removeprefix("deal:") in bundled_deal_names()
    return bool(fault.news) or (shipped and task.deal.name in fault.deals)

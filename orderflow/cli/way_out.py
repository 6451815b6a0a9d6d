"""Whether a sale that was played can still end: its configuration is found, and searched from."""

from __future__ import annotations

from orderflow.conformance.deal_drive import DealDriver
from orderflow.simulator.deal_scenario import Carry
from orderflow.simulator.message import DealEvent, Delivery, Doubled, Lost
from orderflow.simulator.product import Faults, Product

MOST = 100_000
"""Configurations after which a search gives up."""

_Wanted = tuple[str, str, tuple[str, ...], str]
"""Participant, sender, transitions and fate of a step."""


def is_dead_end(driver: DealDriver) -> bool:
    """Whether it is certain that no way leads from where the sale stands to an end of all of it."""
    entries = driver.simulator.log
    acts = [done.act for done in driver.done]
    for delayed in (False, True):
        faults = Faults(
            lost=any(isinstance(entry, Lost) for entry in entries),
            doubled=any(isinstance(entry, Doubled) for entry in entries),
            reordered=any(isinstance(act, Carry) and act.position > 0 for act in acts),
            delayed=delayed,
        )
        ground = driver.ground
        product = Product(
            ground.deal, ground.settings, faults=faults, spaces=ground.spaces, whole=True
        )
        codes = _codes(product, driver)
        if codes:
            return _leads_nowhere(product, codes)
    return False


def _codes(product: Product, driver: DealDriver) -> set[int]:
    """The configurations that the sale may be in."""
    codes = {product.start}
    for wanted in _steps(driver):
        codes = {
            after
            for code in codes
            for step, after in product.steps(code)
            if (step.participant, step.sender, step.taken, step.fate) == wanted
        }
    stands = tuple(driver.simulator.statuses.values())
    return {code for code in codes if product.statuses(code) == stands}


def _steps(driver: DealDriver) -> list[_Wanted]:
    """What happened, as a search would tell it."""
    events = driver.simulator.events
    doubled: set[int] = set()
    found: list[_Wanted] = []
    for entry in driver.simulator.log:
        if isinstance(entry, Doubled):
            doubled.add(entry.message.number)
        elif isinstance(entry, Lost):
            found.append((entry.message.receiver, entry.message.sender, (), "lost"))
        elif isinstance(entry, Delivery):
            message = entry.message
            taken = tuple(events[seq - 1].event.transition for seq in entry.events)
            fate = "doubled" if message.number in doubled else ""
            doubled.discard(message.number)
            found.append((message.receiver, message.sender, taken, fate))
        elif isinstance(entry, DealEvent) and not entry.message:
            found.append((entry.participant, "", (entry.event.transition,), ""))
    return found


def _leads_nowhere(product: Product, codes: set[int]) -> bool:
    """Whether everything that can follow was visited, and nothing of it is an end."""
    seen, waiting = set(codes), sorted(codes)
    while waiting and len(seen) < MOST:
        code = waiting.pop()
        if product.over(code):
            return False
        for delta in product.deltas(code):
            if code + delta not in seen:
                seen.add(code + delta)
                waiting.append(code + delta)
    return not waiting

"""The deals that orders move through while known defects of flows and deals are switched on.

An order that is placed while such a fault is on goes wrong for as long as it lives, and one that
was placed before stays sound (sandbox decision). Of several faults that change the same deal, the
one that was switched on last does (sandbox decision).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from orderflow.flows.deal import Deal
from orderflow.flows.deal_loader import bundled_deal_names
from orderflow.flows.fault_loader import bundled_faults, faulty_deal, faulty_flow
from orderflow.flows.faults import Fault
from orderflow.sandbox.deals import deal_called, deal_names
from orderflow.simulator.simulator import Tamper
from orderflow.simulator.tampering import tamper_of


@cache
def deal_under(name: str, faults: tuple[str, ...]) -> tuple[Deal, Tamper | None]:
    """A deal with faults, and what they do to documents after each step.

    Args:
        name: Name of the deal.
        faults: Names of modes of the register, in the order in which they were switched on.

    Raises:
        UnknownDealError: There is no such deal.
    """
    sound = deal_called(name)
    modes = [bundled_faults().faults[each] for each in faults]
    broken = (_broken(sound, mode) for mode in reversed(modes))
    deal = next((each for each in broken if each is not None), sound)
    return deal, tamper_of(row for mode in modes for row in mode.document)


@cache
def deals_broken_by(name: str) -> tuple[str, ...]:
    """Names of the deals whose orders, or documents, a mode of the register changes."""
    mode = bundled_faults().faults[name]
    if mode.document:
        return deal_names()
    return tuple(each for each in deal_names() if _broken(deal_called(each), mode) is not None)


def _broken(sound: Deal, mode: Fault) -> Deal | None:
    """The deal as *mode* changes it, None when it does not."""
    if sound.name in mode.deals:
        found = faulty_deal(mode, sound.name)
    elif sound.name in bundled_deal_names():
        found = faulty_deal(replace(mode, links=None, deals=(sound.name,)), sound.name)
    else:
        people = tuple(
            replace(who, flow=faulty_flow(mode, who.name, base=who.family))
            for who in sound.participants
        )
        found = replace(sound, participants=people)
    same = found.digest == sound.digest and found.participants == sound.participants
    return None if same else found

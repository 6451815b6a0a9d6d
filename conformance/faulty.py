"""Flows and deals with a fault in them, beside the sound ones that judge them."""

from __future__ import annotations

from dataclasses import dataclass

from orderflow.flows.deal import Deal
from orderflow.flows.deal_loader import bundled_deal
from orderflow.flows.fault_loader import faulty_deal, faulty_flow
from orderflow.flows.faults import Fault, FaultPlaceError
from orderflow.flows.loader import bundled
from orderflow.flows.model import Flow, Profile, State, Transition
from orderflow.simulator.product import NO_FAULTS, Faults
from orderflow.simulator.simulator import Tamper
from orderflow.simulator.tampering import tamper_of

NEWS = {
    "": NO_FAULTS,
    "lost": Faults(lost=True),
    "delayed": Faults(delayed=True),
    "doubled": Faults(doubled=True),
    "reordered": Faults(reordered=True),
}
"""What an exhaustive search lets happen to messages, by what goes wrong; empty for nothing."""


@dataclass(frozen=True)
class FaultyFlow:
    """One profile of a flow with a fault in it.

    Attributes:
        fault: The fault.
        flow: The faulty flow, which says what can happen.
        reference: The sound flow, which says what is right.
        tamper: What changes the document after every step, None for nothing.
    """

    fault: Fault
    flow: Flow
    reference: Flow
    tamper: Tamper | None


@dataclass(frozen=True)
class FaultyDeal:
    """One profile of a deal with a fault in it.

    Attributes:
        fault: The fault.
        deal: The faulty deal, which says what can happen.
        reference: The sound deal, which says what is right.
        tamper: What changes documents after every step, None for nothing.
        news: What goes wrong with messages.
    """

    fault: Fault
    deal: Deal
    reference: Deal
    tamper: Tamper | None
    news: Faults

    @property
    def is_altered(self) -> bool:
        """Whether the deal itself is another one, not only its documents or messages."""
        return self.deal.digest != self.reference.digest


def flow_subject(
    fault: Fault,
    name: str,
    *,
    profile: Profile = Profile.DOCUMENTED,
    modules: tuple[str, ...] = (),
) -> FaultyFlow:
    """Return a bundled flow with a fault in it.

    Args:
        fault: The fault.
        name: The flow.
        profile: Profile to look at.
        modules: Modules that are switched on, in the flows that have them.

    Raises:
        FaultPlaceError: The flow does not show the fault.
    """
    if name not in fault.flows:
        raise FaultPlaceError(fault, name)
    reference, flow = bundled(name), faulty_flow(fault, name)
    parts: tuple[State | Transition, ...] = (*reference.states, *reference.transitions)
    have = {part.module for part in parts}
    own = tuple(each for each in modules if each in have)
    return FaultyFlow(
        fault, flow.view(profile, own), reference.view(profile, own), tamper_of(fault.document)
    )


def deal_subject(
    fault: Fault,
    name: str,
    *,
    profile: Profile = Profile.DOCUMENTED,
    modules: tuple[str, ...] = (),
) -> FaultyDeal:
    """Return a bundled deal with a fault in it.

    Args:
        fault: The fault.
        name: The deal.
        profile: Profile to look at.
        modules: Modules that are switched on, in the flows that have them.

    Raises:
        FaultPlaceError: The deal does not show the fault.
    """
    deal, reference = faulty_deal(fault, name), bundled_deal(name)
    return FaultyDeal(
        fault,
        deal.view(profile, modules),
        reference.view(profile, modules),
        tamper_of(fault.document),
        NEWS[fault.news],
    )


def with_news(fault: Fault, deal: Deal) -> FaultyDeal:
    """Return a deal, viewed already, whose messages go wrong as *fault* says.

    Raises:
        FaultPlaceError: The fault is not about messages.
    """
    if not fault.news:
        raise FaultPlaceError(fault, deal.name)
    return FaultyDeal(fault, deal, deal, None, NEWS[fault.news])

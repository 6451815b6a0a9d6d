"""What a fault mode is: a public defect of real order systems as a change of flows and deals.

A defect is data as well: what it changes of a flow is an overlay as any ``extends`` file is one,
what it changes of a deal is what a deal file may change, and what concerns the order document only
is the name of one of a few functions (:mod:`orderflow.simulator.tampering`).

Fault ids ``F-..``, issues ``ki-..`` and mode names are those of the domain fact sheet "Public known
issues as fault-injection modes".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from orderflow.flows.errors import OrderflowError, did_you_mean

News = Literal["", "lost", "delayed", "doubled", "reordered"]
"""What goes wrong with messages; empty for nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a fault file that can be read as a file of its own.

    Attributes:
        text: A YAML mapping, in which everything stands in the line it has in the fault file.
        line: Line it begins in.
    """

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Tampering:
    """When one of the known functions changes an order document. What is empty may be anything.

    Attributes:
        does: Name of the function.
        flow: Family of the flow the document moves through.
        events: Events of the step just taken.
        statuses: Statuses it arrived at, or stayed in.
    """

    does: str
    flow: str = ""
    events: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fault:
    """One mode.

    Attributes:
        name: Its name, such as ``cancel.seller_stuck``.
        faults: Ids ``F-..``.
        issues: Ids ``ki-..``, or of an observation ``K-..``.
        area: Letter of the fact sheet's section; K for its observations.
        says: The defect in one plain sentence.
        flows: Bundled flows that show it alone.
        deals: Bundled deals that show it, the smallest first.
        overlays: By family or participant, what is laid over the flow.
        links: What is laid over the deal, None for nothing.
        document: What is changed in documents.
        news: What goes wrong with messages.
        detects: Ids of the rules and invariants that detect it.
        misses: By id, why a rule that the fact sheet names does not detect it here.
        decisions: What no source says of it.
        source: File it was read from.
    """

    name: str
    faults: tuple[str, ...]
    issues: tuple[str, ...]
    area: str
    says: str
    flows: tuple[str, ...] = ()
    deals: tuple[str, ...] = ()
    overlays: Mapping[str, Part] = field(default_factory=dict)
    links: Part | None = None
    document: tuple[Tampering, ...] = ()
    news: News = ""
    detects: tuple[str, ...] = ()
    misses: Mapping[str, str] = field(default_factory=dict)
    decisions: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A mode that orders and their messages cannot show; a served API may.

    Attributes:
        name: Its name.
        faults: Ids ``F-..``; none for what no known issue tells.
        area: Letter of the fact sheet's section; H for what any HTTP service may do.
        why: Why it is not shown, one clause.
        issues: Ids ``ki-..``, or of what else tells of it.
        says: The defect in one plain sentence, if ``orderflow serve`` shows it; else empty.
        decisions: What no source says of it.
    """

    name: str
    faults: tuple[str, ...]
    area: str
    why: str
    issues: tuple[str, ...] = ()
    says: str = ""
    decisions: tuple[str, ...] = ()

    @property
    def is_served(self) -> bool:
        """Whether ``orderflow serve`` shows it."""
        return bool(self.says)


@dataclass(frozen=True)
class FaultBook:
    """Everything a fault file says.

    Attributes:
        faults: Modes by name.
        left_out: Modes that are not shown, or by a served API only, by name.
        profiles: By name, modes that are switched on together, those not shown included.
    """

    faults: Mapping[str, Fault]
    left_out: Mapping[str, LeftOut]
    profiles: Mapping[str, tuple[str, ...]]

    @property
    def served(self) -> Mapping[str, LeftOut]:
        """Modes that a served API alone shows, by name."""
        return {name: each for name, each in self.left_out.items() if each.is_served}

    def fault(self, name: str) -> Fault:
        """Return the mode of that name.

        Raises:
            UnknownFaultError: There is none.
            FaultNotShownError: It is known, and nothing here can show it.
        """
        if name in self.left_out:
            raise FaultNotShownError(self.left_out[name])
        if name not in self.faults:
            raise UnknownFaultError(name, (*self.faults, *self.profiles))
        return self.faults[name]

    def profile(self, name: str) -> tuple[tuple[Fault, ...], tuple[LeftOut, ...]]:
        """Return the modes of a profile, and those of its modes that are not shown.

        Raises:
            UnknownFaultError: There is no such profile.
        """
        if name not in self.profiles:
            raise UnknownFaultError(name, (*self.profiles, *self.faults))
        names = self.profiles[name]
        shown = tuple(self.faults[each] for each in names if each in self.faults)
        return shown, tuple(self.left_out[each] for each in names if each in self.left_out)


class UnknownFaultError(OrderflowError):
    """A name that is no fault mode.

    Attributes:
        name: What was asked for.
        known: What would have worked.
    """

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
        super().__init__(f"no fault {name!r}{hint}")
        self.name, self.known = name, known


class FaultNotShownError(OrderflowError):
    """A fault mode that is known by name, and that nothing here can show.

    Attributes:
        left_out: The mode.
    """

    def __init__(self, left_out: LeftOut) -> None:
        faults = f" ({', '.join(left_out.faults)})" if left_out.faults else ""
        where = f"; orderflow serve --fault {left_out.name} shows it" if left_out.is_served else ""
        told = f"{left_out.name}{faults} cannot be switched on: {left_out.why}{where}"
        super().__init__(told)
        self.left_out = left_out


class FaultPlaceError(OrderflowError):
    """A fault mode that changes nothing of the flow or deal it was asked to break.

    Attributes:
        fault: Name of the mode.
        asked: Name of the flow or deal.
        known: Flows and deals that it breaks.
    """

    def __init__(self, fault: Fault, asked: str) -> None:
        self.fault, self.asked = fault.name, asked
        self.known = (*fault.flows, *fault.deals)
        both = {*fault.flows} & {*fault.deals}
        deals = (f"deal:{name}" if name in both else name for name in fault.deals)
        places = ", ".join((*fault.flows, *deals))
        super().__init__(f"{fault.name} changes nothing of {asked}; it is shown by {places}")

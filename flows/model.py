"""What a flow is: statuses, transitions and timers, as frozen values.

A :class:`Flow` read from a file holds every profile; :meth:`Flow.view` gives the one a run uses.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from orderflow.flows.errors import Place

ABSENT = "(none)"
"""The state of an order that has not been placed: the source of every creating transition."""

OUTERMOST_LANE = 3
"""How far left (negative) or right of the spine a layout hint can move a status."""

INCOMPLETE = "null"
"""Our name for the API status ``null``. Source: domain fact sheet "Order flows", section 6."""


class Profile(StrEnum):
    """Which body of evidence a flow follows."""

    DOCUMENTED = "documented"
    OBSERVED = "observed"
    LEGACY = "legacy"


ALL_PROFILES = frozenset(Profile)


class Line(StrEnum):
    """How the official diagram draws an edge. Rendering data only (decision D-26)."""

    SOLID = "solid"
    DASHED = "dashed"
    GREY = "grey"


@dataclass(frozen=True, slots=True)
class State:
    """One status an order can hold in a flow.

    Attributes:
        name: API status, verbatim.
        node: Its name in the official diagram; empty when it is not drawn there.
        waits_for: Who must act for the order to leave (an actor name), or empty.
        starred: No modification and no cancellation is accepted here.
        entry: ``undocumented`` when no source says how an order gets here (decision D-21).
        profiles: Profiles in which the state exists.
        module: Optional part of the platform the state belongs to, or empty.
        lane: Layout hint: column, 0 is the spine; None leaves it to the layout.
        row: Layout hint: row from the top; None leaves it to the layout.
        note: One sentence for readers of the docs.
        place: Where it is declared.
    """

    name: str
    node: str = ""
    waits_for: str = ""
    starred: bool = False
    entry: str = ""
    profiles: frozenset[Profile] = ALL_PROFILES
    module: str = ""
    lane: int | None = None
    row: int | None = None
    note: str = ""
    place: Place = field(default=Place("<built>"), compare=False)


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed step: in *source*, *event* leads to *target*.

    A row of the flow file with several sources, events or possible targets becomes
    several transitions that share the row's id.

    Attributes:
        id: Unique in the flow: the row id, then ``@source``, ``:event`` and ``>target``
            for each part in which the row names several.
        row: Row id in the transition tables, such as ``S11``.
        source: Status before; :data:`ABSENT` when the step creates the order.
        event: Event name.
        target: Status after; equal to *source* for a step that keeps the status.
        actors: Who may fire it, most usual first.
        when: Predicate names, all of which must hold.
        held: When not empty, the step is taken only if the order held this status before
            the cancellation request (a denial leads back to where the order was).
        automatic: The platform moves the order on by itself.
        undoes: Stages (1 to 5) whose completion this step may take back.
        profiles: Profiles in which the step exists.
        module: Optional part of the platform the step belongs to, or empty.
        drawn: Edges of the official diagram that this step realises.
        cites: Source keys.
        decisions: Numbered decisions (``D-..``) that shaped it.
        note: One sentence for readers of the docs.
        place: Where its row is declared.
    """

    id: str
    row: str
    source: str
    event: str
    target: str
    actors: tuple[str, ...] = ("platform",)
    when: tuple[str, ...] = ()
    held: str = ""
    automatic: bool = False
    undoes: tuple[int, ...] = ()
    profiles: frozenset[Profile] = ALL_PROFILES
    module: str = ""
    drawn: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    note: str = ""
    place: Place = field(default=Place("<built>"), compare=False)

    @property
    def creates(self) -> bool:
        """Whether the step brings the order into being."""
        return self.source == ABSENT


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call the platform answers with an error in every status, such as ``H16``.

    Attributes:
        row: Row id in the transition tables.
        event: Event that is always refused.
        code: Vendor error code, or empty.
        http: HTTP status of the answer, or 0.
        cites: Source keys.
        note: One sentence for readers.
        place: Where it is declared.
    """

    row: str
    event: str
    code: str = ""
    http: int = 0
    cites: tuple[str, ...] = ()
    note: str = ""
    place: Place = field(default=Place("<built>"), compare=False)


@dataclass(frozen=True, slots=True)
class Timer:
    """In *state*, the event *fires* happens by itself once the setting *after* has passed.

    Attributes:
        state: Status the timer runs in; it restarts when the status is entered anew.
        after: Name of a duration in the settings.
        fires: Event fired.
        place: Where it is declared.
    """

    state: str
    after: str
    fires: str
    place: Place = field(default=Place("<built>"), compare=False)


@dataclass(frozen=True, slots=True)
class DiagramEdge:
    """One edge of the official drawing of a flow.

    Attributes:
        id: Edge id, such as ``ds9``.
        source: Node name it leaves.
        target: Node name it reaches.
        label: Text on it, or empty.
        line: How it is drawn.
        note: What is odd about it, or empty.
        place: Where it is declared.
    """

    id: str
    source: str
    target: str
    label: str = ""
    line: Line = Line.SOLID
    note: str = ""
    place: Place = field(default=Place("<built>"), compare=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A documented call that brings an event about.

    Attributes:
        call: Method and path, such as ``POST /api/oms/pvt/orders/{orderId}/cancel``.
        families: Families of flows in which it does; () for all.
        statuses: Statuses in which it does; () for all.
    """

    call: str
    families: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()

    def serves(self, family: str, status: str) -> bool:
        """Whether the call means the event for an order of *family* that stands in *status*."""
        return (not self.families or family in self.families) and (
            not self.statuses or status in self.statuses
        )


@dataclass(frozen=True, slots=True)
class EventKind:
    """One word of the event vocabulary, or an event of a user's own flow.

    Attributes:
        name: Event name.
        actors: Who can fire it, most usual first.
        meaning: What it says happened, in words.
        mark: ``source``, ``derived``, ``invented`` or ``sandbox``: where the name comes from.
        endpoints: Documented calls that bring it about.
    """

    name: str
    actors: tuple[str, ...] = ()
    meaning: str = ""
    mark: str = "invented"
    endpoints: tuple[Endpoint, ...] = ()


@dataclass(frozen=True)
class Flow:
    """An order flow: all profiles as read, or one profile after :meth:`view`.

    Attributes:
        name: Unique short name, such as ``seller``.
        title: Name for people.
        family: Which of the four bundled flows its rules are those of: a user's overlay
            keeps the family of the flow it extends; empty for a flow of its own kind.
        seen_by: Who sees orders of this flow.
        initial: First status of an order.
        success: Final statuses that mean the sale went through.
        failure: Final statuses that mean it did not.
        closed: Statuses that end this document without deciding the sale (decision D-22).
        happy_path: Statuses of an undisturbed order, first to last, of the viewed profile.
        happy_paths: The same for each profile.
        states: All states, in the order of the file.
        transitions: All transitions, in the order of the file.
        refusals: Events refused in every status.
        timers: All timers.
        diagram: Edges of the official drawing.
        profile: The viewed profile, or None for the whole file.
        modules: Optional modules switched on in this view.
        source: File the flow was read from.
        digest: First 16 hexadecimal digits of the SHA-256 of the flow's text and of all it extends.
        own_events: Events the file itself declares, beyond the common vocabulary.
        places: Where ``initial``, ``final`` and each ``happy_path.PROFILE`` are declared.
    """

    name: str
    title: str
    initial: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    family: str = ""
    seen_by: str = ""
    success: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    happy_paths: tuple[tuple[Profile, tuple[str, ...]], ...] = ()
    refusals: tuple[Refusal, ...] = ()
    timers: tuple[Timer, ...] = ()
    diagram: tuple[DiagramEdge, ...] = ()
    profile: Profile | None = None
    modules: tuple[str, ...] = ()
    source: str = "<built>"
    digest: str = ""
    own_events: tuple[EventKind, ...] = ()
    places: tuple[tuple[str, Place], ...] = field(default=(), compare=False)

    @cached_property
    def final(self) -> frozenset[str]:
        """Every status in which the document's story is over."""
        return frozenset((*self.success, *self.failure, *self.closed))

    @cached_property
    def state(self) -> dict[str, State]:
        """States by name."""
        return {state.name: state for state in self.states}

    @cached_property
    def transition(self) -> dict[str, Transition]:
        """Transitions by id."""
        return {transition.id: transition for transition in self.transitions}

    @cached_property
    def leaving(self) -> dict[tuple[str, str], tuple[Transition, ...]]:
        """Transitions by (source, event), in the order of the file."""
        table: dict[tuple[str, str], tuple[Transition, ...]] = {}
        for step in self.transitions:
            key = (step.source, step.event)
            table[key] = (*table.get(key, ()), step)
        return table

    @cached_property
    def out(self) -> dict[str, tuple[Transition, ...]]:
        """Transitions by source, in the order of the file."""
        table: dict[str, tuple[Transition, ...]] = {}
        for step in self.transitions:
            table[step.source] = (*table.get(step.source, ()), step)
        return table

    @cached_property
    def events(self) -> tuple[str, ...]:
        """Every event of the flow once, in the order of the file, refused ones last."""
        names = [step.event for step in self.transitions] + [r.event for r in self.refusals]
        return tuple(dict.fromkeys(names))

    @cached_property
    def happy_path(self) -> tuple[str, ...]:
        """Statuses of an undisturbed order in the viewed profile, or () when none is declared."""
        paths = dict(self.happy_paths)
        wanted = self.profile or Profile.DOCUMENTED
        return paths.get(wanted) or paths.get(Profile.DOCUMENTED, ())

    def view(self, profile: Profile = Profile.DOCUMENTED, modules: tuple[str, ...] = ()) -> Flow:
        """Return the flow as one profile sees it.

        A transition is kept when it, its source and its target belong to *profile* and to
        no module outside *modules*; a timer is kept when some kept transition takes its event.
        """

        def kept(thing: State | Transition) -> bool:
            return profile in thing.profiles and (not thing.module or thing.module in modules)

        states = tuple(state for state in self.states if kept(state))
        names = {state.name for state in states} | {ABSENT}
        steps = tuple(
            step
            for step in self.transitions
            if kept(step)
            and step.source in names
            and step.target in names
            and (not step.held or step.held in names)
        )
        taken = {(step.source, step.event) for step in steps}
        timers = tuple(timer for timer in self.timers if (timer.state, timer.fires) in taken)
        return replace(
            self,
            states=states,
            transitions=steps,
            timers=timers,
            profile=profile,
            modules=modules,
            closed=tuple(name for name in self.closed if name in names),
        )

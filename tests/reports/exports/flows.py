"""Flows to export: all that ship, in every profile and with every module, and hostile ones."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import strategies as st

from orderflow.flows.loader import bundled
from orderflow.flows.model import ABSENT, Flow, Profile, State, Timer, Transition
from tests.reports.builders import HOSTILE, NAMES

MODULES = ("picking", "wms", "change-payment")
BUNDLED = [
    pytest.param(name, profile, modules, id=f"{name}-{profile}-{'all' if modules else 'plain'}")
    for name in NAMES
    for profile in Profile
    for modules in ((), MODULES)
]
LONG = "very-" * 2000
TEXTS = (
    f"{LONG}long",
    HOSTILE,
    "</script>",
    "{{ 7 * 7 }} {% raw %} ${x}",
    "a|b||c",
    "<img src=x onerror=alert(1)>",
    "\u202epaid\u202c \u200f\u2067x\u2069",
    LONG,
    "bell\x07 null\x00 escape\x1b[2J \x7f\x85",
    "end",
    "subgraph",
    "style a:#b;",
    "%% no comment",
    "%%{init: {}}%%",
    "`code` **bold** _it_ 1. one",
    "- list",
    "1. list",
    "#35; #quot; &amp; &#60;",
    'say "no"',
    "back\\slash \\N \\n \\",
    "line\nbreak\r\n\ttab",
    "]]> --> <!-- --- -- ==",
    "(round) [square] {curly}",
    "状态 état статус ﬂ°¶ß",
    "\ud800half",
    "\ufffe\uffff",
    "a:b@c>d",
    "status-1",
    "no-order",
    "",
    "   ",
)
"""Names that some format, some reader or some eye could take for something else."""

_short = [text for text in TEXTS if len(text) < len(LONG)]
_anything = st.one_of(
    st.sampled_from(_short), st.text(st.characters(exclude_categories=()), max_size=30)
)
_ident = st.text("abcdefgh", min_size=1, max_size=3)


@cache
def shipped(name: str, profile: Profile, modules: tuple[str, ...]) -> Flow:
    """One profile of a bundled flow, with the modules it has."""
    return bundled(name).view(profile, modules)


def flow_of(names: tuple[str, ...], events: tuple[str, ...], *, title: str = "Shop") -> Flow:
    """A flow in which each of *events* leads from one of *names* to the next, and some stay."""
    ends = [(ABSENT, names[0]), *zip(names, (*names[1:], names[0]), strict=True)]
    ends += [(name, name) for name in names[::2]]
    steps = [
        Transition(
            f"T{place}",
            f"T{place}",
            source,
            events[place % len(events)],
            target,
            actors=("shopper", "seller") if place % 3 else ("platform",),
            when=("paid", "settled") if place % 2 else (),
            held=names[-1] if place % 5 == 4 else "",
            automatic=place % 3 == 0,
        )
        for place, (source, target) in enumerate(ends)
    ]
    return Flow(
        name=title,
        title=title,
        initial=names[0],
        states=tuple(State(name, starred=len(name) % 2 == 0, note=name) for name in names),
        transitions=tuple(steps),
        success=names[-1:],
        timers=(Timer(names[0], "cancellation_window", events[0]),),
        profile=Profile.DOCUMENTED,
    )


@st.composite
def hostile_flows(draw: st.DrawFn) -> Flow:
    """Flows of up to eight statuses and any texts, with several ways between two statuses."""
    names = tuple(draw(st.lists(_anything, min_size=1, max_size=8, unique=True)))
    events = tuple(draw(st.lists(_anything, min_size=1, max_size=4)))
    flow = flow_of(names, events, title=draw(_anything))
    pairs = st.tuples(st.sampled_from((ABSENT, *names)), st.sampled_from(names))
    more = draw(st.lists(st.tuples(pairs, st.sampled_from(events), _ident), max_size=6))
    steps = tuple(
        Transition(f"M{i}-{note}", "M", source, event, target, when=(note,), actors=(note,))
        for i, ((source, target), event, note) in enumerate(more)
    )
    states = (State(ABSENT, note="a status of that very name"),) if draw(st.booleans()) else ()
    return Flow(
        name=flow.name,
        title=flow.title,
        initial=flow.initial,
        states=(*flow.states, *states) if ABSENT not in names else flow.states,
        transitions=(*flow.transitions, *steps),
        success=flow.success,
        closed=tuple(draw(st.lists(st.sampled_from(names), max_size=2))),
        timers=flow.timers,
        profile=draw(st.sampled_from((None, *Profile))),
    )

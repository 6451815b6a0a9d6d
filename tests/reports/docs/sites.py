"""Pages to look at: those of the flows that ship, and those of a flow with hostile names."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from orderflow.flows.loader import bundled
from orderflow.flows.model import EventKind, Flow, Profile, Refusal
from orderflow.reports.docs.flavor import Flavor
from orderflow.reports.docs.pages import pages
from orderflow.reports.docs.pictures import Files
from orderflow.reports.docs.subject import Subject, subjects
from tests.reports.builders import NAMES
from tests.reports.exports.flows import TEXTS, flow_of

HOSTILE_NAMES = tuple(text for text in TEXTS if text.strip())


@cache
def hostile() -> Flow:
    """A seller flow whose every text wants to be something else; one is 10,000 signs long."""
    flow = flow_of(HOSTILE_NAMES, HOSTILE_NAMES, title=HOSTILE_NAMES[1])
    drawn = bundled("seller").diagram
    evil = HOSTILE_NAMES[1]
    return replace(
        flow,
        family="seller",
        seen_by=evil,
        failure=HOSTILE_NAMES[3:5],
        happy_paths=((Profile.DOCUMENTED, HOSTILE_NAMES[:4]),),
        refusals=(Refusal(evil, evil, evil, 400, (evil,), evil),),
        own_events=(EventKind(evil, (evil,), evil, evil),),
        source=f"/somewhere/{'x' * 30}|<b>.yaml",
        diagram=tuple(
            replace(edge, source=f"{edge.source}{evil}", target=f"{edge.target}{evil}", note=evil)
            for edge in drawn
        ),
    )


@cache
def site(flavor: Flavor) -> Files:
    """Everything about the flows that ship, and about the hostile one."""
    return pages([*map(bundled, NAMES), hostile()], flavor=flavor)


@cache
def shipped() -> tuple[Subject, ...]:
    """The flows that ship."""
    return subjects(map(bundled, NAMES))


def subject(name: str) -> Subject:
    """A flow that ships."""
    return next(each for each in shipped() if each.flow.name == name)

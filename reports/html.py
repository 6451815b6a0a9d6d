"""One HTML file that answers what broke, how to see it again, and what was never tried.

It works with scripts blocked, with styles blocked, on paper and offline; every text from
outside is escaped. It stays small however much broke: what has no room is listed, then counted,
and the page says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from urllib.parse import quote

from markupsafe import Markup, escape

from orderflow.conformance.baseline import Changes
from orderflow.conformance.verdict import Failure, Verdict
from orderflow.flows.deal import Deal
from orderflow.flows.model import Flow
from orderflow.reports.embedded import WHOLE, Embedded, embedded
from orderflow.reports.extent import (
    EXTENTS,
    Extent,
    deal_within,
    flow_within,
    room_for_parts,
    wanted,
)
from orderflow.reports.groups import is_flaky, shelves
from orderflow.reports.layout import StageOf
from orderflow.reports.marks import anchor_of
from orderflow.reports.page_flows import DealPart, FlowPart, deal_parts, flow_parts
from orderflow.reports.page_text import drawn, render
from orderflow.reports.panels import candidates, failures_of
from orderflow.reports.pictures import FlowPicture, flow_picture
from orderflow.reports.stages import stage_of_status
from orderflow.reports.tables import SIGNS, unjudged

MOST_FIXED = 200
"""So many failures of an earlier run are listed that are fixed, or were not asked for again."""


def render_html(
    verdict: Verdict,
    flows: Mapping[str, Flow],
    *,
    stage_of: StageOf = stage_of_status,
    deals: Mapping[str, Deal] = MappingProxyType({}),
    faults: Mapping[str, str] = MappingProxyType({}),
    changes: Changes | None = None,
) -> str:
    """Return the whole page.

    Args:
        verdict: What the run found.
        flows: The flows by name, as the profile of the run sees them. A flow that is missing
            here has no diagram; its tables say what the verdict knows.
        stage_of: Stage of a status.
        deals: The deals by name, as the profile of the run sees them.
        faults: What each fault is, by its name.
        changes: The run laid beside an earlier one, None when there was none.
    """
    found = shelves(verdict, faults)
    likely = candidates(found)
    pictures = _pictures(verdict, flows, likely, stage_of)
    told = flow_parts(verdict, flows, pictures, likely)
    sold = deal_parts(verdict, deals)
    body = _Material(verdict, told, sold, changes, likely).fitting()
    failures = failures_of(
        verdict, found, pictures, changes, room=body.room, anchors=_anchors(body.told)
    )
    page = render(
        "report.html.j2",
        verdict=verdict,
        changes=changes,
        failures=failures,
        tiles=body.told,
        deal_tiles=body.sold,
        sections=body.sections,
        widths=least_widths((failures.html, body.sections)),
        embedded=replace(body.inside, json=drawn(body.inside.json)),
        whole_verdict=WHOLE,
        **_facts(verdict),
    )
    # what no HTML file can hold: half characters of a broken sender, and zero bytes
    return page.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def styles_of(page: str) -> str:
    """Return the styles that *page* holds, for a file beside it."""
    return page.partition("<style>\n")[2].partition("</style>")[0]


def linked(page: str, name: str) -> str:
    """Let *page* take the styles of the file *name* beside it, too.

    They are those it holds: a server that blocks styles within a page may allow a file of them.
    """
    link = f'<link rel="stylesheet" href="{escape(quote(name))}">'
    return page.replace("</style>\n", f"</style>\n{link}\n", 1)


@dataclass(frozen=True, slots=True)
class _Body:
    """All of a page but its failures and its frame, as far as there is room.

    Attributes:
        told: The flows.
        sold: The deals.
        sections: Both, written.
        inside: The verdict in the page.
        room: Bytes that are left for failures.
    """

    told: tuple[FlowPart, ...]
    sold: tuple[DealPart, ...]
    sections: Markup
    inside: Embedded
    room: int


@dataclass(frozen=True, slots=True)
class _Material:
    """What there is to tell, before anything is left out."""

    verdict: Verdict
    told: tuple[FlowPart, ...]
    sold: tuple[DealPart, ...]
    changes: Changes | None
    likely: tuple[Failure, ...]

    def fitting(self) -> _Body:
        """Tell as much of flows and deals as leaves room for the failures."""
        needed = wanted(self.likely)
        for extent in EXTENTS[:-1]:
            body = self.within(extent)
            if body.room >= needed:
                return body
        return self.within(EXTENTS[-1])

    def within(self, extent: Extent) -> _Body:
        """Tell of flows and deals what *extent* says."""
        verdict, likely = self.verdict, self.likely
        told = tuple(flow_within(extent, part, verdict, likely) for part in self.told)
        sold = tuple(deal_within(extent, part, verdict) for part in self.sold)
        sections = _sections(verdict, told, sold)
        inside = embedded(verdict, self.changes, likely, extent.embedded)
        room = room_for_parts(verdict, likely, self.changes)
        room -= _bytes(sections) + _bytes(inside.json)
        return _Body(told, sold, sections, inside, room)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _anchors(told: Iterable[FlowPart]) -> frozenset[str]:
    """Return the anchors of all transitions that the page has a row for."""
    return frozenset(
        anchor_of(part.found.name, name)
        for part in told
        for group in part.groups
        for name in (group.row, *(row.id for row in group.rows))
    )


def _sections(verdict: Verdict, told: Sequence[FlowPart], sold: Sequence[DealPart]) -> Markup:
    """Write what is to be said of each deal and each flow, those with errors first."""
    return drawn(
        render(
            "sections.html.j2",
            verdict=verdict,
            deal_parts=sorted(sold, key=lambda part: not part.failures),
            flow_parts=sorted(told, key=lambda part: not part.failures),
            signs=SIGNS,
        )
    )


def _facts(verdict: Verdict) -> dict[str, object]:
    return {
        "first": next(iter((*verdict.errors, *verdict.failures)), None),
        "flaky": sum(map(is_flaky, verdict.errors)),
        "sales": bool(verdict.deals) or any(failure.deal for failure in verdict.failures),
        "unjudged": unjudged(verdict),
        "most_fixed": MOST_FIXED,
    }


def _pictures(
    verdict: Verdict, flows: Mapping[str, Flow], shown: Sequence[Failure], stage_of: StageOf
) -> dict[str, FlowPicture]:
    """Lay out each flow at hand once, with what broke in it."""
    return {
        found.name: flow_picture(
            flows[found.name],
            found,
            (each for each in shown if each.flow == found.name and not each.deal),
            stage_of=stage_of,
        )
        for found in verdict.flows
        if found.name in flows
    }


def least_widths(pictures: Sequence[str]) -> tuple[int, ...]:
    """Return the least widths that pictures ask for."""
    pattern = r'<svg [^>]*class="[^"]*\bp-min-(\d+)'
    found = (width for text in pictures for width in re.findall(pattern, text))
    return tuple(sorted(set(map(int, found))))

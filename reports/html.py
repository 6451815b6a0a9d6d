"""One HTML file that answers what broke, how to see it again, and what was never tried.

It works with scripts blocked, with styles blocked, on paper and offline; every text from
outside is escaped. It stays small however much broke: what has no room is listed, then counted,
and the page says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from urllib.parse import quote

from markupsafe import Markup, escape

from orderflow.conformance.baseline import Changes
from orderflow.conformance.verdict import Failure, Verdict
from orderflow.flows.deal import Deal
from orderflow.flows.model import Flow
from orderflow.reports.embedded import LIMIT, embedded
from orderflow.reports.groups import is_flaky, shelves
from orderflow.reports.layout import StageOf
from orderflow.reports.page_flows import DealPart, FlowPart, deal_parts, flow_parts
from orderflow.reports.page_text import drawn, render
from orderflow.reports.panels import candidates, failures_of
from orderflow.reports.pictures import FlowPicture, flow_picture
from orderflow.reports.stages import stage_of_status
from orderflow.reports.tables import SIGNS, unjudged

PAGE_SIZE = 450_000
"""Characters of a page without its frame; panels take what flows, deals and the verdict leave."""
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
    sections = _sections(verdict, told, sold)
    inside = embedded(verdict, changes, likely)
    room = PAGE_SIZE - len(sections) - len(inside.json)
    failures = failures_of(verdict, found, pictures, changes, room)
    page = render(
        "report.html.j2",
        verdict=verdict,
        changes=changes,
        failures=failures,
        tiles=told,
        deal_tiles=sold,
        sections=sections,
        widths=_widths((failures.html, sections)),
        embedded={"json": drawn(inside.json), "left_out": inside.left_out, "limit": LIMIT},
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


def _widths(pictures: Sequence[str]) -> tuple[int, ...]:
    """Return the least widths that pictures ask for."""
    pattern = r'<svg [^>]*class="[^"]*\bp-min-(\d+)'
    found = (width for text in pictures for width in re.findall(pattern, text))
    return tuple(sorted(set(map(int, found))))

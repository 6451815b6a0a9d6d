"""A deal as a picture: a lane of statuses for each document, and the news between the lanes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from orderflow.conformance.verdict import DealVerdict
from orderflow.flows.deal import Deal
from orderflow.reports.deal_lanes import LABEL, Lane, Plan, Port, Track, plan
from orderflow.reports.deal_news import News, news_of, without_echoes
from orderflow.reports.deal_tables import steps_of
from orderflow.reports.geometry import Rect
from orderflow.reports.marks import box, number, opening, safe_id, tips, way
from orderflow.reports.palette import LIGHT
from orderflow.reports.sequence_plan import broken, cut
from orderflow.reports.tables import Share

_NAME = 10.5
_TEXT = 11.0
_DOT = 2.8
_COLOURS = {"hit": LIGHT.hit, "never": LIGHT.never}


@dataclass(frozen=True, slots=True)
class _Trunk:
    """All lines into one status, or out of it, on one side: they share a riser."""

    x: float
    edge: float
    end: float
    incoming: bool
    kind: str
    main: bool


def deal_diagram(deal: Deal, found: DealVerdict, *, name: str) -> str:
    """Draw *deal*, as one profile sees it, with what a run found.

    Args:
        deal: The deal.
        found: What the run found for it.
        name: Makes ids unique in a page.
    """
    everything = news_of(deal, found)
    news, models = without_echoes(deal, everything)
    picture = plan(deal, news, everything)
    ident = safe_id(name)
    size = (picture.width, picture.height)
    title = f"{deal.title}: documents and news"
    parts = [
        opening("of-picture of-deal", ident, size, title, _told(news)),
        tips(ident, ("hit", "never")),
        box("of-paper", Rect(0, 0, *size), 0) + f' fill="{LIGHT.paper}"/>',
        *(_band(lane, picture) for lane in picture.lanes),
        *(_guide(track) for track in picture.tracks),
        *_bypasses(picture),
        *(_line(track) for track in picture.tracks),
        *(_riser(ident, trunk) for trunk in sorted(_trunks(picture), key=_layer)),
        *(dot for track in picture.tracks for dot in _dots(track)),
        *(path for lane in picture.lanes for path in _paths(ident, lane)),
        *(body for lane in picture.lanes for body in (*_boxes(lane, found), *_names(lane, found))),
        *(
            _head(lane, steps_of(lane.participant.name, found, deal), models)
            for lane in picture.lanes
        ),
        *(_label(track) for track in picture.tracks),
        "</svg>",
    ]
    return "\n".join(filter(None, parts))


def _told(news: Iterable[News]) -> str:
    """Tell the picture in words."""
    texts = (
        f"{each.notice} from {each.sender} ({', '.join(each.starts)}) to {each.receiver} "
        f"({', '.join(each.acts)})"
        for each in news
    )
    return f"News: {'; '.join(texts)}. The table below says the same."


def _kind(news: Iterable[News]) -> str:
    return "hit" if any(each.delivered for each in news) else "never"


def _dash(kind: str, *, main: bool) -> str:
    if kind == "never":
        return ' stroke-dasharray="2 4"'
    return "" if main else ' stroke-dasharray="6 4"'


def _main(track: Track) -> bool:
    return any(each.main for each in track.news)


def _band(lane: Lane, picture: Plan) -> str:
    rect = Rect(0, lane.top - 10, picture.width, lane.bottom - lane.top + 20)
    return box("of-band", rect, 0) + f' fill="{LIGHT.band}"/>'


def _guide(track: Track) -> str:
    """Lead the eye from a label to its line."""
    start = _span(track)[0]
    return (
        f'<path class="of-rule" d="M{number(LABEL - 4)} {number(track.y)}H{number(start)}" '
        f'fill="none" stroke="{LIGHT.line}" stroke-width="1"/>'
    )


def _span(track: Track) -> tuple[float, float]:
    places = [port.x for port in track.ports] + [track.bypass] * bool(track.bypass)
    return min(places, default=LABEL), max(places, default=LABEL)


def _line(track: Track) -> str:
    kind = _kind(track.news)
    start, end = _span(track)
    return (
        f'<path class="of-line of-line-{kind}" d="M{number(start)} {number(track.y)}'
        f'H{number(end)}" fill="none" stroke="{_COLOURS[kind]}" '
        f'stroke-width="{1.8 if _main(track) else 1.3}"{_dash(kind, main=_main(track))}/>'
    )


def _bypasses(picture: Plan) -> Iterable[str]:
    """Join the rows of news that passes by a lane."""
    parts: dict[float, list[Track]] = {}
    for track in picture.tracks:
        if track.bypass:
            parts.setdefault(track.bypass, []).append(track)
    for x, tracks in parts.items():
        kind = _kind(tracks[0].news)
        start, end = tracks[0].y, tracks[-1].y
        yield (
            f'<path class="of-line of-line-{kind}" d="M{number(x)} {number(start)}V{number(end)}" '
            f'fill="none" stroke="{_COLOURS[kind]}" stroke-width="1.3"'
            f"{_dash(kind, main=_main(tracks[0]))}/>"
        )


def _trunks(picture: Plan) -> Iterable[_Trunk]:
    found: dict[tuple[float, float, bool], list[tuple[Track, Port]]] = {}
    for track in picture.tracks:
        for port in track.ports:
            found.setdefault((port.x, port.edge, port.incoming), []).append((track, port))
    for (x, edge, incoming), ties in found.items():
        far = max((track.y for track, _ in ties), key=lambda y: abs(y - edge))
        kind = _kind(each for track, _ in ties for each in track.news)
        main = any(_main(track) and _kind(track.news) == "hit" for track, _ in ties)
        yield _Trunk(x, edge, far, incoming, kind, main)


def _layer(trunk: _Trunk) -> tuple[bool, bool, bool]:
    """Order trunks so that what is painted alike stands together, and delivered news on top."""
    return trunk.kind == "hit", trunk.main, trunk.incoming


def _riser(ident: str, trunk: _Trunk) -> str:
    head = f' marker-end="url(#{ident}-{trunk.kind})"' if trunk.incoming else ""
    return (
        f'<path class="of-line of-line-{trunk.kind}" '
        f'd="M{number(trunk.x)} {number(trunk.end)}V{number(trunk.edge)}" fill="none" '
        f'stroke="{_COLOURS[trunk.kind]}" stroke-width="{1.8 if trunk.main else 1.3}"'
        f"{_dash(trunk.kind, main=trunk.main)}{head}/>"
    )


def _dots(track: Track) -> Iterable[str]:
    """Mark where a line is tied to a riser; where they only cross there is no dot."""
    kind = _kind(track.news)
    for port in track.ports:
        yield (
            f'<circle class="of-tip-{kind}" cx="{number(port.x)}" cy="{number(track.y)}" '
            f'r="{_DOT}" fill="{_COLOURS[kind]}"/>'
        )


def _paths(ident: str, lane: Lane) -> Iterable[str]:
    """Draw how a document moves on: along its way, and between neighbours of a cancellation."""
    steps = {(step.source, step.target) for step in lane.participant.flow.transitions}
    ways = [*pairwise(lane.path), *(pair for pair in pairwise(lane.side) if pair in steps)]
    for one, two in ways:
        start, end = lane.boxes[one], lane.boxes[two]
        y = start.middle[1]
        yield (
            f'<path class="of-line of-line-never" d="{way(((start.right, y), (end.x, y)))}" '
            f'fill="none" stroke="{LIGHT.never}" stroke-width="1.4" '
            f'marker-end="url(#{ident}-never)"/>'
        )


def _kinds(lane: Lane, found: DealVerdict) -> dict[str, str]:
    """Say of each status whether a document of any sale reached it."""
    counts = {name: n for who, name, n in found.transitions if who == lane.participant.name}
    steps = lane.participant.flow.transitions
    entered = {step.target for step in steps if counts.get(step.id)}
    return {state: "hit" if state in entered else "never" for state in lane.boxes}


def _boxes(lane: Lane, found: DealVerdict) -> Iterable[str]:
    kinds, final = _kinds(lane, found), lane.participant.flow.final
    for state, rect in lane.boxes.items():
        kind = kinds[state]
        fill = LIGHT.hit_fill if kind == "hit" else LIGHT.paper
        dash = ' stroke-dasharray="2 4"' if kind == "never" else ""
        radius = 16.0 if state in final else 5.0
        yield (
            f'{box(f"of-box-{kind}", rect, radius)} fill="{fill}" stroke="{_COLOURS[kind]}" '
            f'stroke-width="1.4"{dash}><title>{escape(state)}</title></rect>'
        )


def _names(lane: Lane, found: DealVerdict) -> Iterable[str]:
    kinds = _kinds(lane, found)
    return (_name(state, rect, kinds[state]) for state, rect in lane.boxes.items())


def _name(state: str, rect: Rect, kind: str) -> str:
    x, y = rect.middle
    lines = broken(state, rect.width - 6, _NAME, bold=True)
    first = y - 6.0 * (len(lines) - 1) + 3.8
    spans = "".join(
        f'<tspan x="{number(x)}" y="{number(first + 12 * i)}">{escape(line)}</tspan>'
        for i, line in enumerate(lines)
    )
    colour = LIGHT.ink if kind == "hit" else LIGHT.never_text
    return (
        f'<text class="of-name-{kind}" text-anchor="middle" font-size="{_NAME}" '
        f'font-weight="bold" fill="{colour}">{spans}</text>'
    )


def _head(lane: Lane, share: Share, models: dict[str, str]) -> str:
    each = lane.participant
    facts = [f"{each.flow.name} flow", f"{share.done} of {share.total} transitions"]
    facts += [f"joins: {each.joins.replace('_', ' ')}"] * bool(each.joins)
    facts += [f"same news as {models[each.name]}"] if each.name in models else []
    name = escape(cut(each.name, LABEL - 24, 13, bold=True))
    head = (
        f'<text class="of-name-hit" x="16" y="{number(lane.top + 12)}" font-size="13" '
        f'font-weight="bold" fill="{LIGHT.ink}">{name}</text>'
    )
    return head + "".join(
        f'<text class="of-count-hit" x="16" y="{number(lane.top + 28 + 16 * i)}" '
        f'font-size="{number(_TEXT)}" fill="{LIGHT.muted}">'
        f"{escape(cut(fact, LABEL - 24, _TEXT))}</text>"
        for i, fact in enumerate(facts)
    )


def _label(track: Track) -> str:
    kind = _kind(track.news)
    sign = "↓" if track.down else "↑"
    words = ", ".join(dict.fromkeys(each.notice for each in track.news))
    if track.bypass:
        words += f" → {track.news[0].receiver}"
    text = cut(words, LABEL - 32, _TEXT)
    colour = LIGHT.ink if kind == "hit" else LIGHT.never_text
    return (
        f'<text class="of-text-{kind}" x="16" y="{number(track.y + 4)}" '
        f'font-size="{number(_TEXT)}" fill="{colour}"><title>{escape(words)}</title>'
        f"{sign} {escape(text)}</text>"
    )

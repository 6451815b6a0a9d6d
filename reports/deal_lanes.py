"""Where the statuses of a sale stand: a lane for each document, time from left to right.

Between two lanes lies a street: each piece of news has a row of it, drawn as a line with risers to
the statuses it comes from and drops to those it acts in. Statuses off the undisturbed way stand in
a second row of their lane, half a column aside, so that risers pass between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from orderflow.flows.deal import Deal, Participant
from orderflow.flows.model import ABSENT, Flow
from orderflow.reports.deal_news import News
from orderflow.reports.geometry import Rect

BOX_WIDTH, BOX_HEIGHT = 80.0, 42.0
LABEL = 184.0
TRACK = 18.0
_PITCH = 97.0
_ROW = 58.0
_TOP = 18.0
_STREET = 16.0
_OUT, _IN = -6.0, 2.0
"""Where lines leave and enter a box seen from its middle; below a street it is the other way."""

_LAST = 1000.0
_COLUMNS = 11
"""News shifts statuses to the right as long as there are no more columns, or the longest way."""


_Node = tuple[str, str]
"""Participant and status."""
_Order = dict[_Node, dict[_Node, int]]
"""By status, those that stand right of it and by how many columns at least."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One document.

    Attributes:
        participant: The document.
        top: Upper edge.
        bottom: Lower edge.
        boxes: Box of each status that is drawn.
        path: Statuses of the first row, left to right.
        side: Statuses of the second row, left to right.
    """

    participant: Participant
    top: float
    bottom: float
    boxes: Mapping[str, Rect]
    path: tuple[str, ...]
    side: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Port:
    """Where a line of news meets a status.

    Attributes:
        x: Place from the left.
        edge: Border of the box.
        incoming: The news acts there; else it comes from there.
        state: The status.
        lane: Index of its lane.
    """

    x: float
    edge: float
    incoming: bool
    state: str
    lane: int


@dataclass(frozen=True, slots=True)
class Track:
    """One row of a street.

    Attributes:
        y: Place from the top.
        news: What is told, the same way for each.
        ports: Statuses it is tied to.
        down: It is told downwards.
        bypass: Right-hand place where it goes on to another street, 0 when it does not.
    """

    y: float
    news: tuple[News, ...]
    ports: tuple[Port, ...]
    down: bool
    bypass: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """A deal as numbers.

    Attributes:
        lanes: Lanes from the top.
        tracks: Rows of all streets, from the top.
        width: Width of the picture.
        height: Height of the picture.
    """

    lanes: tuple[Lane, ...]
    tracks: tuple[Track, ...]
    width: float
    height: float


def plan(deal: Deal, news: Sequence[News], everything: Sequence[News]) -> Plan:
    """Give every status of *deal* its place, and every piece of *news* that is to be drawn.

    What is not drawn is among *everything*: it has its say in where the statuses stand, so that
    documents of one kind look alike.
    """
    order = _order(deal)
    columns = _columns(order, everything)
    sides = {each.name: _side(each, everything) for each in order}
    index = {each.name: i for i, each in enumerate(order)}
    bundles = _bundles(news)
    streets = _streets(bundles, index)
    lanes: list[Lane] = []
    y = _TOP
    for i, each in enumerate(order):
        lane = _lane(each, columns[each.name], sides[each.name], y)
        lanes.append(lane)
        y = lane.bottom + 2 * _STREET + TRACK * len(streets.get(i, ()))
    right = max((box.right for lane in lanes for box in lane.boxes.values()), default=LABEL) + 14
    tracks, passes = _tracks(lanes, streets, index, right)
    return Plan(tuple(lanes), tracks, right + 10 * passes + 14, lanes[-1].bottom + _TOP)


def _order(deal: Deal) -> tuple[Participant, ...]:
    """Put each document right above those that handle its order."""

    def below(name: str) -> Iterable[Participant]:
        yield deal.participant[name]
        for lower in deal.lower(name):
            yield from below(lower.name)

    tops = [each.name for each in deal.participants if not each.below]
    return tuple(each for name in tops for each in below(name))


def _columns(order: Sequence[Participant], news: Iterable[News]) -> dict[str, dict[str, int]]:
    """Number the columns so that what waits for news does not stand left of where it comes from."""
    paths = {each.name: each.flow.happy_path for each in order}
    after: _Order = {(name, state): {} for name, path in paths.items() for state in path}
    for name, path in paths.items():
        for one, two in pairwise(path):
            after[name, one][name, two] = 1
    for each in news:
        if not each.main:
            continue
        path = paths[each.receiver]
        waits = [path.index(state) for state in each.acts if state in path]
        starts = [state for state in each.starts if state in paths[each.sender]]
        if ABSENT in each.acts and path:
            waits = [-1]
        for start in starts[-1:]:
            for i in waits[-1:]:
                goal = (each.receiver, path[min(i + 1, len(path) - 1)])
                _push(after, (each.sender, start), goal)
    place = _longest(after)
    return {name: {state: place[name, state] for state in path} for name, path in paths.items()}


def _push(after: _Order, start: _Node, goal: _Node) -> None:
    """Let *goal* stand no further left than *start*, unless the picture grows too wide by it."""
    if start in _reach(after, goal) or goal in after[start]:
        return
    after[start][goal] = 0
    room = max(_COLUMNS, *(sum(name == node[0] for node in after) for name, _ in after))
    if max(_longest(after).values()) >= room:
        del after[start][goal]


def _reach(after: _Order, start: _Node) -> set[_Node]:
    seen, stack = {start}, [start]
    while stack:
        for goal in after[stack.pop()]:
            if goal not in seen:
                seen.add(goal)
                stack.append(goal)
    return seen


def _longest(after: _Order) -> dict[_Node, int]:
    """Return the length of the longest way to each status; there are no circles."""
    place = dict.fromkeys(after, 0)
    for _ in after:
        for node, goals in after.items():
            for goal, step in goals.items():
                place[goal] = max(place[goal], place[node] + step)
    return place


def _side(participant: Participant, news: Iterable[News]) -> tuple[str, ...]:
    """Return the statuses of the second row: those of a cancellation, and those news comes to."""
    flow = participant.flow
    ends = {
        state
        for each in news
        for name, states in ((each.sender, each.starts), (each.receiver, each.acts))
        if name == participant.name
        for state in states
    }
    ends |= {step.source for step in flow.transitions if step.target in flow.failure}
    ends |= set(flow.failure)
    return tuple(
        state.name
        for state in flow.states
        if state.name in ends and state.name not in flow.happy_path and _beside(flow, state.name)
    )


def _beside(flow: Flow, state: str) -> bool:
    """Whether an order comes to *state* from its undisturbed way, and not by a failed start."""
    seen = {name for name in flow.happy_path if name != flow.initial}
    stack = list(seen)
    while stack:
        for step in flow.out.get(stack.pop(), ()):
            if step.target not in seen:
                seen.add(step.target)
                stack.append(step.target)
    return state in seen


def _lane(
    participant: Participant, columns: Mapping[str, int], side: Sequence[str], top: float
) -> Lane:
    boxes: dict[str, Rect] = {}
    start = LABEL + 8
    for state, column in columns.items():
        boxes[state] = Rect(start + _PITCH * column, top, BOX_WIDTH, BOX_HEIGHT)
    wanted = sorted((_wish(participant.flow, columns, side, state), state) for state in side)
    last = max(columns.values(), default=0)
    places = _spread([wish for wish, _ in wanted], max(last + 0.5, len(side) - 0.5))
    for place, (_, state) in zip(places, wanted, strict=True):
        boxes[state] = Rect(start + _PITCH * place, top + _ROW, BOX_WIDTH, BOX_HEIGHT)
    bottom = top + BOX_HEIGHT + _ROW
    return Lane(participant, top, bottom, boxes, tuple(columns), tuple(s for _, s in wanted))


def _wish(flow: Flow, columns: Mapping[str, int], side: Sequence[str], state: str) -> float:
    """Return the half column right of what leads to *state*, behind what it follows."""
    known = {name: float(column) for name, column in columns.items()}
    for _ in side:
        for name in side:
            sources = [step.source for step in flow.transitions if step.target == name]
            near = [known[source] for source in sources if source in known and source != name]
            known.setdefault(name, min(near) + 0.5) if near else None
    ends = 2 * (state in flow.failure)
    leads = any(step.target in flow.failure for step in flow.out.get(state, ()))
    return known.get(state, 0.0) + _LAST * max(ends, leads)


def _spread(wishes: Sequence[float], last: float) -> list[float]:
    """Give each wish, in order, a half column of its own, none beyond *last*."""
    places: list[float] = []
    for wish in wishes:
        at = int(wish % _LAST) + 0.5
        places.append(max(at, places[-1] + 1) if places else at)
    for i in range(len(places) - 1, -1, -1):
        places[i] = min(places[i], last - (len(places) - 1 - i))
    return places


def _bundles(news: Iterable[News]) -> list[tuple[News, ...]]:
    """Put together what goes the same way."""
    found: dict[tuple[object, ...], list[News]] = {}
    for each in news:
        key = (each.sender, each.receiver, each.starts, each.acts, each.main, bool(each.delivered))
        found.setdefault(key, []).append(each)
    return [tuple(group) for group in found.values()]


def _streets(
    bundles: Iterable[tuple[News, ...]], index: Mapping[str, int]
) -> dict[int, list[tuple[tuple[News, ...], bool]]]:
    """Return by street (below lane i) its bundles, and whether each only passes to another."""
    found: dict[int, list[tuple[tuple[News, ...], bool]]] = {}
    for bundle in bundles:
        start, end = index[bundle[0].sender], index[bundle[0].receiver]
        upper, lower = min(start, end), max(start, end)
        far = lower - upper > 1
        for street in dict.fromkeys((upper, lower - 1)):
            found.setdefault(street, []).append((bundle, far))
    return found


def _tracks(
    lanes: Sequence[Lane],
    streets: Mapping[int, Sequence[tuple[tuple[News, ...], bool]]],
    index: Mapping[str, int],
    right: float,
) -> tuple[tuple[Track, ...], int]:
    tracks: list[Track] = []
    bypass: dict[tuple[News, ...], int] = {}
    for street, bundles in sorted(streets.items()):
        built = []
        for bundle, far in bundles:
            start, end = index[bundle[0].sender], index[bundle[0].receiver]
            ends = {street, street + 1} & {start, end}
            ports = [port for lane in sorted(ends) for port in _ports(lanes, bundle, lane, street)]
            x = right + 10 * bypass.setdefault(bundle, len(bypass)) if far else 0.0
            built.append((bundle, tuple(ports), end > start, x))
        # early news first: lines then run down like a staircase
        built.sort(key=lambda track: min((port.x for port in track[1]), default=0.0))
        y = lanes[street].bottom + _STREET + TRACK / 2
        for i, (bundle, ports_of, down, x) in enumerate(built):
            tracks.append(Track(y + TRACK * i, bundle, ports_of, down, x))
    return tuple(tracks), len(bypass)


def _ports(lanes: Sequence[Lane], bundle: Sequence[News], lane: int, street: int) -> Iterable[Port]:
    here, news = lanes[lane], bundle[0]
    ends = []
    if here.participant.name == news.sender:
        ends += [(state, False) for state in news.starts]
    if here.participant.name == news.receiver:
        ends += [(state, True) for state in news.acts]
    for state, incoming in ends:
        box = here.boxes.get(here.participant.flow.initial if state == ABSENT else state)
        if box is not None:
            edge = box.bottom if lane == street else box.y
            shift = _IN if incoming else _OUT
            x = box.middle[0] + (shift if lane == street else -shift)
            yield Port(x, edge, incoming, state, lane)

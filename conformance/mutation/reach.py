"""How a sound order gets to each moment at which a broken system may first differ."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from orderflow.conformance.drive import Start
from orderflow.conformance.mutation.position import Position, trail_of
from orderflow.conformance.mutation.system import System
from orderflow.conformance.subjects.subject import Call
from orderflow.simulator.scenario import ADVANCE, Act, duration
from orderflow.simulator.space import Space


class Word(NamedTuple):
    """What is done to one order.

    Attributes:
        start: How the order begins.
        acts: What is done, in this order.
    """

    start: Start
    acts: tuple[Act, ...]


class _Node(NamedTuple):
    """A configuration, what the stages remember, and how often a transition was taken."""

    place: int
    trail: tuple[str, ...]
    memory: int


@dataclass(frozen=True)
class Moment:
    """A moment in the life of a sound order.

    Attributes:
        position: Where the order stands.
        word: A shortest way to it.
    """

    position: Position
    word: Word


@dataclass(frozen=True)
class Reach:
    """All moments of one flow that can be told apart, nearest first.

    Attributes:
        space: The configurations of the flow.
    """

    space: Space
    _usual: list[Moment] = field(default_factory=list, compare=False, repr=False)

    def moments(self, system: System) -> Iterator[Moment]:
        """Moments at which *system* may differ from a sound one, nearest first.

        Those of a system that counts lie behind the step, or the refusal, that it counts.
        """
        if system.later is not None:
            yield from (m for m in self._walked(system) if m.position.memory == system.times)
            return
        if not self._usual:
            self._usual.extend(self._walked(System(self.space.plan)))
        yield from self._usual

    def _walked(self, system: System) -> Iterator[Moment]:
        space = self.space
        back: dict[_Node, tuple[_Node, Act] | None] = {}
        for root in range(space.roots):
            back[_Node(root, (), 0)] = None
        queue = deque(back)
        while queue:
            node = queue.popleft()
            yield from self._at(node, back)
            for act, target in self._onward(system, node):
                if target not in back:
                    back[target] = node, act
                    queue.append(target)

    def _onward(self, system: System, node: _Node) -> Iterator[tuple[Act, _Node]]:
        """Everything that leads from *node* to another one."""
        space, counting = self.space, node.memory < system.times
        for edge in space.out[node.place]:
            counts = edge.transition == system.counted and counting
            trail = trail_of(node.trail, space.orders[edge.target].status)
            yield Act(edge.event, edge.choice), _Node(edge.target, trail, node.memory + counts)
        status = space.orders[node.place].status
        if system.poison is not None and system.poison[0] == status and counting:
            yield Act(system.poison[1]), node._replace(memory=node.memory + 1)

    def _at(self, node: _Node, back: dict[_Node, tuple[_Node, Act] | None]) -> Iterator[Moment]:
        """The moment an order gets to *node*, and each at which a time limit is over in vain."""
        order = self.space.orders[node.place]
        word = self._word(node, back)
        since = order.entered_at
        yield Moment(Position(order, since, since - 1, node.trail, node.memory), word)
        sound = System(self.space.plan)
        for wait, _ in sorted(self.space.plan.alarms.get(order.status, ())):
            at = Position(order, since, since - 1, node.trail, node.memory)
            after = sound.waited(at, wait)
            if wait and after.order is order:
                acts = (*word.acts, Act(ADVANCE, duration(wait)))
                yield Moment(after, Word(word.start, acts))

    def _word(self, node: _Node, back: dict[_Node, tuple[_Node, Act] | None]) -> Word:
        acts: list[Act] = []
        while (step := back[node]) is not None:
            node, act = step
            acts.append(act)
        replaceable = self.space.orders[node.place].replaceable
        return Word(Start(replaceable=replaceable), tuple(reversed(acts)))


def walked_closely(
    space: Space,
    inputs: Callable[[Position], Iterator[tuple[Act, Call]]],
    key: Callable[[Position], object],
) -> Iterator[Moment]:
    """All moments in the lives of sound orders that *key* tells apart, nearest first.

    Args:
        space: The configurations of the flow.
        inputs: All that can be asked about an order.
        key: What two positions share that need not be told apart.
    """
    sound = System(space.plan)
    starts = [Start(replaceable=order.replaceable) for order in space.orders[: space.roots]]
    queue = deque(Moment(sound.begin(start), Word(start, ())) for start in starts)
    seen = {key(moment.position) for moment in queue}
    while queue:
        moment = queue.popleft()
        yield moment
        for act, call in inputs(moment.position):
            _, after = sound.fire(moment.position, call)
            found = key(after)
            if found not in seen:
                seen.add(found)
                queue.append(Moment(after, Word(moment.word.start, (*moment.word.acts, act))))

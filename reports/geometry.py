"""The finished picture of a flow as plain numbers: what :mod:`orderflow.reports.svg` draws."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Point = tuple[float, float]


class EdgeKind(StrEnum):
    """What an edge of the picture stands for."""

    STEP = "step"
    """Transitions from one status to another."""
    LOOP = "loop"
    """Transitions that keep the status."""
    ENTRY = "entry"
    """Transitions that create the order."""
    GHOST = "ghost"
    """A step that was observed, whether or not the flow has it."""


@dataclass(frozen=True, slots=True)
class Rect:
    """An upright rectangle.

    Attributes:
        x: Left edge.
        y: Upper edge.
        width: Width.
        height: Height.
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> Point:
        """Centre."""
        return (self.x + self.width / 2, self.y + self.height / 2)

    def overlaps(self, other: Rect) -> bool:
        """Whether the two share more than a border."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Node:
    """One status.

    Attributes:
        state: Its name.
        lines: The name as it is written in the box, cut short when it is very long.
        rect: The box.
        lane: Column; 0 is the spine.
        row: Row from the top.
        final: The order's story ends here.
    """

    state: str
    lines: tuple[str, ...]
    rect: Rect
    lane: int
    row: int
    final: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A run of label text about the same transitions.

    Attributes:
        text: What happened.
        suffix: What follows in grey, such as a count.
        transitions: Ids of the transitions meant.
        whole: The text before it was cut short; empty when nothing is missing.
    """

    text: str
    suffix: str
    transitions: tuple[str, ...]
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """All transitions from one status to another, drawn as one line.

    Attributes:
        source: Status left; ``(none)`` for an entry.
        target: Status reached.
        kind: What it stands for.
        transitions: Ids of the transitions, in the order of the flow.
        points: Corners of the line, first at the source, last at the target's border.
        label: Box of the label.
        lines: The label, line by line, each a row of words.
        align: ``start``, ``middle`` or ``end``: where in the box the text is anchored.
    """

    source: str
    target: str
    kind: EdgeKind
    transitions: tuple[str, ...]
    points: tuple[Point, ...]
    label: Rect
    lines: tuple[tuple[Words, ...], ...]
    align: str


@dataclass(frozen=True, slots=True)
class Band:
    """A stripe behind the rows of one stage.

    Attributes:
        stage: Number of the stage.
        top: Upper edge.
        bottom: Lower edge.
    """

    stage: int
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The picture of a flow.

    Attributes:
        nodes: Boxes, in the order of the flow.
        edges: Lines, in the order of the flow, ghosts last.
        bands: Stripes from top to bottom.
        width: Width of the picture.
        height: Height of the picture.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    bands: tuple[Band, ...]
    width: float
    height: float

    def node(self, state: str) -> Node:
        """Return the box of *state*.

        Raises:
            KeyError: The picture has no such box.
        """
        for node in self.nodes:
            if node.state == state:
                return node
        raise KeyError(state)

"""Shows what was learned of a system: as a picture beside its flow, as Mermaid, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from orderflow.conformance.learned import Kind, Learned, Letter, Machine, Output, Word
from orderflow.conformance.learned_difference import named
from orderflow.flows.model import ABSENT, Flow, State, Transition
from orderflow.reports.layout import layout
from orderflow.reports.svg import CROSS, Caption, Coverage, render_svg

FORMAT = "orderflow-learned/1"
"""Name and version of the JSON format."""

_Step = tuple[str, Letter, Output]
"""Status, input, and what came of it."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line of the picture.

    Attributes:
        source: Status left.
        label: The event, with its choice where another choice leads elsewhere.
        target: Status reached.
        wrong: The system does this where the flow does something else.
        missing: The flow does this and the system was not seen to.
    """

    source: str
    label: str
    target: str
    wrong: bool = False
    missing: bool = False

    @property
    def id(self) -> str:
        """Unique in the picture."""
        return f"{self.label}@{self.source}>{self.target}"


def lines_of(learned: Learned) -> tuple[Drawn, ...]:
    """All lines of the picture, by status: what was seen, then what the flow has besides."""
    meant = tuple(_steps(learned.expected))
    wrong = {(row.status, row.letter, row.does) for row in learned.difference.rows}
    missing = set(meant) - set(learned.seen)
    steps = dict.fromkeys((*learned.seen, *meant))
    labels = _labels(steps)
    drawn: dict[tuple[str, str, str], Drawn] = {}
    for step in steps:
        status, _, output = step
        key = (status, labels[step], output.status)
        line = Drawn(*key, wrong=step in wrong, missing=step in missing)
        known = drawn.get(key, line)
        drawn[key] = replace(
            line, wrong=line.wrong or known.wrong, missing=line.missing and known.missing
        )
    return tuple(drawn.values())


def _steps(machine: Machine) -> Iterator[_Step]:
    """What a machine takes, by status."""
    for state, letter, cell in machine.steps():
        yield machine.status[state], letter, cell.output


def _labels(steps: Iterable[_Step]) -> Mapping[_Step, str]:
    """What to call each step: its event, with the choice where the choices lead apart."""
    steps = tuple(steps)
    ways: dict[tuple[str, str], set[str]] = {}
    for status, letter, output in steps:
        ways.setdefault((status, letter[0]), set()).add(output.status)
    labels = {}
    for status, letter, output in steps:
        label = letter[0] if len(ways[status, letter[0]]) == 1 else named(letter)
        refused = " refused" if output.kind is Kind.REFUSED else ""
        labels[status, letter, output] = label + refused
    return labels


def draw(learned: Learned, flow: Flow) -> str:
    """The picture as one ``svg`` element: what the system does, with what differs marked.

    What the system does where the flow does something else is red; what the flow does and the
    system was not seen to do is dotted.
    """
    lines = lines_of(learned)
    picture = _as_flow(flow, learned, lines)
    wrong = frozenset(line.id for line in lines if line.wrong)
    entered = {line.target: 1 for line in lines if not line.missing}

    def label(steps: tuple[Transition, ...]) -> tuple[str, str]:
        text = steps[0].event.replace("_", " ")
        return (f"{CROSS}{text}" if any(step.id in wrong for step in steps) else text), ""

    coverage = Coverage(
        counts={line.id: int(not line.missing) for line in lines},
        entered=entered,
        failing=wrong,
        broken=frozenset(learned.difference.unknown),
    )
    caption = Caption("learned", f"{flow.title or flow.name}: what the system does", _words(lines))
    return render_svg(layout(picture, labels=label), caption, coverage=coverage)


def _words(lines: tuple[Drawn, ...]) -> str:
    wrong, missing = (
        [f"{line.label} in {line.source}" for line in lines if getattr(line, which)]
        for which in ("wrong", "missing")
    )
    text = f"{len(lines)} steps."
    text += f" Not in the flow: {', '.join(wrong)}." if wrong else ""
    return text + (f" Not seen: {', '.join(missing)}." if missing else "")


def _as_flow(flow: Flow, learned: Learned, lines: tuple[Drawn, ...]) -> Flow:
    """A flow with the statuses and lines of the picture."""
    known = [state for state in flow.states if state.name in learned.expected.status]
    met = {name: State(name) for line in lines for name in (line.source, line.target)}
    names = {ABSENT, *(state.name for state in known)}
    return replace(
        flow,
        states=(*known, *(state for name, state in met.items() if name not in names)),
        transitions=tuple(
            Transition(line.id, line.id, line.source, line.label, line.target) for line in lines
        ),
        timers=(),
        refusals=(),
        diagram=(),
    )


def mermaid(learned: Learned) -> str:
    """The same as a Mermaid state diagram, for a page that draws it itself."""
    lines = lines_of(learned)
    names = dict.fromkeys(name for line in lines for name in (line.source, line.target))
    ids = {name: f"s{number}" for number, name in enumerate(names)}
    text = ["stateDiagram-v2"]
    text += [f'    state "{_plain(name)}" as {ids[name]}' for name in names if name != ABSENT]
    for line in lines:
        source = "[*]" if line.source == ABSENT else ids[line.source]
        target = "[*]" if line.target == ABSENT else ids[line.target]
        mark = " (not in the flow)" if line.wrong else " (not seen)" if line.missing else ""
        text.append(f"    {source} --> {target}: {_plain(line.label)}{mark}")
    return "\n".join(text) + "\n"


def _plain(text: str) -> str:
    """What a label may hold: no quotes, colons or line ends, which Mermaid reads as its own."""
    return "".join(char if char.isalnum() or char in " -()." else " " for char in text)


def as_json(learned: Learned, told: Mapping[str, object]) -> str:
    """All of it as JSON.

    Args:
        learned: What was learned.
        told: What to say of the run first, such as the flow and the target.
    """
    difference, figures, strength = learned.difference, learned.figures, learned.strength
    data = {
        "format": FORMAT,
        **told,
        "claimed": learned.claim,
        "equal": learned.equal,
        "reasons": learned.reasons,
        "orders": figures.orders,
        "calls": figures.calls,
        "rounds": figures.rounds,
        "repeats": figures.repeats,
        "noticed": {
            "positive": _share(strength.positive),
            "negative": _share(strength.negative),
            "after_refusals": _share(strength.spoilt),
        },
        "inputs": [named(letter) for letter in learned.expected.alphabet],
        "states": {
            "system": learned.machine.names if learned.machine else None,
            "flow": learned.expected.names,
        },
        "steps": list(_step_facts(learned.machine)),
        "differences": [
            {
                "status": row.status,
                "input": named(row.letter),
                "flow": _output(row.says),
                "system": _output(row.does),
                "steps": _words_of(row.word),
            }
            for row in difference.rows
        ],
        "unknown_statuses": difference.unknown,
        "missing_statuses": difference.missing,
        "states_not_compared": difference.hidden,
    }
    return json.dumps(data, indent=2) + "\n"


def _share(counts: tuple[int, int]) -> dict[str, int]:
    return {"noticed": counts[0], "all": counts[1]}


def _output(output: Output) -> dict[str, str]:
    return {"answer": str(output.kind), "status": output.status}


def _words_of(word: Word) -> list[str]:
    return [named(letter) for letter in word]


def _step_facts(machine: Machine | None) -> Iterator[dict[str, str]]:
    """What the system takes, state by state."""
    if machine is None:
        return
    for state, letter, cell in machine.steps():
        source, target = machine.names[state], machine.names[cell.target]
        yield {"from": source, "input": named(letter), "to": target}

"""How a system differs from the flow, cell by cell, by what it answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from orderflow.conformance.learned import (
    Difference,
    Kind,
    Letter,
    Machine,
    Output,
    Row,
    Word,
)
from orderflow.conformance.learner_answers import Known
from orderflow.flows.model import ABSENT


def difference(root: Known, expected: Machine) -> Difference:
    """Compare all that was answered with the flow.

    Behind a differing cell nothing is compared: the flow does not say what a system must do that
    has left it.

    Args:
        root: What is known behind the empty word.
        expected: What the flow does.
    """
    rows: dict[tuple[str, Letter, Output, Output], Row] = {}
    met = {0}
    for word, state, known in agreed(root, expected):
        met.add(state)
        for letter, behind in known.next.items():
            row = _differing(expected, state, (*word, letter), behind.output)
            if row is not None:
                rows.setdefault((row.status, letter, row.says, row.does), row)
    shown = dict.fromkeys((ABSENT, *(output.status for _, _, output in seen(root))))
    statuses = dict.fromkeys(expected.status)
    return Difference(
        rows=tuple(rows.values()),
        unknown=tuple(status for status in shown if status not in statuses),
        missing=tuple(status for status in statuses if status not in shown),
        hidden=tuple(name for state, name in enumerate(expected.names) if state not in met),
    )


def _differing(expected: Machine, state: int, word: Word, does: Output | None) -> Row | None:
    """The last of *word* as a row when *does*, which was asked, is not what the flow says."""
    says = expected.cell(state, word[-1]).output
    if does is None or does == says or Kind.IMPOSSIBLE in {does.kind, says.kind}:
        return None
    return Row(expected.status[state], word[-1], says, does, word)


def agreed(root: Known, expected: Machine) -> Iterator[tuple[Word, int, Known]]:
    """Every word that was answered as the flow says, shortest first, with the flow's state."""
    queue: deque[tuple[Word, int, Known]] = deque([((), 0, root)])
    while queue:
        word, state, known = queue.popleft()
        yield word, state, known
        row = expected.cells[state]
        for letter, behind in sorted(known.next.items(), key=lambda x: expected.place[x[0]]):
            cell = row[expected.place[letter]]
            if behind.output == cell.output and cell.output.kind is not Kind.IMPOSSIBLE:
                queue.append(((*word, letter), cell.target, behind))


def suspects(machine: Machine, expected: Machine) -> Iterator[Word]:
    """Shortest words that two machines of the same inputs answer differently, one for each cell."""
    words: dict[tuple[int, int], Word] = {(0, 0): ()}
    queue = deque(words)
    while queue:
        pair = queue.popleft()
        for letter in expected.alphabet:
            word = (*words[pair], letter)
            real, meant = machine.cell(pair[0], letter), expected.cell(pair[1], letter)
            target = real.target, meant.target
            if real.output != meant.output:
                yield word
            elif target not in words:
                words[target] = word
                queue.append(target)


def seen(root: Known) -> tuple[tuple[str, Letter, Output], ...]:
    """(status, input, what came of it) of all that was taken, or moved an order, once each."""
    found: dict[tuple[str, Letter, Output], None] = {}
    queue = deque([(ABSENT, root)])
    while queue:
        status, known = queue.popleft()
        for letter, behind in known.next.items():
            output = behind.output
            if output is None:
                continue
            after = output.status or status
            if output.kind is Kind.TAKEN or after != status:
                found[status, letter, output] = None
            queue.append((after, behind))
    return tuple(found)


def told(output: Output, status: str) -> str:
    """What came of an input in *status*, in words.

    >>> told(Output(Kind.TAKEN, "invoiced"), "invoice")
    'takes it, to invoiced'
    """
    if output.kind is Kind.IMPOSSIBLE:
        return "cannot be asked"
    if output.kind is Kind.REFUSED:
        return "refuses it" if output.status == status else f"refuses it, moves to {output.status}"
    return "takes it, stays" if output.status == status else f"takes it, to {output.status}"


def named(letter: Letter) -> str:
    """An input as it is typed.

    >>> named(("verify_invoice", "part"))
    'verify_invoice:part'
    """
    event, choice = letter
    return f"{event}:{choice}" if choice else event

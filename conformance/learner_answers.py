"""Asks a system, remembers every answer, and stops where it was told to.

Answers are kept in a tree of words, so that no word costs an order twice, and so that a system
that answers the same word in two ways is found out. The order that was asked last stays open: a
word that goes on where it stands needs no new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from orderflow.conformance.drive import Start
from orderflow.conformance.learned import IMPOSSIBLE, Kind, Letter, Output, Word
from orderflow.conformance.learner_ledger import Books, Ledger
from orderflow.conformance.subjects.subject import (
    ADVANCE,
    LOOK,
    Answer,
    Call,
    Outcome,
    Subject,
    abilities_of,
)
from orderflow.flows.errors import OrderflowError
from orderflow.simulator.scenario import Act, format_acts


class LearningStoppedError(OrderflowError):
    """Learning cannot go on: a bound is reached, or the system gives no answer."""


class ContradictionError(LearningStoppedError):
    """The system answered the same word in two ways.

    Attributes:
        clash: The word, and both answers to its last input.
    """

    def __init__(self, word: Word, first: Output, then: Output) -> None:
        super().__init__(
            f"the system contradicts itself: after {written(word)} it was once "
            f"{first}, and once {then}"
        )
        self.clash = (word, first, then)


class _SilentError(Exception):
    """An answer did not come; the argument says which."""


def written(word: Iterable[Letter]) -> str:
    """A word as acts that ``orderflow replay`` reads.

    >>> written([("place_order", ""), ("verify_invoice", "part")])
    'place_order verify_invoice:part'
    """
    return format_acts(Act(event, choice) for event, choice in word)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What learning may take at most.

    Attributes:
        orders: New orders.
        calls: Calls about them.
    """

    orders: int = 5_000
    calls: int = 50_000


@dataclass(slots=True)
class Known:
    """What is known behind one word.

    Attributes:
        books: The order as the tester knows it.
        output: What came of the last input of the word; None for the empty word.
        next: What is known of longer words.
    """

    books: Books
    output: Output | None = None
    next: dict[Letter, Known] = field(default_factory=dict)


class Answers:
    """All that was asked of one system and answered.

    Args:
        subject: The system.
        ledger: Says what each input means.
        start: How every order begins.
        bounds: What asking may take.

    Attributes:
        root: What is known behind the empty word.
        orders: New orders so far.
        calls: Calls so far.
        repeats: Orders begun again because an answer had not come.
        left_out: Why inputs could not be asked for, each reason once.
        heard: Called at every new order.
    """

    def __init__(self, subject: Subject, ledger: Ledger, start: Start, bounds: Bounds) -> None:
        self.subject, self.ledger, self.start, self.bounds = subject, ledger, start, bounds
        self.abilities = abilities_of(subject)
        self.root = Known(ledger.opened(start))
        self.orders = self.calls = self.repeats = 0
        self.left_out: dict[str, None] = {}
        self.heard: Callable[[], None] = lambda: None
        self._open: Known | None = None

    def ask(self, word: Iterable[Letter]) -> list[Output]:
        """What comes of each input of *word*.

        Raises:
            LearningStoppedError: A bound is reached, an answer did not come twice, or the system
                contradicts what it answered before.
        """
        asked = tuple(word)
        path = self._path(asked)
        if len(path) <= len(asked):
            try:
                path = self._play(asked, path)
            except _SilentError:
                self.repeats += 1
                path = self._again(asked)
        return [each.output for each in path[1:] if each.output is not None]

    def _again(self, word: Word) -> list[Known]:
        """Ask once more, on another order."""
        try:
            return self._play(word, self._path(word))
        except _SilentError as silent:
            raise LearningStoppedError(f"no answer, twice: {silent}") from None

    def _path(self, word: Word) -> list[Known]:
        """What is known behind each beginning of *word*, as far as it is."""
        path = [self.root]
        for letter in word:
            known = path[-1].next.get(letter) or self._impossible(path[-1], letter)
            if known is None:
                break
            path.append(known)
        return path

    def _impossible(self, known: Known, letter: Letter) -> Known | None:
        """Note that *letter* cannot be asked for here, without asking; None when it can."""
        if self._call(known, letter) is not None:
            return None
        known.next[letter] = found = Known(known.books, IMPOSSIBLE)
        return found

    def _call(self, known: Known, letter: Letter) -> Call | None:
        """What *letter* asks of the system behind a word; None when it cannot be asked for."""
        call, able = self.ledger.call(known.books, letter), self.abilities
        if call is None:
            return None
        if call.event == ADVANCE:
            if able.turns_clock:
                return call
            self.left_out[f"nothing turns its clock, which {letter[0]} needs"] = None
        elif able.awaits(call.event, known.books.order.status):
            self.left_out[f"it brings {letter[0]} about by itself, at a time of its own"] = None
            takes = call.leads_to != known.books.order.status
            return Call(LOOK, leads_to=call.leads_to) if takes else None
        elif able.can(call.event):
            return call
        else:
            self.left_out[f"it cannot be asked for {letter[0]}"] = None
        return None

    def _play(self, word: Word, path: list[Known]) -> list[Known]:
        """Play *word* on an order, from where the open one stands if it can go on."""
        place = next((n for n, known in enumerate(path) if known is self._open), None)
        if place is None:
            self._begin()
            place = 0
        self._open = None
        done = path[: place + 1]
        for number in range(place, len(word)):
            done.append(self._step(done[-1], word[: number + 1]))
        self._open = done[-1]
        return done

    def _begin(self) -> None:
        if self.orders >= self.bounds.orders:
            raise LearningStoppedError(f"{self.orders} orders were used, which is the bound")
        self.orders += 1
        self.heard()
        answer = self.subject.begin(self.start)
        if answer.outcome is not Outcome.ACCEPTED:
            raise _SilentError(f"no new order: {answer.told or answer.outcome}")

    def _step(self, known: Known, word: Word) -> Known:
        """Play the last input of *word*, behind what is *known*."""
        letter = word[-1]
        call = self._call(known, letter)
        before = known.next.get(letter)
        if call is None:
            return before or Known(known.books, IMPOSSIBLE)
        answer = self._fire(call, letter)
        output = _output(call, answer)
        if before is not None:
            if before.output is None or before.output == output:
                return before
            raise ContradictionError(word, before.output, output)
        meant = replace(call, event=letter[0]) if call.event == LOOK else call
        books = self.ledger.after(known.books, letter, meant, answer)
        found = known.next[letter] = Known(books, output)
        return found

    def _fire(self, call: Call, letter: Letter) -> Answer:
        if self.calls >= self.bounds.calls:
            raise LearningStoppedError(f"{self.calls} calls were made, which is the bound")
        self.calls += 1
        answer = self.subject.fire(call)
        if answer.outcome is Outcome.INDETERMINATE or not answer.status:
            raise _SilentError(f"{written([letter])}: {answer.told or 'the status is unknown'}")
        return answer


def _output(call: Call, answer: Answer) -> Output:
    """What an answer says; time that passes is always taken."""
    asked = call.event not in {ADVANCE, LOOK}
    refused = asked and answer.outcome is Outcome.REFUSED
    return Output(Kind.REFUSED if refused else Kind.TAKEN, answer.status)

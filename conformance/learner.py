"""Learns what a system does from its answers alone, with L# of AALpy; its doorway here.

Source: Vaandrager, Garhewal, Rot and Wissmann, "A New Approach for Active Automata Learning Based
on Apartness", TACAS 2022.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, cast

from orderflow.conformance.learned import (
    Figures,
    Learned,
    Letter,
    Machine,
    Output,
    Word,
    machine_from,
)
from orderflow.conformance.learned_difference import difference, seen
from orderflow.conformance.learned_flow import Matter
from orderflow.conformance.learner_answers import (
    Answers,
    Bounds,
    ContradictionError,
    LearningStoppedError,
)
from orderflow.conformance.learner_ledger import Ledger
from orderflow.conformance.learner_oracle import (
    Oracle,
    random_words,
    strength,
    suite_words,
    weaknesses,
)
from orderflow.conformance.subjects.subject import Subject
from orderflow.flows.errors import OrderflowError
from orderflow.flows.model import ABSENT

SUITE = "suite"
"""The oracle that plays our suite."""

_RANDOM = re.compile(r"random:([1-9][0-9]{0,6})", re.ASCII)

Watch = Callable[[int, int, int], None]
"""Told now and then of orders, calls and states so far."""


class NoLearnerError(OrderflowError):
    """The optional part that learns is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "learning needs AALpy, which is not installed: pip install 'orderflow-harness[learn]'"
        )


class BrokenLearnerError(OrderflowError):
    """The library broke down over the answers of a system."""

    def __init__(self, error: Exception) -> None:
        super().__init__(
            f"the learner broke down ({type(error).__name__}: {error}): it cannot explain what the "
            "system answered, most often because the system goes on by itself at a time of its "
            "own. Nothing was learned; test it with a suite instead: orderflow check --target"
        )


class UnknownOracleError(OrderflowError):
    """An oracle that is not written as it must be."""

    def __init__(self, given: str) -> None:
        super().__init__(f"--oracle {given}: write suite, or random:N for N random words")


@dataclass(frozen=True, slots=True)
class Wishes:
    """How to learn.

    Attributes:
        oracle: ``suite``, or ``random:N`` for N random words, which never leads to a claim.
        bounds: What it may take.
        seed: Picks the random words.
    """

    oracle: str = SUITE
    bounds: Bounds = Bounds()  # noqa: RUF009  # frozen
    seed: int = 0

    @property
    def random_count(self) -> int:
        """Number of random words to ask, 0 for the suite.

        Raises:
            UnknownOracleError: The oracle is neither.
        """
        if self.oracle == SUITE:
            return 0
        match = _RANDOM.fullmatch(self.oracle)
        if match is None:
            raise UnknownOracleError(self.oracle)
        return int(match[1])


def require_learner() -> None:
    """Make sure that the optional part is there.

    Raises:
        NoLearnerError: It is not.
    """
    if importlib.util.find_spec("aalpy") is None:
        raise NoLearnerError


def learn(
    subject: Subject, matter: Matter, wishes: Wishes, watch: Watch = lambda *_: None
) -> Learned:
    """Learn what *subject* does with the inputs of *matter*.

    Nothing a subject answers makes this fail: when it cannot go on, the result says why, and claims
    nothing.

    Raises:
        NoLearnerError: AALpy is not installed.
        BrokenLearnerError: AALpy broke down.
        UnknownOracleError: There is no such oracle.
    """
    require_learner()
    by_chance = wishes.random_count
    answers = Answers(subject, Ledger(matter.graph.space.plan), matter.start, wishes.bounds)
    if by_chance:
        oracle = Oracle(answers, random_words(matter.alphabet, by_chance, wishes.seed), None)
    else:
        oracle = Oracle(answers, suite_words(matter.expected), matter.expected)
    answers.heard = lambda: watch(answers.orders, answers.calls, oracle.states)
    machine, reasons, clash = _learned(answers, oracle, matter)
    if by_chance:
        reasons.append("random words promise nothing, however many they are")
    found, differs = strength(answers, matter.expected), difference(answers.root, matter.expected)
    return Learned(
        machine=machine,
        expected=matter.expected,
        difference=differs,
        seen=seen(answers.root),
        figures=Figures(answers.orders, answers.calls, oracle.rounds, answers.repeats),
        strength=found,
        reasons=(*reasons, *weaknesses(found, answers.left_out, differs.hidden)),
        clash=clash,
    )


def _learned(
    answers: Answers, oracle: Oracle, matter: Matter
) -> tuple[Machine | None, list[str], tuple[Word, Output, Output] | None]:
    """What was learned, why it is not claimed, and what was answered in two ways."""
    from aalpy.learning_algs import run_Lsharp

    alphabet = matter.alphabet
    try:
        learn_by_sharp = cast("Callable[..., _Automaton]", run_Lsharp)
        found = learn_by_sharp(
            list(alphabet),
            _System(answers),
            _Asked(oracle, alphabet),
            "mealy",
            separation_rule="SepSeq",
            cache_and_non_det_check=False,
            print_level=0,
        )
    except ContradictionError as error:
        return oracle.latest, [str(error)], error.clash
    except LearningStoppedError as error:
        return oracle.latest, [f"stopped before the end: {error}"], None
    except OrderflowError:
        raise
    except Exception as error:  # code of somebody else
        raise BrokenLearnerError(error) from error
    return _machine(found, alphabet), [], None


class _System:
    """The system as the library calls it; we count for ourselves."""

    num_queries = num_steps = num_cached_queries = 0

    def __init__(self, answers: Answers) -> None:
        self.answers = answers

    def query(self, word: Iterable[Letter]) -> list[Output]:
        """What comes of each input of *word*."""
        return self.answers.ask(word)


class _State(Protocol):
    """A state as the library has it."""

    transitions: dict[Letter, _State]
    output_fun: dict[Letter, Output]


class _Automaton(Protocol):
    """A machine as the library has it."""

    initial_state: _State
    states: list[_State]


class _Asked:
    """The oracle as the library calls it."""

    num_queries = num_steps = 0

    def __init__(self, oracle: Oracle, alphabet: tuple[Letter, ...]) -> None:
        self.oracle, self.alphabet = oracle, alphabet

    def find_cex(self, hypothesis: _Automaton) -> Word | None:
        """A word that shows that *hypothesis* is wrong."""
        return self.oracle.counterexample(_machine(hypothesis, self.alphabet))


def _machine(found: _Automaton, alphabet: tuple[Letter, ...]) -> Machine:
    """The library's machine as ours."""
    number = {id(state): place for place, state in enumerate(found.states)}

    def table(state: int, letter: Letter) -> tuple[Output, int]:
        here = found.states[state]
        return here.output_fun[letter], number[id(here.transitions[letter])]

    status = _statuses(found, number)
    return machine_from(alphabet, status, table, number[id(found.initial_state)])


def _statuses(found: _Automaton, number: dict[int, int]) -> list[str]:
    """Status of each state: the one that the steps into it show."""
    status = [""] * len(found.states)
    status[number[id(found.initial_state)]] = ABSENT
    for state in found.states:
        for letter, output in state.output_fun.items():
            if output.status:
                status[number[id(state.transitions[letter])]] = output.status
    return status

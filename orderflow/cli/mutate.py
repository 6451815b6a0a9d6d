"""``orderflow mutate``: break flows on purpose, and see what would notice."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orderflow.cli.common import Inputs, View, flow_options, inputs, seed_option
from orderflow.cli.naming import files_of
from orderflow.cli.one_flow import one_flow
from orderflow.cli.output import STDOUT, Progress, check_place, pour, say, whole
from orderflow.flows.errors import OrderflowError
from orderflow.flows.loader import bundled_names

if TYPE_CHECKING:
    from orderflow.cli.mutate_gates import Reached
    from orderflow.cli.mutate_work import Job, Measured
    from orderflow.conformance.mutation.mutant import Operator

    Found = Sequence[tuple[Measured, tuple[Reached, ...]]]

_COVERS = "pairs,illegal:classes"
_OPERATORS = (
    *("redirect", "delete", "swap-event", "wrong-initial", "guard-negated", "guard-dropped"),
    *("guard-generous", "guard-strict"),
    *("accept-illegal", "accept-in-one-class", "timer-off", "timer-late", "timer-early"),
    *("reject-but-move", "lost-update", "history", "refusal-poisons", "counter", "projection"),
)
_file = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the command line asked for; see the options for the meaning of each."""

    flows: tuple[str, ...]
    suite: Path | None
    cover: str | None
    rules: bool
    min_score: tuple[str, ...]
    reread: bool
    operator: tuple[str, ...]
    seed: int
    json: Path | None
    matrix: Path | None
    kill_survivors: Path | None
    profile: str
    modules: tuple[str, ...]
    changes: tuple[str, ...]

    @property
    def results(self) -> dict[str, Path]:
        """Where each result goes, by the name of its option."""
        wanted = {
            "json": self.json,
            "matrix": self.matrix,
            "kill-survivors": self.kill_survivors,
        }
        return {name: path for name, path in wanted.items() if path is not None}

    @property
    def named(self) -> tuple[str, ...]:
        """The flows; what is a gate is none."""
        return tuple(word for word in self.flows if not self._is_gate(word))

    @property
    def gates(self) -> tuple[str, ...]:
        """The gates, those that stand behind the first one without their option included."""
        return (*self.min_score, *(word for word in self.flows if self._is_gate(word)))

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The kinds of break to try; all when empty."""
        from orderflow.conformance.mutation.mutant import Operator

        return tuple(each for each in Operator if each in self.operator)

    @property
    def view(self) -> View:
        """What is to be seen of each flow."""
        return View(self.profile, self.modules, self.changes)

    def _is_gate(self, word: str) -> bool:
        return bool(self.min_score) and "=" in word


@click.command("mutate")
@click.argument("flows", nargs=-1, metavar="[FLOW]...")
@click.option("--suite", type=_file, metavar="FILE", help="Measure this suite; it names its flow.")
@click.option(
    "--cover",
    metavar="COVER[,...]",
    help=f"Measure a suite that covers this, see `orderflow suite --help`; usual: {_COVERS}.",
)
@click.option("--rules", is_flag=True, help="Measure what the rules notice, and not a suite.")
@click.option(
    "--min-score",
    multiple=True,
    metavar="NAME=SHARE",
    help="Exit with 1 when less is noticed of any flow, such as positive=0.99 negative=1.0; "
    "NAME is positive, negative or an operator.",
)
@click.option(
    "--reread/--no-reread",
    default=True,
    help="Read the status again after each step. Usual; --no-reread shows what that is worth.",
)
@click.option(
    "--operator",
    multiple=True,
    type=click.Choice(_OPERATORS),
    metavar="NAME",
    help="Break flows in this way only, such as redirect or counter. May be given several times.",
)
@seed_option
@click.option("--json", type=_file, metavar="FILE", help="Everything as JSON; - is stdout.")
@click.option(
    "--matrix", type=_file, metavar="FILE", help="Which case notices what; as CSV in a .csv file."
)
@click.option(
    "--kill-survivors",
    type=_file,
    metavar="FILE",
    help="Write the tests that are missing as a suite. For one flow.",
)
@flow_options
def command(**given: Any) -> None:
    """Break flows on purpose, one place at a time, and count what a suite would notice.

    FLOW is a flow that ships or a flow file; without any, all that ship are broken. A broken flow
    is a mutant; one that makes some case of the suite fail is killed. Mutants that nothing can
    tell from the flow are equivalent, and do not count; what breaks down is never a kill.

    \b
    orderflow mutate seller                        what pairs and refusals notice
    orderflow mutate seller --cover transitions    a weaker suite
    orderflow mutate seller --operator counter     one kind of mutant
    orderflow mutate chain --no-reread             what reading the status again is worth
    orderflow mutate chain --min-score positive=0.99 negative=1.0
    orderflow mutate chain --kill-survivors missing.yaml
    orderflow mutate chain --json mutants.json --matrix kills.csv

    Exits with 1 when a score of --min-score is missed.
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    sys.exit(0 if _run(Chosen(**given)) else 1)


def _checks(chosen: Chosen) -> Iterator[Callable[[], object]]:
    """What raises when something is wrong with the command line, apart from its flows."""
    from orderflow.cli.mutate_gates import parse_gates
    from orderflow.cli.suite_make import covers_of

    places = {f"--{name}": path for name, path in chosen.results.items()}
    read = [*files_of(chosen.named), *([chosen.suite] if chosen.suite else [])]
    for name, path in places.items():
        yield partial(check_place, name, path, places, read)
    yield partial(_check_choice, chosen)
    yield partial(parse_gates, chosen.gates, chosen.operators)
    if chosen.cover is not None:
        yield partial(covers_of, chosen.cover)


def _check_choice(chosen: Chosen) -> None:
    """Refuse options that make no sense together."""
    wrong: list[str] = []
    if chosen.suite:
        said = [*chosen.named, *chosen.modules, *chosen.changes]
        if said or chosen.profile != "documented":
            wrong.append("--suite: the suite says which flow it is for, and how to see it")
        if chosen.cover:
            wrong.append("--cover: the suite is there already, with --suite")
    elif chosen.kill_survivors and len(chosen.named) != 1:
        wrong.append("--kill-survivors: a suite is for one flow; name one FLOW")
    if chosen.rules:
        no_rules = {
            "--suite": chosen.suite,
            "--cover": chosen.cover,
            "--matrix": chosen.matrix,
            "--kill-survivors": chosen.kill_survivors,
            "--no-reread": not chosen.reread,
            "--operator": chosen.operator,
        }
        wrong += [f"{name}: is about suites, not --rules" for name, on in no_rules.items() if on]
    if wrong:
        raise OrderflowError("\n".join(wrong))


def _run(chosen: Chosen) -> bool:
    """Measure and tell; whether every gate is met."""
    from orderflow.cli.mutate_gates import parse_gates, reached
    from orderflow.cli.mutate_work import measure_all

    checks = tuple(_checks(chosen))
    if chosen.suite is not None:
        _check_choice(chosen)  # before a file is read that there is no need for
        jobs = [_job_of_file(chosen, chosen.suite, checks)]
    else:
        named = chosen.named or bundled_names()
        found = inputs(chosen.view, named, named=one_flow("mutate"), checks=checks)
        if chosen.rules:
            return _judge_rules(chosen, found)
        jobs = _jobs(chosen, found)
    gates = parse_gates(chosen.gates)
    with Progress() as progress:
        measured = list(measure_all(jobs, progress.say))
    all_found = [(each, reached(each.score, gates)) for each in measured]
    _tell(chosen, jobs, all_found)
    return all(each.met for _, met in all_found for each in met)


def _job_of_file(chosen: Chosen, path: Path, checks: Iterable[Callable[[], object]]) -> Job:
    from orderflow.cli.mutate_work import Job
    from orderflow.cli.suite_make import from_file

    cases = from_file(path, checks)
    job = Job(cases.word, cases.plan.flow, cases.settings, cases.runnable)
    return _as_asked(chosen, job)


def _jobs(chosen: Chosen, found: Inputs) -> list[Job]:
    from orderflow.cli.mutate_work import Job

    return [
        _as_asked(chosen, Job(word, flow, found.settings, covers=chosen.cover or _COVERS))
        for word, flow in found.flows.items()
    ]


def _as_asked(chosen: Chosen, job: Job) -> Job:
    return replace(
        job,
        seed=chosen.seed,
        reread=chosen.reread,
        operators=chosen.operators,
        close=chosen.kill_survivors is not None,
    )


def _tell(chosen: Chosen, jobs: Sequence[Job], found: Found) -> None:
    """Print what is for people, unless stdout is for something else, and write the files."""
    from orderflow.cli.mutate_text import json_of, matrix_of, text_of
    from orderflow.conformance.suites.suite_text import render_suite

    if STDOUT not in chosen.results.values():
        texts = [text_of(job, *told) for job, told in zip(jobs, found, strict=True)]
        say("\n\n".join(texts))
    missing = found[0][0].missing
    if chosen.kill_survivors is not None and missing is not None:
        if missing.cases:
            _write(chosen.kill_survivors, render_suite(missing))
        else:
            say(f"{missing.flow}: nothing survives, so no test is missing", err=True)
    if chosen.matrix is not None:
        as_csv = chosen.matrix.suffix == ".csv"
        _write(chosen.matrix, matrix_of([each.score for each, _ in found], as_csv=as_csv))
    if chosen.json is not None:
        _write(chosen.json, json_of(found))


def _write(path: Path, text: str) -> None:
    if path == STDOUT:
        pour([text])
        return
    with whole(path) as file:
        file.write(text)


def _judge_rules(chosen: Chosen, found: Inputs) -> bool:
    from orderflow.cli.mutate_gates import parse_gates
    from orderflow.cli.mutate_rules import run_rules

    gates = {gate.name: gate.least for gate in parse_gates(chosen.gates)}
    return run_rules(found.flows, found.settings, json=chosen.json, gates=gates)

"""Every command that the README, its pages and ``--help`` show works as shown."""

import re
import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from orderflow.cli.naming import everything
from orderflow.conformance.mutation.mutant import Sign
from orderflow.conformance.mutation.score import score
from orderflow.conformance.subjects.mapping_file import PLAIN
from orderflow.conformance.suites.generate import generate
from orderflow.conformance.suites.graph import graph_of
from orderflow.flows.loader import bundled, bundled_names
from orderflow.flows.settings import defaults
from orderflow.simulator.space import search
from tests.cli.running import ROOT, here, run
from tests.conformance.mutation.plain_suites import SMALL
from tests.conformance.targets.loopback import EXAMPLES, example

__all__ = ["here"]

PAGES = ("check", "own-flow", "deals", "histories", "subjects", "suites", "mutation")
README = "\n".join(
    path.read_text("utf-8")
    for path in (ROOT / "README.md", *(ROOT / "docs" / f"{name}.md" for name in PAGES))
)
"""What people read first, with the pages behind it; those that run otherwise have other tests."""
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
PROMPT = re.compile(r"\$ (orderflow .*?)(?:\s{2,}#.*)?")
IN_TABLE = re.compile(r"`(orderflow [^`]*)`")
IN_HELP = re.compile(r"  (orderflow .*?)(?:\s{2,}.*)?")
VERBS = (
    *("check", "lint", "simulate", "replay", "suite", "mutate", "learn", "diff", "rules", "events"),
    *("faults", "draw", "docs", "serve"),
)
URL = "http://127.0.0.1:8080"
"""Where examples take the system under test to be."""

MEASURED = re.compile(
    r"\| `([\w,:]+)`(.*?) \| (\d+) \| (\d+) \| ([\d,]+) of ([\d,]+) \| ([\d,]+) of ([\d,]+) \|"
)
LONG = {"--budget", "pairs,illegal,kill"}
"""Words by which a command takes long, but for a small flow."""

BUDGET = {
    "check": ["--examples", "0", "--no-prove"],
    "simulate": ["--orders", "20"],
    "learn": ["--max-orders", "20"],
}
"""Options that make a verb quick, whatever was asked for before them."""


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCK.findall(README) if name == language]


def typed(pattern: re.Pattern[str], text: str) -> list[str]:
    """The command of each line that *pattern* matches."""
    matches = (pattern.fullmatch(line) for line in text.splitlines())
    return [found[1] for found in matches if found]


def of_readme() -> list[str]:
    shown = [command for text in blocks("console") for command in typed(PROMPT, text)]
    inline = IN_TABLE.findall(README)
    return ends([*shown, *(command for command in inline if "VERB" not in command)])


def of_help() -> list[str]:
    return ends(command for verb in ("", *VERBS) for command in typed(IN_HELP, help_of(verb)))


def ends(commands: Iterable[str]) -> list[str]:
    """Those that end by themselves; what serves, or needs an integration, has tests of its own."""
    others = ("orderflow serve", "orderflow certify")
    return [command for command in commands if not command.startswith(others)]


def help_of(verb: str) -> str:
    return run(*([verb] if verb else []), "--help").out


def words_of(command: str, url: str = URL) -> list[str]:
    """The words behind ``orderflow``, up to what is the shell's, on a small budget."""
    words = [url if word == URL else word for word in shlex.split(command)[1:]]
    ends = [place for place, word in enumerate(words) if word in {">", "|"}]
    words = words[: ends[0]] if ends else words
    if words[0] == "mutate" or LONG & set(words):
        words = ["small.yaml" if word in {"seller", "chain"} else word for word in words]
    if words[0] == "check" and not any(names_something(word) for word in words):
        words.append("chain")  # for all that ship is checked elsewhere
    return [*words, *BUDGET.get(words[0], ())]


def names_something(word: str) -> bool:
    """Whether a word behind ``check`` says what to check."""
    return word.endswith(".yaml") or word in {*everything(), "deals"}


@pytest.fixture
def checkout(here: Path) -> Path:
    """A folder with the files that the commands speak of."""
    (own,) = [text for text in blocks("yaml") if "extends" in text]
    (here / "my-store.yaml").write_text(own)
    (here / "my-flow.yaml").write_text(own)
    (here / "another.yaml").write_text(own)
    (here / "examples").symlink_to(ROOT / "examples")
    (here / "shop.yaml").write_text(PLAIN)
    (here / "small.yaml").write_text(SMALL)
    region = "<!-- orderflow:seller.diagram -->\n<!-- /orderflow -->\n"
    (here / "handbook.md").write_text(region)
    shop = here / "shop"
    shop.write_text(f"#!/bin/sh\nexec {sys.executable} {EXAMPLES / 'program.py'}\n")
    shop.chmod(0o700)
    return here


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A right system, running."""
    with example("server.py") as there:
        yield there


def failing(command: str) -> bool:
    breaks = ("examples/broken", ".trace.yaml", "--fault", ":lost", "orderflow learn", " diff ")
    return any(part in command for part in breaks)


def test_there_are_commands_to_try() -> None:
    assert len(of_readme()) > 12
    assert len(of_help()) > 20


def test_every_command_works(checkout: Path, url: str) -> None:
    example = "examples/broken/cancel-after-invoiced.yaml"
    run("check", example, *BUDGET["check"], "--traces", ".")
    next(checkout.glob("*.trace.yaml")).rename("failure.trace.yaml")
    done: dict[str, int] = {}
    for command in dict.fromkeys([*of_readme(), *of_help()]):
        outcome = run(*words_of(command, url))
        done[command] = outcome.code
        assert "Error" not in outcome.err, command

    assert done == {command: int(failing(command)) for command in done}


def test_the_readme_names_what_is_there() -> None:
    options = set(re.findall(r"(?<![\w-])--[a-z]+", README))
    options -= {"--help", "--port", "--wrong", "--orderflow"}
    known = {option for verb in VERBS for option in re.findall(r"--[a-z]+", help_of(verb))}
    paths = set(re.findall(r"(?<![\w/])((?:examples|benchmarks|flows)/[\w./-]*\w)", README))

    assert options <= known
    assert all((ROOT / path).exists() for path in paths)
    assert all(name in README for name in bundled_names())
    assert all(f"$ orderflow {verb} " in README for verb in VERBS)


def test_what_suites_notice_is_what_the_readme_says() -> None:
    graph = graph_of(search(bundled("chain").view(), defaults()))
    rows = MEASURED.findall(README)
    for cover, how, *figures in rows:
        suite = generate(graph, cover, named="chain")
        signs = score(suite, graph, reread="not read" not in how).signs
        found = [suite.cost.orders, suite.cost.calls]
        for sign in (Sign.POSITIVE, Sign.NEGATIVE):
            found += [signs[sign].killed, signs[sign].mutants - signs[sign].equivalent]

        assert [int(figure.replace(",", "")) for figure in figures] == found, (cover, how)
    assert len(rows) == 8

"""Every command that the README and ``--help`` show works as shown."""

import re
import shlex
from pathlib import Path

import pytest

from orderflow.cli.naming import everything
from orderflow.flows.loader import bundled_names
from tests.cli.running import ROOT, here, run

__all__ = ["here"]

README = (ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
PROMPT = re.compile(r"\$ (orderflow .*?)(?:\s{2,}#.*)?")
IN_TABLE = re.compile(r"`(orderflow [^`]*)`")
IN_HELP = re.compile(r"  (orderflow .*?)(?:\s{2,}.*)?")
VERBS = ("check", "lint", "simulate", "replay", "rules", "faults")
BUDGET = {"check": ["--examples", "0", "--no-prove"], "simulate": ["--orders", "20"]}
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
    return [*shown, *(command for command in inline if "VERB" not in command)]


def of_help() -> list[str]:
    return [command for verb in ("", *VERBS) for command in typed(IN_HELP, help_of(verb))]


def help_of(verb: str) -> str:
    return run(*([verb] if verb else []), "--help").out


def words_of(command: str) -> list[str]:
    """The words behind ``orderflow``, up to what is the shell's, on a small budget."""
    words = shlex.split(command)[1:]
    ends = [place for place, word in enumerate(words) if word in {">", "|"}]
    words = words[: ends[0]] if ends else words
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
    return here


def failing(command: str) -> bool:
    breaks = ("examples/broken", ".trace.yaml", "--fault", ":lost")
    return any(part in command for part in breaks)


def test_there_are_commands_to_try() -> None:
    assert len(of_readme()) > 12
    assert len(of_help()) > 20


def test_every_command_of_the_readme_works(checkout: Path) -> None:
    done: dict[str, int] = {}
    for command in dict.fromkeys(of_readme()):
        outcome = run(*words_of(command))
        done[command] = outcome.code
        assert "Error" not in outcome.err

    assert done == {command: int(failing(command)) for command in done}


def test_every_example_of_the_help_works(checkout: Path) -> None:
    run(
        "check",
        "examples/broken/cancel-after-invoiced.yaml",
        "--examples",
        "0",
        "--no-prove",
        "--traces",
        ".",
    )
    next(checkout.glob("*.trace.yaml")).rename("failure.trace.yaml")
    done: dict[str, int] = {}
    for command in dict.fromkeys(of_help()):
        outcome = run(*words_of(command))
        done[command] = outcome.code

    assert done == {command: int(failing(command)) for command in done}


def test_the_readme_names_what_is_there() -> None:
    options = set(re.findall(r"(?<![\w-])--[a-z]+", README)) - {"--help"}
    known = {option for verb in VERBS for option in re.findall(r"--[a-z]+", help_of(verb))}
    paths = set(re.findall(r"\b((?:examples|benchmarks|flows)/[\w./-]*\w)", README))

    assert options <= known
    assert all((ROOT / path).exists() for path in paths)
    assert all(name in README for name in bundled_names())
    assert all(f"$ orderflow {verb} " in README for verb in VERBS)

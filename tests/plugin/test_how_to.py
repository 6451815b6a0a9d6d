"""What the how-to shows is so: its files are written, its commands run, its output compared."""

import fnmatch
import re
import shlex
from collections.abc import Iterator

import pytest

from tests.cli.running import ROOT, run

TEXT = (ROOT / "docs" / "pytest.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"[#;] (\S+\.\w+)\n")


def commands(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Each command of a console block, with the lines shown behind it."""
    for part in text.split("$ ")[1:]:
        command, *shown = part.splitlines()
        yield shlex.split(command), shown


def lines_of(pytester: pytest.Pytester, words: list[str]) -> list[str]:
    """What a command of the page prints."""
    program, *rest = words
    if program == "orderflow":
        outcome = run(*rest)
        assert outcome.code == 0, outcome
        return outcome.out.splitlines()
    assert program == "pytest"
    result = pytester.runpytest_inprocess("-p", "no:xdist", *rest)
    deviates = any("failed" in line or "not as required" in line for line in result.outlines)
    assert result.ret == int(deviates), result.stdout.str()
    assert "Traceback" not in result.stdout.str()
    return result.outlines


def is_shown(line: str, lines: list[str]) -> bool:
    """Whether one of *lines* is what the page shows; runs of blanks do not matter."""
    wanted = " ".join(line.split()).replace("[", "[[]")  # only stars are wild
    return any(fnmatch.fnmatchcase(strip(each), wanted) for each in lines)


def strip(line: str) -> str:
    return " ".join(line.strip("=").removeprefix("E").split())


def test_the_page_works_as_shown(pytester: pytest.Pytester) -> None:
    done: list[str] = []
    missing: list[str] = []
    for language, text in BLOCK.findall(TEXT):
        named = FILE.match(text)
        if named:
            pytester.path.joinpath(named[1]).write_text(text, "utf-8")
            continue
        assert language == "console"
        for words, shown in commands(text):
            lines = lines_of(pytester, words)
            done.append(shlex.join(words))
            missing += [f"{done[-1]}: {line}" for line in shown if not is_shown(line, lines)]

    assert missing == []
    assert len(done) > 6


def test_the_page_tells_of_every_option_fixture_and_property() -> None:
    from orderflow import pytest_plugin
    from orderflow.pytesting import cases

    source = ROOT.joinpath("orderflow", "pytest_plugin.py").read_text("utf-8")
    fixtures = re.findall(r"^def (orderflow_\w+)", source, re.MULTILINE)
    told = re.findall(r'"(\w+)": [^\n]*,\n', (ROOT / cases.__file__).read_text("utf-8"))
    options = [name for name, *_ in pytest_plugin.OPTIONS if name not in {"flow", "cover"}]

    assert [name for name in fixtures if f"`{name}`" not in TEXT] == []
    assert [name for name in options if f"--orderflow-{name}" not in TEXT] == []
    assert {"flow", "kind", "replay"} <= set(told)
    assert [name for name in told if name != "why" and f"`orderflow.{name}`" not in TEXT] == []

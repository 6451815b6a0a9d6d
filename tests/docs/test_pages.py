"""What the tutorials say happens: every file is written, every command typed, every line shown."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from tests.cli.running import ROOT
from tests.docs.pages import Typed, Written, play, steps_of

TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("[a-z]*.md"))
PORT = "8080"


def free_port() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_a_tutorial_works_as_it_says(page: Path, tmp_path: Path) -> None:
    text = page.read_text("utf-8")
    instead = {PORT: free_port(), "examples/": f"{ROOT}/examples/"}

    assert play(text, tmp_path, instead) == []


def test_there_is_a_tutorial_for_each_of_the_three_readers() -> None:
    assert [page.stem for page in TUTORIALS] == ["integrators", "testers", "writers"]


PAGE = """
```yaml
# a.yaml
one: 1
```

```console
$ cat a.yaml
# a.yaml
one: …
$ false
$ echo $?
1
$ echo a; echo b; echo c
a
c
```
"""


def test_a_page_is_read_as_files_and_commands() -> None:
    assert list(steps_of(PAGE)) == [
        Written("a.yaml", "# a.yaml\none: 1\n"),
        Typed("cat a.yaml", ("# a.yaml", "one: …")),
        Typed("false", ()),
        Typed("echo $?", ("1",)),
        Typed("echo a; echo b; echo c", ("a", "c")),
    ]


def test_a_page_that_is_right_misses_nothing(tmp_path: Path) -> None:
    assert play(PAGE, tmp_path) == []


@pytest.mark.parametrize(
    ("right", "wrong"), [("one: …", "two: …"), ("1\n$ echo a", "0\n$ echo a"), ("a\nc", "c\na")]
)
def test_a_page_that_shows_something_else_is_found(right: str, wrong: str, tmp_path: Path) -> None:
    assert right in PAGE

    (told,) = play(PAGE.replace(right, wrong), tmp_path)

    assert re.search("shows no line", told)


def test_output_that_does_not_end_its_line_is_read_all_the_same(tmp_path: Path) -> None:
    page = "```console\n$ printf one\none\n$ echo two\ntwo\n```\n"

    assert play(page, tmp_path) == []


def test_a_command_that_cannot_be_run_is_found(tmp_path: Path) -> None:
    (told,) = play(PAGE.replace("$ false\n$ echo $?\n1\n", "$ orderflow docs\n"), tmp_path)

    assert told.startswith("$ orderflow docs\nends with 2")


def test_a_code_that_the_page_shows_is_no_trouble(tmp_path: Path) -> None:
    assert play(PAGE.replace("$ false\n$ echo $?\n1", "$ (exit 3)\n$ echo $?\n3"), tmp_path) == []


def test_a_shell_that_ends_early_is_found(tmp_path: Path) -> None:
    (told,) = play(PAGE.replace("$ false", "$ exit 3"), tmp_path)

    assert told.startswith("only 2 of 4 commands were run")

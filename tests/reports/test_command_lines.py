"""A command on several lines is the same command to a shell, and none of its words is torn."""

from __future__ import annotations

import shlex
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.reports.command_lines import ROOM, continued
from tests.reports.builders import HOSTILE

BASH = shutil.which("bash")
STEPS = (
    "market.place_order market>seller market.complete_checkout seller.confirm_reservation:reserved "
    "seller.grace_period_over market.request_cancel seller.start_handling seller.verify_invoice"
)
LONG = (
    "orderflow replay --fault cancel.race_with_invoice --no-replacement --deal 'my deals.yaml' "
    f"--steps '{STEPS}'"
)


def words_of(command: str) -> list[str]:
    """What a real shell hands to the program."""
    assert BASH is not None
    line = f"printf '%s\\0' {command}"
    done = subprocess.run([BASH, "-c", line], capture_output=True, check=True, timeout=10)
    return done.stdout.decode().split("\0")[:-1]


@pytest.mark.skipif(BASH is None, reason="needs bash")
def test_a_shell_reads_the_same_words() -> None:
    broken = words_of(continued(LONG))

    assert broken[:-1] == words_of(LONG)[:-1]
    assert broken[-1].split() == STEPS.split()


def test_every_line_has_room_and_every_option_its_value() -> None:
    lines = continued(LONG).split("\n")

    assert len(lines) > 6
    assert max(map(len, lines)) <= ROOM
    assert lines[:4] == [
        "orderflow replay \\",
        "  --fault cancel.race_with_invoice \\",
        "  --no-replacement --deal 'my deals.yaml' \\",
        "  --steps 'market.place_order market>seller",
    ]


def test_only_blanks_between_words_become_ends_of_lines() -> None:
    assert continued(LONG).replace("\\\n", "").split() == LONG.split()


@pytest.mark.parametrize(
    "command",
    [
        "orderflow check --seed 7",
        "orderflow replay --steps " + "x" * 90,
        'orderflow replay --flow "seller of mine" --steps ' + "x" * 60,
        "orderflow replay --flow 'unbalanced --steps " + "x" * 60,
        "orderflow replay --flow seller\n" + "x" * 60,
        HOSTILE,
        "",
    ],
)
def test_short_and_strange_commands_are_left_alone(command: str) -> None:
    whole = continued(command).replace(" \\\n  ", " ")

    assert whole == command


@given(st.lists(st.text(st.characters(exclude_characters="\0\n\r"), max_size=30), max_size=9))
def test_no_word_is_ever_changed(words: list[str]) -> None:
    command = shlex.join(["orderflow", "replay", *words])

    assert continued(command).replace(" \\\n  ", " ") == command


def test_what_quotes_hold_is_broken_for_steps_only() -> None:
    text = " ".join(["quoted"] * 12)

    assert "\n" in continued(f"orderflow replay --steps '{text}'").split("'")[1]
    assert "\n" not in continued(f"orderflow replay --flow '{text}'").split("'")[1]

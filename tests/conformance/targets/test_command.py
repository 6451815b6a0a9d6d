"""A program that answers badly, late or never is stopped, and what it did counts as unknown."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orderflow.conformance.drive import Start
from orderflow.conformance.subjects import lines
from orderflow.conformance.subjects.command import CommandSubject, split
from orderflow.conformance.subjects.errors import TargetError
from orderflow.conformance.subjects.patience import Time
from orderflow.conformance.subjects.subject import ADVANCE, LOOK, Abilities, Answer, Call, Outcome

LOOP = """
import json, sys, time, os
def say(**answer):
    print(json.dumps(answer), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    do = asked["do"]
    if do == "hello":
        say(version=1, **HELLO)
    elif do == "begin":
        say(status="(none)")
    else:
        REST
"""


@contextmanager
def program(
    rest: str, *, hello: str = "{}", seconds: float = 5.0, waits: list[float] | None = None
) -> Iterator[CommandSubject]:
    """A program that begins orders and does *rest* with everything else it is asked."""
    code = LOOP.replace("HELLO", hello).replace("REST", textwrap.indent(rest, " " * 8).strip())
    pause = Time(sleep=(waits if waits is not None else []).append)
    with CommandSubject((sys.executable, "-c", code), seconds=seconds, time=pause) as subject:
        assert subject.begin(Start()).outcome is Outcome.ACCEPTED
        yield subject


ECHO = 'open("asked.txt", "a").write(line); say(accepted=True, status="handling", trigger="t")'


def test_what_goes_over_the_wire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with program(ECHO) as subject:
        fired = subject.fire(Call("verify_invoice", {"value": 5}, leads_to="invoice"))
        passed = subject.fire(Call(ADVANCE, wait=1_500, leads_to="invoice"))
        looked = subject.fire(Call(LOOK, leads_to="invoice"))

    assert (tmp_path / "asked.txt").read_text().splitlines() == [
        '{"do": "fire", "event": "verify_invoice", "data": {"value": 5}}',
        '{"do": "advance", "milliseconds": 1500}',
        '{"do": "look"}',
    ]
    assert {fired, passed, looked} == {Answer(Outcome.ACCEPTED, "handling", "", "t")}


def test_a_refusal_and_its_reason() -> None:
    rest = 'say(accepted=False, status="invoice", told="no\\n\\u202e" + "x" * 200, trigger=None)'
    with program(rest) as subject:
        answer = subject.fire(Call("request_cancel"))

    assert (answer.outcome, answer.status, answer.trigger) == (Outcome.REFUSED, "invoice", "")
    assert answer.told.startswith("no xxx")
    assert len(answer.told) == 120


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ("print('hello there', flush=True)", "is not a JSON object; print nothing else"),
        ("print('[1]', flush=True)", "is not a JSON object"),
        ("print('[' * 100000, flush=True)", "is not a JSON object"),
        ("print('x' * 1_000_002, flush=True)", "longer than 1000000 bytes"),
        ("sys.stdout.write('{}'); sys.stdout.flush(); sys.exit(3)", "a line without an end"),
        ("sys.exit(3)", "the program ended (exit code 3)"),
        ("os.kill(os.getpid(), 9)", "the program ended (exit code -9)"),
        ("sys.stdout.buffer.write(b'\\xff\\n'); sys.stdout.flush()", "is not a JSON object"),
        ("say(status='handling')", '"accepted": true or false'),
        ("say(accepted=True)", 'an answer needs a "status"'),
        ("say(accepted=True, status='')", 'an answer needs a "status"'),
        ("say(accepted=True, status=7)", 'an answer needs a "status"'),
        ("time.sleep(20)", "no answer within 0.3 s"),
    ],
)
def test_an_answer_that_cannot_be_used_is_none(rest: str, told: str) -> None:
    begun = time.monotonic()
    with program(rest, seconds=0.3) as subject:
        answer = subject.fire(Call("request_cancel"))
        again = subject.begin(Start())

    assert (answer.outcome, answer.status) == (Outcome.INDETERMINATE, "")
    assert told in answer.told
    assert again == Answer(Outcome.ACCEPTED, "(none)")
    assert time.monotonic() - begun < 19


def test_a_line_nobody_asked_for_is_not_taken_for_an_answer() -> None:
    with program('say(accepted=True, status="a"); say(accepted=False, status="b")') as subject:
        subject.fire(Call("request_cancel"))
        time.sleep(0.2)
        answer = subject.fire(Call("request_cancel"))

    assert answer == Answer(
        Outcome.INDETERMINATE, "", "the program wrote a line that nobody asked for"
    )


COUNTED = "{'numbered': True}"
"""What a program says that sends the number of a question back with its answer."""


def test_questions_are_numbered_for_a_program_that_sends_the_number_back() -> None:
    rest = 'say(accepted=True, status=str(asked["number"]), number=asked["number"])'
    begin = 'say(status="(none)", number=asked["number"])'
    with numbered(rest, begin) as subject:
        statuses = [subject.fire(Call("request_cancel")).status for _ in range(3)]

    assert statuses == ["2", "3", "4"]


def test_an_answer_to_an_earlier_question_is_passed_over() -> None:
    rest = """
number = asked["number"]
say(accepted=True, status="late", number=number - 1)
say(accepted=False, status=f"right {number}", number=number)
say(accepted=True, status="late, too", number=number)
"""
    with numbered(rest, 'say(status="(none)", number=asked["number"])') as subject:
        first = subject.fire(Call("request_cancel"))
        time.sleep(0.1)
        second = subject.fire(Call("request_cancel"))

    assert first == Answer(Outcome.REFUSED, "right 2")
    assert second == Answer(Outcome.REFUSED, "right 3")


@pytest.mark.parametrize("number", ["asked['number'] + 1", "None", "True", "'2'"])
def test_an_answer_with_another_number_is_none(number: str) -> None:
    rest = f"say(accepted=True, status='handling', number={number})"
    with numbered(rest, 'say(status="(none)", number=asked["number"])') as subject:
        answer = subject.fire(Call("request_cancel"))

    assert answer.outcome is Outcome.INDETERMINATE
    assert answer.told == 'its answer to "fire" needs "number": 2, that of the question'


@contextmanager
def numbered(rest: str, begin: str) -> Iterator[CommandSubject]:
    """A program that says it sends numbers back, and does so where *begin* and *rest* do."""
    code = LOOP.replace('say(status="(none)")', begin).replace("HELLO", COUNTED)
    code = code.replace("REST", textwrap.indent(rest.strip(), " " * 8).strip())
    with CommandSubject((sys.executable, "-c", code)) as subject:
        assert subject.begin(Start()).outcome is Outcome.ACCEPTED
        yield subject


@pytest.mark.parametrize("rest", ["pass", "sys.exit(3)", "time.sleep(20)"])
def test_what_a_program_has_started_ends_with_it(rest: str, tmp_path: Path) -> None:
    child = tmp_path / "child.txt"
    sleeper = f"[{sys.executable!r}, '-c', 'import time; time.sleep(60)']"
    begin = f"""
import subprocess
open({str(child)!r}, "w").write(str(subprocess.Popen({sleeper}).pid))
say(status="(none)")
"""
    code = LOOP.replace('say(status="(none)")', textwrap.indent(begin.strip(), " " * 8).strip())
    code = code.replace("HELLO", "{}").replace("REST", rest)
    with CommandSubject((sys.executable, "-c", code), seconds=2.0) as subject:
        assert subject.begin(Start()).outcome is Outcome.ACCEPTED
        if rest != "pass":
            assert subject.fire(Call("request_cancel")).outcome is Outcome.INDETERMINATE
        else:
            assert runs(int(child.read_text()))

    assert not runs(int(child.read_text()))


def runs(process: int) -> bool:
    """Whether a process is there after a moment, and not merely waits to be forgotten."""
    for _ in range(40):
        try:
            os.kill(process, 0)
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return False
        if state == "Z":
            return False
        time.sleep(0.02)
    return True


def test_a_program_that_always_dies_is_not_started_for_ever() -> None:
    with program("sys.exit(1)") as subject:
        outcomes = []
        for _ in range(14):
            subject.fire(Call("request_cancel"))
            outcomes.append(subject.begin(Start()))

    assert [each.outcome for each in outcomes].count(Outcome.ACCEPTED) == 9
    assert outcomes[-1].told == "the program was started 10 times and not again"


def test_a_program_that_does_not_end_by_itself_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_GRACE_SECONDS", 0.1)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    code = deaf + "print(input() and '{}', flush=True)\nwhile True:\n    import time; time.sleep(1)"
    begun = time.monotonic()
    with CommandSubject((sys.executable, "-c", code)):
        pass

    assert time.monotonic() - begun < 20


def test_what_a_program_can_do_is_asked_first() -> None:
    hello = "{'abilities': {'asked': ['start_handling'], 'awaited': [], 'turns_clock': False}}"
    with program("pass", hello=hello) as subject:
        assert subject.abilities == Abilities(frozenset({"start_handling"}), frozenset(), False)
    with program("pass") as subject:
        assert subject.abilities == Abilities()
    partly = "{'abilities': {'awaited': ['a', {'event': 'b', 'in': ['x', 'y']}]}}"
    with program("pass", hello=partly) as subject:
        assert subject.abilities.awaited == frozenset({"a"})
        assert subject.abilities.awaited_in == frozenset({("b", "x"), ("b", "y")})


@pytest.mark.parametrize(
    "abilities",
    [
        *("7", "{'asks': []}", "{'asked': 'all'}", "{'awaited': [1]}", "{'turns_clock': 1}"),
        *("{'awaited': [{'event': 'b'}]}", "{'awaited': [{'in': ['x']}]}", "{'awaited': {'a': 1}}"),
    ],
)
def test_abilities_that_cannot_be_understood(abilities: str) -> None:
    wanted = pytest.raises(TargetError, match='"abilities" has "asked" and "awaited"')
    with wanted, program("pass", hello=f"{{'abilities': {abilities}}}"):
        pass


def test_what_a_program_brings_about_by_itself_is_looked_for_again() -> None:
    waits: list[float] = []
    rest = "looks = globals().get('looks', 0) + 1; say(status='handling' if looks > 2 else 'x')"
    with program(rest, hello="{'abilities': {'awaited': ['a']}}", waits=waits) as subject:
        answer = subject.fire(Call(LOOK, leads_to="handling"))

    assert answer.status == "handling"
    assert waits == [0.02, 0.02]


def test_programs_that_cannot_be_started(tmp_path: Path) -> None:
    for words in ((str(tmp_path / "none"),), (str(tmp_path),), (sys.executable, "-c", "pass")):
        with pytest.raises(
            TargetError, match=r"cannot be started|first line must be a JSON object"
        ):
            CommandSubject(words)


def test_a_command_is_split_and_no_shell_is_asked() -> None:
    assert split("./shop 'two words' $HOME;ls") == ("./shop", "two words", "$HOME;ls")
    for text in ("", "  ", "./shop 'open"):
        with pytest.raises(TargetError, match="command:"):
            split(text)

"""The integration's program is started with what it has to know, and stopped with all it began."""

import os
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from orderflow.certify.child import MOST_KEPT, Child, ChildError

MakeChild = Callable[..., Child]


@pytest.fixture
def child() -> Iterator[MakeChild]:
    """Makes programs in Python, and stops them."""
    made: list[Child] = []

    def make(program: str, *secrets: str, **environment: str) -> Child:
        made.append(Child([sys.executable, "-c", program], environment, secrets))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Whether something holds soon."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def is_there(process: int) -> bool:
    """Whether a process runs; one that has ended and was not asked for is none."""
    try:
        with open(f"/proc/{process}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_finds_its_environment_and_what_it_prints_is_kept(child: MakeChild) -> None:
    made = child("import os; print('at', os.environ['ORDERFLOW_URL'])", ORDERFLOW_URL="http://x")
    made.start()

    assert within(10, lambda: not made.running)
    assert (made.code, made.output) == (0, "at http://x\n")


def test_credentials_in_its_output_are_hidden(child: MakeChild) -> None:
    made = child("print('token=TOPSECRET key=mine-KEY')", "TOPSECRET", "mine-KEY")
    made.start()

    assert within(10, lambda: "token=*** key=***" in made.output)


def test_only_the_end_of_its_output_is_kept(child: MakeChild) -> None:
    made = child("import sys; sys.stdout.write('x' * 1_000_000 + 'the end')")
    made.start()

    assert within(10, lambda: made.output.endswith("the end"))
    assert len(made.output) == MOST_KEPT


def test_stopping_it_stops_what_it_began(child: MakeChild) -> None:
    made = child(
        "import signal, subprocess, sys, time\n"
        "inner = 'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(99)'\n"
        "print(subprocess.Popen([sys.executable, '-c', inner]).pid, flush=True)\n"
        "time.sleep(99)\n"
    )
    made.start()
    assert within(10, lambda: made.output.strip().isdecimal())
    grandchild = int(made.output)
    assert is_there(grandchild)

    made.stop()

    assert within(5, lambda: not is_there(grandchild))


def test_it_is_killed_when_it_will_not_end(child: MakeChild) -> None:
    made = child(
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('deaf', flush=True)\n"
        "time.sleep(99)\n"
    )
    made.start()
    assert within(10, lambda: "deaf" in made.output)
    began = time.monotonic()

    made.stop()

    assert time.monotonic() - began < 5
    assert not made.running


def test_how_it_ended_is_known_and_it_can_be_started_again(child: MakeChild) -> None:
    made = child("import sys; sys.exit(3)")
    made.start()
    assert within(10, lambda: not made.running)
    first = made.code
    made.start()

    assert within(10, lambda: not made.running)
    assert (first, made.code, made.starts) == (3, 3, 2)


@pytest.mark.parametrize("word", ["/no/such/program", os.devnull])
def test_what_cannot_be_started_is_told(word: str) -> None:
    with pytest.raises(ChildError, match=f"{word}: cannot be started: .*behind -- write"):
        Child([word], {}).start()

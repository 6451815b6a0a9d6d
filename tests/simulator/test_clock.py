"""What is due comes out in one total order, by time, priority and number; time never goes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from orderflow.simulator.clock import START, Clock

TIMES = st.integers(0, 20)
PRIORITIES = st.integers(-2, 2)


@given(st.lists(st.tuples(TIMES, PRIORITIES)))
def test_everything_comes_out_by_time_then_priority_then_number(
    wanted: list[tuple[int, int]],
) -> None:
    clock: Clock[int] = Clock(0)
    for place, (at, priority) in enumerate(wanted):
        clock.schedule(at, place, priority=priority)

    out = []
    while (due := clock.pop(100)) is not None:
        out.append(due.what)
    order = sorted(range(len(wanted)), key=lambda place: (*wanted[place], place))
    assert out == order


class ClockAndSortedList(RuleBasedStateMachine):
    """The clock beside the plainest thing that can be right: a list sorted anew each time."""

    def __init__(self) -> None:
        super().__init__()
        self.clock: Clock[str] = Clock(0)
        self.waiting: list[tuple[int, int, int]] = []
        self.numbers = [0]
        self.earlier = 0

    @rule(delay=TIMES, priority=PRIORITIES)
    def schedule(self, delay: int, priority: int) -> None:
        at = self.clock.now + delay
        number = self.clock.schedule(at, f"{at} {priority}", priority=priority)
        assert number > max(self.numbers)
        self.numbers.append(number)
        self.waiting = sorted([*self.waiting, (at, priority, number)])

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self.numbers))
        self.clock.cancel(number)
        self.waiting = [entry for entry in self.waiting if entry[2] != number]

    @rule(length=TIMES)
    def pop(self, length: int) -> None:
        due = self.clock.pop(self.clock.now + length)
        if due is None:
            assert not self.waiting or self.waiting[0][0] > self.clock.now + length
        else:
            assert (due.at, due.priority, due.number) == self.waiting.pop(0)
            assert due.what == f"{due.at} {due.priority}"
            assert self.clock.now == due.at

    @rule(length=st.integers(-3, 20))
    def move(self, length: int) -> None:
        to = self.clock.now + length
        if length < 0 or (self.waiting and self.waiting[0][0] < to):
            with pytest.raises(ValueError, match="cannot move"):
                self.clock.move_to(to)
        else:
            self.clock.move_to(to)
            assert self.clock.now == to

    @invariant()
    def what_is_next_is_the_least(self) -> None:
        due = self.clock.next_due()
        assert (due and due[:3]) == (self.waiting[0] if self.waiting else None)

    @invariant()
    def time_does_not_go_back(self) -> None:
        assert self.clock.now >= self.earlier
        self.earlier = self.clock.now


TestClockAndSortedList = ClockAndSortedList.TestCase


def test_nothing_is_scheduled_in_the_past() -> None:
    clock: Clock[str] = Clock()

    with pytest.raises(ValueError, match="it is already"):
        clock.schedule(START - 1, "late")
    assert clock.next_due() is None


def test_what_is_gone_can_be_canceled_again() -> None:
    clock: Clock[str] = Clock(0)
    number = clock.schedule(1, "once")
    clock.pop(1)
    clock.cancel(number)
    clock.cancel(number)
    assert not clock._waiting, "nothing is remembered of what is gone"
    clock.schedule(1, "again")

    assert clock.pop(1) is not None
    assert clock.pop(100) is None

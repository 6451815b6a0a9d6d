"""Hypothesis strategies for what varies between orders: items, cents, channels, dates, time.

All numbers are put together from digits below 100. Hypothesis takes one in twenty of the larger
ones from the source of whatever modules are loaded, and the same seed would give other runs in a
test suite than on a command line.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from random import Random

from hypothesis import strategies as st

from orderflow.conformance.drive import Start
from orderflow.simulator.clock import START
from orderflow.simulator.order import Channel, Item
from orderflow.simulator.scenario import duration

_HOUR = 3_600_000
_WAITS = (1, 1_000, 60_000, 30 * 60_000 - 1, 30 * 60_000, _HOUR, 24 * _HOUR, 31 * 24 * _HOUR)


def number(*most: int) -> st.SearchStrategy[int]:
    """A number put together from digits, each from 0 to its *most*, which must be below 100."""
    if len(most) == 1:
        return st.integers(0, *most)
    digits = st.tuples(*(st.integers(0, each) for each in most))
    return digits.map(lambda found: reduce(lambda sum_, digit: 100 * sum_ + digit, found, 0))


def items() -> st.SearchStrategy[tuple[Item, ...]]:
    """One to four order lines worth at least two cents together, so that they can be split.

    Gifts (lines of 0 cents) occur, but never as the first line.
    """
    line = st.builds(
        Item,
        id=st.just("item"),
        quantity=st.integers(1, 9),
        price=number(9, 99, 99),
        channel=st.sampled_from(("delivery", "pickup-in-point")),
        estimate=st.none() | st.integers(-48, 48).map(lambda hours: START + hours * _HOUR),
    )
    return st.lists(line, min_size=1, max_size=4).map(_numbered)


def _numbered(found: list[Item]) -> tuple[Item, ...]:
    lines = [replace(item, id=f"item-{number}") for number, item in enumerate(found, 1)]
    return (replace(lines[0], price=lines[0].price + 2), *lines[1:])


def starts() -> st.SearchStrategy[Start]:
    """How an order may begin."""
    return st.builds(Start, items=items(), replaceable=st.sampled_from((True, False)))


def simpler(than: Start) -> st.SearchStrategy[Start]:
    """Orders with some of the lines of *than*, each line as it is there or simpler."""
    lines = st.tuples(*(st.none() | _simpler_line(item) for item in than.items))
    kept = lines.map(lambda found: [line for line in found if line is not None])
    replaceable = st.sampled_from(tuple(dict.fromkeys((True, than.replaceable))))
    return st.builds(Start, kept.filter(bool).map(_numbered), replaceable)


def _simpler_line(item: Item) -> st.SearchStrategy[Item]:
    usual: tuple[Channel, ...] = ("delivery", item.channel)
    return st.builds(
        Item,
        id=st.just(item.id),
        quantity=st.integers(1, min(item.quantity, 99)),
        price=number(1, 9, 99, 99).map(lambda cents: min(cents, item.price)),  # often all of it
        channel=st.sampled_from(tuple(dict.fromkeys(usual))),
        estimate=st.sampled_from(tuple(dict.fromkeys((None, item.estimate)))),
    )


def random_start(chance: Random) -> Start:
    """The same kinds of order drawn from *chance*, at a fraction of the cost."""
    lines = [
        Item(
            "item",
            chance.randint(1, 9),
            chance.randint(0, 99_999),
            chance.choice(("delivery", "pickup-in-point")),
            chance.choice((None, START + chance.randint(-48, 48) * _HOUR)),
        )
        for _ in range(chance.randint(1, 4))
    ]
    return Start(_numbered(lines), chance.random() < 0.5)  # noqa: PLR2004  # as often as not


def waits() -> st.SearchStrategy[str]:
    """Spans of time around the limits that matter, as a scenario writes them."""
    return st.sampled_from([duration(wait) for wait in _WAITS])

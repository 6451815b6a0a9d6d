"""What may be under way between the documents of a deal, as a search numbers it, and its fate.

The contents of a mailbox are a *word*; the words of all mailboxes are numbered together, as a
search meets them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from orderflow.flows.deal import Deal, Link
from orderflow.flows.errors import OrderflowError
from orderflow.simulator.part import Symbol

MOST_WORDS = 1 << 16
"""Contents that the mailboxes can have in all configurations together."""

Word = tuple[Symbol, ...]
"""Messages under way from one participant to another, oldest first."""

LOST = "lost"
DOUBLED = "doubled"


class ProductError(OrderflowError):
    """A deal whose configurations cannot be searched."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What may go wrong with messages, and what is broken.

    Attributes:
        lost: A message may vanish.
        doubled: A message may arrive a second time.
        reordered: A message may overtake those sent before it.
        delayed: Time limits may be over while a message is under way.
        most: So many messages may be lost, doubled or reordered in one run; 0 for any number.
        links: Ids of links that send nothing.
        steps: (family, transition id or row) of steps that are never taken.
    """

    lost: bool = False
    doubled: bool = False
    reordered: bool = False
    delayed: bool = False
    most: int = 1
    links: frozenset[str] = frozenset()
    steps: frozenset[tuple[str, str]] = frozenset()

    @property
    def counted(self) -> bool:
        """Whether the configuration has to remember how many went wrong."""
        return self.most > 0 and (self.lost or self.doubled or self.reordered)


NO_FAULTS = Faults()


class Step(NamedTuple):
    """What happens between two configurations.

    Attributes:
        participant: Who acts, or hears.
        event: Event of an act, empty for a delivery.
        choice: Data it comes with.
        sender: Who sent the message, empty for an act.
        place: Which message of those on that way, from 0.
        ready: Which of those that could be delivered, from 0; -1 for one that is lost.
        fate: ``""``, ``lost`` or ``doubled``.
        taken: Transitions taken, by id.
        timed: A time limit was over.
    """

    participant: str
    event: str = ""
    choice: str = ""
    sender: str = ""
    place: int = 0
    ready: int = 0
    fate: str = ""
    taken: tuple[str, ...] = ()
    timed: bool = False

    @property
    def regular(self) -> bool:
        """Whether it is a delivery as it should be: in its turn, once."""
        return bool(self.sender) and not self.ready and not self.fate


class Words:
    """The contents that mailboxes were found to have, and their numbers.

    Args:
        deal: The deal, which says how much there is room for.
        links: Links by number.

    Attributes:
        contents: Contents by number; 0 is the empty mailbox.
    """

    def __init__(self, deal: Deal, links: tuple[Link, ...]) -> None:
        self.contents: list[Word] = [()]
        self._deal, self._links = deal, links
        self._numbers: dict[Word, int] = {(): 0}
        self._pushed: dict[tuple[int, Symbol], int] = {}

    def number(self, word: Word) -> int:
        """Number of the contents of a mailbox.

        Raises:
            ProductError: There are too many.
        """
        found = self._numbers.get(word)
        if found is None:
            found = len(self.contents)
            if found >= MOST_WORDS:
                raise ProductError(
                    f"deal {self._deal.name}: its mailboxes can hold {MOST_WORDS:,} different "
                    f"contents or more; lower `mailbox`, or give links an `at_most`"
                )
            self._numbers[word] = found
            self.contents.append(word)
        return found

    def push(self, word: int, symbol: Symbol) -> int:
        """Number of the contents with one more message, -1 when there is no room for it.

        Raises:
            ProductError: There are too many contents.
        """
        found = self._pushed.get((word, symbol))
        if found is None:
            inside = self.contents[word]
            most = self._links[symbol.link].at_most
            full = len(inside) >= self._deal.mailbox
            full = full or bool(most and sum(o.link == symbol.link for o in inside) >= most)
            found = -1 if full else self.number((*inside, symbol))
            self._pushed[word, symbol] = found
        return found

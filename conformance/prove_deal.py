"""Exhaustive search of a whole deal: every configuration its documents can get into together.

What the search of one flow shows of each document alone holds for it in a deal as well, for a
deal takes no step that the flow does not have. Here it is asked what one document knows of the
other: the cross-flow rules, that nothing comes to a standstill, that every document can still end,
and that a sale can succeed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from orderflow.conformance.deal_search import MOST_CONFIGURATIONS, Search
from orderflow.flows.deal import SAME, Deal, Participant
from orderflow.flows.model import Transition
from orderflow.flows.settings import Settings
from orderflow.simulator.product import NO_FAULTS, Faults, Product, Step
from orderflow.simulator.space import Space

__all__ = ["MOST_CONFIGURATIONS", "DealSearch", "Divergence", "Search", "prove_deal", "silent"]

STANDSTILL = "I-10"
"""Invariant that a final status can always be reached."""

NO_SALE = "I-11"
"""Invariant that a sale can succeed."""

NOBODY_WAITS = "nobody waits to take over"
NO_NEWS = "no news makes it happen"
ANSWERED = "the one below has to answer sooner"
NO_WAY = "nothing leads there"
ENDED = "left out of the search: it keeps an ended order where it is"


@dataclass(frozen=True, slots=True)
class Divergence:
    """A shortest way to something that is wrong between the documents of a sale.

    Attributes:
        rule: Rule or invariant that breaks there.
        upper: The upper document, empty where it concerns all of them.
        lower: The lower document, empty where it concerns all of them.
        statuses: Status of each participant there; ``(none)`` also where it is looked at elsewhere.
        steps: What to do to see it.
    """

    rule: str
    upper: str
    lower: str
    statuses: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class DealSearch:
    """What an exhaustive search of a deal found.

    Attributes:
        configurations: Configurations visited.
        edges: Steps between them.
        depth: Steps to the farthest one.
        complete: Nothing was left out.
        fired: (participant, transition id) of the transitions taken.
        divergences: Shortest first, one for each rule and pair of documents.
        properties: Ids of the properties that were asked.
        sliced: What happens to an order after its last status was left out on purpose.
    """

    configurations: int
    edges: int
    depth: int
    complete: bool
    fired: frozenset[tuple[str, str]]
    divergences: tuple[Divergence, ...]
    properties: tuple[str, ...]
    sliced: bool = False

    @property
    def holds(self) -> bool:
        """Whether nothing wrong was found and nothing was left out."""
        return self.complete and not self.divergences


def prove_deal(  # noqa: PLR0913  # all but the deal and its settings have defaults
    deal: Deal,
    settings: Settings,
    *,
    faults: Faults = NO_FAULTS,
    spaces: Mapping[str, Space] | None = None,
    sliced: bool = False,
    whole: bool = False,
    prompt: bool = False,
    limit: int = MOST_CONFIGURATIONS,
    progress: Callable[[str], None] | None = None,
) -> DealSearch:
    """Search every configuration of a deal.

    Args:
        deal: One profile of a deal.
        settings: Time limits.
        faults: What may go wrong.
        spaces: Spaces of the flows by participant.
        sliced: Leave out what happens to an order after its last status: a quicker look.
        whole: Leave out nothing, and look at the orders of a group together to their end.
        prompt: Only ways that can be played: no time limit is over in the second in which news
            arrives. For finding a scenario; a proof asks for all of them.
        limit: Configurations after which to stop.
        progress: Told now and then how far the search is.

    Raises:
        SpaceError: The configurations of one of the flows cannot be searched.
        ProductError: There are too many different contents of mailboxes.
    """
    thin = sliced and not whole
    product = Product(
        deal, settings, faults=faults, spaces=spaces, sliced=thin, whole=whole, prompt=prompt
    )
    search = Search(product, limit, progress)
    search.run()
    fired = product.fired()
    found = dict(search.found)
    stuck = search.stuck()
    if stuck is not None:
        found[STANDSTILL, "", ""] = stuck
    found |= {(NO_SALE, name, ""): number for name, number in search.unsold()}
    return DealSearch(
        configurations=len(search.codes),
        edges=search.edges,
        depth=search.depth(),
        complete=search.complete,
        fired=fired,
        divergences=tuple(
            Divergence(*key, product.statuses(search.codes[at]), search.way(at))
            for key, at in sorted(found.items(), key=lambda item: item[1])
        ),
        properties=search.properties,
        sliced=thin,
    )


def silent(deal: Deal, search: DealSearch) -> tuple[tuple[str, str, str], ...]:
    """Transitions that no configuration takes: (participant, transition id, why), in their order.

    Args:
        deal: The deal that was searched.
        search: What the search found.
    """
    return tuple(
        (who.name, step.id, _why_silent(deal, who, step, search))
        for who in deal.participants
        for step in who.flow.transitions
        if (who.name, step.id) not in search.fired
    )


def _why_silent(
    deal: Deal,
    who: Participant,
    step: Transition,
    search: DealSearch,
    asked: frozenset[str] = frozenset(),
) -> str:
    """Why a transition is never taken; *asked* are those that wait for the answer."""
    if not deal.takes(step):
        return f"left out: {deal.without.get(step.id) or deal.without[step.row]}"
    if search.sliced and step.source == step.target and step.source in who.flow.final:
        return ENDED
    if _takes_over(step) and not any(each.joins for each in deal.lower(who.name)):
        return NOBODY_WAITS
    if deal.is_told(who, step) and not _is_news(deal, who, step):
        return NO_NEWS
    entries = [each for each in who.flow.transitions if each.target == step.source != each.source]
    if any((who.name, each.id) in search.fired for each in entries):
        return ANSWERED if _waits(deal, who, step) else NO_WAY
    reasons = {
        _why_silent(deal, who, each, search, asked | {step.id})
        for each in entries
        if each.id not in asked
    }
    return reasons.pop() if reasons == {NOBODY_WAITS} else NO_WAY


def _takes_over(step: Transition) -> bool:
    """Whether a step makes room for another seller, or lets one in."""
    return step.event == "change_seller" or "change_seller_possible" in step.when


def _waits(deal: Deal, who: Participant, step: Transition) -> bool:
    """Whether a time limit only repeats one that began earlier for somebody below."""
    timers = (each for each in who.flow.timers if each.fires == step.event)
    after = {each.after for each in timers if each.state == step.source}
    answers = {link.answer.within for link in deal.links if link.answer}
    return bool(after & answers) and bool(deal.lower(who.name))


def _is_news(deal: Deal, who: Participant, step: Transition) -> bool:
    """Whether some news makes *step* happen."""
    return any(step.id in _led(deal, who, name) for name in deal.notices)


def _led(deal: Deal, who: Participant, name: str) -> Iterator[str]:
    """Ids of the transitions that a piece of news can make happen, were everything else right."""
    tellers = {deal.participant[sender].family for sender, to in deal.channels if to == who.name}
    causes = [
        cause
        for link in deal.links
        if link.notice == name and link.to in {"", who.family}
        for cause in link.causes
        if cause.family in tellers
    ]
    if not causes:
        return
    same = {event for each in causes for event in each.events}
    for row in deal.notices[name].heard.get(who.family, ()):
        here = set(row.statuses)
        for told in row.do:
            events = same if told.event == SAME else {told.event}
            steps = [s for s in who.flow.transitions if s.event in events and s.source in here]
            yield from (each.id for each in steps)
            here = {each.target for each in steps}

"""Checks that every name in a deal file stands for something, and that its links can be used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from orderflow.flows.deal import RELAYED, SAME, Cause, Participant, Towards
from orderflow.flows.deal_draft import DealsDraft, Families, step_names
from orderflow.flows.deal_schema import NO_DELAY, CauseRow, DealRow, HearRow, LinkRow
from orderflow.flows.errors import Findings, Place
from orderflow.flows.model import ABSENT, Flow
from orderflow.flows.overlay import Declared

ChoicesOf = Callable[[str], tuple[str, ...]]
"""Returns the names of the data an event can come with."""

_UNTOLD = frozenset({Towards.NOBODY, Towards.OUTSIDE})
_FEWEST, _MOST = 2, 8


def cause_of(row: CauseRow) -> Cause:
    """Return the value that a cause's row stands for."""
    return Cause(row.flow, tuple(row.event), tuple(row.in_), tuple(row.status), tuple(row.with_))


def check_links(
    draft: DealsDraft, families: Families, settings: Iterable[str], findings: Findings
) -> None:
    """Note every link whose news nothing makes, nobody hears, or that names what is not there.

    Args:
        draft: The deal file with the links below it.
        families: The flows it can speak of.
        settings: Names of the settings that measure time.
        findings: Takes the problems.
    """
    durations = sorted(settings)
    for link in draft.links.values():
        for number, cause in enumerate(link.value.cause):
            _cause(link, number, cause, families, findings)
        _told(link, draft, families, findings)
        _times(link, durations, families, findings)


def _cause(
    link: Declared[LinkRow], number: int, row: CauseRow, families: Families, findings: Findings
) -> None:
    # A single cause stands there without a list around it: then the number leads nowhere.
    def place(*parts: str | int) -> Place:
        return link.place("cause", number, *parts)

    if row.flow not in families.flows:
        findings.add_unknown(place("flow"), "flow", row.flow, families.flows)
        return
    events, statuses = families.events(row.flow), families.statuses(row.flow)
    before = len(findings.problems)
    for position, name in enumerate(row.event):
        if name not in events:
            findings.add_unknown(place("event", position), f"{row.flow} event", name, events)
    for key, names in (("in", row.in_), ("status", row.status)):
        for position, name in enumerate(names):
            if name not in statuses and (name != ABSENT or key == "status"):
                where = place(key, position)
                findings.add_unknown(where, f"{row.flow} status", name, statuses)
    cause = cause_of(row)
    choice = next(iter(cause.choices), "")
    fits = any(cause.fits(row.flow, step, choice) for step in families.steps(row.flow))
    if not fits and len(findings.problems) == before:
        text = f"no step of the {row.flow} flow fits this; leave out `in`, `status` or `event`"
        findings.add(place(), text, "never-happens")


def _told(
    link: Declared[LinkRow], draft: DealsDraft, families: Families, findings: Findings
) -> None:
    row, known = link.value, {**draft.notices, **dict.fromkeys(draft.misshapen)}
    if row.to and row.to not in families.flows:
        findings.add_unknown(link.place("to"), "flow", row.to, families.flows)
    if row.notice and row.notice not in known:
        findings.add_unknown(link.place("notice"), "notice", row.notice, known)
    elif row.notice and Towards(row.towards) in _UNTOLD:
        text = f"news towards {row.towards} is heard by no document; leave `notice` out"
        findings.add(link.place("notice"), text, "unheard")
    elif not row.notice and Towards(row.towards) not in _UNTOLD:
        text = f"'notice' is missing: what is {row.towards} told? Else it is `towards: nobody`"
        findings.add(link.place(), text, "missing-key")


def _times(
    link: Declared[LinkRow], durations: Sequence[str], families: Families, findings: Findings
) -> None:
    row = link.value
    if row.delay != NO_DELAY and row.delay not in durations:
        findings.add_unknown(link.place("delay"), "setting", row.delay, (*durations, NO_DELAY))
    if row.answer is None:
        return
    if row.answer.within not in durations:
        place = link.place("answer", "within")
        findings.add_unknown(place, "setting", row.answer.within, durations)
    every = list(dict.fromkeys(name for f in families.flows for name in families.statuses(f)))
    for position, name in enumerate(row.answer.in_):
        if name not in every:
            findings.add_unknown(link.place("answer", "in", position), "status", name, every)


def check_hearers(
    draft: DealsDraft,
    casts: Iterable[Sequence[Participant]],
    families: Families,
    findings: Findings,
) -> None:
    """Note every link whose news means nothing to any family that it can reach.

    Links and news that come with orderflow are not held to that: a deal of a user's own need not
    have use for all of them.
    """
    every = tuple(casts)
    for link in draft.links.values():
        notice = draft.notices.get(link.value.notice)
        if notice is None or not draft.is_given(link, notice):
            continue
        to = link.value.to
        reached = {to} if to else {f for cast in every for f in _reached(link.value, cast)}
        reached &= set(families.flows)
        if reached and not reached & set(notice.value.heard):
            place = (link if draft.is_given(link) else notice).place()
            heard = ", ".join(notice.value.heard)
            text = f"news {link.value.notice!r} of link {link.value.id!r} reaches "
            text += f"{', '.join(sorted(reached))}, where it means nothing; it is heard by {heard}"
            findings.add(place, text, "unheard")


def _reached(row: LinkRow, cast: Sequence[Participant]) -> Iterable[str]:
    """Families that news of *row* can reach in a deal of these participants."""
    flows = {cause.flow for cause in row.cause}
    family = {each.name: each.family for each in cast}
    for each in cast:
        above, beside = family.get(each.below, ""), family.get(each.beside, "")
        if row.towards in {Towards.BELOW, Towards.FORMER} and above in flows:
            yield each.family
        elif row.towards == Towards.ABOVE and each.below and each.family in flows:
            yield above
        elif row.towards == Towards.BESIDE and each.beside:
            yield from (each.family for _ in flows & {beside})
            yield from (beside for _ in flows & {each.family})


def check_exceptions(draft: DealsDraft, families: Families, findings: Findings) -> None:
    """Note what ``told`` and ``without`` name that is not there."""
    for family, declared in draft.told.items():
        if family not in families.flows:
            place = declared.document.place(declared.loc, key=True)
            findings.add_unknown(place, "flow", family, families.flows)
            continue
        known = families.marks(family)
        for number, name in enumerate(declared.value):
            if name not in known:
                findings.add_unknown(declared.place(number), f"{family} transition", name, known)
    every = [name for family in families.flows for name in step_names(families.steps(family))]
    for name, without in draft.without.items():
        if name not in every:
            place = without.document.place(without.loc, key=True)
            findings.add_unknown(place, "transition", name, every)


@dataclass(frozen=True, slots=True)
class _Cast:
    """Checks of the participants of one deal."""

    deal: Declared[DealRow]
    flows: Mapping[str, Flow]
    findings: Findings

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.deal.value.participants)

    def add(self, name: str, key: str, text: str, check: str) -> None:
        """Note a problem with what participant *name* says under *key*."""
        self.findings.add(self.deal.place("participants", name, key), text, check)

    def check(self) -> None:
        if len(self.names) < _FEWEST:
            text = "a deal has at least two participants; for one document `run` is enough"
            self.findings.add(self.deal.place("participants"), text, "too-few")
        if len(self.names) > _MOST:
            text = f"a deal has at most {_MOST} participants, this one {len(self.names)}"
            self.findings.add(self.deal.place("participants"), text, "too-many")
            return
        before = len(self.findings.problems)
        for number, name in enumerate(self.names):
            row = self.deal.value.participants[name]
            for key, other in (("below", row.below), ("beside", row.beside)):
                if other:
                    self.earlier(number, key, other)
            if row.below and row.beside:
                text = f"{name!r} is below one order and beside another; a group is of first orders"
                self.add(name, "beside", text, "below-and-beside")
            if row.joins:
                self.joins(name, row.below, row.joins)
        if len(self.findings.problems) == before:
            self.nobody_alone()
        self.without()

    def nobody_alone(self) -> None:
        for number, name in enumerate(self.names):
            row = self.deal.value.participants[name]
            if number and not row.below and not row.beside:
                text = f"{name!r} stands alone; it goes `below` or `beside` one of: "
                self.add(name, "", text + ", ".join(self.names[:number]), "stands-alone")

    def earlier(self, number: int, key: str, other: str) -> None:
        """Check that *other* stands before the participant that is *key* it."""
        name, before = self.names[number], self.names[:number]
        if other not in self.names:
            place = self.deal.place("participants", name, key)
            self.findings.add_unknown(place, "participant", other, before)
        elif other not in before:
            circle = self.circle(name, key)
            text = f"goes in a circle: {' -> '.join(circle)}" if circle else "comes later"
            hint = "upper participants stand before those below them"
            self.add(name, key, f"{other!r} {text}; {hint}", "circle" if circle else "later")
        elif key == "beside" and self.deal.value.participants[other].beside:
            group = self.deal.value.participants[other].beside
            self.add(name, key, f"{other!r} is beside {group!r}; name that one here", "later")

    def circle(self, name: str, key: str) -> tuple[str, ...]:
        """Return the way from *name* back to itself, or () when there is none."""
        way = [name]
        while len(way) <= len(self.names):
            row = self.deal.value.participants.get(way[-1])
            following = (row.below if key == "below" else row.beside) if row else ""
            if not following:
                return ()
            way.append(following)
            if following == name:
                return tuple(way)
        return ()

    def joins(self, name: str, above: str, event: str) -> None:
        rows = self.deal.value.participants
        if not above:
            self.add(name, "joins", "who joins is `below` somebody", "joins-nobody")
            return
        before = self.names[: self.names.index(name)]
        siblings = [rows[each] for each in self.names if rows[each].below == above]
        if above in before and all(rows[each].below != above for each in before):
            text = f"nobody before {name!r} is below {above!r}, so it can take over from nobody"
            self.add(name, "joins", text, "joins-nobody")
        elif sum(not each.joins for each in siblings) > 1:
            text = (
                f"several are below {above!r} from the beginning; whom {name!r} follows is not told"
            )
            self.add(name, "joins", text, "joins-several")
        elif {each.joins for each in siblings if each.joins} != {event}:
            text = f"all that join below {above!r} do so with one event, in the order of the file"
            self.add(name, "joins", text, "joins-differently")
        flow = self.flows.get(above)
        if flow is not None and event not in flow.events:
            place = self.deal.place("participants", name, "joins")
            self.findings.add_unknown(place, f"{flow.name} event", event, flow.events)

    def without(self) -> None:
        if set(self.flows) != set(self.names):
            return  # what a missing flow holds is not known
        known = step_names(step for flow in self.flows.values() for step in flow.transitions)
        for name in self.deal.value.without:
            if name not in known:
                place = self.deal.document.place((*self.deal.loc, "without", name), key=True)
                self.findings.add_unknown(place, "transition", name, known)


def check_cast(deal: Declared[DealRow], flows: Mapping[str, Flow], findings: Findings) -> bool:
    """Note what is wrong with the participants of a deal, and say whether nothing is.

    Args:
        deal: The deal.
        flows: Flows by participant; those that cannot be read are left out.
        findings: Takes the problems.
    """
    before = len(findings.problems)
    _Cast(deal, flows, findings).check()
    return len(findings.problems) == before and set(flows) == set(deal.value.participants)


def check_choices(draft: DealsDraft, choices_of: ChoicesOf, findings: Findings) -> None:
    """Note every name of data that the event it stands with cannot come with."""
    for link in draft.links.values():
        for number, cause in enumerate(link.value.cause):
            known = [choice for event in cause.event for choice in choices_of(event)]
            for position, choice in enumerate(cause.with_):
                if cause.event and choice not in known:
                    place = link.place("cause", number, "with", position)
                    findings.add_unknown(place, "choice", choice, known)
    for notice in draft.notices.values():
        for family, rows in notice.value.heard.items():
            for number, row in enumerate(rows):
                for position, text in enumerate(row.do if isinstance(row, HearRow) else ()):
                    place = notice.place("heard", family, number, "do", position)
                    _choice(text, place, choices_of, findings)


def _choice(text: str, place: Place, choices_of: ChoicesOf, findings: Findings) -> None:
    event, _, choice = text.partition(":")
    known = choices_of(event)
    if event != SAME and choice not in {"", RELAYED, *known}:
        findings.add_unknown(place, f"choice of {event}", choice, known)
    elif known and not choice:
        told = f"say with what {event!r} comes: {', '.join((*known, RELAYED))}"
        findings.add(place, told, "choice-missing")

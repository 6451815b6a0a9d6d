"""The parts of a flow's page, each of which can also stand in a page that a person writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from orderflow.conformance.suites.wording import counted
from orderflow.flows.model import ABSENT, Flow, State, Transition
from orderflow.flows.statuses import catalogue
from orderflow.reports.docs.cancel_part import cancellation_of, cancellation_rules
from orderflow.reports.docs.difference_part import Contrast, contrast
from orderflow.reports.docs.flavor import Flavor, Picture, diagram_code, picture, to_section
from orderflow.reports.docs.forbidden_part import forbidding_rules, refused_calls
from orderflow.reports.docs.markup import (
    LINE_BREAK,
    Md,
    code,
    codes,
    heading,
    items,
    joined,
    sentence,
    strong,
    table,
    words,
)
from orderflow.reports.docs.stages_part import (
    package_table,
    stage_table,
    stage_told,
    without_stages,
)
from orderflow.reports.docs.subject import Subject, only_in
from orderflow.reports.exports.mermaid import mermaid
from orderflow.reports.exports.picture import alt_text


@dataclass(frozen=True, slots=True)
class View:
    """Where a part is written, and what for.

    Attributes:
        flavor: The renderer.
        root: Path from the page to the folder with all pages: empty, or ending in a slash.
        folder: Path from the page to the folder of the flow, alike.
        others: All flows of the pages, to which this one is compared.
        pictured: Whether there are pictures to show.
    """

    flavor: Flavor
    root: str
    folder: str
    others: tuple[Subject, ...] = ()
    pictured: bool = True


def summary(subject: Subject, view: View) -> Md:
    """Say in two sentences what the flow is, who sees it, and how it ends."""
    del view
    flow = subject.seen
    seen_by = f"what {flow.seen_by} sees of an order" if flow.seen_by else "a flow of orders"
    statuses = counted(len(flow.states), "status", "statuses")
    count = f"{statuses} and {counted(len(flow.transitions), 'transition')}"
    path = [name for name in flow.happy_path if name in flow.state]
    steps = counted(len(path) - 1, "step")
    way = f"takes {steps} from {subject.status(path[0])} to" if path else "ends in"
    ends = joined(map(subject.status, flow.success), " or ") or "no end"
    told = f"{strong(words(subject.title()))} is {words(seen_by)}: {count}."
    lost = joined(map(subject.status, (*flow.failure, *flow.closed)), " or ")
    otherwise = f"; without a sale it ends in {lost}" if lost else ""
    return Md(f"{told} An undisturbed order {way} {ends}{otherwise}.")


def diagram(subject: Subject, view: View) -> Md:
    """Show the picture of the flow, with what it shows in words for those who cannot see it."""
    if not view.pictured:
        return mermaid_source(subject, view)
    shown = Picture(f"{view.folder}{subject.folder}", alt_text(subject.seen))
    on_other_page = subject.page != ""
    if view.flavor is Flavor.DOCUSAURUS and on_other_page:  # which need not import ThemedImage
        return picture(Flavor.PLAIN, shown)
    return picture(view.flavor, shown)


def stages(subject: Subject, view: View) -> Md:
    """List the five stages a shopper sees, on a delivery and on a pickup."""
    del view
    parts = [stage_table(subject), package_table()]
    without = tuple(without_stages(subject))
    return joined([*parts, items(without)] if without else parts, "\n\n")


def statuses(subject: Subject, view: View) -> Md:
    """List all statuses."""
    del view
    head = ("API status", "Admin name", "Kind", "Stage", "Meaning", "Ways out")
    return table(head, (_status_cells(subject, state) for state in subject.flow.states))


def _status_cells(subject: Subject, state: State) -> tuple[Md, ...]:
    name = state.name
    known = catalogue().statuses.get(name)
    place = subject.place(subject.statuses[name])
    told = [words(known.behaviour)] if known else []
    told += [sentence(state.note)] if state.note else []
    ways: dict[tuple[str, str], None] = {}
    for step in subject.out(name):
        ways[step.event, step.target] = None
    return (
        _lines(Md(f"{place}{code(name)}"), words(_only(state))),
        words(known.label if known else ""),
        words("; ".join(kinds(subject.flow, state))),
        words(stage_told(name)),
        joined(told, " "),
        joined((Md(f"{code(e)} → {subject.status(to)}") for e, to in ways), LINE_BREAK),
    )


def _only(thing: State | Transition) -> str:
    where = only_in(thing)
    return f"only: {where}" if where else ""


def _lines(*parts: Md) -> Md:
    return joined(filter(None, parts), LINE_BREAK)


def kinds(flow: Flow, state: State) -> Iterator[str]:
    """Say what sort of status *state* is, in a few words each."""
    ends = {"sale made": flow.success, "no sale": flow.failure, "closed": flow.closed}
    if state.name == flow.initial:
        yield "first"
    yield from (f"final, {what}" for what, names in ends.items() if state.name in names)
    if state.waits_for:
        yield f"waits for {state.waits_for}"
    elif state.name not in flow.final:
        yield "passed through"
    if state.starred:
        yield "takes no change and no cancellation"


def transitions(subject: Subject, view: View) -> Md:
    """List all transitions."""
    del view
    head = ("Id", "From", "Event", "Actor", "Guard", "To", "Endpoint", "Source")
    return table(head, (_step_cells(subject, step) for step in subject.flow.transitions))


def _step_cells(subject: Subject, step: Transition) -> tuple[Md, ...]:
    place = subject.place(subject.steps[step.id])
    kind = subject.events.get(step.event)
    calls = (
        (e.call for e in kind.endpoints if e.serves(subject.flow.family, step.source))
        if kind
        else ()
    )
    held = [Md(f"held {code(step.held)} before the request")] if step.held else []
    timers = (
        t.after for t in subject.flow.timers if (t.state, t.fires) == (step.source, step.event)
    )
    limit = [Md(f"after {code(name)}") for name in timers if "timer" in step.actors]
    return (
        _lines(Md(f"{place}{words(step.id)}"), words(_only(step))),
        subject.status(step.source),
        _lines(code(step.event), *limit),
        words(", ".join(step.actors)),
        _lines(*map(code, step.when), *held),
        subject.status(step.target) if step.target != step.source else Md("stays"),
        _lines(*map(code, calls)),
        _lines(words(", ".join((*step.cites, *step.decisions))), sentence(step.note)),
    )


def cancellation(subject: Subject, view: View) -> Md:
    """Tell how an order is cancelled: at once, by asking, or not at all."""
    found = cancellation_of(subject.seen)
    never = joined(map(subject.status, found.never)) or Md("none")
    rules = cancellation_rules(subject.flow.family)
    parts = [
        Md("From here the order is lost at once; nobody is asked:"),
        _steps(subject, found.at_once),
        Md("Here somebody asks, and another one decides:"),
        _steps(subject, found.asks),
        Md("What ends the wait for that decision:"),
        _steps(subject, found.answers),
        Md(f"Statuses in which nobody can ask: {never}."),
        Md("Rules on cancellations in this flow:"),
        items(_rule(view, rule.id, rule.statement) for rule in rules),
    ]
    return joined(parts if subject.flow.family else parts[:-2], "\n\n")


def _steps(subject: Subject, steps: tuple[Transition, ...]) -> Md:
    head = ("Id", "In", "Event", "By", "Guard", "Leads to")
    return table(head, (_short_cells(subject, step) for step in steps))


def _short_cells(subject: Subject, step: Transition) -> tuple[Md, ...]:
    return (
        subject.step(step),
        subject.status(step.source),
        code(step.event),
        words(", ".join(step.actors)),
        codes(step.when),
        subject.status(step.target),
    )


def _rule(view: View, name: str, statement: str) -> Md:
    known = to_section(view.flavor, words(name), f"{view.root}rules.md", rule_title(name))
    return Md(f"{known}: {sentence(statement)}")


def rule_title(name: str) -> str:
    """Return the heading of a rule on the page of rules."""
    return f"Rule {name}"


def forbidden(subject: Subject, view: View) -> Md:
    """Tell what an order must not do: calls it does not take, and rules that forbid."""
    calls = (
        (code(each.call), codes(each.events), joined(map(subject.status, each.statuses)))
        for each in refused_calls(subject)
    )
    always = (
        Md(f"{words(r.row)}: {code(r.event)} is refused in every status{_answer(r.http, r.code)}")
        for r in subject.seen.refusals
    )
    rules = (_rule(view, rule.id, rule.statement) for rule in forbidding_rules(subject.flow.family))
    parts = [
        Md(
            "Calls of the platform that mean something in this flow, and the statuses of an "
            "undisturbed or finished order in which they do not:"
        ),
        table(("Call", "Event", "Not taken in"), calls),
        *([items(always)] if subject.seen.refusals else []),
        Md("Rules on this flow that say what must not be, those of severity error:"),
        items(rules),
    ]
    return joined(parts if subject.flow.family else parts[:-2], "\n\n")


def _answer(http: int, error: str) -> Md:
    parts = [str(http)] * bool(http) + [error] * bool(error)
    return Md(f" ({words(' '.join(parts))})." if parts else ".")


def differences(subject: Subject, view: View) -> Md:
    """Tell what sets the flow apart from each of the others."""
    parts = [
        joined([heading(3, words(f"Compared with {other.title()}")), told], "\n\n")
        for other in view.others
        if other.folder != subject.folder
        for told in [_contrast(subject, other, contrast(subject.seen, other.seen))]
    ]
    return joined(parts, "\n\n") or Md("There is no other flow here.")


def _contrast(subject: Subject, other: Subject, found: Contrast) -> Md:
    theirs = replace(other, page=None)
    rows = [
        ("Statuses only here", joined(map(subject.status, found.only_here))),
        ("Statuses only there", joined(map(theirs.status, found.only_there))),
        ("Events only here", codes(found.new_events)),
        ("Events only there", codes(found.missing_events)),
    ]
    told = [Md(f"{words(name)}: {cell}.") for name, cell in rows if cell]
    told += [
        Md(
            f"In {subject.status(each.status) if each.status != ABSENT else 'the beginning'}, "
            f"{code(each.event)} leads to {joined(map(subject.status, each.here), ' or ')} here "
            f"and to {joined(map(theirs.status, each.there), ' or ')} there."
        )
        for each in found.elsewhere
    ]
    return items(told) if told else Md("No difference.")


def mermaid_source(subject: Subject, view: View) -> Md:
    """Show the flow as the source of a Mermaid diagram."""
    return diagram_code(view.flavor, mermaid(subject.seen))


Part = Callable[[Subject, View], Md]

PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "summary": summary,
        "diagram": diagram,
        "stages": stages,
        "statuses": statuses,
        "transitions": transitions,
        "cancellation": cancellation,
        "forbidden": forbidden,
        "differences": differences,
        "mermaid": mermaid_source,
    }
)
"""Every part by its name, in the order of a page."""

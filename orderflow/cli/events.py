"""``orderflow events``: what can happen to an order, who brings it about and what comes with it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import click

from orderflow.cli.common import View, flow_options, form_option, inputs
from orderflow.cli.event_facts import EventFacts, facts_of
from orderflow.cli.one_flow import one_flow
from orderflow.cli.output import pour, say
from orderflow.flows.errors import OrderflowError, did_you_mean
from orderflow.flows.loader import bundled_names
from orderflow.flows.model import Flow

SCHEMA = "orderflow/events/1"

_WIDTH = 88
_INDENT = "  "


class UnknownEventError(OrderflowError):
    """An event that a flow does not have.

    Attributes:
        event: What was asked for.
    """

    def __init__(self, event: str, flow: str, known: Iterable[str]) -> None:
        names = tuple(known)
        hint = did_you_mean(event, names) or "."
        super().__init__(
            f"{flow}: no event {event!r}{hint} `orderflow events {flow}` lists all {len(names)}"
        )
        self.event = event


@click.command("events")
@click.argument("flow", required=False, metavar="[FLOW]")
@click.argument("event", required=False, metavar="[EVENT]")
@form_option("text", "json")
@flow_options
def command(flow: str | None, event: str | None, form: str, **given: Any) -> None:
    """List what can happen to an order of FLOW, or tell all about one EVENT.

    Of each event: who fires it, what it means, the data that may come with it, with types and an
    example, and in which statuses the flow takes it. FLOW is the name of a bundled flow or the
    path of a flow file; without it the events of all that ship are listed.

    \b
    orderflow events
    orderflow events seller
    orderflow events seller request_cancel
    orderflow events marketplace --profile observed --format json
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    view = View(given["profile"], given["modules"], given["changes"])
    words = [flow] if flow is not None else list(bundled_names())
    found = inputs(view, words, named=one_flow("events")).flows
    facts = {word: facts_of(each) for word, each in found.items()}
    if event is not None and flow is not None:
        facts = {flow: (_one(event, flow, facts[flow]),)}
    if form == "json":
        pour([_document(facts)])
    elif event is not None:
        say("\n".join(line for each in facts.values() for line in _explained(each[0])))
    else:
        blocks = (_listed(word, found[word], each) for word, each in facts.items())
        say("\n\n".join("\n".join(block) for block in blocks))


def _one(event: str, flow: str, facts: Iterable[EventFacts]) -> EventFacts:
    known = {each.name: each for each in facts}
    if event not in known:
        raise UnknownEventError(event, flow, known)
    return known[event]


def _listed(word: str, flow: Flow, facts: Iterable[EventFacts]) -> Iterator[str]:
    """All events of one flow: four lines each at most."""
    every = tuple(facts)
    yield f"{word}: {flow.title}, {len(every)} events"
    for each in every:
        yield ""
        yield f"{each.name}  ({', '.join(each.actors)})"
        yield from _filled(each.meaning)
        if each.fields:
            names = (f"{field.name}{'' if field.needed else '?'}" for field in each.fields)
            yield from _filled(f"data: {', '.join(names)}")
        yield from _filled(f"in: {', '.join(each.statuses) or 'no status, it is always refused'}")


def _explained(facts: EventFacts) -> Iterator[str]:
    """Everything about one event."""
    yield f"{facts.name}: fired by {' or '.join(facts.actors)}"
    yield ""
    yield from _filled(facts.meaning, "")
    for call in facts.endpoints:
        yield f"documented call: {call}"
    yield ""
    yield "data:" if facts.fields else "data: none needed"
    for field in facts.fields:
        need = "" if field.needed else ", may be left out"
        yield from _filled(f"{field.name}: {field.type}{need}; {field.meaning}")
    for name, data in facts.examples:
        about = f"   {facts.name}:{name}" if name else ""
        yield f"{_INDENT}example: {json.dumps(data)}{about}"
    yield ""
    if not facts.steps:
        yield "the flow takes it nowhere: it is refused in every status."
        return
    yield "the flow takes it:"
    width = max(len(each.source) for each in facts.steps)
    for step in facts.steps:
        when = f", when {' and '.join(step.when)}" if step.when else ""
        actors = ", ".join(step.actors)
        yield f"{_INDENT}in {step.source:{width}}  to {step.target}, by {actors}{when} ({step.id})"
    yield "In every other status it is refused."


def _filled(text: str, indent: str = _INDENT) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _document(facts: Mapping[str, Iterable[EventFacts]]) -> str:
    flows = [
        {"flow": word, "events": [each.plain() for each in every]} for word, every in facts.items()
    ]
    document = {"schema": SCHEMA, "flows": flows}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"

"""``orderflow faults``: the known defects that a check can look for."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

import click

from orderflow.cli.common import form_option
from orderflow.cli.naming import word_for
from orderflow.cli.output import pour, say
from orderflow.flows.fault_loader import bundled_faults
from orderflow.flows.faults import Fault, FaultBook, LeftOut

_WIDTH = 96


@click.command("faults")
@click.argument("name", required=False)
@form_option("text", "json")
def command(name: str | None, form: str) -> None:
    """List the known defects of real order systems that can be switched on.

    NAME is one of them, or a profile: several that are switched on one after another. Each says
    what goes wrong, the public issue it stands for, which flows and deals show it, and which rules
    detect it. Then come those of a server's answers, which the sandbox alone shows, and those that
    nothing here shows, with the reason.

    \b
    orderflow faults
    orderflow faults message.lost
    orderflow faults real-world --format json
    orderflow check deal:complete --faults message.lost    look for one
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    book = bundled_faults()
    shown, left_out = _chosen(book, name)
    if form == "json":
        rows = [*map(_row, shown), *map(_row_left_out, left_out)]
        pour([json.dumps(rows, indent=2, ensure_ascii=False) + "\n"])
    elif name in book.faults:
        say("\n".join(_whole(shown[0], book)))
    else:
        say("\n".join(_listed(book, shown, left_out, whole=name is None)))


def _chosen(book: FaultBook, name: str | None) -> tuple[tuple[Fault, ...], tuple[LeftOut, ...]]:
    if name is None:
        return tuple(book.faults.values()), tuple(book.left_out.values())
    if name in book.left_out:
        return (), (book.left_out[name],)
    if name in book.profiles:
        return book.profile(name)
    return (book.fault(name),), ()


def _listed(
    book: FaultBook, shown: tuple[Fault, ...], left_out: tuple[LeftOut, ...], *, whole: bool
) -> Iterator[str]:
    """A few lines for each."""
    for fault in shown:
        yield f"{fault.name}  {', '.join((*fault.faults, *fault.issues))}"
        yield from _wrapped(fault.says)
        yield from _wrapped(f"shown by {', '.join(_places(fault))}; detected by {_rules(fault)}")
    served = [each for each in left_out if each.is_served]
    if served:
        yield from ([""] if shown else [])
        yield "shown by the sandbox alone, orderflow serve --fault NAME:"
    for each in served:
        yield f"{each.name}  {', '.join((*each.faults, *each.issues))}"
        yield from _wrapped(each.says)
    others = [each for each in left_out if not each.is_served]
    if others:
        yield from ([""] if shown or served else [])
        yield "cannot be switched on:"
    for each in others:
        yield f"{each.name}  {', '.join(each.faults)}"
        yield from _wrapped(each.why)
    if whole:
        yield ""
        for name, names in book.profiles.items():
            count = sum(each in book.faults for each in names)
            yield f"profile {name}: {count} of these together"


def _whole(fault: Fault, book: FaultBook) -> Iterator[str]:
    """Everything about one."""
    yield f"{fault.name} ({', '.join((*fault.faults, *fault.issues))})"
    yield from _wrapped(fault.says)
    yield f"  shown by: {', '.join(_places(fault))}"
    yield f"  detected by: {_rules(fault)}"
    for rule, why in fault.misses.items():
        yield from _wrapped(f"not by {rule}: {why}")
    for decision in fault.decisions:
        yield from _wrapped(f"decided here: {decision}")
    profiles = [name for name, names in book.profiles.items() if fault.name in names]
    if profiles:
        yield f"  in profile: {', '.join(profiles)}"
    yield f"  try: orderflow check {_places(fault)[0]} --faults {fault.name}"


def _places(fault: Fault) -> tuple[str, ...]:
    return (*fault.flows, *map(word_for, fault.deals))


def _rules(fault: Fault) -> str:
    return ", ".join(fault.detects) or "no rule"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="    ")


def _row(fault: Fault) -> dict[str, object]:
    return {
        "name": fault.name,
        "faults": fault.faults,
        "issues": fault.issues,
        "area": fault.area,
        "says": fault.says,
        "flows": fault.flows,
        "deals": fault.deals,
        "detects": fault.detects,
        "misses": dict(fault.misses),
        "decisions": fault.decisions,
    }


def _row_left_out(each: LeftOut) -> dict[str, object]:
    return {
        "name": each.name,
        "faults": each.faults,
        "issues": each.issues,
        "area": each.area,
        "left_out": each.why,
        "served": each.is_served,
        "says": each.says,
        "decisions": each.decisions,
    }

"""A verdict as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orderflow.cli.baseline import changed
from orderflow.conformance.baseline import Changes, Key, key_of
from orderflow.conformance.verdict import CellOutcome, DealVerdict, Failure, FlowVerdict, Verdict
from orderflow.flows.deal import Deal
from orderflow.reports.deal_tables import FaultGroup, all_links, all_steps, by_fault
from orderflow.reports.story import story
from orderflow.reports.suite_words import suite_lines
from orderflow.reports.tables import unjudged

Since = Mapping[Key, str]
"""``new`` or ``known`` since an earlier run, by failure; empty when there was none."""


def told(
    verdict: Verdict,
    places: Mapping[str, str],
    deals: Mapping[str, Deal],
    faults: Mapping[str, str],
    changes: Changes | None = None,
) -> str:
    """The verdict as lines for people: coverage, the story of each failure, where more stands.

    Args:
        verdict: What was found.
        places: Where each result went, by the name of its option.
        deals: The viewed deals, by the words that named them.
        faults: What each fault that was switched on does, by its name.
        changes: The run laid beside an earlier one.
    """
    since = changes.words if changes else {}
    lines = [f"target: {verdict.target}"] if verdict.target else []
    lines += [_line(flow) for flow in verdict.flows]
    lines += [_deal_line(each, deals[each.source]) for each in verdict.deals]
    for group in by_fault(verdict, faults):
        lines += _faulty(group, since) if group.name else _faultless(group.failures, since)
    if unseen := _unseen(verdict):
        lines += ["", f"found nothing wrong: {', '.join(unseen)}"]
    if verdict.left_out:
        many = "failure" if verdict.left_out == 1 else "failures"
        lines += ["", f"{verdict.left_out} more distinct {many} with longer traces"]
    if verdict.failures:
        lines.append("")
    if changes is not None:
        lines += changed(changes)
    if unfit := unjudged(verdict):
        lines.append(f"not judged, evidence missing: {', '.join(unfit)}")
    lines += [f"{name}: {path}" for name, path in places.items()]
    lines.append(f"{'PASS' if verdict.passed else 'FAIL'}: {verdict.sentence}")
    return "\n".join(lines)


def _faultless(failures: Iterable[Failure], since: Since) -> list[str]:
    return [line for failure in failures for line in ("", _story(failure, since))]


def _story(failure: Failure, since: Since) -> str:
    return story(failure, since.get(key_of(failure), "")).rstrip("\n")


def _faulty(group: FaultGroup, since: Since) -> list[str]:
    """What one fault brings about: the story of the first failure, a line for each of the rest."""
    first, *rest = group.failures
    lines = ["", f"fault {group.name}: {group.what}", "", _story(first, since)]
    if rest:
        lines.append("")
    for failure in rest:
        where = f"{failure.deal}, {failure.participant}" if failure.deal else failure.flow
        step = f" {failure.transition}" * bool(failure.transition)
        new = f", {word}" if (word := since.get(key_of(failure), "")) else ""
        lines.append(f"  also {failure.rule} ({where}{step}{new}): {failure.observed}")
    return lines


def _unseen(verdict: Verdict) -> tuple[str, ...]:
    """Faults that were looked for and made no difference to any rule."""
    seen = {failure.fault for failure in verdict.failures}
    return tuple(name for name in verdict.faults if name not in seen)


def _deal_line(found: DealVerdict, deal: Deal) -> str:
    """One deal in a line, and one for each exhaustive search."""
    steps, links = all_steps(found, deal), all_links(found, deal)
    line = (
        f"deal {found.name}: {steps.done} of {steps.total} transitions, "
        f"{links.done} of {links.total} links, {found.delivered} messages, "
        f"{found.deals} sales, {found.steps} steps"
    )
    searches = [
        f"  every configuration{proof.fault and f' under {proof.fault}'}: {proof.sentence}"
        for proof in found.proofs
    ]
    return "\n".join([line, *searches])


def _line(flow: FlowVerdict) -> str:
    taken = sum(1 for _, count in flow.transitions if count)
    entered = sum(1 for _, count in flow.states if count)
    refused = sum(1 for *_, outcome in flow.cells if outcome is CellOutcome.REFUSED)
    illegal = refused + sum(1 for *_, outcome in flow.cells if outcome is CellOutcome.UNTRIED)
    line = (
        f"{flow.name}: {taken} of {len(flow.transitions)} transitions, "
        f"{entered} of {len(flow.states)} states, {flow.pairs} of {flow.pairs_total} pairs, "
        f"{refused} of {illegal} illegal cells refused, {flow.steps} steps"
    )
    suite = "".join(f"\n  {line}" for line in suite_lines(flow.suite)) if flow.suite else ""
    searches = [("", flow.proof)] if flow.proof else []
    told = (
        f"\n  every situation{profile and f' ({profile})'}: {figures.sentence}"
        for profile, figures in (*searches, *flow.elsewhere)
    )
    return line + "".join(told) + suite

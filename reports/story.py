"""A failure as plain text: what a terminal, a CI log or a chat message can show."""

from __future__ import annotations

from textwrap import wrap

from orderflow.conformance.verdict import Failure, TraceStep
from orderflow.reports.clock import clock
from orderflow.reports.columns import WIDTH, sequence
from orderflow.reports.words import plain

_UNPLAYED = "no single run can show it: news has to be slower than a time limit"
_INDENT = "  "


def story(failure: Failure, since: str = "") -> str:
    """Tell what happened, step by step, what the rule wants, and how to see it again.

    Args:
        failure: What broke.
        since: ``new`` or ``known`` since an earlier run, empty when there was none.

    Returns:
        Lines without colour or trailing blanks, ending in a newline.
    """
    if failure.deal:
        return _sale(failure, since)
    head = [
        plain(failure.sentence),
        "",
        f"{_INDENT}rule      {plain(f'{failure.rule} {failure.title} ({failure.severity})')}",
        f"{_INDENT}flow      {plain(failure.flow)}"
        + (f", transition {plain(failure.transition)}" if failure.transition else ""),
        f"{_INDENT}expected  {plain(failure.expected)}",
        f"{_INDENT}observed  {plain(failure.observed)}",
        *(f"{_INDENT}{name:<10}{text}" for name, text in _seen_before(failure, since)),
    ]
    lines = [*head, *_steps(failure), "", f"{_INDENT}why       {plain(failure.explanation)}"]
    if failure.source:
        lines.append(f"{_INDENT}source    {plain(failure.source)}")
    lines += ["", f"{_INDENT}replay    {failure.replay}"] if failure.replay else []
    return "\n".join(line.rstrip() for line in lines) + "\n"


def tries(failure: Failure) -> str:
    """Return how often a failure came again, empty when that was not tried.

    A failure that does not always come again is flaky.
    """
    if not failure.tried:
        return ""
    times = f"{failure.tried} {'try' if failure.tried == 1 else 'tries'}"
    flaky = "flaky: " if failure.again < failure.tried else ""
    return f"{flaky}failed in {failure.again} of {times}"


_SINCE = {"new": "new, the earlier run did not tell it", "known": "known, the earlier run told it"}


def _seen_before(failure: Failure, since: str) -> tuple[tuple[str, str], ...]:
    """Whether the failure is new, and how often it came again, as far as either is known."""
    facts = (("since", _SINCE.get(since, "")), ("again", tries(failure)))
    return tuple((name, text) for name, text in facts if text)


def _sale(failure: Failure, since: str) -> str:
    """Tell a failure of several documents: the same facts, wrapped, and a column for each."""
    place = f"{failure.deal}, at {failure.participant} ({failure.flow} flow)"
    place += f", transition {failure.transition}" * bool(failure.transition)
    facts = [
        ("rule", plain(f"{failure.rule} {failure.title} ({failure.severity})")),
        ("deal", plain(place)),
        ("fault", plain(failure.fault)),
        ("expected", plain(failure.expected)),
        ("observed", plain(failure.observed)),
        *_seen_before(failure, since),
    ]
    lines = [*wrap(plain(failure.sentence), WIDTH), ""]
    for name, text in facts:
        lines += _fact(name, text)
    if failure.trace:
        lines += ["", f"{_INDENT}{_counts(failure)}", "", *sequence(failure)]
    lines += ["", *_fact("why", plain(failure.explanation))]
    lines += _fact("source", plain(failure.source))
    # never broken into lines: it is there to be copied
    lines += ["", f"{_INDENT}{'replay':<10}{failure.replay or _UNPLAYED}"]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _fact(name: str, text: str) -> list[str]:
    """Return a fact as lines that hang below each other, none when there is nothing to say."""
    lines = wrap(text, WIDTH - 12)
    return [f"{_INDENT}{'' if i else name:<10}{line}" for i, line in enumerate(lines)]


def _counts(failure: Failure) -> str:
    count, sent = len(failure.trace), len(failure.messages)
    text = f"{count} step{'s' * (count != 1)}"
    if sent:
        text += f" and {sent} message{'s' * (sent != 1)}"
    return text + (f", shrunk from {failure.shrunk_from} steps" * (failure.shrunk_from > count))


def _steps(failure: Failure) -> list[str]:
    if not failure.trace:
        return []
    count = len(failure.trace)
    title = f"{_INDENT}{count} step{'s' if count != 1 else ''}"
    if failure.shrunk_from > count:
        title += f", shrunk from {failure.shrunk_from}"
    clocks = [clock(step.at) for step in failure.trace]
    actors = max(len(plain(step.actor)) for step in failure.trace)
    width = max(map(len, clocks))
    lines = ["", title]
    for step, time in zip(failure.trace, clocks, strict=True):
        mark = "✕" if step is failure.trace[-1] else " "
        lines.append(
            f"{_INDENT}{mark} {step.number:>2}  {time:>{width}}  {plain(step.actor):<{actors}}  "
            f"{_move(step)}"
        )
    return lines


def _move(step: TraceStep) -> str:
    event, source = plain(step.event), plain(step.source)
    if not step.accepted:
        text = f"{event}: refused in {source}"
    elif step.source == step.target:
        text = f"{event}: stays in {source}"
    else:
        text = f"{event}: {source} → {plain(step.target)}"
    data = ", ".join(plain(f"{name} {value}") for name, value in step.data)
    return f"{text} ({data})" if data else text

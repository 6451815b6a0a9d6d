"""A failure as plain text: what a terminal, a CI log or a chat message can show."""

from __future__ import annotations

from orderflow.conformance.verdict import Failure, TraceStep
from orderflow.reports.clock import clock

_INDENT = "  "


def story(failure: Failure) -> str:
    """Tell what happened, step by step, what the rule wants, and how to see it again.

    Returns:
        Lines without colour or trailing blanks, ending in a newline.
    """
    head = [
        plain(failure.sentence),
        "",
        f"{_INDENT}rule      {failure.rule} {failure.title} ({failure.severity})",
        f"{_INDENT}flow      {failure.flow}"
        + (f", transition {failure.transition}" if failure.transition else ""),
        f"{_INDENT}expected  {plain(failure.expected)}",
        f"{_INDENT}observed  {plain(failure.observed)}",
    ]
    lines = [*head, *_steps(failure), "", f"{_INDENT}why       {plain(failure.explanation)}"]
    if failure.source:
        lines.append(f"{_INDENT}source    {failure.source}")
    lines += ["", f"{_INDENT}replay    {failure.replay}"]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def plain(text: str) -> str:
    """Return *text* on one line, without back quotes and without control characters."""
    words = "".join(char if char.isprintable() else " " for char in text.replace("`", ""))
    return " ".join(words.split())


def _steps(failure: Failure) -> list[str]:
    if not failure.trace:
        return []
    count = len(failure.trace)
    title = f"{_INDENT}{count} step{'s' if count != 1 else ''}"
    if failure.shrunk_from > count:
        title += f", shrunk from {failure.shrunk_from}"
    clocks = [clock(step.at) for step in failure.trace]
    actors = max(len(step.actor) for step in failure.trace)
    width = max(map(len, clocks))
    lines = ["", title]
    for step, time in zip(failure.trace, clocks, strict=True):
        mark = "✕" if step is failure.trace[-1] else " "
        lines.append(
            f"{_INDENT}{mark} {step.number:>2}  {time:>{width}}  {step.actor:<{actors}}  "
            f"{_move(step)}"
        )
    return lines


def _move(step: TraceStep) -> str:
    event = plain(step.event)
    if not step.accepted:
        text = f"{event}: refused in {step.source}"
    elif step.source == step.target:
        text = f"{event}: stays in {step.source}"
    else:
        text = f"{event}: {step.source} → {step.target}"
    data = ", ".join(f"{name} {plain(value)}" for name, value in step.data)
    return f"{text} ({data})" if data else text

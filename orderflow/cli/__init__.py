"""The command line: parses, calls, prints and picks the exit code.

0 conforms, 1 deviates, 2 bad input or usage. Results go to stdout, progress and trouble to stderr.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import io
import signal
import sys
from types import FrameType
from typing import IO, Any, NoReturn

import click

from orderflow.cli.output import say, unread
from orderflow.flows.errors import OrderflowError, did_you_mean

_VERBS = {
    "check": "Explore flows and deals, judge every step, write the report.",
    "lint": "Validate and analyse flow files and deal files.",
    "simulate": "Write histories of orders or whole sales, made from a seed.",
    "replay": "Play a counterexample or a scenario again.",
    "suite": "Generate test cases with a guarantee, and run them on a system.",
    "mutate": "Break flows on purpose: what would a suite, or the rules, notice?",
    "learn": "Learn the flow that a system really follows, and compare.",
    "diff": "Lay two versions of a flow side by side, with the test cases concerned.",
    "rules": "The catalogue of rules, explained.",
    "events": "What can happen to an order, who fires it and what comes with it.",
    "faults": "The known defects that a check can look for.",
    "draw": "A flow as a picture, or as text for other tools.",
    "docs": "Pages and diagrams of flows, kept fresh.",
    "serve": "An order-management API on this machine, to point an integration at.",
    "certify": "Lead an integration through scenarios, and say what it does wrong.",
}
_INTERRUPTED = 130
"""What a shell reports of a program that Ctrl-C ended."""

_TERMINATED = 143
"""What a shell reports of a program that was told to end."""

_UNREAD = 141
"""What a shell reports of a program whose output nobody wanted to the end."""


class Refusal(click.ClickException):
    """Something a person can mend, told on stderr without a traceback."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message."""
        del file
        say(self.format_message(), err=True)


class Terminated(KeyboardInterrupt):
    """The process was told to end: like Ctrl-C, so that no half-written file is left behind."""


class Verbs(click.Group):
    """Loads a verb's module when it is called for, so that help and errors come at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Verbs in the order in which a newcomer meets them."""
        del ctx
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of one verb, or None when there is no such verb."""
        if cmd_name not in _VERBS:
            return super().get_command(ctx, cmd_name)
        found = importlib.import_module(f"orderflow.cli.{cmd_name}").command
        if not isinstance(found, click.Command):
            raise TypeError(f"orderflow.cli.{cmd_name}.command is not a command")
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb that *args* begin with, or say which there are."""
        if args and args[0] not in _VERBS and not args[0].startswith("-"):
            hint = did_you_mean(args[0], _VERBS) or "."
            ctx.fail(f"no verb {args[0]!r}{hint} Verbs: {', '.join(_VERBS)}.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without loading their modules."""
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl(list(_VERBS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; what goes wrong on the way becomes an exit code."""
        try:
            return super().invoke(ctx)
        except OrderflowError as error:
            raise Refusal(str(error)) from error
        except KeyboardInterrupt as stop:
            say("stopped", err=True)
            ctx.exit(_TERMINATED if isinstance(stop, Terminated) else _INTERRUPTED)
        except BrokenPipeError:  # the reader of our output has had enough, as `head` does
            unread()
            ctx.exit(_UNREAD)


def _version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    del param
    if not wanted:
        return
    try:
        version = importlib.metadata.version("orderflow-harness")
    except importlib.metadata.PackageNotFoundError:  # run from a checkout without installing it
        version = "0+unknown"
    say(f"orderflow {version}")
    ctx.exit()


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="VERB ...",
    options_metavar="",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
def orderflow() -> None:
    """Simulate marketplace order flows and judge what conforms to them.

    \b
    orderflow check                      explore all flows and deals, write a report
    orderflow check my-flow.yaml         the same for a flow of your own
    orderflow check marketplace-seller   one deal: two documents and their messages
    orderflow lint my-flow.yaml          what is wrong with it, with line and column
    orderflow simulate seller --orders 1000 --seed 7 > orders.jsonl
    orderflow replay failure.trace.yaml  see a failure again
    orderflow suite seller -o seller.yaml              test cases, and what they guarantee
    orderflow check seller --target http://127.0.0.1:8080    does that system follow the flow?
    orderflow mutate seller              how strong is the suite? how strong are the rules?
    orderflow learn seller               what does a system really do? (ours, when none is named)
    orderflow rules A-39                 what a rule means
    orderflow events seller              what can happen to an order, and what comes with it
    orderflow faults                     defects that `check --faults` looks for
    orderflow draw seller -o seller.svg  a picture of a flow; also for Mermaid, Graphviz, SCXML
    orderflow docs flow-pages            pages and diagrams of all flows; --check keeps them fresh
    orderflow serve                      an order-management API to try your integration on
    orderflow certify -- ./my-erp        what does it do wrong, before a real store does?

    `orderflow VERB --help` teaches a verb by example.

    Exit codes: 0 conforms, 1 deviates, 2 bad input or usage.
    """  # noqa: D301  # \b keeps click from filling the lines that follow


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise Terminated


def main() -> None:
    """Run the command line of this process."""
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal need not know the signs we use
            stream.reconfigure(errors="backslashreplace")
    orderflow(prog_name="orderflow")

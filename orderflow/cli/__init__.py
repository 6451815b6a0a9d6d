"""The command line: parses, calls, prints and picks the exit code.

0 conforms, 1 deviates, 2 bad input or usage. Results go to stdout, progress and trouble to stderr.
"""

from __future__ import annotations

import importlib
import os
import sys

import click

from orderflow.flows.errors import OrderflowError

_VERBS = {
    "check": "Explore flows, judge every step, write the report.",
    "lint": "Validate and analyse flow files.",
    "simulate": "Write order histories made from a seed.",
    "replay": "Play a counterexample or a scenario again.",
    "rules": "The catalogue of rules, explained.",
}


class Verbs(click.Group):
    """Loads a verb's module when it is called for, so that help and errors come at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Verbs in the order in which a newcomer meets them."""
        del ctx
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of one verb, or None so that click suggests the nearest."""
        if cmd_name not in _VERBS:
            return super().get_command(ctx, cmd_name)
        found = importlib.import_module(f"orderflow.cli.{cmd_name}").command
        if not isinstance(found, click.Command):
            raise TypeError(f"orderflow.cli.{cmd_name}.command is not a command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without loading their modules."""
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl(list(_VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="orderflow-harness", prog_name="orderflow")
def orderflow() -> None:
    r"""Simulate marketplace order flows and judge what conforms to them.

    \b
    orderflow check                      explore the four flows, write a report
    orderflow check my-flow.yaml         the same for a flow of your own
    orderflow simulate seller --orders 1000 --seed 7 > orders.jsonl
    orderflow replay failure.trace.yaml  see a failure again
    orderflow rules A-39                 what a rule means

    Exit codes: 0 conforms, 1 deviates, 2 bad input or usage.
    """


def main() -> None:
    """Run the command line of this process."""
    try:
        orderflow.main(prog_name="orderflow", standalone_mode=False)
        code = 0
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        code = 130
    except OrderflowError as error:
        click.echo(str(error), err=True)
        code = 2
    except BrokenPipeError:  # the reader of our output has had enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)

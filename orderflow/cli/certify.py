"""``orderflow certify``: lead an integration through scenarios, and say what it does wrong."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from orderflow.cli.certify_options import (
    address_options,
    options_of_run,
    result_options,
)
from orderflow.cli.common import form_option, seed_option
from orderflow.cli.output import STDOUT

_REPORT = Path("orderflow-certify.html")
RESULTS = ("report", "json", "junit", "summary", "badge", "certificate")
"""Options of which each names a file for one result."""

_OF_RUN = (
    *("scenarios", "port", "listen", "hook_url", "seller_url", "tell_url", "configs", "trace"),
    *("interleave", "words"),
)
"""Options that mean something only when there is a run."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the command line asked for; see the options for the meaning of each."""

    suite: str
    scenarios: tuple[str, ...]
    words: tuple[str, ...]
    seed: int
    port: int
    listen: int
    hook_url: str
    seller_url: str
    tell_url: str
    configs: tuple[tuple[Path, Path], ...]
    time_scale: float
    quiet_for: float
    timeout: float
    patience: float
    interleave: bool
    strict: bool
    report: Path
    json: Path | None
    junit: Path | None
    summary: Path | None
    badge: Path | None
    certificate: Path | None
    trace: Path | None
    from_trace: Path | None
    form: str

    @property
    def results(self) -> Mapping[str, Path]:
        """Where each result goes, by the name of its option."""
        named = {name: getattr(self, name) for name in RESULTS}
        return {name: path for name, path in named.items() if path is not None}

    @property
    def quiet(self) -> bool:
        """Whether stdout is for one of the results."""
        return STDOUT in self.results.values()

    @property
    def again(self) -> str:
        """The command line that asks for the same."""
        words = ["orderflow", "certify", "--suite", self.suite]
        if self.from_trace is not None:
            return shlex.join([*words, "--from-trace", str(self.from_trace)])
        for name in self.scenarios:
            words += ["--scenario", name]
        words += ["--seed", str(self.seed)] if self.seed else []
        words += ["--interleave"] if self.interleave else []
        words += ["--strict"] if self.strict else []
        return shlex.join([*words, *(("--", *self.words) if self.words else ())])


@click.command("certify", context_settings={"allow_interspersed_args": False})
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND…]")
@click.option(
    "--suite",
    default="erp-basic",
    show_default=True,
    metavar="NAME|FILE",
    help="What the integration is asked to keep: a suite that --list names, or a file of your own.",
)
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="NAME|FILE",
    help="Play this one instead of all that go with the suite. Repeatable.",
)
@click.option(
    "--list", "wants_list", is_flag=True, help="Say which suites and scenarios there are."
)
@options_of_run
@address_options
@result_options(_REPORT)
@form_option("text", "json")
@seed_option
def command(*, wants_list: bool, **given: Any) -> None:
    """Lead an integration through scenarios, and say what it does wrong.

    A sandbox is started, and COMMAND with it, which finds in its environment where the sandbox is:
    ORDERFLOW_URL, ORDERFLOW_ACCOUNT, ORDERFLOW_APP_KEY and ORDERFLOW_APP_TOKEN; ORDERFLOW_PORT, on
    which to listen; ORDERFLOW_TIME_SCALE, by which to shorten its pauses; and ORDERFLOW_RECORDS,
    where it may tell what its own books say. Without COMMAND they are printed, and the integration
    is waited for. Then scenarios are played, one after the other, with the defects of real stores,
    and its calls are judged by the rules of the suite.

    \b
    orderflow certify --list
    orderflow certify --suite erp-basic -- python examples/integrations/erp.py
    orderflow certify --suite hook -- python examples/integrations/hook_receiver.py
    orderflow certify --suite erp-strict --scenario start-hidden-success -- ./my-erp --once
    orderflow certify --config settings.template=settings.ini -- ./my-erp settings.ini
    orderflow certify --suite erp-basic --port 8080 --timeout 900
    orderflow certify --suite erp-basic --from-trace calls.jsonl

    What orderflow serve --trace FILE wrote while somebody tested by hand is judged by --from-trace.
    A rule that could not be seen is not observed, and not kept; the report says which scenario
    would show it.

    Exits with 1 when the integration deviates.
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    from orderflow.cli.certify_list import show_list
    from orderflow.cli.certify_run import run

    if wants_list:
        show_list(given["form"])
        return
    given["words"] = tuple(given["words"])
    _refuse_idle(given)
    if not run(Chosen(**given)):
        click.get_current_context().exit(1)


def _refuse_idle(given: Mapping[str, Any]) -> None:
    """Refuse options that would mean nothing.

    Raises:
        UsageError: There is one.
    """
    if given["from_trace"] is None:
        return
    idle = [name for name in _OF_RUN if given[name]]
    if idle:
        shown = "COMMAND" if idle[0] == "words" else f"--{idle[0].rstrip('s').replace('_', '-')}"
        raise click.UsageError(f"{shown}: --from-trace judges what was recorded, and runs nothing")

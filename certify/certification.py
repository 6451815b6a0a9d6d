"""A certification from its beginning to the verdict: the sandbox, the run, what the rules say."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import cast, get_args

from orderflow.certify.child import Child, masked
from orderflow.certify.environment import Told, addresses_at, free_port, write_config
from orderflow.certify.integration import Integration
from orderflow.certify.run import Limits, Run, print_nothing
from orderflow.certify.run import Told as Says
from orderflow.certify.scenario import Scenario
from orderflow.certify.stage import SELLER, Addresses, Stage
from orderflow.certify.stillness import Stillness
from orderflow.conformance.check import own_version
from orderflow.conformance.integration.judge import judge, mistakes
from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.rules import RULES
from orderflow.conformance.integration.suite import Suite
from orderflow.conformance.integration.trace_file import read_trace
from orderflow.conformance.integration.verdict import Ending, Played, Verdict
from orderflow.flows.errors import OrderflowError
from orderflow.flows.statuses import catalogue
from orderflow.sandbox.outbox import is_here
from orderflow.sandbox.server import Sandbox

_MOST_NAMED = 5
_OTHERS = "(others)"
_ENDINGS: frozenset[str] = frozenset(get_args(Ending))
_HOST = re.compile(r"https?://(?:[^/?#@]*@)?(\[[^]]*\]|[^/:?#[]*)", re.IGNORECASE)
_HOOK = "/api/orders/hook/config"
_SAID_AT_ONCE = {"PYTHONUNBUFFERED": "1"}
"""Lets programs in Python say at once what they print: their last words tell why they ended."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be certified, and how.

    Attributes:
        suite: Rules that are asked for.
        scenarios: What the integration goes through, in order.
        command: The integration and its arguments; it runs elsewhere when empty.
        seed: Decides everything that chance decides.
        port: Port of the sandbox, 0 for any that is free.
        listen: Port on which the integration listens; any that is free when 0 and it is started
            here.
        addresses: Where it listens, as far as that is not at that port.
        limits: How long all may take.
        quiet: Seconds without a call after which it is at rest.
        interleave: Whether all scenarios are played at once.
        configs: Templates, and the files that are made of them for the integration.
        trace: Where each line goes as it is made.
        again: The command line that asks for the same.
    """

    suite: Suite
    scenarios: tuple[Scenario, ...]
    command: tuple[str, ...] = ()
    seed: int = 0
    port: int = 0
    listen: int = 0
    addresses: Addresses = field(default_factory=Addresses)
    limits: Limits = field(default_factory=Limits)
    quiet: float = 1.0
    interleave: bool = False
    configs: tuple[tuple[Path, Path], ...] = ()
    trace: Path | None = None
    again: str = ""


@dataclass(frozen=True, slots=True)
class Certified:
    """What came of it.

    Attributes:
        verdict: The verdict.
        interrupted: What broke it off, to be raised once all is told; None when nothing did.
        output: The end of what the integration printed, without credentials.
    """

    verdict: Verdict
    interrupted: KeyboardInterrupt | None = None
    output: str = ""


def certify(
    wanted: Wanted, says: Says = print_nothing, announce: Says = print_nothing
) -> Certified:
    """Lead an integration through scenarios, and judge it.

    Args:
        wanted: What is asked for.
        says: Hears what is going on, again and again.
        announce: Hears where the sandbox is, and how to reach it.

    Raises:
        OrderflowError: Something cannot be done as it is wanted; what was started has been stopped.
    """
    with ExitStack() as stack:
        hosts = _hosts(wanted.addresses)
        sandbox = stack.enter_context(Sandbox(port=wanted.port, seed=wanted.seed, hosts=hosts))
        _see_addresses(sandbox, wanted.addresses)
        witness = sandbox.witness()
        if wanted.trace is not None:
            stack.callback(sandbox.write_trace(wanted.trace).close)
        told = _told(sandbox, wanted)
        addresses = _beside(wanted.addresses, told.port)
        for source, target in wanted.configs:
            write_config(source, target, told.variables)
        stillness = Stillness(wanted.quiet, wanted.limits.scale)
        stage = Stage(sandbox, witness, stillness, addresses)
        announce(_words(told))
        child = Child(wanted.command, {**_SAID_AT_ONCE, **told.variables}, told.secrets)
        listens = _listens(wanted.suite, addresses)
        integration = Integration(stage, child if wanted.command else None, listens)
        stack.callback(integration.stop)
        _register(stage, wanted)
        run = Run(stage, integration, wanted.scenarios, wanted.limits, says)
        run.go(interleave=wanted.interleave)
        integration.stop()
        return Certified(
            _verdict(wanted, stage, run, integration), run.interrupted, integration.output
        )


def from_trace(suite: Suite, path: Path, again: str = "") -> Verdict:
    """Judge what was recorded before; the scenarios are those that the trace tells of.

    Raises:
        TraceError: The file cannot be read, or is no trace.
    """
    lines = read_trace(path)
    return Verdict(
        suite=suite.name,
        title=suite.title,
        judged=judge((RULES[each] for each in suite.rules if each in RULES), lines),
        played=told_in(lines),
        mistakes=mistakes(lines),
        happenings=(),
        lines=lines,
        seed=None,
        version=own_version(),
        digests=(
            ("suite", digest_of_suite(suite)),
            ("trace", hashlib.sha256(path.read_bytes()).hexdigest()),
        ),
        command=again,
        strict=suite.strict,
    )


def told_in(lines: Iterable[Line]) -> tuple[Played, ...]:
    """How the scenarios went that a trace tells of, in their order."""
    found: dict[str, Played] = {}
    for line in lines:
        name = line.scenario
        if line.kind == "scenario" and name:
            title, shows = line.text("title"), line.words("shows")
            why = "the trace ends before it does"
            found[name] = Played(name, title, "out-of-time", why, shows)
        elif line.kind == "end" and name in found and line.text("ending") in _ENDINGS:
            ending = cast("Ending", line.text("ending"))
            found[name] = replace(found[name], ending=ending, why=line.text("why"))
        elif line.kind == "step" and name in found and not line.before:
            ids = (*found[name].order_ids, line.order_id)
            found[name] = replace(found[name], order_ids=tuple(dict.fromkeys(ids)))
    return tuple(found.values())


def digest_of_suite(suite: Suite) -> str:
    """SHA-256 of what a suite asks for."""
    asked = {name: getattr(suite, name) for name in ("name", "rules", "roles", "strict")}
    return _digest(json.dumps(asked, sort_keys=True))


def digest_of_scenarios(scenarios: Sequence[Scenario]) -> str:
    """SHA-256 of the files of scenarios, in their order."""
    return _digest("\0".join(each.text for each in scenarios))


def digest_of_lines(lines: Iterable[Line]) -> str:
    """SHA-256 of a trace: each line as JSON, with sorted names."""
    digest = hashlib.sha256()
    names = tuple(each.name for each in fields(Line))
    for line in lines:
        told = {name: getattr(line, name) for name in names}
        digest.update(json.dumps(told, sort_keys=True, default=list).encode() + b"\n")
    return digest.hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _told(sandbox: Sandbox, wanted: Wanted) -> Told:
    key = sandbox.key
    return Told(
        url=sandbox.url,
        account=key.account,
        key=key.name,
        token=key.token,
        port=wanted.listen or (free_port() if wanted.command else 0),
        scale=wanted.limits.scale,
        suite=wanted.suite.name,
    )


def _words(told: Told) -> str:
    lines = (f"export {name}={value}" for name, value in told.variables.items() if value)
    return "\n".join(lines)


def _beside(given: Addresses, port: int) -> Addresses:
    """The addresses that were given, and for the others those at *port*."""
    usual = addresses_at(port) if port else Addresses()
    named = {each.name: getattr(given, each.name) for each in fields(Addresses)}
    return replace(usual, **{name: value for name, value in named.items() if value})


def _see_addresses(sandbox: Sandbox, addresses: Addresses) -> None:
    """Refuse what is no address.

    Raises:
        OrderflowError: Tells each that is none.
    """
    urls = (getattr(addresses, each.name) for each in fields(Addresses))
    wrong = [
        f"{url}: {why}" for url in urls if url and (why := sandbox.service.outbox.wrong_with(url))
    ]
    if wrong:
        raise OrderflowError("\n".join(wrong))


def _hosts(addresses: Addresses) -> tuple[str, ...]:
    """Hosts beside this machine that the sandbox is to call."""
    urls = [getattr(addresses, each.name) for each in fields(Addresses)]
    hosts = {found[1] for found in map(_HOST.match, urls) if found}
    return tuple(sorted(each for each in hosts if each and not is_here(each)))


def _listens(suite: Suite, addresses: Addresses) -> tuple[str, ...]:
    """Where an integration of this suite must be listening before the first scenario."""
    sides = {"seller": addresses.seller, "marketplace": addresses.tell}
    return tuple(sides[role] for role in suite.roles if sides.get(role))


def _register(stage: Stage, wanted: Wanted) -> None:
    """Let the sandbox know of what the integration cannot tell it by itself.

    Raises:
        OrderflowError: An address cannot be used.
    """
    if "seller" in wanted.suite.roles and stage.addresses.seller:
        body = {"sellerId": SELLER, "url": stage.addresses.seller, "endpoint": stage.url}
        reply = stage.ask("POST", "/_sandbox/sellers", body)
        if reply.refused:
            raise OrderflowError(f"{stage.addresses.seller}: {reply.why}")
    if wanted.addresses.hook:
        _configure_hook(stage, wanted.addresses.hook)


def _configure_hook(stage: Stage, url: str) -> None:
    """Configure a hook for all news; its ping is answered while the integration is waited for.

    Raises:
        OrderflowError: The address cannot be used.
    """
    offered = [name for name, each in catalogue().statuses.items() if each.in_feed_list]
    body = {
        "filter": {"type": "FromWorkflow", "status": offered},
        "hook": {"url": url, "headers": {}},
    }
    reply = stage.ask("POST", _HOOK, body, key=stage.key)
    if reply.later is None and reply.refused:
        raise OrderflowError(f"{url}: {reply.why}")


def _verdict(wanted: Wanted, stage: Stage, run: Run, integration: Integration) -> Verdict:
    suite, lines = wanted.suite, stage.lines
    happenings = (*integration.happenings, *run.happenings, *_odd(stage))
    secrets = (stage.key.token, stage.key.name)
    return Verdict(
        suite=suite.name,
        title=suite.title,
        judged=judge((RULES[each] for each in suite.rules if each in RULES), lines),
        played=run.played,
        mistakes=mistakes(lines),
        happenings=tuple(masked(each, secrets) for each in happenings),
        lines=lines,
        seed=wanted.seed,
        version=own_version(),
        digests=(
            ("suite", digest_of_suite(suite)),
            ("scenarios", digest_of_scenarios(wanted.scenarios)),
            ("trace", digest_of_lines(lines)),
        ),
        command=masked(wanted.again, secrets),
        strict=suite.strict,
    )


def _odd(stage: Stage) -> Iterable[str]:
    """What no rule speaks of, in the calls themselves."""
    unknown = dict(stage.not_simulated)
    unknown.pop(_OTHERS, None)  # what was too much to be kept by name
    for name, many in sorted(unknown.items(), key=lambda each: (-each[1], each[0]))[:_MOST_NAMED]:
        times = "once" if many == 1 else f"{many} times"
        yield f"The integration called what is not simulated: {name} ({times})."
    if len(unknown) > _MOST_NAMED:
        yield f"So are {len(unknown) - _MOST_NAMED} other calls that it made."
    if stage.overflow:
        yield f"{stage.overflow} lines were not kept: there were too many to judge them all."

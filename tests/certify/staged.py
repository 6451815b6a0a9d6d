"""A stage without network, and a clock that a test turns: scenarios are played step by step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from orderflow.certify.play import Pace, Play
from orderflow.certify.scenario_file import parse_scenario
from orderflow.certify.stage import Addresses, Stage
from orderflow.certify.stillness import Stillness
from orderflow.conformance.integration.line import Line
from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.server import Sandbox

READY = "place: {name: first, status: ready-for-handling}"


@dataclass
class Theatre:
    """A sandbox that is not started, its stage, and real time as a test wants it."""

    seed: int = 0
    addresses: Addresses = field(default_factory=Addresses)

    def __post_init__(self) -> None:
        self.time = 0.0
        self.sandbox = Sandbox(seed=self.seed)
        self.witness = self.sandbox.witness()
        self.stillness = Stillness(quiet=1.0, scale=60.0)
        self.stage = Stage(
            self.sandbox, self.witness, self.stillness, self.addresses, lambda: self.time
        )

    def call(self, method: str, path: str, body: object = None) -> tuple[int, object]:
        """What the integration does."""
        split = urlsplit(path)
        asked = Asked(
            method,
            split.path,
            split.query,
            {name.lower(): value for name, value in self.sandbox.headers.items()},
            b"" if body is None else json.dumps(body).encode(),
        )
        given = answer(self.sandbox.service, asked)
        return given.status, json.loads(given.body) if given.body else None

    def follow(self, *statuses: str) -> None:
        """Let it have a feed."""
        wanted = {"type": "FromWorkflow", "status": list(statuses)}
        assert self.call("POST", "/api/orders/feed/config", {"filter": wanted})[0] == 200

    def read(self) -> list[dict[str, str]]:
        """Let it read its feed."""
        _, items = self.call("GET", "/api/orders/feed?maxlot=10")
        assert isinstance(items, list)
        return items

    def commit(self, *items: dict[str, str]) -> None:
        """Let it commit what it read."""
        handles = [each["handle"] for each in items]
        assert self.call("POST", "/api/orders/feed", {"handles": handles})[0] == 200

    def play(self, *steps: str, expect: str = "[]", name: str = "scene", **more: str) -> Playing:
        """Begin a scenario of these steps."""
        text = written(*steps, expect=expect, name=name, **more)
        self.stage.clear(name, 1)
        self.stage.stillness.begin(self.time)
        self.stage.enter(name)
        play = Play(parse_scenario(text), self.stage, Pace(scale=60.0))
        return Playing(self, play, play.go())

    def kinds(self, kind: str) -> tuple[Line, ...]:
        """Lines of one kind."""
        return tuple(each for each in self.witness.lines if each.kind == kind)


def written(*steps: str, expect: str = "[]", name: str = "scene", **more: str) -> str:
    """A scenario as a file has it."""
    head = [f"scenario: {name}", "title: A scene", "roles: [feed]", "shows: [B-01]"]
    head += [f"{key}: {value}" for key, value in more.items()]
    return "\n".join([*head, "do:", *(f"  - {each}" for each in steps), f"expect: {expect}", ""])


@dataclass
class Playing:
    """A scenario that is being played."""

    theatre: Theatre
    play: Play
    going: Iterator[None]

    def run(self, seconds: float) -> bool:
        """Let so much real time pass; whether the scenario is over."""
        end = self.theatre.time + seconds
        while self.theatre.time <= end:
            self.theatre.stage.look()
            try:
                next(self.going)
            except StopIteration:
                self.play.end()
                return True
            self.theatre.time += 0.05
        return False

    @property
    def result(self) -> tuple[str, str]:
        """How it went, and why."""
        return self.play.played.ending, self.play.played.why

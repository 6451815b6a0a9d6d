"""Failures put together by where they broke, and those groups by what kind of news they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orderflow.conformance.verdict import Failure, Verdict

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Failures at one place: the same flow or document, transition, kind and fault.

    Attributes:
        failures: The failures, in the order of the verdict.
    """

    failures: tuple[Failure, ...]

    @property
    def first(self) -> Failure:
        """The one that is told in full."""
        return self.failures[0]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Groups that belong together on the page.

    Attributes:
        title: What they have in common.
        what: More about it, or empty.
        groups: The groups.
    """

    title: str
    what: str
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        """How many failures there are."""
        return sum(len(group.failures) for group in self.groups)


def is_flaky(failure: Failure) -> bool:
    """Whether playing its trace again did not always show it again."""
    return failure.again < failure.tried


def shelves(verdict: Verdict, faults: Mapping[str, str]) -> tuple[Shelf, ...]:
    """Return errors first, then flaky ones, then what each fault brought about, then warnings.

    Args:
        verdict: What the run found.
        faults: What each fault is, by its name.
    """
    sound = [failure for failure in verdict.failures if not failure.fault]
    errors = [failure for failure in sound if failure.severity == "error"]
    mild = [failure for failure in sound if failure.severity != "error"]
    found = [
        _shelf(
            "Without a fault" if verdict.faults else "Failures",
            "",
            (failure for failure in errors if not is_flaky(failure)),
        ),
        _shelf("Flaky", "did not fail again every time", filter(is_flaky, errors)),
    ]
    names = dict.fromkeys((*verdict.faults, *(f.fault for f in verdict.failures if f.fault)))
    for name in names:
        own = (failure for failure in verdict.failures if failure.fault == name)
        found.append(_shelf(f"Under the fault {name}", faults.get(name, ""), own))
    found.append(_shelf("Warnings", "", mild))
    return tuple(shelf for shelf in found if shelf.groups)


def _shelf(title: str, what: str, failures: Iterable[Failure]) -> Shelf:
    groups: dict[Place, list[Failure]] = {}
    for failure in failures:
        groups.setdefault(_place(failure), []).append(failure)
    return Shelf(title, what, tuple(Group(tuple(group)) for group in groups.values()))


def _place(failure: Failure) -> Place:
    where = failure.deal, failure.participant, failure.flow
    # without a transition there is nothing that two rules have in common but the flow
    what = failure.transition or failure.identity
    return (*where, what, failure.kind, failure.fault)

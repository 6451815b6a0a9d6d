"""Every time limit and switch of the order flows: what it is, and what a run sets it to.

Source: domain fact sheet "Timers, limits and numbers", section 1 and recommendation R-4.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from orderflow.flows.errors import OrderflowError, did_you_mean
from orderflow.flows.loader import parse_yaml

FILE = "settings.yaml"

MILLISECONDS = {"seconds": 1_000, "minutes": 60_000, "hours": 3_600_000, "days": 86_400_000}
"""Length of each unit of time."""

LONGEST = 36_525 * MILLISECONDS["days"]
"""A century in ms: no override is longer, so that every time of a run can be written as a date."""

Given = int | float | bool | None
"""What the file or an override says: a number in the setting's own unit, or a switch."""

Value = int | bool | None
"""What a run works with: a duration in ms, a number of attempts, a switch, or no limit at all."""


class SettingError(OrderflowError):
    """A setting that does not exist, or a value it cannot take.

    Attributes:
        problems: Everything wrong, one sentence each.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Setting:
    """One time limit or switch, as the sources describe it.

    Attributes:
        name: Short name, such as ``cancellation_window``.
        id: Number in the fact sheet, such as ``T-01``.
        default: Usual value in *unit*; None when the sources give none.
        minimum: Smallest value, None when none is stated.
        maximum: Largest value, None when none is stated.
        unit: A unit of time, ``attempts`` or ``boolean``; empty when there is nothing to measure.
        set_by: Who can change it on the platform.
        starts: When the time begins to run.
        ends: What happens when it is over.
        source: Source keys.
    """

    name: str
    id: str
    default: Given
    minimum: Given
    maximum: Given
    unit: str
    set_by: str
    starts: str
    ends: str
    source: tuple[str, ...]

    @property
    def is_duration(self) -> bool:
        """Whether it is measured in a unit of time."""
        return self.unit in MILLISECONDS

    @property
    def ceiling(self) -> Given:
        """The largest value an override may give, None for a number of attempts without one."""
        if self.maximum is not None or not self.is_duration:
            return self.maximum
        return LONGEST // MILLISECONDS[self.unit]

    @property
    def allowed(self) -> str:
        """The values an override may give, in words."""
        if self.unit == "boolean":
            return "true or false"
        if not self.unit:
            return "nothing: it is not a length of time"
        low = "more than 0," if self.minimum is None else str(self.minimum)
        if self.ceiling is None:
            return f"{low.removesuffix(',')} {self.unit}"
        return f"{low} to {self.ceiling} {self.unit}"

    def accepts(self, given: object) -> bool:
        """Whether an override may say *given*.

        Where no minimum is stated the value has to be above zero: a platform that never
        waits is not what the sources describe.
        """
        if self.unit == "boolean":
            return isinstance(given, bool)
        if not self.unit or isinstance(given, bool) or not isinstance(given, int | float):
            return False
        # not-a-number fails every comparison, and so this one
        if not given >= (self.minimum or 0) or given > (self.ceiling or math.inf):
            return False
        if not self.is_duration and given % 1:
            return False
        return self.minimum is not None or self.value(given) != 0

    def value(self, given: Given) -> Value:
        """Return *given*, which is in :attr:`unit`, as a run uses it: durations in ms."""
        if given is None or isinstance(given, bool):
            return given
        return round(given * MILLISECONDS.get(self.unit, 1))


@cache
def load_settings() -> Mapping[str, Setting]:
    """Return all settings by name, in the order of the file, which is read once."""
    text = Path(__file__).with_name(FILE).read_text("utf-8")
    data = cast("dict[str, dict[str, dict[str, Any]]]", parse_yaml(text, source=FILE).data)
    rows = data["settings"].items()
    return MappingProxyType({name: _setting(name, row) for name, row in rows})


def _setting(name: str, row: dict[str, Any]) -> Setting:
    return Setting(name=name, **{**row, "unit": row["unit"] or "", "source": tuple(row["source"])})


class Settings(Mapping[str, Value]):
    """What one run sets every limit and switch to: an immutable mapping by name.

    Durations are milliseconds, so that they can be added to a virtual time.

    >>> defaults()["cancellation_window"]
    1800000
    >>> defaults().override({"change_seller_window": 0}).milliseconds("change_seller_window")
    0
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __repr__(self) -> str:
        standard = defaults()
        moved = {name: value for name, value in self.items() if value != standard[name]}
        return f"Settings({moved})"

    def milliseconds(self, name: str) -> int:
        """Return how long the time limit *name* is.

        Raises:
            SettingError: There is no such setting, it is not a duration, or it has no value.
        """
        known = load_settings()
        if name not in known:
            raise SettingError((_unknown(name),))
        value = self._values[name]
        if not known[name].is_duration or value is None:
            raise SettingError((f"{name!r} gives no length of time: {known[name].ends}",))
        return value

    def override(self, changes: Mapping[str, Given]) -> Settings:
        """Return these settings with *changes*, each in the setting's own unit.

        Raises:
            SettingError: Names every setting that is unknown or cannot take its value.
        """
        known = load_settings()
        problems = tuple(
            _unknown(name) if name not in known else _refused(known[name], given)
            for name, given in changes.items()
            if name not in known or not known[name].accepts(given)
        )
        if problems:
            raise SettingError(problems)
        moved = {name: known[name].value(given) for name, given in changes.items()}
        return Settings({**self._values, **moved})


@cache
def defaults() -> Settings:
    """Return the settings of a platform on which nobody changed anything."""
    return Settings({s.name: s.value(s.default) for s in load_settings().values()})


def _unknown(name: str) -> str:
    hint = did_you_mean(name, load_settings()) or f"; orderflow/flows/{FILE} lists all"
    return f"there is no setting {name!r}{hint}"


def _refused(setting: Setting, given: object) -> str:
    return f"{setting.name!r} cannot be {given!r}; allowed: {setting.allowed} ({setting.id})"

"""The faults that are switched on, and when each of them strikes.

A fault strikes by a chance of its own, made from the seed, its number and how often it could have
struck: what one fault does depends on no other. Nothing is switched on to begin with, and a reset
switches all off.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, ClassVar

from orderflow.sandbox.part import Part

if TYPE_CHECKING:
    from orderflow.sandbox.service import Service


@dataclass(frozen=True, slots=True)
class Setting:
    """A fault as somebody switched it on.

    Attributes:
        name: Its name in the register.
        operations: Patterns of ``METHOD /path/{name}`` of the calls it may strike; any when empty.
        orders: Ids of the orders it may strike; any when empty.
        chance: That it strikes when it may.
        after: How often it lets pass first.
        times: How often it strikes at most, None for no end.
        lasts: Ms of virtual time after which it is switched off, None for never.
        milliseconds: How long what it delays is late; 0 for what is usual for it.
        seconds: After how long it lets a client come again; 0 for what is usual for it.
    """

    name: str
    operations: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    chance: float = 1.0
    after: int = 0
    times: int | None = None
    lasts: int | None = None
    milliseconds: int = 0
    seconds: int = 0

    @property
    def counts(self) -> bool:
        """Whether it matters how often the fault could have struck."""
        return self.chance < 1 or self.after > 0 or self.times is not None

    def is_for(self, operation: str) -> bool:
        """Whether it may strike calls of that operation."""
        asked = self.operations
        return not asked or any(fnmatchcase(operation, each) for each in asked)

    def is_about(self, order_id: str) -> bool:
        """Whether it may strike what concerns that order."""
        return not self.orders or order_id in self.orders


@dataclass(slots=True)
class Fault:
    """A fault that is switched on.

    Attributes:
        number: 1 for the first that was switched on.
        setting: How it was switched on.
        met: How often it could have struck.
        struck: How often it did.
        until: Virtual time in ms at which it is switched off, None for never.
    """

    number: int
    setting: Setting
    met: int = 0
    struck: int = 0
    until: int | None = None


class Faults(Part):
    """The faults of a sandbox.

    Attributes:
        every: Those that are switched on, oldest first.
        fired: Names of those that struck while the present call was answered.
    """

    name: ClassVar[str] = "faults"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.every: list[Fault] = []
        self.fired: list[str] = []
        self._made = 0

    def switch_on(self, setting: Setting) -> Fault:
        """Switch a fault on; the same one may be on several times."""
        self._made += 1
        until = None if setting.lasts is None else self.service.now + setting.lasts
        fault = Fault(self._made, setting, until=until)
        self.every.append(fault)
        if until is not None:
            self.service.remind(until, self, fault.number)
        self._stand()
        return fault

    def switch_off(self, number: int) -> bool:
        """Switch a fault off; false when it is not on."""
        kept = [fault for fault in self.every if fault.number != number]
        if len(kept) == len(self.every):
            return False
        self.every = kept
        self._stand()
        return True

    def due(self, token: object) -> None:
        """A fault has lasted long enough."""
        if isinstance(token, int):
            self.switch_off(token)

    def on(self, name: str) -> bool:
        """Whether a fault of that name is switched on."""
        return any(fault.setting.name == name for fault in self.every)

    def strikes(self, name: str, order_id: str = "") -> bool:
        """Whether a fault of that name strikes here and now, which counts.

        Ask only while something happens that a journal would bring about again: a call that
        writes, a step of an order, a reminder.
        """
        may = [each for each in self.every if each.setting.name == name]
        return any(self.meets(each) for each in may if each.setting.is_about(order_id))

    def meets(self, fault: Fault) -> bool:
        """Whether *fault* strikes, now that it could; both counts."""
        setting = fault.setting
        fault.met += 1
        over = setting.times is not None and fault.struck >= setting.times
        if fault.met <= setting.after or over or not self._by_chance(fault):
            return False
        fault.struck += 1
        self.fired.append(setting.name)
        return True

    def _by_chance(self, fault: Fault) -> bool:
        if fault.setting.chance >= 1:
            return True
        chance = random.Random(f"{self.service.seed}/faults/{fault.number}/{fault.met}")
        return chance.random() < fault.setting.chance

    def delay(self, name: str, usual: int) -> int:
        """Ms by which a fault of that name makes late what it delays."""
        given = (fault.setting.milliseconds for fault in self.every if fault.setting.name == name)
        return next((each for each in given if each), usual)

    def _stand(self) -> None:
        # Imported here: what a fault changes for as long as it is on knows the service, which
        # knows this module.
        from orderflow.sandbox.fault_standing import stand

        stand(self.service)

"""Order documents that have been written out, for whoever reads one again before it changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from orderflow.sandbox.held import Held

_MOST = 1_000
"""Sales whose documents are kept: some MB of memory."""

_Key = tuple[str, str, str]


class Drawn:
    """Bytes of order documents.

    A document is forgotten when anything happens to its sale, all of them when anything happens
    of which it is not known what it concerns.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, dict[_Key, bytes]] = OrderedDict()

    def of(self, held: Held, kind: str, host: str, draw: Callable[[], bytes]) -> bytes:
        """One document of *held* as *kind* of reader sees it under the name *host*."""
        kept = self._kept.get(held.group)
        if kept is None:
            kept = self._kept[held.group] = {}
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(held.group)
        key = (held.order_id, kind, host)
        body = kept.get(key)
        if body is None:
            body = kept[key] = draw()
        return body

    def touch(self, group: str) -> None:
        """Something has happened to the sale of that name."""
        self._kept.pop(group, None)

    def clear(self) -> None:
        """Something has happened to any sale."""
        self._kept.clear()

"""Whatever a test of the sandbox does, a document that is read again is as a new one would be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from orderflow.sandbox.drawn import Drawn
from orderflow.sandbox.held import Held


@pytest.fixture(autouse=True)
def _documents_are_never_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Drawn.of

    def looked_at(
        self: Drawn, held: Held, kind: str, host: str, draw: Callable[[], bytes]
    ) -> bytes:
        body = kept(self, held, kind, host, draw)
        assert body == draw(), f"the {kind or 'order'} document of {held.order_id} is stale"
        return body

    monkeypatch.setattr(Drawn, "of", looked_at)

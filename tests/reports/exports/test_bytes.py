"""Every export of every flow is the same, byte for byte, whatever the process."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from orderflow.flows.model import Profile
from orderflow.reports.exports.alt import alt_text
from orderflow.reports.exports.dot import dot
from orderflow.reports.exports.graphml import graphml
from orderflow.reports.exports.mermaid import mermaid
from orderflow.reports.exports.picture import flow_svg
from orderflow.reports.exports.scxml import scxml
from tests.cli.running import environment
from tests.reports.builders import NAMES
from tests.reports.exports.flows import MODULES, shipped

WRITERS = (alt_text, dot, graphml, mermaid, flow_svg, scxml)
PROGRAM = "from tests.reports.exports.test_bytes import fingerprint; print(fingerprint())"


def fingerprint() -> str:
    """One number for all exports of all that ships."""
    whole = hashlib.sha256()
    for name in NAMES:
        for profile in Profile:
            flow = shipped(name, profile, MODULES)
            for write in WRITERS:
                whole.update(write(flow).encode())
    return whole.hexdigest()


@pytest.mark.parametrize("seed", ["0", "2718"])
def test_another_order_of_hashes_changes_nothing(seed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment(PYTHONHASHSEED=seed),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout.strip() == fingerprint()

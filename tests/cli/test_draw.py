"""`orderflow draw` shows a flow in every format, and refuses what it cannot show."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from orderflow.flows.loader import bundled
from orderflow.flows.model import Profile
from orderflow.reports.exports.dot import dot
from orderflow.reports.exports.graphml import graphml
from orderflow.reports.exports.mermaid import mermaid
from orderflow.reports.exports.picture import flow_svg
from orderflow.reports.exports.scxml import scxml
from tests.cli.running import here, refused, run

__all__ = ["here"]

SELLER = bundled("seller").view()


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("svg", flow_svg(SELLER)),
        ("mermaid", mermaid(SELLER)),
        ("dot", dot(SELLER)),
        ("graphml", graphml(SELLER)),
        ("scxml", scxml(SELLER)),
    ],
)
def test_a_format_goes_to_standard_output_or_to_a_file(here: Path, form: str, text: str) -> None:
    outcome = run("draw", "seller", "--format", form)
    silent = run("draw", "seller", "--format", form, "-o", "drawn")

    assert (outcome.code, outcome.out, outcome.err) == (0, text, "")
    assert (silent.code, silent.out, silent.err) == (0, "", "")
    assert (here / "drawn").read_text("utf-8") == text


def test_svg_is_usual_and_can_be_dark(here: Path) -> None:
    assert run("draw", "seller").out == flow_svg(SELLER)
    assert run("draw", "seller", "--dark").out == flow_svg(SELLER, dark=True)


def test_profile_and_modules_are_those_asked_for() -> None:
    seen = bundled("marketplace").view(Profile.OBSERVED, ("change-payment", "picking"))
    words = ["--profile", "observed", "--module", "picking", "--module", "change-payment"]

    assert run("draw", "marketplace", "--format", "mermaid", *words).out == mermaid(seen)


def test_png_goes_to_a_file(here: Path) -> None:
    pytest.importorskip("resvg_py", reason="the extra png is not installed")

    assert run("draw", "chain", "--format", "png", "-o", "chain.png").code == 0
    assert run("draw", "chain", "--dark", "--format", "png", "-o", "dark.png").code == 0
    light, dark = ((here / name).read_bytes() for name in ("chain.png", "dark.png"))
    assert light[:8] == dark[:8] == b"\x89PNG\r\n\x1a\n"
    assert light != dark


def test_a_flow_file_is_drawn_and_never_overwritten(here: Path) -> None:
    own = here / "own.yaml"
    own.write_text("flow: own\nextends: seller\ntitle: My store\n")

    assert ">My store<" in run("draw", "own.yaml").out
    assert "is read by this command" in refused("draw", "own.yaml", "-o", "own.yaml")


def test_what_cannot_be_drawn_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "did you mean 'seller'" in refused("draw", "seler")
    assert "is a deal" in refused("draw", "marketplace-seller")
    assert "modules: picking, wms" in refused("draw", "seller", "--module", "wm")
    assert "only svg and png" in refused("draw", "seller", "--dark", "--format", "dot")
    assert "name a file with -o" in refused("draw", "seller", "--format", "png")
    assert "there is no folder" in refused("draw", "seller", "-o", "nowhere/x.svg")

    monkeypatch.setitem(sys.modules, "resvg_py", None)
    assert "orderflow-harness[png]" in refused("draw", "seller", "--format", "png", "-o", "x.png")
    assert not (here / "x.png").exists()

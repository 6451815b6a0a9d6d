"""The plugin costs other people's runs nothing: it imports nothing until a test uses it."""

import json
import sys
from pathlib import Path

import pytest

LISTING = """
    import json, pathlib, sys

    def pytest_unconfigure(config):
        pathlib.Path("modules.json").write_text(json.dumps(sorted(sys.modules)))
"""
HEAVY = ("hypothesis", "networkx", "yaml", "pydantic", "click", "transitions", "jinja2", "httpx2")


def modules_of(pytester: pytest.Pytester, *options: str) -> set[str]:
    """What a run of somebody else's test imports."""
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", *options)

    assert result.ret == 0
    return set(json.loads((pytester.path / "modules.json").read_text()))


@pytest.fixture
def somebody(pytester: pytest.Pytester) -> pytest.Pytester:
    """Somebody's tests, which know nothing of us."""
    pytester.makeconftest(LISTING)
    pytester.makepyfile("def test_addition(): assert 1 + 1 == 2")
    pytester.path.joinpath("some.yaml").write_text("a: 1")
    return pytester


def test_a_run_that_does_not_use_it_imports_one_small_module_of_ours(
    somebody: pytest.Pytester,
) -> None:
    without = modules_of(somebody, "-p", "no:orderflow")
    loaded = modules_of(somebody)

    assert loaded - without == {"orderflow", "orderflow.pytest_plugin"}


def test_alone_it_brings_nothing_heavy(
    somebody: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    loaded = modules_of(somebody, "-p", "orderflow.pytest_plugin")

    assert "orderflow.pytest_plugin" in loaded
    assert {name for name in HEAVY if name in loaded} == set()


def test_a_run_that_uses_it_imports_what_it_needs(somebody: pytest.Pytester) -> None:
    somebody.makepyfile(test_it="def test_it(orderflow_simulator): pass")

    loaded = modules_of(somebody)

    assert {"orderflow.pytesting.prepared", "yaml"} <= loaded
    assert loaded.isdisjoint({"orderflow.reports", "orderflow.conformance.subjects.http"})


def test_it_is_loaded_in_a_few_milliseconds(somebody: pytest.Pytester) -> None:
    code = "import pytest, orderflow.pytest_plugin"
    result = somebody.run(sys.executable, "-X", "importtime", "-c", code)

    rows = [line.split("|") for line in result.errlines if "orderflow" in line]
    ours = {row[2].strip(): int(row[1]) for row in rows if row[1].strip().isdigit()}
    assert "orderflow.pytest_plugin" in ours
    assert ours["orderflow.pytest_plugin"] < 20_000  # microseconds; a tenth of that is usual


def test_it_is_small() -> None:
    from orderflow import pytest_plugin

    assert Path(pytest_plugin.__file__).stat().st_size < 12_000

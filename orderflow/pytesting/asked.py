"""What the options and ini values ask for, with every path as seen from where it was written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from orderflow.conformance.thresholds import ThresholdError, parse_thresholds

DEFAULT_FLOW = "seller"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run was asked for.

    Attributes:
        suites: Suite files to collect.
        target: System under test, empty for the simulator itself.
        mapping: How events are asked of the target, None when it needs no file.
        flow: Flow of tests that name none.
        cover: What cases are generated for; empty for what a suite usually covers.
        coverage: File that what was covered is added to.
        require: Least coverage, as it was typed; empty when none is required.
        insists: The requirement was typed, and does not only stand in the ini file.
        traces: Where failing cases are written; None for the folder of pytest's cache.
    """

    suites: tuple[Path, ...] = ()
    target: str = ""
    mapping: Path | None = None
    flow: str = DEFAULT_FLOW
    cover: str = ""
    coverage: Path | None = None
    require: str = ""
    insists: bool = False
    traces: Path | None = None


_ASKED = pytest.StashKey[Asked]()


def asked(config: pytest.Config) -> Asked:
    """What the run was asked for; read once."""
    if _ASKED not in config.stash:
        config.stash[_ASKED] = _read(config)
    return config.stash[_ASKED]


def _read(config: pytest.Config) -> Asked:
    typed = config.getoption("orderflow_suite") or []
    return Asked(
        suites=(
            *(_typed_path(config, word) for word in typed),
            *(Path(path) for path in config.getini("orderflow_suite")),
        ),
        target=_text(config, "target"),
        mapping=_path(config, "mapping"),
        flow=_text(config, "flow") or DEFAULT_FLOW,
        cover=_text(config, "cover"),
        coverage=_path(config, "coverage"),
        require=_required(config),
        insists=bool(config.getoption("orderflow_require")),
        traces=_path(config, "traces"),
    )


def _required(config: pytest.Config) -> str:
    """The least coverage; what the ini file asks for is not for runs of some tests only."""
    typed = config.getoption("orderflow_require")
    narrow = [config.getoption(name, default=None) for name in ("keyword", "markexpr", "lf")]
    if not typed and (any(narrow) or any("::" in word for word in config.args)):
        return ""
    return _text(config, "require")


def _text(config: pytest.Config, name: str) -> str:
    typed = config.getoption(f"orderflow_{name}")
    return str(typed if typed is not None else config.getini(f"orderflow_{name}"))


def _path(config: pytest.Config, name: str) -> Path | None:
    typed, written = config.getoption(f"orderflow_{name}"), config.getini(f"orderflow_{name}")
    if typed:
        return _typed_path(config, typed)
    beside = config.inipath.parent if config.inipath else config.rootpath
    return beside / written if written else None


def _typed_path(config: pytest.Config, word: str) -> Path:
    return config.invocation_params.dir / word


def begin(config: pytest.Config) -> None:
    """Have the suite files collected that no argument names already.

    Those of an ini file are left out when somebody asks for certain tests, as ``testpaths`` are.

    Raises:
        pytest.UsageError: What was asked for cannot be.
    """
    wanted = asked(config)
    _refuse(wanted)
    typed = {_typed_path(config, word) for word in config.getoption("orderflow_suite") or ()}
    everything = config.args_source is not pytest.Config.ArgsSource.ARGS
    named = {_typed_path(config, word.partition("::")[0]).resolve() for word in config.args}
    for path in wanted.suites:
        if (path in typed or everything) and path.resolve() not in named:
            config.args.append(str(path))
            named.add(path.resolve())


def _refuse(wanted: Asked) -> None:
    wrong = [f"{path}: there is no such suite file" for path in wanted.suites if not path.is_file()]
    if wanted.mapping is not None and not wanted.mapping.is_file():
        wrong.append(f"{wanted.mapping}: there is no such mapping file")
    if wanted.mapping is not None and not wanted.target:
        wrong.append("--orderflow-mapping says how to ask a target: give --orderflow-target, too")
    try:
        if wanted.require:
            parse_thresholds(wanted.require)
    except ThresholdError as error:
        wrong.append(f"--orderflow-require: {error}")
    if wrong:
        raise pytest.UsageError("\n".join(wrong))

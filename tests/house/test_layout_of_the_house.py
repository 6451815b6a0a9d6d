"""The repository is laid out as it says: one set of folders, one list of packages, and nothing
committed that belongs to somebody's machine."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("flows", "simulator", "conformance", "reports", "sandbox", "certify")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SETUPTOOLS: dict[str, Any] = PROJECT["tool"]["setuptools"]
CONTRACTS = {entry["id"]: entry for entry in PROJECT["tool"]["importlinter"]["contracts"]}


def folder_of(package: str) -> Path:
    """Where the files of *package* stand, by the table in pyproject.toml."""
    table: dict[str, str] = SETUPTOOLS["package-dir"]
    home = max((name for name in table if f"{package}.".startswith(f"{name}.")), key=len)
    rest = package.removeprefix(home).strip(".")
    return ROOT.joinpath(table[home], *filter(None, rest.split(".")))


def file_of(module: str) -> Path:
    """The source file of a dotted *module*."""
    package, _, name = module.rpartition(".")
    return folder_of(package) / f"{name}.py"


def committed_files() -> list[Path]:
    """Every file that is or would be committed; links are left to what they point at."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return [path for path in paths if path.is_file() and not path.is_symlink()]


@pytest.mark.parametrize("folder", FOLDERS)
def test_link_and_folder_are_the_same_directory(folder: str) -> None:
    link = ROOT / "orderflow" / folder

    assert link.is_symlink()
    assert link.readlink() == Path("..", folder)
    assert link.samefile(ROOT / folder)


def test_there_are_no_other_links() -> None:
    links = {path.name for path in (ROOT / "orderflow").iterdir() if path.is_symlink()}

    assert links == set(FOLDERS)


def _holds_modules(path: Path) -> bool:
    return path.is_dir() and any(path.glob("*.py"))


def test_package_list_names_every_folder_with_a_module_and_no_other() -> None:
    own = (path for path in (ROOT / "orderflow").iterdir() if not path.is_symlink())
    found = {"orderflow", *(f"orderflow.{path.name}" for path in own if _holds_modules(path))}
    for folder in FOLDERS:
        for path in [ROOT / folder, *(ROOT / folder).rglob("*")]:
            if path.is_dir() and path.name != "__pycache__":
                found.add(".".join(("orderflow", *path.relative_to(ROOT).parts)))

    assert sorted(found) == sorted(SETUPTOOLS["packages"])


@pytest.mark.parametrize("package", SETUPTOOLS["packages"])
def test_listed_package_has_a_folder_with_files(package: str) -> None:
    folder = folder_of(package)
    is_data_only = package in SETUPTOOLS["package-data"] and not any(folder.glob("*.py"))

    assert folder.is_dir()
    assert is_data_only or (folder / "__init__.py").is_file()


def test_every_data_file_is_shipped() -> None:
    shipped: dict[str, list[str]] = SETUPTOOLS["package-data"]
    left_behind = [
        str(path.relative_to(ROOT))
        for package in SETUPTOOLS["packages"]
        for path in folder_of(package).iterdir()
        if path.is_file() and path.suffix not in {".py", ".pyc", ".md"}
        if not any(path.match(pattern) for pattern in shipped.get(package, ()))
    ]

    assert left_behind == []


def test_front_door_is_empty_but_for_its_docstring() -> None:
    tree = ast.parse((ROOT / "orderflow" / "__init__.py").read_text("utf-8"))

    assert len(tree.body) == 1
    assert ast.get_docstring(tree)


def test_package_says_that_it_is_typed() -> None:
    assert (ROOT / "orderflow" / "py.typed").is_file()


def test_command_is_installed() -> None:
    (command,) = entry_points(group="console_scripts", name="orderflow")

    assert command.value == PROJECT["project"]["scripts"]["orderflow"]
    assert callable(command.load())


def test_no_file_is_imported_under_two_names() -> None:
    names: dict[Path, set[str]] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        path = Path(file).resolve() if file else None
        if path and path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in FOLDERS:
            names.setdefault(path, set()).add(name)

    assert {path.name: found for path, found in names.items() if len(found) > 1} == {}
    assert {
        name for found in names.values() for name in found if name.split(".")[0] in FOLDERS
    } == set()


def test_pyright_is_told_of_every_link() -> None:
    included = PROJECT["tool"]["pyright"]["include"]

    assert {f"orderflow/{folder}" for folder in FOLDERS} <= set(included)


def outside_names(tree: ast.Module) -> set[str]:
    """Top-level names of everything *tree* imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("module", CONTRACTS["values"]["source_modules"])
def test_value_module_knows_no_files_network_clock_or_chance(module: str) -> None:
    tree = ast.parse(file_of(module).read_text("utf-8"))
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }

    assert outside_names(tree) & set(CONTRACTS["values"]["forbidden_modules"]) == set()
    assert called & {"open", "print", "input", "now", "today", "utcnow", "eval", "exec"} == set()


MACHINE_PATH = re.compile(r"(?<![\w.:/])/(?:home|root|Users|work|mnt|srv)/\w|\b[A-Z]:\\Users\\")
INSTALL_SOURCE = re.compile(
    r"""(?ix)
    (?: index-url | find-links | trusted-host | registry | resolved )["']?\s*[=:]\s*["']?\w+://
    | \b (?: pypi | pythonhosted | npmjs | npmmirror ) \. [a-z]{2,}
    """
)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MACHINE_PATH, "see /" + "home/ada/notes.txt"),
        (MACHINE_PATH, "C:" + "\\Users\\ada"),
        (INSTALL_SOURCE, "--index-url" + "=https://example.org/simple"),
        (INSTALL_SOURCE, '"resolved": ' + '"https://example.org/a.tgz"'),
        (INSTALL_SOURCE, "files.pythonhosted" + ".org"),
    ],
    ids=["unix", "windows", "index", "lock", "host"],
)
def test_what_must_not_be_committed_is_recognised(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def test_no_committed_file_names_a_machine_or_a_place_to_install_from() -> None:
    findings = []
    for path in committed_files():
        data = path.read_bytes()
        if b"\0" in data:
            continue
        for number, line in enumerate(data.decode("utf-8").splitlines(), start=1):
            if MACHINE_PATH.search(line) or INSTALL_SOURCE.search(line):
                findings.append(f"{path.relative_to(ROOT)}:{number}")

    assert findings == []


def test_committed_text_ends_lines_the_same_way_everywhere() -> None:
    text = [(path, path.read_bytes()) for path in committed_files()]
    mixed = [
        str(path.relative_to(ROOT)) for path, data in text if b"\0" not in data and b"\r\n" in data
    ]

    assert mixed == []


def test_pins_are_exact_and_name_no_place() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]

    assert pins
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.]+", pin)] == []

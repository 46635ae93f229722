"""The rules of the code's shape: who may import whom, how long things may be, what is not done.

Everything is read with `ast`: importing a layer would import Home Assistant with it.
"""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
import statistics
import sys

from homeassistant.const import Platform
import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "custom_components.tuyalink_intercom"
INTEGRATION = ROOT / "custom_components" / "tuyalink_intercom"
SIMULATOR = ROOT / "tests" / "simulator"
TOOLS = ROOT / "tests" / "tools"

FUNCTION_LINES = 60
FUNCTION_LINES_P90 = 30
FUNCTION_LINES_MEDIAN = 10
FILE_LINES = 300
LONGER_FILES = {"coordinator.py": 350, "config_flow.py": 350}

# Outside packages that a layer may use; the standard library is always allowed.
API_USES = {"aiohttp", "yarl", "Crypto"}
MODEL_USES: set[str] = set()
ALBUM_USES = {"PIL"}
SIMULATOR_USES = {"aiohttp", "Crypto", "PIL"}

# Entities do not speak with Tuya: its errors end in `entity`.
PLATFORMS = {str(platform) for platform in Platform}
# Left to right; a module imports only from layers to its left or its own. Modules that no layer
# names hold something several of them share: they are bound by the ban on cycles alone.
LAYERS = (
    {"coordinator"},
    {"push", "webhook", "captures", "entity"},
    PLATFORMS
    | {"config_flow", "diagnostics", "logbook", "media_source", "repairs", "services"}
    | {"system_health", "trigger"},
)

# `except Exception` hides bugs. Each one here is the top of something that must outlive one.
BROAD_EXCEPTS = {
    "api/pulsar.py": "a message that breaks its reader must not end the delivery of all others",
    "subscriptions.py": "one subscriber's bug must not cost the others their event",
}

VAGUE_MODULES = {"utils", "util", "helpers", "helper", "common", "misc"}


@cache
def sources(*folders: Path) -> list[Path]:
    """Every Python file under the folders."""
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Return all parts of a file."""
    return (*ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))),)


def module_of(path: Path) -> str:
    """Return the dotted name of a file of this repository."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def absolute(node: ast.ImportFrom, path: Path) -> str:
    """Return what `from X` means in that file, as a dotted name."""
    if not node.level:
        return node.module or ""
    package = module_of(path).split(".")
    ups = node.level - (path.name == "__init__.py")
    base = package[: len(package) - ups]
    return ".".join([*base, *([node.module] if node.module else [])])


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Return every import of a file; `from a import b` is `a.b` where that is a module of ours."""
    ours = {module_of(each) for each in sources(INTEGRATION, SIMULATOR)}
    found: list[str] = []
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, path)
            found += {f"{base}.{alias.name}" for alias in node.names} & ours or {base}
    return tuple(found)


def within(path: Path) -> set[str]:
    """Return what a file imports of the integration, without the integration's own name."""
    return {
        name.removeprefix(PACKAGE).removeprefix(".")
        for name in imports(path)
        if name == PACKAGE or name.startswith(f"{PACKAGE}.")
    }


def outside(path: Path, own: str) -> set[str]:
    """Return the packages a file imports, without the standard library and its own package."""
    return {
        name.partition(".")[0]
        for name in imports(path)
        if name != own and not name.startswith(f"{own}.")
    } - set(sys.stdlib_module_names)


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in nodes_of(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield f"{path.relative_to(ROOT)}: {node.name}", node.end_lineno - node.lineno + 1


def layer_of(module: str) -> int | None:
    top = module.partition(".")[0]
    return next((rank for rank, layer in enumerate(LAYERS) if top in layer), None)


def test_the_wire_knows_nothing_of_home_assistant_or_of_us() -> None:
    for path in sources(INTEGRATION / "api"):
        assert outside(path, f"{PACKAGE}.api") <= API_USES, path
        assert not {name for name in within(path) if name.partition(".")[0] != "api"}, path


def test_the_meaning_takes_only_the_message_from_the_wire() -> None:
    for path in sources(INTEGRATION / "model"):
        assert outside(path, PACKAGE) <= MODEL_USES, path
        foreign = {name for name in within(path) if name.partition(".")[0] != "model"}
        assert foreign <= {"api.message"}, path


def test_the_album_knows_neither_home_assistant_nor_the_wire() -> None:
    for path in sources(INTEGRATION / "album"):
        assert outside(path, PACKAGE) <= ALBUM_USES, path
        assert {name.partition(".")[0] for name in within(path)} <= {"album", "model"}, path


def test_a_layer_imports_only_from_its_left() -> None:
    for path in sources(INTEGRATION):
        rank = layer_of(module_of(path).removeprefix(f"{PACKAGE}."))
        for name in within(path):
            imported = layer_of(name)
            if rank is not None and imported is not None:
                assert imported <= rank, f"{path.name} imports {name}"


def test_nobody_imports_the_package_itself() -> None:
    assert [path for path in sources(INTEGRATION) if "" in within(path)] == []


def test_what_home_assistant_loads_does_not_import_each_other() -> None:
    for path in sources(INTEGRATION):
        if path.stem in LAYERS[-1]:
            assert {name for name in within(path) if name in LAYERS[-1]} == set(), path


def test_entities_do_not_speak_with_tuya() -> None:
    for path in sources(INTEGRATION):
        if path.stem in PLATFORMS and path.parent == INTEGRATION:
            assert {name for name in within(path) if name.partition(".")[0] == "api"} == set(), path


def test_no_import_goes_round_in_a_circle() -> None:
    graph = {
        module_of(path).removeprefix(PACKAGE).removeprefix("."): within(path)
        for path in sources(INTEGRATION)
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"circle of imports: {error.args[1]}")


def test_the_simulator_is_a_second_opinion_on_the_wire() -> None:
    for path in sources(SIMULATOR):
        assert outside(path, "tests.simulator") <= SIMULATOR_USES, path


def test_files_and_functions_stay_short() -> None:
    for path in sources(INTEGRATION, SIMULATOR, TOOLS):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= LONGER_FILES.get(path.name, FILE_LINES), f"{path}: {lines} lines"
    for path in sources(ROOT / "custom_components", ROOT / "tests"):
        for name, lines in functions(path):
            assert lines <= FUNCTION_LINES, f"{name}: {lines} lines"


def test_most_functions_are_very_short() -> None:
    lengths = [lines for path in sources(INTEGRATION) for _, lines in functions(path)]
    if len(lengths) > 1:
        assert statistics.median(lengths) <= FUNCTION_LINES_MEDIAN
        assert statistics.quantiles(lengths, n=10)[-1] <= FUNCTION_LINES_P90


def test_annotations_are_lazy_without_the_future() -> None:
    for path in sources(ROOT / "custom_components", ROOT / "tests"):
        assert "__future__" not in set(imports(path)), path


def broad_excepts(path: Path) -> int:
    """Count the handlers that catch everything, `except Other, Exception` among them."""
    return sum(
        node.type is None
        or bool(
            {"Exception", "BaseException"} & {ast.unparse(each) for each in ast.walk(node.type)}
        )
        for node in nodes_of(path)
        if isinstance(node, ast.ExceptHandler)
    )


def test_every_broad_except_has_a_reason() -> None:
    found = {
        path.relative_to(INTEGRATION).as_posix(): broad_excepts(path)
        for path in sources(INTEGRATION)
    }
    assert {name: count for name, count in found.items() if count} == dict.fromkeys(
        BROAD_EXCEPTS, 1
    )


def test_nothing_is_kept_in_hass_data() -> None:
    for path in sources(INTEGRATION):
        for node in nodes_of(path):
            if isinstance(node, ast.Attribute) and node.attr == "data":
                owner = ast.unparse(node.value)
                assert owner.rpartition(".")[2] != "hass", f"{path}:{node.lineno}"


def test_names_say_what_a_thing_is() -> None:
    for path in sources(INTEGRATION, SIMULATOR):
        assert path.stem not in VAGUE_MODULES, path
        classes = {node.name for node in nodes_of(path) if isinstance(node, ast.ClassDef)}
        assert not {name for name in classes if name.endswith(("Manager", "Helper"))}, path


def sleeps(path: Path) -> list[str]:
    return [
        ast.unparse(node)
        for node in nodes_of(path)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"asyncio.sleep", "time.sleep", "sleep"}
        and ast.unparse(node) != "asyncio.sleep(0)"
    ]


def test_no_test_waits_for_time_to_pass() -> None:
    for path in sources(ROOT / "tests"):
        if path.name.startswith(("test_", "conftest")):
            assert sleeps(path) == [], path

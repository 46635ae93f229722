"""What the repository says of itself: versions, manifest, brand, quality scale, scripts."""

from collections.abc import Iterator
import importlib
import json
import os
from pathlib import Path
import re
import subprocess
import sys
import tomllib
from typing import Any

from homeassistant.util.yaml import parse_yaml
from PIL import Image
import pytest

ROOT = Path(__file__).parent.parent
INTEGRATION = ROOT / "custom_components" / "tuyalink_intercom"
BASH_SCRIPTS = sorted(path for path in (ROOT / "scripts").iterdir() if path.is_file())
SCRIPT_LINES = 25
# Finding a Python on a machine that has none is a program of its own.
LONG_SCRIPTS = {"bootstrap-python"}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

# Home Assistant's integration quality scale as of 2026.11.
QUALITY_RULES = """
action-setup appropriate-polling brands common-modules config-flow-test-coverage config-flow
dependency-transparency docs-actions docs-conditions docs-high-level-description
docs-installation-instructions docs-removal-instructions docs-triggers entity-event-setup
entity-unique-id has-entity-name runtime-data test-before-configure test-before-setup
unique-config-entry

action-exceptions config-entry-unloading docs-configuration-parameters
docs-installation-parameters entity-unavailable integration-owner log-when-unavailable
parallel-updates reauthentication-flow test-coverage

devices diagnostics discovery-update-info discovery docs-data-update docs-examples
docs-known-limitations docs-supported-devices docs-supported-functions docs-troubleshooting
docs-use-cases dynamic-devices entity-category entity-device-class entity-disabled-by-default
entity-translations exception-translations icon-translations reconfiguration-flow repair-issues
stale-devices

async-dependency inject-websession strict-typing
"""

# What only makes sense on one machine, or names a place that a user's set-up chooses itself.
FORBIDDEN = re.compile(
    r"(?<![\w.:/])/(root|work)/|/home/\w+/|\.\./shared"
    r"|\b(pypi|pythonhosted|npmjs|debian)\.(org|com)\b"
)
# What tools make here and git ignores, by the beginning of its name.
MADE_HERE = (".venv", ".cache", ".coverage", ".mypy", ".ruff", "__pycache__", "dist", "htmlcov")


def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((INTEGRATION / "manifest.json").read_text("utf-8"))
    return loaded


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def pins(group: str) -> dict[str, str]:
    """Return name and version of every exact pin of a dependency group."""
    entries = pyproject()["dependency-groups"][group]
    return dict(entry.split("==") for entry in entries if isinstance(entry, str))


def yaml(path: Path) -> dict[str, Any]:
    loaded = parse_yaml(path.read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def test_manifest_keys_are_in_the_order_hassfest_wants() -> None:
    keys = list(manifest())
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])


def test_one_version_is_told_everywhere() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.search(r"^## (\d+\.\d+\.\d+)\b", changelog, re.MULTILINE)
    assert newest is not None
    assert manifest()["version"] == pyproject()["project"]["version"] == newest[1]


def test_the_tested_requirement_is_the_one_users_get() -> None:
    assert manifest()["requirements"] == [f"pycryptodome=={pins('test')['pycryptodome']}"]
    assert pins("demo")["pycryptodome"] == pins("test")["pycryptodome"]


def test_every_dependency_is_pinned_exactly() -> None:
    for group, entries in pyproject()["dependency-groups"].items():
        for entry in entries:
            assert isinstance(entry, dict) or re.fullmatch(r"[\w.-]+==[\w.]+", entry), group


def test_the_home_assistant_floor_is_the_release_the_tests_run_on() -> None:
    hacs = json.loads((ROOT / "hacs.json").read_text("utf-8"))
    assert hacs["name"] == manifest()["name"]
    floor, tested = hacs["homeassistant"].split("."), pins("core")["homeassistant"].split(".")
    assert floor[:2] == tested[:2]
    assert int(floor[2]) <= int(tested[2])


@pytest.mark.parametrize("theme", ["", "dark_"])
@pytest.mark.parametrize(("suffix", "side"), [("", 256), ("@2x", 512)])
def test_icon_and_logo_have_the_sizes_home_assistant_shows(
    theme: str, suffix: str, side: int
) -> None:
    with Image.open(INTEGRATION / "brand" / f"{theme}icon{suffix}.png") as icon:
        assert icon.format == "PNG"
        assert icon.size == (side, side)
    with Image.open(INTEGRATION / "brand" / f"{theme}logo{suffix}.png") as logo:
        assert logo.format == "PNG"
        assert logo.height == side < logo.width


def quality_rules() -> dict[str, Any]:
    rules: dict[str, Any] = yaml(INTEGRATION / "quality_scale.yaml")["rules"]
    return rules


def test_the_quality_scale_lists_every_rule_and_nothing_else() -> None:
    assert quality_rules().keys() == set(QUALITY_RULES.split())


def test_an_exempt_rule_says_why() -> None:
    for rule, value in quality_rules().items():
        if isinstance(value, dict):
            assert value.keys() == {"status", "comment"}, rule
            assert value["status"] in {"done", "exempt"}, rule
            assert value["comment"].strip().endswith("."), rule
        else:
            assert value == "done", rule


def test_every_schema_name_that_is_typed_exists_at_run_time() -> None:
    stub = (ROOT / "typings" / "voluptuous" / "__init__.pyi").read_text("utf-8")
    names = re.findall(r"^\s+(\w+) as \1,$", stub, re.MULTILINE)
    voluptuous = importlib.import_module("voluptuous")
    assert "Schema" in names
    assert [name for name in names if not hasattr(voluptuous, name)] == []


@pytest.mark.parametrize("script", BASH_SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_short_strict_and_start_by_themselves(script: Path) -> None:
    lines = script.read_text("utf-8").splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in lines
    assert len(lines) <= SCRIPT_LINES or script.name in LONG_SCRIPTS
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)  # noqa: S603, S607 - our own files


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_hold_no_permission_that_a_job_does_not_ask_for(path: Path) -> None:
    loaded = yaml(path)
    assert loaded["permissions"] == {}
    for name, job in loaded["jobs"].items():
        assert job["permissions"], name
        writes = [scope for scope, level in job["permissions"].items() if level == "write"]
        assert writes == (["contents"] if name == "publish" else [])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_name_the_version_of_each_action(path: Path) -> None:
    for job in yaml(path)["jobs"].values():
        for step in job.get("steps", []):
            if "uses" in step:
                assert re.fullmatch(r"[\w./-]+@(v\d+|main|master|[0-9a-f]{40})", step["uses"])


def test_the_issue_form_asks_for_the_diagnostics_file() -> None:
    form = yaml(ROOT / ".github" / "ISSUE_TEMPLATE" / "bug.yml")
    fields = {field.get("id"): field for field in form["body"]}
    assert fields["diagnostics"]["validations"]["required"]


def texts() -> Iterator[tuple[Path, str]]:
    """Yield the text files of the repository that a person wrote."""
    for folder, folders, names in ROOT.walk():
        folders[:] = [name for name in folders if name != ".git" and not name.startswith(MADE_HERE)]
        for path in (folder / name for name in names if not name.startswith(MADE_HERE)):
            if path.suffix not in {".png", ".jpg"} and path not in {Path(__file__), ROOT / ".git"}:
                yield path, path.read_text("utf-8", errors="replace")


def test_no_file_names_one_machine_or_a_package_index() -> None:
    found = [(path, match[0]) for path, text in texts() if (match := FORBIDDEN.search(text))]
    assert found == []


WITHOUT_REQUIREMENTS = """
import sys


class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"av", "numpy", "turbojpeg"}:
            raise ImportError(name)


sys.meta_path.insert(0, Missing())
import custom_components.tuyalink_intercom
"""


def test_it_loads_before_anybody_has_set_up_cameras() -> None:
    # Home Assistant installs what these need only when they are set up.
    loaded = subprocess.run(  # noqa: S603 - the program above
        [sys.executable, "-c", WITHOUT_REQUIREMENTS], cwd=ROOT, capture_output=True, check=False
    )
    assert loaded.returncode == 0, loaded.stderr.decode()

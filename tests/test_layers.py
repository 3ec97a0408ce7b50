"""Imports go one way, and only the modules that make components and assets know Dagster."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.engine.home import PROJECT

PACKAGES = ("pipelines", "marts", "models", "quality")
MAY_IMPORT = {
    "pipelines": {"pipelines", "marts", "models", "quality"},
    "models": {"models"},
    "marts": {"marts"},
    "quality": {"quality"},
}
DAGSTER = {
    f"pipelines/engine/{name}.py"
    for name in ("assets", "component", "iomanager", "launcher", "resource", "sensors", "upkeep")
} | {"pipelines/definitions.py"}
HEAVY = {"splink", "pandas", "great_expectations", "sklearn", "lightgbm", "scipy"}
FILES = sorted(path for package in PACKAGES for path in (PROJECT / package).rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def at_module_level(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imported(node)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_module_imports_only_what_lies_below_it(path: Path) -> None:
    name = str(path.relative_to(PROJECT))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    roots = {module.split(".")[0] for module in imported(tree)}

    assert roots & set(PACKAGES) <= MAY_IMPORT[name.split("/")[0]]
    assert "dagster" not in roots or name in DAGSTER, "only the modules that make components and assets know Dagster"
    assert not HEAVY & {module.split(".")[0] for module in at_module_level(tree)}, "import it inside the function"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_the_engine_knows_no_command_and_no_synthetic_operator(path: Path) -> None:
    if path.parent != PROJECT / "pipelines" / "engine":
        return
    modules = set(imported(ast.parse(path.read_text(encoding="utf-8"))))

    assert not {
        module for module in modules if module.startswith(("pipelines.commands", "pipelines.cli", "pipelines.syn"))
    }


def test_no_folder_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "util", "common", "helpers", "helper", "misc", "scripts"}

    assert not {path for path in FILES if drawers & {part.removesuffix(".py") for part in path.parts}}

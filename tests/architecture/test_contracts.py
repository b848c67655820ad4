"""The import contracts of pyproject.toml: the tree keeps them, and each kind of them catches what it is for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.alike

ROOT = Path(__file__).resolve().parent.parent.parent
LINT = Path(sys.executable).parent / "lint-imports"
PACKAGES = ("lms", "content", "courses", "portfolio", "assessment", "tests", "tools")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs the import linter on the tree in this folder."""
    return subprocess.run([LINT, "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the product's Python files, to plant things in."""

    def not_python(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if (Path(folder) / name).is_file() and not name.endswith(".py")} | {
            "__pycache__"
        }

    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=not_python)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_tree_keeps_every_contract():
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        pytest.param("lms.common.errors", "assessment.models", id="from the ground floor to the top"),
        pytest.param("lms.audit.models", "lms.accounts.models", id="between two rooms of the shell"),
        pytest.param("courses.framework.models", "courses.delivery.models", id="between two rooms of courses"),
        pytest.param("content.blocks.text", "courses.delivery.models", id="content must not know who studies it"),
        pytest.param("portfolio.models.evidence", "assessment.models", id="evidence must not know its decisions"),
        pytest.param("assessment.policies.facts", "assessment.views", id="inside an app, from below to above"),
        pytest.param("courses.delivery.models.people", "courses.delivery.api", id="inside a room, from below to above"),
        pytest.param("portfolio.api", "tests.test_tools", id="the product never needs its tests"),
    ],
)
def test_a_planted_import_is_caught_and_named(copy: Path, importer: str, imported: str):
    file = copy / Path(*importer.split(".")).with_suffix(".py")
    assert file.exists(), f"{importer} has moved: plant the import somewhere else"
    file.write_text(f"{file.read_text()}\nimport {imported}\n")
    done = lint_imports(copy)
    assert done.returncode != 0
    assert f"{importer} -> {imported}" in done.stdout


@pytest.mark.parametrize("module", ["assessment/stray.py", "courses/stray.py", "lms/stray.py", "lms/common/stray.py"])
def test_a_module_that_nobody_placed_is_caught_and_named(copy: Path, module: str):
    (copy / module).write_text('"""Has no place yet."""\n')
    done = lint_imports(copy)
    assert done.returncode != 0
    assert module.removesuffix(".py").replace("/", ".") in done.stdout

"""Documentation is executed: docstrings, README and docs say what is true."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import limner

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LESSONS = {"limiter.md"}
"""Pages whose blocks continue one another; tests/scheduling/test_docs.py runs them in order."""
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(limner.__path__, "limner.")
    if not module.name.endswith("__main__")
)


def place(page: Path) -> str:
    """Where a page is, from the root on."""
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_run(name: str) -> None:
    """Every `>>>` in a docstring gives what it shows."""
    results = doctest.testmod(
        importlib.import_module(name),
        optionflags=doctest.ELLIPSIS
        | doctest.NORMALIZE_WHITESPACE
        | doctest.IGNORE_EXCEPTION_DETAIL,
    )
    assert results.failed == 0


def blocks(page: Path) -> list[str]:
    """The Python blocks of a page."""
    return re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in LESSONS], ids=place)
def test_the_python_blocks_of_the_pages_run(page: Path, tmp_path: Path) -> None:
    """A reader who copies a block gets a program that runs."""
    for number, block in enumerate(blocks(page)):
        program = tmp_path / f"block{number}.py"
        program.write_text(block)
        run(program, tmp_path)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_examples_run(example: Path, tmp_path: Path) -> None:
    """Every example runs as it is."""
    run(example, tmp_path)


def run(program: Path, folder: Path) -> None:
    """Run a program to its end, in a folder of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "error", program],
        cwd=folder, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def links(page: Path) -> list[str]:
    """The relative links of a page."""
    return [to for to in re.findall(r"\]\(([^)#\s]+)\)", page.read_text()) if "://" not in to]


@pytest.mark.parametrize("page", PAGES, ids=place)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """No relative link of a page is dead."""
    assert [to for to in links(page) if not (page.parent / to).exists()] == []


def test_the_readme_names_only_targets_that_exist() -> None:
    """Every `make` target in the README is in the Makefile."""
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"make (\w+)", (ROOT / "README.md").read_text())) - {"alone"}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target

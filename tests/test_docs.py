"""Documentation is executed: docstrings, README and docs say what is true."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.command.commands import Commands

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
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
    runner = doctest.DocTestRunner(optionflags=flags)
    for docstring in doctest.DocTestFinder().find(importlib.import_module(name)):
        if docstring.examples:  # to begin with one without takes as long as to run a short one
            runner.run(docstring)
    assert runner.failures == 0


Run = Callable[[Path, Path], None]
"""Runs a program to its end, in a folder of its own."""
AS_A_FILE = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"


@pytest.fixture(scope="module")
def loaded() -> Iterator[Commands]:
    """Programs whose imports are there already: a warning in one is a fault as well."""
    with Commands("-W", "error") as commands:
        yield commands


@pytest.fixture(params=["loaded", pytest.param("from nothing", marks=pytest.mark.proof)])
def run(request: pytest.FixtureRequest, loaded: Commands) -> Run:
    """How programs are run: so that each need not load everything, and as a reader runs them."""

    def from_nothing(program: Path, folder: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-W", "error", program],
            cwd=folder, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def forked(program: Path, folder: Path) -> None:
        running = loaded.start(str(program), cwd=folder, program=AS_A_FILE)
        try:
            said, complaints = running.communicate(timeout=100)
            assert running.wait() == 0, said + complaints
        finally:
            running.end()

    return forked if request.param == "loaded" else from_nothing


def blocks(page: Path) -> list[str]:
    """The Python blocks of a page."""
    return re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in LESSONS], ids=place)
def test_the_python_blocks_of_the_pages_run(page: Path, tmp_path: Path, run: Run) -> None:
    """A reader who copies a block gets a program that runs."""
    for number, block in enumerate(blocks(page)):
        program = tmp_path / f"block{number}.py"
        program.write_text(block)
        run(program, tmp_path)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_examples_run(example: Path, tmp_path: Path, run: Run) -> None:
    """Every example runs as it is."""
    run(example, tmp_path)


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

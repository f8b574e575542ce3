"""The page that walks through limner tells what really happens."""

import subprocess
import sys

import pytest
from tools import walk
from tools.source import ROOT
from tools.trace import PACKAGE, place_of

PAGE = (
    "before\n\n<!-- files: a -->\nold\n<!-- end -->\n\nbetween\n<!-- files: b -->\n<!-- end -->\n"
)


@pytest.mark.timeout(900)
def test_the_lists_on_the_page_are_what_is_seen_in_real_runs() -> None:
    """Otherwise `make walk` writes them again; and no flow may enter more files than it did."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.walk", "--check"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("", 0), done.stderr


def test_lists_are_written_between_their_marks_and_read_again() -> None:
    """The prose stays as it is."""
    lists = {"a": ["x.py: X.", "y.py: Y."], "b": ["z.py: Z."]}
    page = walk.written(PAGE, lists)
    assert "before\n\n<!-- files: a -->\n\n1. x.py: X.\n2. y.py: Y.\n\n<!-- end -->" in page
    assert walk.listed(page) == lists
    assert walk.written(page, lists) == page


def test_what_falls_into_a_flow_only_now_and_then_may_be_on_the_page_or_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was never seen may not; what is seen each time must."""
    monkeypatch.setattr(walk, "FLOWS", ("a",))
    runs = iter([["x", "y"], ["x"], ["x", "y"], ["x"], ["x", "y"], ["x"]])
    monkeypatch.setattr(walk, "walk_all", lambda: None)
    monkeypatch.setattr(walk, "lines_of", lambda _: {"a": next(runs)})

    def page(*lines: str) -> str:
        return walk.written("<!-- files: a -->\n<!-- end -->\n", {"a": list(lines)})

    assert walk.wrong_lists(page("x")) == []
    assert walk.wrong_lists(page("y")) == ["a: x"]
    runs = iter([["x", "y"], ["x"], ["x"]])
    assert walk.wrong_lists(page("x", "z")) == ["a: z"]


def test_a_flow_that_grows_is_told() -> None:
    """So is one without a list."""
    page = walk.written(PAGE, {"a": ["x.py: X.", "y.py: Y."], "b": ["z.py: Z."]})
    assert walk.too_long(page, {"a": 2, "b": 1}) == []
    assert walk.too_long(page, {"a": 1, "c": 5}) == [
        "a: 2 files, at most 1 are allowed", "c: 0 files, at most 5 are allowed",
    ]  # fmt: skip


def test_what_a_module_or_a_class_does_by_itself_is_not_seen() -> None:
    """Only calls are; and none of the tools for tests."""
    place = str(PACKAGE / "a.py")
    module = compile("class A:\n    def f(self): ...", place, "exec")
    (klass,) = [part for part in module.co_consts if hasattr(part, "co_code")]
    (function,) = [part for part in klass.co_consts if hasattr(part, "co_code")]
    assert [place_of(code) for code in (module, klass, function)] == [None, None, "a.py"]
    (tool,) = [
        part for part in compile("def f(): ...", str(PACKAGE / "testing/a.py"), "exec").co_consts
        if hasattr(part, "co_code")
    ]  # fmt: skip
    assert place_of(tool) is None

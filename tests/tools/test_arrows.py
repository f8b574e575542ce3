"""Arrows between names: circles, what leads upwards, what is drawn."""

import pytest
from tools import arrows, drawing
from tools.source import SourceFile


def test_arrows_are_gathered_by_what_stands_in_a_folder() -> None:
    """Its own `__init__` and what stands elsewhere are left out."""
    between_files = {
        "p": {"p.a.x"},
        "p.a.x": {"p.a.y", "p.b", "q"},
        "p.a.y": {"p.b", "p"},
        "p.b": {"p.c.z"},
        "pp.b": {"p.c.z"},
    }
    found = arrows.between_parts(between_files, "p")
    assert found == {("a", "b"): 2, ("b", "c"): 1}
    assert arrows.between_parts(between_files, "p.a") == {("x", "y"): 1}
    assert arrows.grouped(found) == {"a": {"b"}, "b": {"c"}}
    assert arrows.reachable(arrows.grouped(found), "a") == {"b", "c"}


def test_every_circle_is_found_and_told_along_its_arrows() -> None:
    """Two apart are two; without a circle there is none."""
    assert arrows.circles({"a": {"b"}, "b": {"c"}}) == []
    first, second = sorted(
        arrows.circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "x": {"y"}, "y": {"x"}}), key=len
    )[::-1]
    assert first in (["a", "b", "c", "a"], ["b", "c", "a", "b"], ["c", "a", "b", "c"])
    assert set(second) == {"x", "y"}


def test_an_arrow_upward_leads_to_a_later_storey_or_out_of_the_house() -> None:
    """Side by side is allowed, down is allowed."""
    storeys = [frozenset({"ground"}), frozenset({"left", "right"}), frozenset({"roof"})]
    allowed = [("left", "right"), ("roof", "ground"), ("right", "left")]
    assert arrows.upward(allowed, storeys) == []
    wrong = [("ground", "roof"), ("left", "street"), ("street", "ground")]
    assert arrows.upward(allowed + wrong, storeys) == wrong


def test_a_drawing_leaves_out_the_arrows_that_follow_from_others() -> None:
    """And what is to be left out, with all its arrows."""
    texts = {"p.a": "import p.b, p.c", "p.b": "import p.c", "p.c": "", "p.t": "import p.a"}
    package = {name: SourceFile(name, text) for name, text in texts.items()}
    drawn = drawing.mermaid(package, "p", frozenset({"t"}))
    assert drawn.splitlines() == [
        "```mermaid", "flowchart TD", "    a --> b", "    b --> c", "```",
    ]  # fmt: skip


def test_a_drawing_is_put_between_its_marks_again_and_again() -> None:
    """What stands round it stays; a page without marks is refused."""
    page = f"before\n{drawing.BEGIN}\nold\n{drawing.END}\nafter\n"
    once = drawing.put(page, "new \\1")
    assert once == f"before\n{drawing.BEGIN}\n\nnew \\1\n\n{drawing.END}\nafter\n"
    assert drawing.put(once, "new \\1") == once
    with pytest.raises(ValueError, match="no place"):
        drawing.put("a page", "new")

"""The drawing is sound SVG, says what happened, stands alone, and stays small."""

import re
from collections.abc import Callable
from random import Random
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share
from tests.simulation.records import RECORDS

from limner.simulation import Attempt, LimitSet, Outcome, Picture, report
from limner.simulation.timeline import Timeline, timeline_page, timeline_svg

SVG = "{http://www.w3.org/2000/svg}"


def drawn(pictures: list[Picture], name: Callable[[int], str] = "user {}".format) -> Timeline:
    """A timeline of some pictures."""
    return Timeline(pictures, report(pictures), "two slots", name)


def marks(svg: str) -> list[ElementTree.Element]:
    """The bars of a drawing, without those of its legend."""
    rects = ElementTree.fromstring(svg).iter(f"{SVG}rect")
    return [
        rect
        for rect in rects
        if "bar" in rect.get("class", "").split() and rect.find(f"{SVG}title") is not None
    ]


def made(owner: int, requested: float, began: float, ended: float) -> Picture:
    """A picture that was drawn once."""
    return Picture(owner, requested, ended, Outcome.MADE, (Attempt(began, ended),))


@given(RECORDS)
@settings(max_examples=share(40), deadline=None)
def test_any_run_is_drawn(pictures: list[Picture]) -> None:
    """Whatever happened, the drawing is well-formed, and bars lie inside of it."""
    svg = timeline_svg(drawn(pictures))
    width, height = map(float, ElementTree.fromstring(svg).attrib["viewBox"].split()[2:])
    for bar in marks(svg):
        x, y, w, h = (float(bar.attrib[key]) for key in ("x", "y", "width", "height"))
        assert 0 < x <= x + w <= width
        assert 0 < y <= y + h <= height


def test_each_attempt_is_a_bar_in_its_lane_with_its_owners_colour() -> None:
    """Two side by side, one after the first; the owner's bars look alike."""
    svg = timeline_svg(drawn([made(7, 0, 0, 4), made(8, 0, 0, 6), made(7, 0, 4, 8)]))
    first, second, third = sorted(marks(svg), key=lambda bar: (bar.get("y", ""), bar.get("x", "")))[
        :3
    ]
    rows = {bar.get("y") for bar in (first, second, third)}
    assert len(rows) == 2
    classes: dict[str, set[str | None]] = {}
    for bar in (first, second, third):
        told = bar.findtext(f"{SVG}title") or ""
        classes.setdefault(told.split(" · ")[0], set()).add(bar.get("class"))
    assert {name: len(found) for name, found in classes.items()} == {"user 7": 1, "user 8": 1}
    assert classes["user 7"] != classes["user 8"]
    assert "waited 4 s" in svg


def test_failures_and_drops_are_seen() -> None:
    """A failed attempt is only an outline, a dropped picture has a mark, the legend says so."""
    failed = Picture(0, 0.0, 9.0, Outcome.FAILED, (Attempt(0.0, 4.0, False),))
    dropped = Picture(1, 1.0, 5.0, Outcome.DROPPED, ())
    svg = timeline_svg(drawn([failed, dropped, made(0, 0, 4, 8)]))
    assert [("bad" in (bar.get("class") or "")) for bar in marks(svg)].count(True) == 1
    for word in ("failed attempt", "1 dropped", "failed after 4 s", ">dropped<"):
        assert word in svg


@given(st.text(min_size=1))
@settings(max_examples=share(60), deadline=None)
def test_names_are_only_text(name: str) -> None:
    """Whatever an owner is called, the drawing has no element and no script more."""
    pictures = [made(0, 0, 0, 4), made(1, 0, 4, 8)]
    plain = timeline_svg(drawn(pictures, lambda owner: "x"))
    hostile = timeline_svg(Timeline(pictures, report(pictures), name, lambda owner: name))
    tags = [element.tag for element in ElementTree.fromstring(plain).iter()]
    assert [element.tag for element in ElementTree.fromstring(hostile).iter()] == tags


def test_a_script_stays_a_name() -> None:
    """Also on the page."""
    hostile = '"><script>alert(1)</script>'
    timeline = Timeline([made(0, 0, 0, 4)], report([]), hostile, lambda owner: hostile)
    page = timeline_page([(LimitSet({}), timeline)], heading=hostile, traffic=hostile)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 4


@pytest.fixture(scope="module")
def huge() -> list[Picture]:
    """Forty thousand pictures in a day, in fifty slots, of a thousand owners."""
    chance = Random(1)
    ends = [0.0] * 50
    pictures = []
    for number in range(40_000):
        requested = number * 2.16
        lane = min(range(50), key=ends.__getitem__)
        began = max(ends[lane], requested)
        ends[lane] = began + chance.uniform(60, 155)
        pictures.append(made(chance.randrange(1000), requested, began, ends[lane]))
    return pictures


@pytest.mark.parametrize("end", [None, 99_999.0])
def test_a_huge_run_is_a_small_file(huge: list[Picture], end: float | None) -> None:
    """Under two megabytes, with the worst minutes in full or the whole day at once."""
    begin = None if end is None else 0.0
    timeline = Timeline(huge, report(huge, 50), "fifty slots", begin=begin, end=end)
    svg = timeline_svg(timeline)
    assert len(svg.encode()) < 1_500_000
    assert ("The whole run" in svg) == (end is None)
    if end is not None:
        assert " pictures of " in svg


def test_the_page_stands_alone() -> None:
    """It loads nothing and runs nothing, and follows the reader's choice of light or dark."""
    timeline = drawn([made(0, 0, 0, 4)])
    page = timeline_page([(LimitSet({}), timeline)] * 2, heading="Limits", traffic="a few users")
    svg = timeline_svg(timeline)
    for text in (page, svg):
        assert "prefers-color-scheme: dark" in text
        assert not re.search(r"<script|<link|<img|@import|url\(|\son\w+=", text)
        assert set(re.findall(r"https?://[^\s\"]+", text)) <= {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in page
    assert page.count("<svg") == 2
    assert page.count("<style") == 1

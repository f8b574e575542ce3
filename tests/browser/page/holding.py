"""What the page holds in memory: as much as it shows, however long that took to come."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.page.opening import PATIENCE, finished
from tests.browser.serving import Beside
from tests.server.painter import Painter
from tests.server.served import served

from limner.testing.chat_server import ChatServer, Reply

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]

TURNS, PARAGRAPHS = 30, 5
VNODES = """function () {
    const names = ['type', 'props', 'key', 'ref'];
    return this.filter(one => names.every(name => Object.hasOwn(one, name))).length;
}"""
"""Counts what Preact remembers of elements, among all objects there are."""


def vnodes(page: Page) -> int:
    """How many there are when all that is not needed any more is cleared."""
    tools = page.context.new_cdp_session(page)
    every = tools.send("Runtime.evaluate", {"expression": "Object.prototype"})["result"]
    found = tools.send("Runtime.queryObjects", {"prototypeObjectId": every["objectId"]})["objects"]
    asked = {"objectId": found["objectId"], "functionDeclaration": VNODES, "returnByValue": True}
    count = tools.send("Runtime.callFunctionOn", asked)["result"]["value"]
    tools.detach()
    return int(count)


def test_a_text_that_came_in_many_steps_weighs_no_more_than_one_that_came_at_once(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """No step is remembered behind the last one."""
    gates = [beside.event() for _ in range(TURNS)]
    pieces = [f"The fox ran, {number}.\n\n" * PARAGRAPHS for number in range(TURNS)]
    steps = [step for pair in zip(pieces, gates, strict=True) for step in pair]
    model = beside.run(ChatServer(Reply.stream(*steps)))
    server = beside.run(served(tmp_path, llm=model.url))
    page = context.new_page()
    page.goto(f"{server.address}/#/chat")
    page.get_by_label("Ask for a story…").fill("A fox, please.")
    page.keyboard.press("Enter")
    for turn, gate in enumerate(gates, start=1):
        expect(page.locator(".block").nth(turn * PARAGRAPHS - 1)).to_be_attached(timeout=PATIENCE)
        beside.set(gate)
    expect(page.get_by_role("button", name="Go on")).to_be_enabled(timeout=PATIENCE)
    in_steps = vnodes(page)
    page.reload()
    expect(page.locator(".block").nth(TURNS * PARAGRAPHS - 1)).to_be_attached(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Go on")).to_be_enabled(timeout=PATIENCE)
    assert in_steps <= vnodes(page) * 1.3


def kept(page: Page) -> tuple[float, float]:
    """How many nodes and listeners there are when all that is not needed any more is cleared."""
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable")
    tools.send("HeapProfiler.collectGarbage")
    told = {one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]}
    tools.detach()
    return told["Nodes"], told["JSEventListeners"]


def test_a_viewer_that_was_closed_leaves_nothing_behind(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """However often it is opened."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0)))
    page = context.new_page()
    page.goto(server.address)
    finished(page)
    viewer = page.locator("dialog.viewer")

    def look(times: int) -> None:
        for _ in range(times):
            page.locator(".look").first.press("Enter")
            expect(viewer.locator(".facts")).to_be_visible(timeout=PATIENCE)
            page.keyboard.press("Escape")
            expect(viewer).to_have_count(0)

    look(3)
    nodes, listeners = kept(page)
    look(10)
    # One dialog has seventy nodes; a browser clears away when it likes.
    for _ in range(100):
        more_nodes, more_listeners = kept(page)
        if more_nodes <= nodes + 60 and more_listeners <= listeners + 15:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{nodes} and {listeners} have become {more_nodes} and {more_listeners}")

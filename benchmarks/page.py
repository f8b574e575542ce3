"""What the page costs a browser, by the browser's own metrics, with its neighbours' figures beside.

    python -m benchmarks.page [--seconds 300] [--pictures 60] [--gallery 10000] [--only NAME]

A real Chromium, headless, on this machine, which should be at rest: the server, the model and the
browser share its processors. `load`: the first visit, cold. `stream`: an answer at 100 tokens a
second with pictures in it. `gallery`: a gallery that is scrolled through. `viewer`: a viewer that
is opened and closed fifty times. What watches costs something itself: moments are those that the
page sees, in a visit of which nobody else hears, and what it costs to count frames on a page that
does nothing is told beside what an answer costs. The neighbours' figures are those measured for
Open WebUI 0.12.4 and SillyTavern 1.17.0 with the same browser; their stream ran for a shorter time.
"""

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from tests.browser.conftest import BROWSERS, OPTIONS
from tests.browser.page.requests import FILES, Requests
from tests.browser.serving import Beside, servers_beside
from tests.server.painter import Painter
from tests.server.served import served

from benchmarks.page_stories import fill, paced, tokens
from limner.server.page import PageFiles
from limner.testing.chat_server import ChatServer

PATIENCE = 120_000
VISITS = 5
"""Whose median counts: the first one has the browser begin a process."""
RATE = 100.0
OBSERVED = """
window.__seen = {long: [], shift: 0, lcp: 0, frames: [], images: 0, elements: 0, usable: 0};
const watch = (type, heard) => new PerformanceObserver(list => list.getEntries().forEach(heard))
    .observe({type, buffered: true});
watch('longtask', one => __seen.long.push(one.duration));
watch('layout-shift', one => { if (!one.hadRecentInput) __seen.shift += one.value; });
watch('largest-contentful-paint', one => { __seen.lcp = one.startTime; });
const known = new WeakSet();
new MutationObserver(all => {
    if (!__seen.usable && document.querySelector('#composer:enabled'))
        __seen.usable = performance.now();
    for (const one of all) for (const node of one.addedNodes) {
    if (node.nodeType !== 1) continue;
    __seen.elements += 1 + node.querySelectorAll('*').length;
    for (const image of node.tagName === 'IMG' ? [node] : node.querySelectorAll('img'))
        if (!known.has(image)) { known.add(image); __seen.images++; }
}}).observe(document, {subtree: true, childList: true});
let last = performance.now();
// Only the long ones are kept: those of minutes would weigh on the heap that is measured.
const frame = now => {
    if (now - last > 50) __seen.frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
"""
CLEAR = "() => { __seen.long = []; __seen.shift = 0; __seen.frames = []; __seen.images = 0; }"


class Row:
    """One figure: what was wanted, what was measured, what the neighbours have."""

    def __init__(self, name: str, measured: str, wanted: str = "", *neighbours: str) -> None:
        self.cells = [name, measured, wanted, *(neighbours or ("", ""))]

    def __str__(self) -> str:
        return "| " + " | ".join(self.cells) + " |"


HEAD = "| | limner | wanted | Open WebUI | SillyTavern |\n|---|--:|--:|--:|--:|"


def opened(browser: Browser) -> tuple[Page, CDPSession]:
    """A page that is watched."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.add_init_script(OBSERVED)
    tools = context.new_cdp_session(page)
    # By the thread's own clock, so that what else runs on the machine counts for nothing.
    tools.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
    tools.send("Performance.enable")
    return page, tools


def metrics(tools: CDPSession) -> dict[str, float]:
    """What the browser counts."""
    told = tools.send("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in told}


def heap(tools: CDPSession) -> float:
    """Megabytes of scripts' memory, after what is no longer needed was cleared."""
    tools.send("HeapProfiler.collectGarbage")
    return metrics(tools)["JSHeapUsedSize"] / 1e6


def first_visit(browser: Browser, address: str) -> tuple[float, float, float]:
    """When one could write, saw something, and saw most of it, in milliseconds; nothing cached."""
    page, _ = opened(browser)
    page.goto(f"{address}/#/chat", wait_until="commit")
    page.wait_for_selector(".welcome")
    page.wait_for_timeout(2000)
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    seen = page.evaluate("__seen")
    page.context.close()
    return seen["usable"], paint, seen["lcp"]


def load(browser: Browser, beside: Beside, place: Path, _: argparse.Namespace) -> list[Row]:
    """The first visit, with nothing in the cache: a new chat, as the neighbours begin."""
    server = beside.run(served(place, backend=Painter(seconds=0.1)))
    beside.call(fill, server.library, 50)
    visits = [first_visit(browser, server.address) for _ in range(VISITS)]
    usable, paint, largest = (statistics.median(told) for told in zip(*visits, strict=True))
    page, tools = opened(browser)
    requests = Requests(page)
    bytes_in: list[float] = []
    heard = page.context.new_cdp_session(page)
    heard.send("Network.enable")
    heard.on("Network.loadingFinished", lambda told: bytes_in.append(told["encodedDataLength"]))
    page.goto(f"{server.address}/#/chat", wait_until="commit")
    page.wait_for_selector(".welcome")
    page.wait_for_timeout(2000)
    first = [one for one in requests.all if FILES in one]
    everything = sum(len(one.compressed) for one in PageFiles.bundled().values())
    nodes = metrics(tools)["Nodes"]
    return [
        Row("the page's files, KB (all of the visit, with the heads of its answers)",
            f"{requests.kilobytes():.0f} ({sum(bytes_in) / 1e3:.0f})", "60", "2673", "8250"),
        Row("all files of the page there are, KB", f"{everything / 1e3:.0f}", "150"),
        Row("first view, requests", str(len(requests.all)), "45", "243", "392"),
        Row("of which files of the page", str(len(first))),
        Row("files that the document does not name", str(len(requests.late)), "0"),
        Row("first / largest paint, ms", f"{paint:.0f} / {largest:.0f}", "", "1440 / 1440",
            "1540 / 10340"),
        Row(f"usable, ms (median of {VISITS})", f"{usable:.0f}", "500", "4115", "9189"),
        Row("heap MB / nodes", f"{heap(tools):.1f} / {nodes:.0f}", "", "15.8 / 1200",
            "18.3 / 9128"),
    ]  # fmt: skip


def idle(page: Page, tools: CDPSession) -> float:
    """Percent of the main thread that counting frames takes while nothing happens."""
    page.wait_for_selector(".welcome")
    page.wait_for_timeout(2000)
    before = metrics(tools)
    page.wait_for_timeout(5000)
    after = metrics(tools)
    took = after["Timestamp"] - before["Timestamp"]
    return (after["TaskDuration"] - before["TaskDuration"]) / took * 100


def stream(browser: Browser, beside: Beside, place: Path, how: argparse.Namespace) -> list[Row]:
    """An answer at a hundred tokens a second, with pictures."""
    pieces = list(tokens(int(how.seconds * RATE), how.pictures))
    answer = beside.call(paced, pieces, RATE)
    model = beside.run(ChatServer(answer.reply))
    server = beside.run(served(place, backend=Painter(seconds=0.5, steps=4), llm=model.url))
    page, tools = opened(browser)
    page.goto(f"{server.address}/#/chat")
    counting = idle(page, tools)
    page.locator("#composer").fill("A long tale, please.")
    page.keyboard.press("Enter")
    page.wait_for_selector(".message.assistant")
    page.evaluate(CLEAR)
    before, grown = metrics(tools), heap(tools)
    beside.call(_begin, answer)
    page.wait_for_selector(".block p")
    page.evaluate("() => getSelection().selectAllChildren(document.querySelector('.block p'))")
    chosen = page.evaluate("getSelection().toString().slice(0, 40)")
    page.wait_for_selector(".stop", state="detached", timeout=int(how.seconds * 1500) + PATIENCE)
    after = metrics(tools)
    page.wait_for_selector(".growing", state="detached")
    seen = page.evaluate("__seen")
    kept = page.evaluate("getSelection().toString().slice(0, 40)") == chosen
    images = page.locator(".frame img").count()
    took = after["Timestamp"] - before["Timestamp"]
    share = {
        name: (after[name] - before[name]) / took * 100
        for name in ("TaskDuration", "ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
    }
    more = (heap(tools) - grown) / max(images, 1) * 20
    parts = " / ".join(
        f"{share[name]:.1f}" for name in ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
    )
    return [
        Row(f"{took:.0f} s, {images} pictures: main thread, %", f"{share['TaskDuration']:.1f}",
            "15", "95.9", "78.0"),
        Row("of which the counting of frames, on a page at rest", f"{counting:.1f}"),
        Row("script / style / layout, %", parts, "", "37 / 26 / 5", "12.5 / 7 / 13"),
        Row("tasks over 50 ms (longest, ms)",
            f"{len(seen['long'])} ({max(seen['long'], default=0):.0f})", "0", "161 (322)",
            "26 (101)"),
        Row("frames over 50 ms", str(len(seen["frames"])), "", "264", "188"),
        Row("layout shift", f"{seen['shift']:.3f}", "0.01", "1.47", "0.29"),
        Row("image elements made for each picture", f"{seen['images'] / max(images, 1):.2f}", "1"),
        Row("heap per 20 pictures, MB", f"{more:.2f}", "2", "20.6", "1.7"),
        Row("selected text survives", "yes" if kept else "no", "yes", "yes", "no"),
    ]  # fmt: skip


async def _begin(answer: Any) -> None:
    import asyncio

    answer.going = asyncio.create_task(answer.go())


def gallery(browser: Browser, beside: Beside, place: Path, how: argparse.Namespace) -> list[Row]:
    """A gallery of many pictures, scrolled through from end to end."""
    server = beside.run(served(place, backend=Painter(seconds=0.0)))
    beside.call(fill, server.library, how.gallery)
    page, _ = opened(browser)
    page.goto(f"{server.address}/#/settings")
    page.wait_for_selector(".setting")
    began = page.evaluate("performance.now()")
    page.evaluate("location.hash = '#/gallery'")
    page.wait_for_selector(".shelf-row img")
    there = page.evaluate("performance.now()") - began
    height = page.locator(".gallery").evaluate("one => one.scrollHeight")
    page.wait_for_timeout(500)
    page.evaluate(CLEAR)
    page.locator(".gallery").hover()
    for _turn in range(200):
        page.mouse.wheel(0, 900)
        page.wait_for_timeout(30)
    page.locator(".gallery").evaluate("one => { one.scrollTop = one.scrollHeight / 2 }")
    page.wait_for_selector(".shelf-row .coming", state="detached")
    seen = page.evaluate("__seen")
    place_before = page.locator(".gallery").evaluate("one => one.scrollTop")
    # One that is in sight: Playwright brings others there by itself.
    page.locator(".gallery").click()
    page.wait_for_selector("dialog.viewer")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.viewer", state="detached")
    place_after = page.locator(".gallery").evaluate("one => one.scrollTop")
    same = page.locator(".gallery").evaluate("one => one.scrollHeight") == height
    elements = page.locator(".gallery *").count()
    return [
        Row(f"gallery of {how.gallery}: first pictures, ms", f"{there:.0f}"),
        Row("frames over 50 ms while scrolling", str(len(seen["frames"])), "0"),
        Row("tasks over 50 ms (longest, ms)",
            f"{len(seen['long'])} ({max(seen['long'], default=0):.0f})", "0"),
        Row("its length never changes, its place is kept",
            "yes" if same and place_before == place_after else "no", "yes"),
        Row("elements", str(elements)),
    ]  # fmt: skip


def viewer(browser: Browser, beside: Beside, place: Path, _: argparse.Namespace) -> list[Row]:
    """A viewer that is opened and closed fifty times."""
    server = beside.run(served(place, backend=Painter(seconds=0.0)))
    beside.call(fill, server.library, 50)
    page, tools = opened(browser)
    page.goto(f"{server.address}/#/chat/chat-0")
    page.wait_for_selector(".look:enabled")

    def once() -> None:
        page.locator(".look").nth(1).click()
        # Not by what gives handles: those hold what they found.
        page.locator("dialog.viewer img").first.wait_for()
        page.keyboard.press("Escape")
        page.locator("dialog.viewer").wait_for(state="detached")

    for _turn in range(5):
        once()
    held, nodes = heap(tools), metrics(tools)
    for _turn in range(50):
        once()
    more, after = heap(tools) - held, metrics(tools)
    return [
        Row("viewer, 50 times: nodes / listeners / MB left",
            f"{after['Nodes'] - nodes['Nodes']:.0f} / "
            f"{after['JSEventListeners'] - nodes['JSEventListeners']:.0f} / {more:.2f}", "0"),
    ]  # fmt: skip


PARTS: dict[str, Callable[[Browser, Beside, Path, argparse.Namespace], list[Row]]] = {
    "load": load,
    "stream": stream,
    "gallery": gallery,
    "viewer": viewer,
}


def main() -> None:
    """Measure, and print a table."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=300.0, help="how long the answer takes")
    words.add_argument("--pictures", type=int, default=60, help="how many pictures it has")
    words.add_argument("--gallery", type=int, default=10_000, help="pictures in the gallery")
    words.add_argument("--only", choices=PARTS, help="one part alone")
    how = words.parse_args()
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    print(HEAD)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=OPTIONS)
        for name, measure in PARTS.items():
            if how.only in (None, name):
                with tempfile.TemporaryDirectory() as place, servers_beside() as beside:
                    for row in measure(browser, beside, Path(place), how):
                        print(row, flush=True)
        browser.close()


if __name__ == "__main__":
    main()

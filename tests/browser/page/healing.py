"""Whatever happens in the middle of an answer, the page shows the truth again by itself."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, BrowserContext, Page, Route, expect
from tests.browser.page.opening import PATIENCE, Complaints, finished
from tests.browser.serving import Beside
from tests.server.painter import Painter
from tests.server.served import served

from limner.prompts import format_tag
from limner.testing.chat_server import ChatServer, Reply

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]

BEGINNING = f"Once there was a fox.\n\n{format_tag('a fox')}\n\nIt slept."
END = "\n\nIn the morning it was gone."

AFTER = """fetch('api/about').then(answer => answer.text()).then(() => new Promise(
    painted => requestAnimationFrame(() => requestAnimationFrame(painted))))"""
"""When all that was answered before is shown."""


def written(page: Page) -> str:
    """The text of the last answer, without what its pictures say."""
    text = page.locator(".message.assistant .text").last.inner_text()
    return re.sub(r"\s+", " ", text)


@contextlib.contextmanager
def answering(beside: Beside, place: Path) -> Iterator[tuple[str, asyncio.Event, Painter]]:
    """A server whose model stops in the middle until the event is set."""
    rest = beside.event()
    model = beside.run(ChatServer(Reply.stream(BEGINNING, rest, END)))
    painter = Painter(seconds=0.2)
    server = beside.run(served(place, backend=painter, llm=model.url))
    yield server.address, rest, painter
    beside.set(rest)


def asked(page: Page, address: str) -> None:
    """Something was said, and the beginning of the answer is there."""
    page.goto(f"{address}/#/chat")
    page.get_by_label("Ask for a story…").fill("A fox, please.")
    page.keyboard.press("Enter")
    expect(page.locator(".text")).to_contain_text("It slept.", timeout=PATIENCE)


def test_a_reload_in_the_middle_changes_nothing(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """What was there is there again, and what comes is added to it; a draft is kept."""
    with answering(beside, tmp_path) as (address, rest, _):
        page = context.new_page()
        asked(page, address)
        page.get_by_label("Ask for a story…").fill("and then?")
        page.reload()
        expect(page.locator(".text")).to_contain_text("It slept.", timeout=PATIENCE)
        expect(page.get_by_role("button", name="Stop writing")).to_be_visible()
        expect(page.get_by_label("Ask for a story…")).to_have_value("and then?")
        beside.set(rest)
        expect(page.locator(".text")).to_contain_text("it was gone.", timeout=PATIENCE)
        finished(page, pictures=1)
        assert written(page).count("It slept.") == 1


def test_an_answer_that_comes_late_undoes_nothing_that_was_told_since(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """A list of messages from before the text stands in nobody's way, even if no more comes."""
    begin, rest = beside.event(), beside.event()
    model = beside.run(ChatServer(Reply.stream(begin, BEGINNING, rest, END)))
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0), llm=model.url))
    page = context.new_page()
    late: list[tuple[Route, APIResponse]] = []
    page.route("**/messages?latest=true*", lambda route: late.append((route, route.fetch())))
    page.goto(f"{server.address}/#/chat")
    page.get_by_label("Ask for a story…").fill("A fox, please.")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Writing…")).to_be_visible(timeout=PATIENCE)
    while not late:
        page.wait_for_timeout(50)
    beside.set(begin)
    ready = page.locator(".picture[data-state=ready]")
    expect(page.locator(".text")).to_contain_text("It slept.", timeout=PATIENCE)
    expect(ready).to_have_count(1, timeout=PATIENCE)
    for route, response in late:
        route.fulfill(response=response)
    page.evaluate(AFTER)
    assert "It slept." in written(page)
    expect(ready).to_have_count(1)
    beside.set(rest)
    finished(page, pictures=1)


def test_a_second_tab_keeps_in_step(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """Both show the same while it is written, when it is stopped there, and when it is deleted."""
    with answering(beside, tmp_path) as (address, _, _):
        first, second = context.new_page(), context.new_page()
        asked(first, address)
        second.goto(first.url)
        expect(second.locator(".text")).to_contain_text("It slept.", timeout=PATIENCE)
        second.get_by_role("button", name="Stop writing").click()
        for page in (first, second):
            expect(page.get_by_role("button", name="Go on")).to_be_enabled(timeout=PATIENCE)
            expect(page.locator(".picture[data-state=ready]")).to_have_count(1, timeout=PATIENCE)
        assert written(first) == written(second)
        first.locator(".chat[data-here=true]").get_by_role("button").click()
        first.get_by_role("menuitem", name="Delete").click()
        expect(second.get_by_text("This conversation is not there")).to_be_visible(timeout=PATIENCE)


def test_what_was_missed_while_the_network_was_gone_is_there_when_it_is_back(
    beside: Beside, context: BrowserContext, complaints: Complaints, tmp_path: Path
) -> None:
    """It is told that it is gone; nothing that was typed is lost."""
    with answering(beside, tmp_path) as (address, rest, _):
        page = context.new_page()
        asked(page, address)
        context.set_offline(True)
        page.evaluate("dispatchEvent(new Event('offline'))")
        page.get_by_label("Ask for a story…").fill("and then?")
        beside.set(rest)
        context.set_offline(False)
        expect(page.locator(".text")).to_contain_text("it was gone.", timeout=PATIENCE)
        finished(page, pictures=1)
        expect(page.get_by_label("Ask for a story…")).to_have_value("and then?")
        expect(page.locator(".notice.wrong")).to_have_count(0, timeout=PATIENCE)
        complaints.forget("ERR_INTERNET_DISCONNECTED", "Failed to fetch")


def test_stop_writing_stops_the_text_alone(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """The picture that was asked for is drawn to its end; its message can go on."""
    with answering(beside, tmp_path) as (address, _, painter):
        page = context.new_page()
        asked(page, address)
        page.get_by_role("button", name="Stop writing").click()
        expect(page.get_by_role("button", name="Go on")).to_be_enabled(timeout=PATIENCE)
        expect(page.locator(".picture[data-state=ready]")).to_have_count(1, timeout=PATIENCE)
        assert [call.outcome for call in painter.calls] == ["made"]
        assert "It slept." in written(page)


class Command:
    """A real `limner serve` on a port that stays its own.

    Args:
        place: Its library.
    """

    def __init__(self, place: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._place = place
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        env = {**os.environ, "LIMNER_LIBRARY": str(self._place / "library")}
        words = ["serve", "--port", str(self.port), "--min-interval", "1"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "limner", *words],
            env=env,
            cwd=self._place,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if b"limner is ready" in line:
                return
        raise AssertionError("limner serve ended before it was ready")

    def kill(self) -> None:
        """End it at once, as when the power goes."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            with self._process:
                pass
            self._process = None


def test_a_server_that_is_killed_and_started_again_goes_on_with_its_pictures(
    context: BrowserContext, complaints: Complaints, tmp_path: Path
) -> None:
    """The page waits for it, loads what there is, and every picture that was asked for comes."""
    command = Command(tmp_path)
    command.start()
    try:
        page = context.new_page()
        page.goto(command.address)
        expect(page.locator(".picture").nth(1)).to_be_attached(timeout=PATIENCE)
        command.kill()
        expect(page.get_by_text("No connection to the server")).to_be_visible(timeout=PATIENCE)
        page.get_by_label("Ask for a story…").fill("still here?")
        command.start()
        expect(page.get_by_text("No connection to the server")).to_have_count(0, timeout=PATIENCE)
        expect(page.get_by_role("button", name="Go on")).to_be_enabled(timeout=PATIENCE)
        expect(page.locator(".picture[data-state=ready]").nth(1)).to_be_attached(timeout=PATIENCE)
        expect(page.locator(".growing")).to_have_count(0, timeout=PATIENCE)
        expect(page.get_by_label("Ask for a story…")).to_have_value("still here?")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("button", name="Stop writing")).to_be_visible(timeout=PATIENCE)
        page.close()
    finally:
        command.kill()
    complaints.forget("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED", "ERR_CONNECTION_RESET")

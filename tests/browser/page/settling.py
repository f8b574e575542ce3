"""What holds on this server, chosen on the page: limits, budgets, tokens, references, prompts."""

import io
import json
from pathlib import Path

import PIL.Image
import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect
from tests.browser.page.doing import chosen, told
from tests.browser.page.opening import PATIENCE, Complaints, until
from tests.browser.serving import Beside
from tests.server.painter import Painter
from tests.server.served import served
from tests.server.test_second_model import is_second, script

from limner.testing.chat_server import ChatServer

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]


def settings(page: Page, address: str) -> None:
    """The page's settings."""
    page.goto(f"{address}/#/settings")
    expect(page.locator(".rates")).to_be_visible(timeout=PATIENCE)


def test_rates_and_budgets_count_at_once(
    beside: Beside, context: BrowserContext, complaints: Complaints, tmp_path: Path
) -> None:
    """What is no amount says so beside its field; each goes back to the configuration's alone."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0), budget={"per_day": 50}))
    page = context.new_page()
    settings(page, server.address)
    day = page.get_by_label("In a day", exact=True)
    expect(day).to_have_value("50")
    day.fill("a few")
    day.blur()
    expect(page.locator(".setting .wrong")).to_contain_text(
        "an amount is a number", timeout=PATIENCE
    )
    day.fill("20, 2.50 USD")
    day.blur()
    back = page.get_by_role("button", name="Back to what the configuration says")
    expect(back).to_have_count(1)
    page.get_by_role("button", name="One more rate").click()
    page.get_by_label("seconds", exact=True).fill("3600")
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        page.get_by_label("seconds", exact=True).blur()
    expect(back).to_have_count(2)
    limits = server.running.services.limiter.limits
    assert [(rate.limit, rate.per) for rate in limits.rates] == [(10, 3600)]
    page.locator(".indicator").click()
    expect(page.locator(".budget")).to_contain_text("0 of 20 pictures", timeout=PATIENCE)
    expect(page.locator(".budget")).to_contain_text("0 of 2.5 USD")
    back.last.click()
    expect(day).to_have_value("50", timeout=PATIENCE)
    complaints.forget("422 (Unprocessable")


def test_the_first_token_is_kept_by_this_browser_and_shuts_all_others_out(
    beside: Beside, context: BrowserContext, complaints: Complaints, tmp_path: Path
) -> None:
    """It is shown once; a revoked one is worthless."""
    server = beside.run(served(tmp_path))
    page = context.new_page()
    settings(page, server.address)
    page.get_by_label("Whose").fill("anna")
    page.get_by_label("May do everything").check()
    page.get_by_role("button", name="Make a token").click()
    expect(page.locator(".made .address")).to_contain_text("limner_", timeout=PATIENCE)
    page.reload()
    expect(page.locator(".tokens li")).to_contain_text("anna", timeout=PATIENCE)
    expect(page.locator(".made")).to_have_count(0)
    page.get_by_label("Whose").fill("webui")
    page.get_by_label("Is for a front-end").check()
    page.get_by_role("button", name="Make a token").click()
    expect(page.locator(".tokens li")).to_have_count(2, timeout=PATIENCE)
    page.get_by_role("button", name="Revoke the token of webui").click()
    expect(page.locator(".tokens li")).to_have_count(1, timeout=PATIENCE)
    stranger = context.browser
    assert stranger is not None
    other = stranger.new_context().new_page()
    answer = other.goto(server.address)
    assert answer is not None
    assert answer.status == 401
    other.context.close()


def test_reference_pictures_are_uploaded_and_what_was_drawn_is_added_up(
    beside: Beside, context: BrowserContext, complaints: Complaints, tmp_path: Path
) -> None:
    """What is no picture is refused by its name."""
    page = told(beside, context, tmp_path, Painter(seconds=0.0))
    address = page.url.partition("/#")[0]
    settings(page, address)
    out = io.BytesIO()
    PIL.Image.new("RGB", (300, 200), "green").save(out, "PNG")
    field = page.locator(".references input[type=file]")
    files: list[FilePayload] = [
        {"name": "ann?.png", "mimeType": "image/png", "buffer": out.getvalue()},
        {"name": "words.png", "mimeType": "image/png", "buffer": b"no picture"},
    ]
    field.set_input_files(files)
    expect(page.locator(".references .name")).to_have_text("ann-.png", timeout=PATIENCE)
    expect(page.locator(".references .wrong")).to_contain_text("words.png", timeout=PATIENCE)
    page.locator(".shown img").scroll_into_view_if_needed()
    until(page, "document.querySelector('.shown img').naturalWidth > 0")
    page.get_by_role("button", name="Delete ann-.png").click()
    expect(page.locator(".references .name")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator(".costs tbody tr")).to_have_count(1)
    page.locator(".costs select").first.select_option("owner")
    expect(page.locator(".costs tbody tr")).to_have_count(1, timeout=PATIENCE)
    complaints.forget("422 (Unprocessable")


def test_an_instruction_and_a_chat_say_who_writes_the_prompts(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """By a switch of each; a second model's prompts stand where it says."""
    model = beside.run(ChatServer(script, models=["m", "writer"]))
    server = beside.run(served(tmp_path, llm=model.url, backend=Painter(seconds=0.0)))
    page = context.new_page()
    settings(page, server.address)
    presets = page.locator(".presets")
    presets.get_by_label("Name", exact=True).fill("Two models")
    presets.get_by_label("Who says what to draw").select_option("second")
    presets.get_by_role("button", name="Keep as a new one").click()
    expect(presets.locator("#preset-which")).to_contain_text("Two models", timeout=PATIENCE)
    page.goto(f"{server.address}/#/chat")
    page.get_by_role("button", name="This chat’s settings").click()
    page.get_by_label("Instruction").select_option(label="Two models")
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    page.get_by_label("Ask for a story…").fill("Go.")
    page.keyboard.press("Enter")
    ready = page.locator(".picture[data-state=ready]")
    expect(ready).to_have_count(2, timeout=PATIENCE)
    assert is_second(model.requests[-1])
    chat = page.url
    settings(page, server.address)
    expect(page.locator(".costs")).to_contain_text("420 tokens read and 60 written, for 1 text")
    page.goto(chat)
    expect(ready).to_have_count(2, timeout=PATIENCE)
    page.get_by_role("button", name="This chat’s settings").click()
    page.get_by_label("Who says what to draw").select_option("model")
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    page.get_by_label("Ask for a story…").fill("On.")
    page.keyboard.press("Enter")
    expect(page.locator(".message")).to_have_count(4, timeout=PATIENCE)
    expect(page.get_by_role("button", name="Go on").last).to_be_enabled(timeout=PATIENCE)
    assert not is_second(model.requests[-1])
    assert "img-prompt" in json.dumps(model.requests[-1].body)


def test_a_picture_tells_all_that_is_known_and_is_deleted_for_good(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """Only after a question; nothing is left to be undone."""
    page = told(beside, context, tmp_path, Painter(seconds=0.0))
    page.locator(".look").first.click()
    facts = page.locator(".facts")
    for told_of in ("×", "seed", "drawn in"):
        expect(facts).to_contain_text(told_of)
    page.keyboard.press("Escape")
    count = page.locator(".picture").count()
    chosen(page, "Delete for good")
    dialog = page.get_by_role("dialog", name="Delete this picture for good?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator(".picture")).to_have_count(count)
    chosen(page, "Delete for good")
    dialog.get_by_role("button", name="Delete for good").click()
    expect(page.locator(".picture")).to_have_count(count - 1, timeout=PATIENCE)
    expect(page.locator(".notice").last).to_contain_text("gone for good")
    expect(page.get_by_role("button", name="Undo", exact=True)).to_have_count(0)
    page.reload()
    expect(page.locator(".picture")).to_have_count(count - 1, timeout=PATIENCE)


def test_a_story_without_tags_is_read_out_of_a_file_and_illustrated(
    beside: Beside, context: BrowserContext, tmp_path: Path
) -> None:
    """Its own words find the places, unless none are wished."""
    server = beside.run(served(tmp_path, backend=Painter(seconds=0.0)))
    page = context.new_page()
    page.goto(f"{server.address}/#/illustrate")
    text = b"<!doctype html><title>The Fox</title><p>The fox ran through snow to the lighthouse."
    story: FilePayload = {"name": "fox.html", "mimeType": "text/html", "buffer": text}
    page.locator("input[type=file]").set_input_files(story)
    expect(page.locator(".manuscript")).to_have_value(
        '---\ntitle: "The Fox"\n---\n\nThe fox ran through snow to the lighthouse.\n',
        timeout=PATIENCE,
    )
    page.get_by_role("button", name="Illustrate", exact=True).click()
    expect(page.get_by_role("heading", name="The Fox")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".picture[data-state=ready]")).to_have_count(1, timeout=PATIENCE)
    assert "title:" not in page.locator(".text").inner_text()

"""`limner illustrate` of a file that the library knows: only what changed is drawn."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from limner.illustration import Message
from limner.storage import Library
from limner.testing import ScriptedBackend

Command = Callable[..., Any]


def story(*prompts: str) -> str:
    """A text with these tags, each in a paragraph of its own."""
    return "# A tale\n\n" + "".join(f'And so.\n\n<!--img-prompt="{p}"-->\n\n' for p in prompts)


@pytest.fixture
def run(limner: Command, tmp_path: Path, scripted: ScriptedBackend) -> Callable[..., Any]:
    """Illustrates a text as story.md; gives what was said, and what was drawn for it."""

    def illustrate(text: str, *more: str, code: int = 0) -> tuple[str, list[str]]:
        (tmp_path / "story.md").write_text(text)
        scripted.calls.clear()
        ran = limner("illustrate", "story.md", "--backend", "scripted", "--library", "kept", *more)
        assert ran.code == code, ran.err
        return ran.err, sorted(call.request.prompt for call in scripted.calls)

    return illustrate


def kept(folder: Path) -> tuple[int, list[Message]]:
    """How many chats the library has, and the messages of the first."""

    async def read() -> tuple[int, list[Message]]:
        async with await Library.open(folder / "kept") as library:
            chats = await library.chats(limit=9)
            return len(chats), list(await library.messages(chats[0].id))

    return asyncio.run(read())


def test_only_what_changed_is_drawn(run: Callable[..., Any], tmp_path: Path) -> None:
    """Ten changes in sixty pictures are ten drawings; the chat and its message stay the same."""
    prompts = [f"picture number {n}" for n in range(60)]
    assert len(run(story(*prompts))[1]) == 60
    edited = [f"{p}, at night" if n % 6 == 0 else p for n, p in enumerate(prompts)]
    told, drawn = run(story(*edited))
    assert drawn == sorted(edited[::6])
    assert "50 pictures are as before, 10 are new" in told
    assert (tmp_path / "story.html").read_text().count('<img src="data:') == 60
    chats, [message] = kept(tmp_path)
    assert chats == 1
    assert [slot.prompt for slot in message.slots] == edited


def test_what_moved_keeps_its_picture_and_what_is_gone_stays_in_the_library(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    """Pictures belong to what was asked for, not to a place."""
    run(story("a fox", "an owl", "a hare"))
    before = {slot.prompt: slot.image for slot in kept(tmp_path)[1][0].slots}
    assert run(story("a hare", "a fox"))[1] == []
    message = kept(tmp_path)[1][0]
    for slot in message.slots:
        was = before[slot.prompt]
        assert slot.image is not None
        assert was is not None
        assert slot.image.data == was.data
    assert message.variant == 1


def test_a_model_that_cannot_be_reached_takes_no_picture_away(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    """The page stays as it was, one line says why and what helps; the next run has all again."""
    text = "# The Fox\n\nThe fox crossed the snowy bridge at night.\n"
    run(text)
    page = (tmp_path / "story.html").read_bytes()
    assert page.count(b'<img src="data:') == 1
    told, drawn = run(text, "--llm", "http://127.0.0.1:1/v1", code=1)
    assert drawn == []
    assert "story.html stays as it was" in told
    assert "limner: no places for pictures were found in “The Fox”: cannot reach" in told
    assert "refused; is the server running?; `--scenes words` finds them without a model" in told
    assert "no picture requests" not in told
    assert "0 pictures are as before" not in told
    assert (tmp_path / "story.html").read_bytes() == page
    assert run(text)[1] == []


def test_nor_does_it_put_an_answer_without_pictures_before_the_one_with_them(
    run: Callable[..., Any], limner: Command, tmp_path: Path
) -> None:
    """The library shows what the page shows, also where the text is another; until a good run."""
    text = "# The Fox\n\nThe fox crossed the snowy bridge at night.\n"
    run(text)
    _, [shown] = kept(tmp_path)
    for again in (text, text + "\nMorning came.\n"):
        told, _ = run(again, "--llm", "http://127.0.0.1:1/v1", code=1)
        assert re.search("[0-9a-f]{32}", told) is None
        _, [after] = kept(tmp_path)
        assert after.variant == shown.variant
        assert [slot.image is not None for slot in after.slots] == [True]
        listed = limner("pictures", "story.md", "--library", "kept").out
        assert listed.startswith("1\tready\t")
    assert run(text + "\nMorning came.\n")[1] == []
    _, [after] = kept(tmp_path)
    assert "Morning came." in after.text
    assert [slot.image is not None for slot in after.slots] == [True]


def test_each_line_tells_another_picture_and_no_time_where_none_was_taken(
    run: Callable[..., Any],
) -> None:
    """Several may be ready before the first is told; what is as before took nothing."""
    for _ in range(2):
        told, _ = run(story("a fox", "an owl", "a hare"))
        lines = re.findall(r"^picture \d ready(.*) \((\d) of 3\)$", told, re.MULTILINE)
        assert [number for _, number in lines] == ["1", "2", "3"]
        assert " in 0.0 s" not in told


def test_equal_tags_keep_a_picture_each(run: Callable[..., Any]) -> None:
    """One more of them is one drawing."""
    run(story("a fox", "a fox"))
    assert run(story("a fox", "a fox", "a fox"))[1] == ["a fox"]


def test_redraw_by_number_and_all(run: Callable[..., Any]) -> None:
    """Numbers are those of the text as it is now, from 1."""
    text = story("a fox", "an owl", "a hare")
    run(text)
    assert run(text, "--redraw", "2,3")[1] == ["a hare", "an owl"]
    assert run(text, "--redraw", "all")[1] == ["a fox", "a hare", "an owl"]
    assert run(text, "--redraw", "failed")[1] == []


def test_what_failed_is_drawn_again(run: Callable[..., Any], scripted: ScriptedBackend) -> None:
    """Without being asked for."""
    scripted.fails = lambda r: ValueError("no paint") if r.prompt == "an owl" else None
    run(story("a fox", "an owl"), code=1)
    scripted.fails = lambda r: None
    assert run(story("a fox", "an owl"))[1] == ["an owl"]


def test_another_size_or_seed_draws_all_of_it(run: Callable[..., Any]) -> None:
    """For then no picture is as it would be."""
    run(story("a fox"))
    assert run(story("a fox"), "--size", "256x256")[1] == ["a fox"]
    assert run(story("a fox"), "--size", "256x256")[1] == []


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (["--style", "ink"], [], "2 pictures are drawn anew: --style was ink, and is not given"),
        ([], ["--negative", "rain"], "--negative was not given, and is rain now"),
        ([], ["--size", "256x256"], "--size was 768x512, and is 256x256 now"),
    ],
)
def test_an_option_that_draws_all_anew_is_named(
    run: Callable[..., Any], first: list[str], second: list[str], why: str
) -> None:
    """Before it is drawn; whoever says what was said before hears nothing."""
    run(story("a fox", "an owl"), *first)
    told, drawn = run(story("a fox", "an owl"), *second)
    assert why in told
    assert told.index(why) < told.index("0 pictures are as before")
    assert len(drawn) == 2
    assert "anew" not in run(story("a fox", "an owl"), *second)[0]


def test_each_picture_is_told_to_start_drawn_or_not(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    """Programs that read the events need not know which are as before."""
    run(story("a fox", "an owl"))
    _, drawn = run(story("a fox", "a hare"), "--events", "log")
    assert drawn == ["a hare"]
    told = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    for kind in ("prompt_found", "image_started", "image_ready"):
        assert sorted(one["slot"] for one in told if one["event"] == kind) == [0, 1]


def test_a_lost_picture_is_drawn_again(run: Callable[..., Any], tmp_path: Path) -> None:
    """Its file may be gone."""
    run(story("a fox"))
    for path in (tmp_path / "kept" / "pictures").glob("??/*.png"):
        path.unlink()
    assert run(story("a fox"))[1] == ["a fox"]


def test_a_file_that_cannot_be_read_leaves_the_message_as_it_was(
    run: Callable[..., Any], limner: Command, tmp_path: Path
) -> None:
    """Nothing came of the second run."""
    run(story("a fox"))
    (tmp_path / "story.md").write_bytes(b"PK\x03\x04" + b"\0" * 200)
    assert limner("illustrate", "story.md", "--library", "kept").code == 2
    chats, [message] = kept(tmp_path)
    assert chats == 1
    assert [slot.prompt for slot in message.slots] == ["a fox"]


def test_another_chat_gets_a_message_of_its_own(run: Callable[..., Any], tmp_path: Path) -> None:
    """`--chat` with another name means another chat."""
    run(story("a fox"))
    assert run(story("a fox"), "--chat", "Other")[1] == ["a fox"]
    assert kept(tmp_path)[0] == 2
    assert run(story("a fox"), "--chat", "Other")[1] == []
    assert kept(tmp_path)[0] == 2


def test_pictures_are_listed_by_file_and_by_title(
    run: Callable[..., Any], limner: Command, scripted: ScriptedBackend
) -> None:
    """With the numbers that `--redraw` knows them by, and why one failed."""
    scripted.fails = lambda r: ValueError("no paint") if r.prompt == "an owl" else None
    run(story("a fox", "an owl"), code=1)
    for name in ("story.md", "tale"):
        ran = limner("pictures", name, "--library", "kept")
        assert ran.code == 0, ran.err
        first, second = ran.out.splitlines()
        assert first.startswith("1\tready\ta fox\t/")
        assert second.startswith("2\tfailed\tan owl\t(")
    told = limner("pictures", "story.md", "--library", "kept", "--json").out.splitlines()
    assert [json.loads(line)["state"] for line in told] == ["ready", "failed"]


def test_redraw_needs_what_is_kept_and_knows_its_words(limner: Command, tmp_path: Path) -> None:
    """One clear line each."""
    (tmp_path / "story.md").write_text(story("a fox"))
    ran = limner("illustrate", "story.md", "--redraw", "all", "--no-library")
    assert "--no-library keeps nothing" in ran.err
    ran = limner("illustrate", "story.md", "--redraw", "0", "--library", "kept")
    assert ran.code == 2
    assert "none of all, failed, or numbers" in ran.err

"""`limner resume`: what was interrupted is finished, and written where it was to go."""

import signal
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.kept import FOX, in_library
from tests.command.commands import Running

from limner import Illustrator
from limner.cli.shared.kept_run import KeptRun, remember, remembered
from limner.illustration import Message, MessageState
from limner.prompts import find_prompts
from limner.storage import Library
from limner.testing import ScriptedBackend

Command = Callable[..., Any]
Spawn = Callable[..., Running]

STORY = "\n\n".join(f'Night {n}. <!--img-prompt="a fox in night {n}"-->' for n in range(6))

SLOW = """
import asyncio, os, sys
from limner.cli import main
from limner.illustration import Image, plugins
from limner.testing.scripted_backend import PIXEL

class Slow:
    async def generate(self, request):
        await asyncio.sleep(0.3)
        with open("drawn", "a") as log:
            log.write(request.prompt + "\\n")
        data = PIXEL + os.urandom(100)
        return Image(data=data, media_type="image/png", width=64, height=64, seed=1)

class Point:
    name = "slow"
    def load(self):
        return Slow

plugins.installed = lambda: [Point()]
main(sys.argv[1:])
"""


def read_until(process: Running, words: str) -> None:
    """Read standard error until a line holds these words."""
    seen = []
    for line in process.stderr:
        seen.append(line)
        if words in line:
            return
    raise AssertionError(f"it ended without {words!r}: {seen}")


def pictures(place: Path) -> dict[Path, tuple[int, int, bytes]]:
    """The files of a library's pictures: which file it is, when it was written, what is in it."""
    files = (place / "pictures").glob("??/*.png")
    return {f: (f.stat().st_ino, f.stat().st_mtime_ns, f.read_bytes()) for f in files}


async def the_message(library: Library) -> Message:
    """The only message there is."""
    (chat,) = await library.chats()
    (message,) = await library.messages(chat.id)
    return message


@pytest.mark.real_time
def test_a_killed_command_is_finished_without_drawing_anything_twice(
    spawn: Spawn, tmp_path: Path
) -> None:
    """SIGKILL after the first picture: resume writes the whole page, kept pictures untouched."""
    (tmp_path / "story.md").write_text(STORY)
    process = spawn(
        "illustrate", "story.md", "-o", "out.html", "--library", "kept", "--backend", "slow",
        "--max-concurrent", "1", program=SLOW,
    )  # fmt: skip
    read_until(process, "picture 1 ready")
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    assert not (tmp_path / "out.html").exists()
    before = pictures(tmp_path / "kept")
    drawn = (tmp_path / "drawn").read_text().splitlines()
    assert before
    resumed = spawn("resume", "--library", "kept", program=SLOW)
    _, said = resumed.communicate(timeout=60)
    assert resumed.returncode == 0, said
    assert "out.html: 6 of 6 pictures" in said
    page = (tmp_path / "out.html").read_text()
    assert page.count("data:image/png;base64,") == 6
    after = pictures(tmp_path / "kept")
    assert {path: after[path] for path in before} == before
    assert len(after) == 6
    drawn_later = (tmp_path / "drawn").read_text().splitlines()[len(drawn) :]
    # What was drawn and not kept yet when it was killed may be drawn again, nothing else.
    assert len(drawn_later) == 6 - len(before)
    assert in_library(tmp_path / "kept", remembered) == []


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("how", "changed"), [(signal.SIGKILL, False), (signal.SIGINT, False), (signal.SIGINT, True)]
)
def test_a_file_is_read_on_from_where_it_was_left(
    spawn: Spawn, tmp_path: Path, how: signal.Signals, changed: bool
) -> None:
    """The whole story is there in the end; unless the file says something else by now."""
    (tmp_path / "story.md").write_text(STORY)
    process = spawn(
        "illustrate", "story.md", "--library", "kept", "--backend", "slow", "--speed", "120",
        program=SLOW,
    )  # fmt: skip
    read_until(process, "picture 1 ready")
    process.send_signal(how)
    process.communicate(timeout=60)
    if changed:
        (tmp_path / "story.md").write_text(STORY.replace("Night 0", "Day 0"))
    resumed = spawn("resume", "--library", "kept", program=SLOW)
    _, said = resumed.communicate(timeout=60)
    message = in_library(tmp_path / "kept", the_message)
    drawn = (tmp_path / "drawn").read_text().splitlines()
    page = (tmp_path / "story.html").read_text()
    if changed:
        assert "story.md is not as it was: the text stays cut" in said
        assert resumed.returncode == 1
        assert message.state is MessageState.CUT
    else:
        assert resumed.returncode == 0, said
        assert message.state is MessageState.COMPLETE
        assert message.text == STORY
        assert page.count("data:image/png;base64,") == 6
        # What was being drawn when the process was killed is drawn again, nothing else.
        again = 2 if how == signal.SIGKILL else 0
        assert set(drawn) == {f"a fox in night {n}" for n in range(6)}
        assert len(drawn) <= 6 + again
    assert in_library(tmp_path / "kept", remembered) == []


@pytest.mark.real_time
def test_an_interrupted_command_writes_what_is_finished_and_goes_on_later(
    spawn: Spawn, tmp_path: Path
) -> None:
    """Ctrl-C: 130 and a page with one picture; then resume draws the others into it."""
    (tmp_path / "story.md").write_text(STORY)
    process = spawn(
        "illustrate", "story.md", "--library", "kept", "--backend", "slow",
        "--max-concurrent", "1", program=SLOW,
    )  # fmt: skip
    read_until(process, "picture 1 ready")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "`limner resume --library kept` goes on from there" in said
    page = (tmp_path / "story.html").read_text()
    made = page.count("data:image/png;base64,")
    assert 1 <= made < 6
    assert page.count("Not drawn.") == 6 - made
    resumed = spawn("resume", "--library", "kept", program=SLOW)
    _, said = resumed.communicate(timeout=60)
    assert resumed.returncode == 0, said
    assert (tmp_path / "story.html").read_text().count("data:image/png;base64,") == 6
    assert sorted((tmp_path / "drawn").read_text().splitlines()) == [
        f"a fox in night {n}" for n in range(6)
    ]


@pytest.mark.real_time
def test_what_the_text_had_before_it_was_edited_is_given_back(spawn: Spawn, tmp_path: Path) -> None:
    """Also by the run that goes on: with the changed prompt, and without drawing it again."""
    kept, place = ("--library", "kept"), tmp_path / "kept"
    (tmp_path / "story.md").write_text(STORY)
    for words in (
        ("illustrate", "story.md", "--backend", "slow", "--max-concurrent", "6"),
        ("redraw", "story.md", "6", "--prompt", "an owl", "--max-concurrent", "6"),
    ):
        process = spawn(*words, *kept, program=SLOW)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
    before = in_library(place, the_message).slots[5].image
    (tmp_path / "drawn").unlink()
    (tmp_path / "story.md").write_text(f'{STORY}\n\nEnd. <!--img-prompt="a hare"-->')
    process = spawn(
        "illustrate", "story.md", "--backend", "slow", "--speed", "120", *kept, program=SLOW
    )
    read_until(process, "picture 1 ready")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert len(in_library(place, the_message).slots) < 6
    resumed = spawn("resume", *kept, program=SLOW)
    _, said = resumed.communicate(timeout=60)
    assert resumed.returncode == 0, said
    assert (tmp_path / "drawn").read_text().splitlines() == ["a hare"]
    slots = in_library(place, the_message).slots
    assert [slot.prompt for slot in slots[4:]] == ["a fox in night 4", "an owl", "a hare"]
    assert before is not None
    assert slots[5].image is not None
    assert slots[5].image.data == before.data


@pytest.mark.real_time
def test_resume_itself_can_be_interrupted(spawn: Spawn, tmp_path: Path) -> None:
    """What it has drawn by then is kept and written; the next one draws the rest."""
    (tmp_path / "story.md").write_text(STORY)
    common = ("--library", "kept", "--max-concurrent", "1")
    process = spawn("illustrate", "story.md", "--backend", "slow", *common, program=SLOW)
    read_until(process, "picture 1 ready")
    process.kill()
    process.wait(timeout=30)
    resumed = spawn("resume", *common, program=SLOW)
    read_until(resumed, "ready")
    resumed.send_signal(signal.SIGINT)
    _, said = resumed.communicate(timeout=60)
    assert resumed.returncode == 130, said
    assert 2 <= (tmp_path / "story.html").read_text().count("data:image/png;base64,") < 6
    last = spawn("resume", *common, program=SLOW)
    _, said = last.communicate(timeout=60)
    assert last.returncode == 0, said
    assert (tmp_path / "story.html").read_text().count("data:image/png;base64,") == 6


@pytest.mark.real_time
def test_a_text_that_was_being_written_is_marked_as_cut(spawn: Spawn, tmp_path: Path) -> None:
    """Killed in the middle of a pipe: what had come is illustrated, and the page says so."""
    process = spawn(
        "illustrate", "-", "-o", "story.html", "--library", "kept", "--backend", "slow",
        program=SLOW,
    )  # fmt: skip
    process.stdin.write(STORY + "\n\n" + "and so on " * 2000)
    process.stdin.flush()
    read_until(process, "picture 2 ready")
    process.kill()
    process.wait(timeout=30)
    resumed = spawn("resume", "--library", "kept", program=SLOW)
    _, said = resumed.communicate(timeout=60)
    assert resumed.returncode == 1, said
    assert "the text was cut" in said
    message = in_library(tmp_path / "kept", the_message)
    assert message.state is MessageState.CUT
    assert (STORY + "\n\n" + "and so on " * 2000).startswith(message.text)
    assert len(message.slots) == len(find_prompts(message.text)) >= 2
    assert all(slot.image is not None for slot in message.slots)
    assert "it was cut off" in (tmp_path / "story.html").read_text()


async def interrupted(library: Library, name: str, path: str | None, **fields: Any) -> None:
    """A message whose pictures were asked for but not made, and how to go on with it."""
    await library.create_chat("Tales", id="tales")
    backend = ScriptedBackend(seconds=1000)
    async with Illustrator(backend=backend, store=library) as illustrator:
        async with illustrator.stream(FOX, message_id=name, chat_id="tales") as events:
            async for _ in events:
                if backend.running == 2:
                    events.session.cancel("interrupted", leave=True)
    await remember(library, KeptRun(message_id=name, path=path, format="html", **fields))


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A library in which two messages were interrupted."""

    async def make(library: Library) -> None:
        await interrupted(library, "a", str(tmp_path / "a.html"), backend="scripted")
        await interrupted(library, "b", str(tmp_path / "b.html"), backend="scripted")

    in_library(tmp_path / "kept", make)
    return tmp_path / "kept"


def test_all_that_was_interrupted_is_finished(
    limner: Command, tmp_path: Path, two: Path, scripted: ScriptedBackend
) -> None:
    """Each result is written where it was to go, drawn with what drew before."""
    ran = limner("resume", "--library", str(two))
    assert ran.code == 0, ran.err
    assert len(scripted.calls) == 4
    for name in ("a.html", "b.html"):
        assert f"{name}: 2 of 2 pictures" in ran.err
        assert (tmp_path / name).read_text().count("data:image/png;base64,") == 2
    assert in_library(two, remembered) == []
    assert "nothing to resume" in limner("resume", "--library", str(two)).err
    assert len(scripted.calls) == 4


@pytest.mark.usefixtures("scripted")
def test_a_place_can_be_given_for_one_result_only(
    limner: Command, tmp_path: Path, two: Path
) -> None:
    """With several, nothing is done and the exit code is 2."""
    ran = limner("resume", "-o", "c.html", "--library", str(two))
    assert ran.code == 2
    assert "2 messages were interrupted" in ran.err

    async def one_less(library: Library) -> None:
        await library.delete("b")

    in_library(two, one_less)
    ran = limner("resume", "-o", "c.epub", "--library", str(two))
    assert ran.code == 0, ran.err
    assert not (tmp_path / "a.html").exists()
    with zipfile.ZipFile(tmp_path / "c.epub") as book:
        assert sum("/pictures/" in name for name in book.namelist()) == 2


def test_size_and_seed_are_as_before_unless_given(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """What is drawn later looks like what was drawn before."""

    async def make(library: Library) -> None:
        fields = {"backend": "scripted", "width": 320, "height": 200, "seed": 5}
        await interrupted(library, "a", str(tmp_path / "a.html"), **fields)

    in_library(tmp_path / "kept", make)
    assert limner("resume", "--library", "kept").code == 0
    assert {(c.request.width, c.request.height) for c in scripted.calls} == {(320, 200)}
    assert None not in {call.request.seed for call in scripted.calls}


def test_a_result_that_was_made_but_not_written_is_written(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """Killed between the last picture and the file: nothing is drawn."""

    async def make(library: Library) -> None:
        async with Illustrator(backend=ScriptedBackend(seconds=0.0), store=library) as illustrator:
            await illustrator.illustrate(FOX, message_id="a")
        path = str(tmp_path / "a.md")
        await remember(library, KeptRun(message_id="a", path=path, format="md"))
        await remember(library, KeptRun(message_id="never begun", path=path, format="md"))

    in_library(tmp_path / "kept", make)
    ran = limner("resume", "--library", "kept", "--backend", "scripted")
    assert ran.code == 0, ran.err
    assert len(list((tmp_path / "a-pictures").iterdir())) == 2
    assert scripted.calls == []
    assert in_library(tmp_path / "kept", remembered) == []


def test_pictures_that_fail_again_are_told(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """The result is written with placeholders, and the exit code is 1."""

    async def make(library: Library) -> None:
        await interrupted(library, "a", str(tmp_path / "a.html"), backend="scripted")

    in_library(tmp_path / "kept", make)
    scripted.fails = lambda r: ValueError("no paint") if r.prompt == "an owl" else None
    ran = limner("resume", "--library", "kept")
    assert ran.code == 1
    assert "a.html: 1 of 2 pictures" in ran.err
    assert "picture 2 (an owl) failed: the drawing broke off: no paint" in ran.err


def test_a_backend_that_is_gone_is_told_before_anything_is_drawn(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """Not after half of the work; --backend names another one."""

    async def make(library: Library) -> None:
        await interrupted(library, "a", str(tmp_path / "a.html"), backend="scripted")
        await interrupted(library, "b", str(tmp_path / "b.html"), backend="crayon")

    in_library(tmp_path / "kept", make)
    ran = limner("resume", "--library", "kept")
    assert ran.code == 2
    assert "unknown backend 'crayon'" in ran.err
    assert scripted.calls == []
    assert limner("resume", "--library", "kept", "--backend", "scripted").code == 0
    assert len(scripted.calls) == 4


@pytest.mark.usefixtures("scripted")
def test_a_place_that_is_gone_is_told_before_anything_is_drawn(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """Exit code 2; with -o it is written elsewhere."""

    async def make(library: Library) -> None:
        await interrupted(library, "a", str(tmp_path / "gone" / "a.html"), backend="scripted")

    in_library(tmp_path / "kept", make)
    ran = limner("resume", "--library", "kept")
    assert ran.code == 2
    assert "does not exist" in ran.err
    assert scripted.calls == []
    assert limner("resume", "--library", "kept", "-o", "a.html").code == 0


@pytest.mark.real_time
def test_nothing_is_resumed_while_another_process_is_at_work(spawn: Spawn, tmp_path: Path) -> None:
    """What it is working on is not ours to finish: exit code 2, nothing drawn, nothing cut."""
    (tmp_path / "story.md").write_text(STORY)
    never_ends = SLOW.replace("0.3", "3000 if 'night 1' in request.prompt else 0")
    process = spawn(
        "illustrate", "story.md", "--library", "kept", "--backend", "slow",
        "--max-concurrent", "1", program=never_ends,
    )  # fmt: skip
    read_until(process, "picture 1 ready")
    resumed = spawn("resume", "--library", "kept", program=SLOW)
    _, said = resumed.communicate(timeout=60)
    assert resumed.returncode == 2
    assert "another limner has the library" in said
    assert in_library(tmp_path / "kept", the_message).state is MessageState.COMPLETE
    assert len((tmp_path / "drawn").read_text().splitlines()) == 1
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130

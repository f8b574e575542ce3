"""`limner repair` draws the pictures again whose files are gone or damaged, as they were."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.kept import fill, in_library
from tests.storage.conftest import file_of

from limner import Illustrator
from limner.backends.images.sketch import SketchBackend
from limner.illustration import Message, SlotId
from limner.storage import Library
from limner.testing import ScriptedBackend

Command = Callable[..., Any]


def remove(file: Path) -> None:
    """The file is gone."""
    file.unlink()


def change(file: Path) -> None:
    """The file is as long as it was, with other bytes."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)


def files(place: Path) -> list[Path]:
    """The pictures' files."""
    return sorted((place / "pictures").glob("??/*.png"))


def message(place: Path, message_id: str) -> Message:
    """A message as it is kept."""
    loaded = in_library(place, lambda library: library.load(message_id))
    assert loaded is not None
    return loaded


@pytest.mark.parametrize("harm", [remove, change])
def test_what_is_missing_is_drawn_as_it_was(
    limner: Command, scripted: ScriptedBackend, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    """Prompt, seed and size are those it had; what is there is not drawn."""
    fill(tmp_path / "kept")
    before = message(tmp_path / "kept", "a1")
    image = before.slots[0].image
    assert image is not None
    harm(files(tmp_path / "kept")[0])
    lost = [slot.image for slot in before.slots if slot.image and not is_there(slot.image)]

    dry = limner("repair", "--library", "kept", "--dry-run")
    assert dry.code == 1
    assert "would draw picture" in dry.err
    assert not scripted.calls

    ran = limner("repair", "--library", "kept", "--backend", "scripted")
    assert ran.code == 0, ran.err
    asked = {(r.seed, r.width, r.height) for r in (call.request for call in scripted.calls)}
    assert asked == {(one.seed, one.width, one.height) for one in lost}
    assert len(scripted.calls) == len(lost)
    assert limner("export", "fox1", "--library", "kept", "-o", "fox.html").code == 0
    again = limner("repair", "--library", "kept", "--backend", "scripted")
    assert (again.code, "no picture is missing" in again.err) == (0, True)


def is_there(image: Any) -> bool:
    """Whether a picture can be read."""
    from limner.illustration.model.pending import is_readable

    return is_readable(image)


def test_what_cannot_be_drawn_is_told(
    limner: Command, scripted: ScriptedBackend, tmp_path: Path
) -> None:
    """It stays missing, with exit code 1, and the export names the command that helps."""
    fill(tmp_path / "kept")
    files(tmp_path / "kept")[0].unlink()
    scripted.fails = lambda request: ValueError("no paint")
    ran = limner("repair", "fox1", "--library", "kept", "--backend", "scripted")
    assert ran.code == 1
    assert "no paint" in ran.err
    assert "Traceback" not in ran.err
    assert "`limner repair --library kept`" in limner("export", "fox1", "--library", "kept").err


def test_an_older_picture_comes_back_behind_the_one_shown(limner: Command, tmp_path: Path) -> None:
    """What a reader chose to see stays what is shown."""
    place = tmp_path / "kept"
    fill(place)

    async def draw_more(library: Library) -> None:
        async with Illustrator(backend=SketchBackend(), store=library) as illustrator:
            await illustrator.operations.regenerate(SlotId("a1", 0, 0), mode="append")

    in_library(place, draw_more)
    old, shown = message(place, "a1").slots[0].alternatives
    file_of(old.image).unlink()
    assert limner("repair", "--library", "kept", "--backend", "sketch").code == 0
    slot = message(place, "a1").slots[0]
    assert slot.shown is not None
    assert slot.shown.id == shown.id
    assert len(slot.alternatives) == 2
    assert all(is_there(made.image) for made in slot.alternatives)


def test_a_program_is_told_line_by_line(
    limner: Command, scripted: ScriptedBackend, tmp_path: Path
) -> None:
    """With ``--json``: what is missing, what was drawn, what failed, and the sum."""
    fill(tmp_path / "kept")
    files(tmp_path / "kept")[0].unlink()

    def said(*options: str) -> list[dict[str, Any]]:
        ran = limner("repair", "--library", "kept", "--backend", "scripted", "--json", *options)
        return [json.loads(line) for line in ran.out.splitlines()]

    *missing, over = said("--dry-run")
    assert {line["event"] for line in missing} == {"missing"}
    assert over == {"event": "done", "missing": len(missing), "left": len(missing)}
    scripted.fails = lambda request: ValueError("no paint")
    *failed, over = said()
    assert [line["error"] for line in failed] == ["no paint"] * len(missing)
    assert over["left"] == len(missing)
    scripted.fails = lambda request: None
    *drawn, over = said()
    assert {line["event"] for line in drawn} == {"drawn"}
    assert (over["missing"], over["left"]) == (len(missing), 0)
    assert drawn[0]["slot"] == missing[0]["slot"]
    assert said() == [{"event": "done", "missing": 0, "left": 0}]

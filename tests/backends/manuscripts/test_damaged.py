"""A damaged file of a writer's is read as far as it goes, or refused in one clear line."""

import asyncio
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.backends.manuscripts import files
from tests.backends.manuscripts.test_manuscript import read

from limner.errors import SourceError

pytestmark = pytest.mark.real_time

KINDS = ("docx", "epub", "html", "json", "jsonl", "png", "txt")
ODD: list[Any] = [None, True, -1, 1e308, "", "x", [], {}, [[]], {"a": None}, "\0", "\ud800"]


def sound_files(folder: Path) -> dict[str, bytes]:
    """A sound file of each kind, by its ending."""
    return {
        "docx": files.docx(folder / "a.docx").read_bytes(),
        "epub": files.epub(folder / "a.epub").read_bytes(),
        "html": files.FIRST.encode(),
        "json": json.dumps(files.CHATGPT[:1]).encode(),
        "jsonl": "\n".join(map(json.dumps, files.SILLYTAVERN)).encode(),
        "png": files.picture_card(folder / "a.png").read_bytes(),
        "txt": b"CHAPTER I.\r\n\r\n    It was the _last_ day, and nobody knew.\r\n",
    }


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A sound file of each kind, by its ending."""
    return sound_files(tmp_path_factory.mktemp("sound"))


def damaged(data: st.DataObject, content: bytes) -> bytes:
    """Some bytes changed, taken out or put in."""
    broken = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(0, len(broken) - 1)))
        until = at + data.draw(st.sampled_from([0, 1, 1, 4, 40]))
        broken[at:until] = data.draw(st.binary(max_size=6))
    return bytes(broken)


def damaged_inside(data: st.DataObject, content: bytes) -> bytes:
    """An archive of which one file is damaged, or gone."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        broken = data.draw(st.sampled_from(old.namelist()))
        gone = data.draw(st.booleans()) and data.draw(st.booleans())
        for name in old.namelist():
            if name != broken:
                new.writestr(name, old.read(name))
            elif not gone:
                new.writestr(name, damaged(data, old.read(name)))
    return out.getvalue()


def damaged_value(data: st.DataObject, value: Any) -> Any:
    """A value of JSON, somewhere in which there is another."""
    inner: list[Any] = list(value) if isinstance(value, dict | list) and value else []
    if not inner or not data.draw(st.integers(0, 5)):
        return data.draw(st.sampled_from(ODD))
    keys = sorted(value) if isinstance(value, dict) else range(len(inner))
    key = data.draw(st.sampled_from(keys))
    changed = value.copy()
    changed[key] = damaged_value(data, value[key])
    return changed


def refused_or_read(path: Path) -> None:
    """One of the two, and the refusal is one line."""
    said = ""
    try:
        asyncio.run(read(path))
    except SourceError as error:
        said = str(error)
    assert "\n" not in said
    assert len(said) < 500


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_damaged_here_was_a_story_before(
    kind: str, sound: dict[str, bytes], tmp_path: Path
) -> None:
    """Otherwise nothing would be tried."""
    path = tmp_path / f"story.{kind}"
    path.write_bytes(sound[kind])
    assert await read(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("kind", KINDS)
def test_changed_bytes_do_no_harm(
    kind: str, sound: dict[str, bytes], tmp_path: Path, data: st.DataObject
) -> None:
    """Whatever was changed, taken out, or put in."""
    path = tmp_path / f"story.{kind}"
    path.write_bytes(damaged(data, sound[kind]))
    refused_or_read(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("kind", ["docx", "epub"])
def test_a_damaged_part_of_a_book_does_no_harm(
    kind: str, sound: dict[str, bytes], tmp_path: Path, data: st.DataObject
) -> None:
    """An archive that is sound, of parts that are not."""
    path = tmp_path / f"story.{kind}"
    path.write_bytes(damaged_inside(data, sound[kind]))
    refused_or_read(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_odd_values_in_an_export_do_no_harm(
    kind: str, sound: dict[str, bytes], tmp_path: Path, data: st.DataObject
) -> None:
    """Exports change from version to version, and people edit them."""
    path = tmp_path / f"story.{kind}"
    lines = sound[kind].decode().split("\n") if kind == "jsonl" else [sound[kind].decode()]
    number = data.draw(st.integers(0, len(lines) - 1))
    lines[number] = json.dumps(damaged_value(data, json.loads(lines[number])))
    path.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
    refused_or_read(path)

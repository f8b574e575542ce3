"""Reading texts from files and standard input, over real files, pipes and threads."""

import asyncio
import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest
from tests.waiting import until

from limner.backends.text import read_text
from limner.backends.text.byte_reader import PIECE
from limner.errors import SourceError

pytestmark = pytest.mark.real_time


async def collect(path: Path | str, on_bad_bytes: Callable[[int], None] | None = None) -> str:
    """The whole text of a path."""
    return "".join([text async for text in read_text(path, on_bad_bytes=on_bad_bytes)])


async def refused(path: Path | str) -> str:
    """What is said of a path that cannot be read."""
    with pytest.raises(SourceError) as caught:
        await collect(path)
    assert caught.value.source == os.fspath(path)
    return str(caught.value)


async def test_a_file_is_read_whole_with_its_line_ends(tmp_path: Path) -> None:
    """Several pieces, characters cut between them, CRLF kept."""
    text = "Once üpon\r\na 🦊 tíme\n" * 10_000
    path = tmp_path / "story.md"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert await collect(path) == text


async def test_utf16_with_a_mark_is_read(tmp_path: Path) -> None:
    """What some editors write is text too."""
    path = tmp_path / "story.txt"
    path.write_bytes("Once 🦊".encode("utf-16"))
    assert await collect(path) == "Once 🦊"


async def test_an_empty_file_gives_nothing(tmp_path: Path) -> None:
    """No text is no error."""
    path = tmp_path / "empty"
    path.touch()
    assert await collect(path) == ""


async def test_bad_bytes_are_replaced_and_told_once(tmp_path: Path) -> None:
    """The warning comes once, with the first place."""
    path = tmp_path / "latin1.txt"
    path.write_bytes(b"caf\xe9, d\xe9j\xe0 vu" + b"\xe9 " * 100_000)
    told: list[int] = []
    text = await collect(path, told.append)
    assert text.startswith("caf\ufffd, d\ufffdj\ufffd vu")
    assert told == [3]


async def test_what_is_no_text_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """Missing, directory, binary: each says what it is."""
    binary = tmp_path / "fox.png"
    binary.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    assert await refused(tmp_path / "none.md") == (
        f"cannot read {tmp_path}/none.md: there is no such file"
    )
    assert await refused(tmp_path) == f"cannot read {tmp_path}: it is a directory"
    assert await refused(binary) == f"{binary} is a PNG picture, not text"
    assert await refused(f"{binary}/x") == f"cannot read {binary}/x: not a directory"
    assert "cannot read" in await refused("")
    assert "cannot read" in await refused("a\0b")


async def test_a_file_that_may_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permission denied is said so (also where the tests run as root)."""

    def denied(*args: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    assert await refused("secret.md") == (
        "cannot read secret.md: it may not be read (permission denied)"
    )


async def test_a_pipe_gives_its_pieces_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for a full block, and the event loop goes on meanwhile."""
    out, into = os.pipe()
    monkeypatch.setattr(sys, "stdin", os.fdopen(out))
    async with aclosing(read_text("-")) as pieces:
        os.write(into, b"Once")
        assert await anext(pieces) == "Once"
        waiting = asyncio.ensure_future(anext(pieces))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not waiting.done()
        os.write(into, b" upon \xf0\x9f")
        assert await waiting == " upon "
        os.write(into, b"\xa6\x8a")
        assert await anext(pieces) == "🦊"
        os.close(into)
        with pytest.raises(StopAsyncIteration):
            await anext(pieces)
    sys.stdin.close()


async def test_cancelling_a_wait_for_a_pipe_is_immediate(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe that never gives anything holds nobody."""
    out, into = os.pipe()
    monkeypatch.setattr(sys, "stdin", os.fdopen(out))
    before = set(threading.enumerate())
    waiting = asyncio.ensure_future(collect("-"))
    await until(lambda: bool(set(threading.enumerate()) - before))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    os.close(into)  # now the thread sees the end, and goes
    await until(lambda: not set(threading.enumerate()) - before)
    sys.stdin.close()


def test_a_silent_pipe_does_not_keep_the_program_from_ending() -> None:
    """A program that stops while standard input still waits ends at once, with no crash."""
    code = (
        "import asyncio\n"
        "from limner.backends.text import read_text\n"
        "async def main():\n"
        "    stream = read_text('-')\n"
        "    print(await anext(stream), flush=True)\n"
        "    task = asyncio.ensure_future(anext(stream))\n"
        "    await asyncio.sleep(0)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=-1, stderr=-1
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b"Once")
        process.stdin.flush()
        assert process.wait(timeout=60) == 0
        assert process.stdout is not None
        assert process.stdout.read() == b"Once\n"
        assert process.stderr is not None
        assert process.stderr.read() == b""


async def test_a_replaced_standard_input_is_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a test runner standard input is no real file."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Once upon")))
    assert await collect("-") == "Once upon"


@pytest.mark.parametrize("stdin", [None, "closed"])
async def test_a_closed_standard_input_is_refused(
    stdin: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said of standard input, not of a file named '-'."""
    closed = io.TextIOWrapper(io.BytesIO())
    closed.close()
    monkeypatch.setattr(sys, "stdin", closed if stdin else None)
    assert (await refused("-")).startswith("cannot read standard input: ")


async def test_a_large_file_is_never_in_memory(tmp_path: Path) -> None:
    """Pieces stay small, and only one is read ahead of the consumer: none."""
    path = tmp_path / "large.txt"
    path.write_bytes(b"Once upon a time. " * (50 * PIECE // 18))
    largest = total = 0
    async for text in read_text(path):
        largest, total = max(largest, len(text)), total + len(text)
    assert total == path.stat().st_size
    assert largest <= PIECE


async def test_stopping_early_closes_the_file(tmp_path: Path) -> None:
    """The file and its thread are given back."""
    path = tmp_path / "large.txt"
    path.write_bytes(b"a" * (4 * PIECE))
    before = set(threading.enumerate())
    async with aclosing(read_text(path)) as pieces:
        await anext(pieces)
        assert path in open_files()
    await until(lambda: not set(threading.enumerate()) - before)
    await until(lambda: path not in open_files())


def open_files() -> list[Path]:
    """The files this process holds open."""
    return [link.resolve() for link in Path("/proc/self/fd").iterdir()]

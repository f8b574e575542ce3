"""Tokens: named, hashed, and never let in by a library that breaks."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from limner.errors import ConfigError, StorageBusy, StorageError
from limner.server.tokens import FRESH, PATIENCE, TokenBook, add_token, list_tokens
from limner.storage import Library


class Clock:
    """Seconds, as a test sets them."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.mark.real_time
async def test_only_the_hash_is_kept(tmp_path: Path) -> None:
    """Whoever reads the library has no token; a repr shows names."""
    async with await Library.open(tmp_path) as library:
        token = await add_token(library, "anna", now=5.0)
        assert token not in str(await library.settings())
        book = TokenBook(library, {"ben": "a-token-of-ben-1"}, clock=Clock())
        await book.refresh()
        assert (book.owner(token), book.owner("a-token-of-ben-1")) == ("anna", "ben")
        assert book.owner(token + "x") is None
        assert book.owner("") is None
        assert repr(book) == "TokenBook(['anna', 'ben'])"
        (entry,) = await list_tokens(library)
        assert (entry.name, entry.created_at) == ("anna", 5.0)


@pytest.mark.real_time
async def test_a_library_that_breaks_lets_nobody_in(tmp_path: Path) -> None:
    """What was known before still counts; where nothing ever was, it is an error."""
    clock = Clock()
    library = await Library.open(tmp_path)
    token = await add_token(library, "anna", now=5.0)
    book = TokenBook(library, {}, clock=clock)
    await book.refresh()
    await library.aclose()
    clock.now += FRESH
    await book.refresh()
    assert len(book) == 1
    assert book.owner(token) == "anna"
    with pytest.raises(StorageError):
        await TokenBook(library, {}, clock=clock).refresh()


class Sick:
    """A library that tells its tokens once, and then says nothing until it is asked to fail."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = asyncio.Event()

    async def setting(self, name: str, default: Any = None) -> Any:
        """What is kept under a name."""
        self.asked += 1
        if self.asked > 1:
            await self.fails.wait()
            raise StorageBusy("it is held by somebody else", place="here")
        return default


async def test_a_library_that_hangs_holds_no_request_up(caplog: pytest.LogCaptureFixture) -> None:
    """It is asked once for all, no more often than before when it fails, and told of once."""
    loop, library = asyncio.get_running_loop(), Sick()
    book = TokenBook(library, {}, clock=loop.time)
    await book.refresh()
    await asyncio.sleep(FRESH)
    began = loop.time()
    await asyncio.gather(*(book.refresh() for _ in range(5)))
    assert (loop.time() - began, library.asked) == (PATIENCE, 2)
    library.fails.set()
    for _ in range(10):
        await book.refresh()
        await asyncio.sleep(FRESH / 5)
    assert library.asked == 4
    assert len(caplog.records) == 1


@pytest.mark.real_time
@pytest.mark.parametrize("name", ["", " ", "a b", "../x", "x" * 65, "ä", "-x", "a\n"])
async def test_a_name_is_a_word(tmp_path: Path, name: str) -> None:
    """It stands in logs and lists."""
    async with await Library.open(tmp_path) as library:
        with pytest.raises(ConfigError, match="a token's name"):
            await add_token(library, name, now=0.0)
        assert await list_tokens(library) == []


def test_two_names_with_one_token_are_refused() -> None:
    """Nobody could tell them apart."""
    with pytest.raises(ConfigError, match="the same"):
        TokenBook(None, {"a": "one-and-the-same", "b": "one-and-the-same"}, clock=Clock())

"""Answers are found by what their model servers call them."""

import pytest
from tests.storage.conftest import MakeLibrary

from limner.illustration import Message
from limner.storage.repositories import recognition

pytestmark = pytest.mark.real_time


async def test_a_name_leads_to_the_answer_that_had_it_last(make_library: MakeLibrary) -> None:
    """If that is there: a name may be kept before its answer, and outlive it."""
    async with make_library() as library:
        await library.name_answer("n", "m", 1)
        assert await library.answer_named("n") is None
        await library.save(Message(id="m", chat_id="c", text="One."))
        assert await library.answer_named("n") is None
        await library.save(Message(id="m", chat_id="c", text="Two.", variant=1))
        assert await library.answer_named("n") == ("m", 1)
        await library.name_answer("n", "m", 0)
    async with make_library() as library:
        assert await library.answer_named("n") == ("m", 0)
        await library.delete("m")
        assert await library.answer_named("n") is None


async def test_the_oldest_names_are_forgotten(
    make_library: MakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever their answers are."""
    monkeypatch.setattr(recognition, "MOST_NAMES", 2)
    names = "abc"
    async with make_library() as library:
        await library.save(Message(id="m", chat_id="c", text="One."))
        for name in names:
            await library.name_answer(name, "m", 0)
        assert [await library.answer_named(name) for name in names] == [None, *[("m", 0)] * 2]

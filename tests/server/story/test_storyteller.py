"""The storyteller that needs no model."""

import random

from limner.prompts import find_prompts
from limner.server.story import SAMPLE, Storyteller


async def told(said: list[dict[str, str]], seed: int = 1) -> str:
    """What it says to a conversation."""
    teller = Storyteller(random.Random(seed), speed=None)
    return "".join([piece async for piece in teller.stream(said)])


async def test_a_tale_is_of_what_was_asked_for_and_has_pictures() -> None:
    """Whoever, wherever; the instruction in the conversation asks for the pictures."""
    for seed in range(20):
        tale = await told([{"role": "user", "content": f"{SAMPLE} Use <!--img-prompt."}], seed)
        assert "lighthouse keeper" in tale
        assert "whale" in tale
        assert 3 <= len(find_prompts(tale)) <= 7
        assert "{" not in tale


async def test_without_the_instruction_there_are_none() -> None:
    """As with any model."""
    assert not find_prompts(await told([{"role": "user", "content": "A fox!"}]))


async def test_it_goes_on_where_it_ended() -> None:
    """A conversation that ends with what it said gets more, not another beginning."""
    said = [{"role": "user", "content": "A fox!"}, {"role": "assistant", "content": "Once."}]
    assert len(await told(said)) < len(await told(said[:1]))

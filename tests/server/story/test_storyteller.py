"""The storyteller that needs no model."""

import random
import re

import pytest

from limner.prompts import find_prompts
from limner.server.story import SAMPLE, Storyteller
from limner.server.story.telling.cast import TOLD, cast
from limner.server.story.telling.language import ONLY
from limner.server.story.telling.tales import tales


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


@pytest.mark.parametrize(
    ("asked", "told", "other"),
    [
        ("讲一个森林里的狐狸的故事，配上图画。", ["狐狸", "森林"], "[a-zA-Z]{3}"),
        ("Tell me a tale in Chinese, please.", ["。"], "[a-zA-Z]{3}"),
        ("Erzähl mir ein Märchen von einer Hexe auf der Insel.", ["Hexe", "Insel"], "the "),
        ("Ein Bär", ["Bär"], "the "),
        ("A tale of a witch on an island", ["witch", "island"], "[äöüß一-龥]"),
    ],
)
async def test_a_tale_is_told_in_the_language_it_is_asked_for_in(
    asked: str, told: list[str], other: str
) -> None:
    """Of what was asked for; what is to be drawn is said in English, as most models know it."""
    for seed in range(10):
        said = [{"role": "system", "content": "Use <!--img-prompt."}]
        said.append({"role": "user", "content": asked})
        tale = "".join(
            [piece async for piece in Storyteller(random.Random(seed), speed=None).stream(said)]
        )
        words = re.sub("<!--.*?-->", "", tale)
        assert all(word in words for word in told), words
        assert not re.search(other, words), words
        prompts = [tag.prompt for tag in find_prompts(tale)]
        assert len(prompts) >= 3
        assert all(prompt.isascii() for prompt in prompts)


async def test_the_instruction_that_is_joined_to_a_wish_is_no_part_of_it() -> None:
    """It is in English, of whatever it is: the tale is of what was wished, in its language."""
    joined = 'Write of a wizard in the city, and ask by <!--img-prompt="a king"-->.'
    for seed in range(10):
        said = [
            {
                "role": "user",
                "content": f"讲一个狐狸和熊的故事，在海岛上。\n\nYou draw.\n\n{joined}",
            }
        ]
        tale = await told(said, seed)
        assert "狐狸" in tale
        assert find_prompts(tale)
        assert "巫师" not in tale


async def test_whoever_asks_in_another_language_is_told_so_first() -> None:
    """In one sentence of theirs; the tale is in English."""
    said = [{"role": "user", "content": "Raconte-moi une histoire de renard dans la forêt."}]
    first, rest = (await told(said)).split("\n\n", 1)
    assert first == f"*{ONLY['fr']}*"
    assert " the " in rest


@pytest.mark.parametrize("language", TOLD)
def test_all_that_is_told_of_has_its_words_in_every_language(language: str) -> None:
    """Whoever is in the cast can be asked for, and fits into every sentence."""
    known = cast(language)
    for name in known.who:
        assert name in known.named(known.noun("who", name)).who
    for name in known.where:
        assert known.named(known.noun("where", name)).where == name
    for number, name in enumerate(known.who):
        words = known.words(
            hero=name,
            friend=known.who[number - 1],
            place=known.where[number % len(known.where)],
            thing=known.what[number % len(known.what)],
        )
        for part in tales(language).values():
            assert all("{" not in one.format_map(words) for one in part)
    assert {name: len(part) for name, part in tales(language).items()} == {
        name: len(part) for name, part in tales("en").items()
    }

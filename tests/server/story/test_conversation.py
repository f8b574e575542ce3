"""What a model is sent."""

from hypothesis import given
from hypothesis import strategies as st

from limner.illustration import Message, Role
from limner.server.story import conversation

TAG = '<!--img-prompt="a fox"-->'
SPOKEN = st.lists(
    st.tuples(st.sampled_from([Role.USER, Role.ASSISTANT]), st.sampled_from(["Hm.", TAG, " ", ""])),
    max_size=8,
)


def said(*parts: tuple[Role, str]) -> list[Message]:
    """A conversation."""
    return [
        Message(id=f"m{number}", role=role, text=text) for number, (role, text) in enumerate(parts)
    ]


@given(SPOKEN, st.integers(0, 10), st.one_of(st.none(), st.integers(1, 10)))
def test_nothing_is_added_but_what_was_asked_for(
    parts: list[tuple[Role, str]], depth: int, most: int | None
) -> None:
    """Blank messages go, the last ones stay in order, the instruction is in one that is there."""
    messages = said(*parts)
    sent = conversation(messages, system_prompt="Be.", instruction="Draw.", depth=depth, most=most)
    told = [message for message in messages if message.text.strip()]
    told = told if most is None else told[-most:]
    place = max(len(told) - depth, 0)
    texts = ["Be.", *(message.text for message in told)]
    users = [at for at, one in enumerate(told[:place], start=1) if one.role is Role.USER]
    texts[users[-1] if users else 0] += "\n\nDraw."
    assert [entry["content"] for entry in sent] == texts


def test_pictures_never_go_out_and_tags_always_do() -> None:
    """A model that sees pictures begins to write them; with its tags it goes on."""
    shown = f"A fox. {TAG} ![a fox](http://h/images/1.png) <img src='x'> The end."
    (entry,) = conversation(said((Role.ASSISTANT, shown)))
    assert TAG in entry["content"]
    assert "http" not in entry["content"]
    assert "<img src" not in entry["content"]
    (own,) = conversation(said((Role.USER, "![mine](http://h/1.png)")))
    assert own["content"] == "![mine](http://h/1.png)"


def test_where_a_second_model_asks_for_pictures_the_first_sees_no_tags() -> None:
    """In the independent mode a model must not learn to write tags from what it is shown."""
    (entry,) = conversation(said((Role.ASSISTANT, f"A fox. {TAG} It ran.")), tags=False)
    assert entry["content"] == "A fox. It ran."


def test_halves_of_characters_do_not_reach_a_server() -> None:
    """What no JSON can hold is replaced."""
    (entry,) = conversation(said((Role.USER, "a\ud800b")))
    assert entry["content"] == "a?b"

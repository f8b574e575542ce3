"""Character cards, of all three versions: how somebody greets, as a story."""

from typing import Any

from limner.backends.manuscripts.chats.told import Said, Told, with_names


def card_of(value: Any) -> Told | None:
    """The greetings of a card, the first one first; ``None``: it is no card.

    Examples:
        >>> card_of({"name": "Fox", "description": "", "first_mes": "Hello, {{user}}!"})
        Told(title='Fox', said=(Said(text='Hello, you!', asked=False),))
    """
    card = value.get("data", value) if isinstance(value, dict) else None
    if not isinstance(card, dict) or not isinstance(card.get("first_mes"), str):
        return None
    name = card.get("name") if isinstance(card.get("name"), str) else None
    others = card.get("alternate_greetings")
    greetings = [card["first_mes"], *(others if isinstance(others, list) else ())]
    texts = [
        with_names(one, user="you", character=name or "They")
        for one in greetings
        if isinstance(one, str) and one.strip()
    ]
    return Told(name, tuple(Said(text) for text in _parted(texts)))


def _parted(texts: list[str]) -> list[str]:
    return [text if n == 0 else f"* * *\n\n{text}" for n, text in enumerate(texts)]

"""Chats as SillyTavern keeps and exports them: a line of JSON for each message."""

from collections.abc import Sequence
from typing import Any

from limner.backends.manuscripts.chats.told import Said, Told, with_names


def chat_of(values: Sequence[Any]) -> Told | None:
    """The chat of these lines; ``None``: they are none.

    The first line tells names and settings; of answers with several versions the chosen one is in
    ``mes``. What was hidden from the model (``is_system``) is left out.

    Examples:
        >>> chat_of([{"character_name": "Fox"}, {"name": "Fox", "mes": "Hello!"}])
        Told(title='Fox', said=(Said(text='Hello!', asked=False),))
    """
    if not values or not all(isinstance(value, dict) for value in values):
        return None
    messages = [value for value in values if isinstance(value.get("mes"), str)]
    if not messages:
        return None
    head = values[0] if "mes" not in values[0] else {}
    user = _name(head.get("user_name")) or "You"
    character = _name(head.get("character_name")) or _name(messages[0].get("name")) or None
    said = tuple(
        Said(
            with_names(value["mes"], user=user, character=character or "They"),
            asked=bool(value.get("is_user")),
        )
        for value in messages
        if not value.get("is_system")
    )
    return Told(character, said)


def _name(value: object) -> str:
    words = " ".join(value.split()) if isinstance(value, str) else ""
    return "" if words.lower() == "unused" else words

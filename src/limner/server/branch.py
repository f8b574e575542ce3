"""Branching a conversation, its unfinished pictures included."""

from limner.illustration import Illustrator
from limner.storage import Library


async def branched(
    library: Library,
    illustrator: Illustrator,
    chat_id: str,
    message_id: str,
    *,
    id: str | None = None,  # noqa: A002 - the word of `Library.branch`
) -> str:
    """Begin a new conversation as another was up to a message; gives the new one's id.

    What is not drawn yet is drawn, and paid for, in each: as one picture only where the requests
    are identical, which takes a seed.

    Args:
        library: Has the conversation.
        illustrator: Draws into that library.
        chat_id: The conversation.
        message_id: The last message to be taken over.
        id: The new one's id; by default made up.

    Raises:
        limner.errors.UnknownSlot: The conversation has no such message.
        limner.errors.StorageError: The library cannot be read or written.
    """
    made = await library.branch(chat_id, message_id, id=id)
    copies = set(await library.message_ids(made))
    for name in {slot_id.message_id for slot_id in await library.unfinished()} & copies:
        await illustrator.recover(name)
    return made

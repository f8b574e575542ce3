"""The session of an illustrator that writes one choice of an answer."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from limner.illustration import EventStream, Illustrator, ScannedText
from limner.server.proxy.history.message_target import MessageTarget


@asynccontextmanager
async def choice_session(
    illustrator: Illustrator,
    source: ScannedText,
    target: MessageTarget,
    *,
    chat_id: str,
    owner: str | None,
) -> AsyncIterator[EventStream]:
    """The session that draws, as soon as the library can be read.

    Args:
        illustrator: Draws.
        source: The text of the choice.
        target: Its place.
        chat_id: In which conversation.
        owner: For whom the pictures are.
    """
    async with AsyncExitStack() as stack:

        async def enter() -> EventStream:
            block = illustrator.stream(
                source,
                message_id=target.message_id,
                chat_id=chat_id,
                variant=target.variant,
                continuing=target.goes_on,
                owner=owner,
                on_active="refuse",
                text=False,
            )
            return await stack.enter_async_context(block)

        yield await illustrator.keeper.keep(enter)

"""Runs the turns of limner's own page, and tells everybody how they go."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limner.errors import LimnerError, MessageBusy, SourceFailed
from limner.illustration import EventStream, Illustrator, Role, StopWhat
from limner.illustration.capabilities import close
from limner.illustration.ports import TagWriter
from limner.illustration.sessions.session_request import VariantChoice
from limner.server.events import EventHub, error_data
from limner.server.story.background_tasks import BackgroundTasks
from limner.server.story.leases import Leases, NoOthers

log = logging.getLogger(__name__)

CUT_OFF = "this limner is cut off from the others, who may write there now"

Context = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRequest:
    """A request for an answer: where it belongs and how it is illustrated.

    Attributes:
        chat: The conversation.
        message: The message.
        variant: Which of its answers; as for `limner.illustration.Illustrator.stream`.
        continuing: Whether it goes on where it ended.
        owner: For whom.
        pictures: Whether what asks for a picture in it is heeded.
        context: What was said before, for whoever writes prompts.
        prompt_writer: Writes the prompts when the text has ended, if another model does.
    """

    chat: str
    message: str
    variant: VariantChoice = None
    continuing: bool = False
    owner: str | None = None
    pictures: bool = True
    context: Context = ()
    prompt_writer: TagWriter | None = None


class TurnRunner:
    """Has texts illustrated, each in a task of its own, whoever looks or not.

    Args:
        illustrator: Illustrates; whoever listens to it tells what happens.
        hub: Is told when an answer begins, when its text ends, and if it breaks down.
        background: Runs the tasks.
        leases: Knows in which conversations other servers write.
    """

    def __init__(
        self,
        illustrator: Illustrator,
        hub: EventHub,
        background: BackgroundTasks,
        leases: Leases | None = None,
    ) -> None:
        self._illustrator = illustrator
        self._hub = hub
        self._background = background
        self._leases = leases or NoOthers()
        self._writing: dict[str, str] = {}

    def writing(self, chat_id: str) -> str | None:
        """The message of a conversation whose text is still on its way, if there is one."""
        return next((one for one, chat in self._writing.items() if chat == chat_id), None)

    async def reserve(self, chat_id: str) -> None:
        """Be the one who writes in a conversation, until the text of the next answer has come.

        Raises:
            limner.errors.MessageBusy: Somebody writes there, here or at another server.
        """
        writing = self.writing(chat_id)
        if writing is not None:
            raise MessageBusy(writing)
        sessions = self._illustrator.sessions

        def lost() -> None:
            sessions.cancel_chat(chat_id, reason=CUT_OFF, what=StopWhat.TEXT)

        if not await self._leases.take(f"chat:{chat_id}", lost):
            raise MessageBusy(chat_id)

    async def release(self, chat_id: str) -> None:
        """Write there no longer, unless an answer is under way."""
        if self.writing(chat_id) is None:
            await self._leases.leave(f"chat:{chat_id}")

    async def _ended(self, wanted: AnswerRequest) -> None:
        if self._writing.pop(wanted.message, None) is not None:
            await self.release(wanted.chat)

    async def begin(self, wanted: AnswerRequest, chunks: AsyncIterator[str] | str) -> int:
        """Begin an answer; the rest goes on in the background.

        Args:
            wanted: Which answer.
            chunks: Its text.

        Returns:
            Which of the message's answers it has become.

        Raises:
            limner.errors.MessageBusy: It is being written already.
            limner.errors.StorageError: The library cannot be read.
        """
        opened: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._writing.setdefault(wanted.message, wanted.chat)
        self._background.start(
            self._tell(wanted, chunks, opened), name=f"answer of {wanted.message}"
        )
        return await opened

    async def _tell(
        self, wanted: AnswerRequest, chunks: AsyncIterator[str] | str, opened: "asyncio.Future[int]"
    ) -> None:
        block = self._illustrator.stream(
            self._source(wanted, chunks, opened),
            message_id=wanted.message,
            chat_id=wanted.chat,
            variant=wanted.variant,
            continuing=wanted.continuing,
            role=Role.ASSISTANT,
            owner=wanted.owner,
            pictures=wanted.pictures,
            context=wanted.context,
            prompt_writer=wanted.prompt_writer,
            on_active="refuse",  # each answer has a text of its own, which must not be lost
        )
        try:
            async with block as events:
                await self._told(wanted, events, opened)
        except asyncio.CancelledError:
            opened.cancel()
            raise
        except Exception as error:
            if not opened.done():
                opened.set_exception(error)
                return
            if not isinstance(error, LimnerError):
                log.exception("the answer of %s broke down", wanted.message)
            self._publish(wanted, "message.broken", _number(opened), error=error_data(error))
        finally:
            await self._ended(wanted)

    async def _told(
        self, wanted: AnswerRequest, events: EventStream, opened: "asyncio.Future[int]"
    ) -> None:
        variant = events.session.variant or 0
        self._publish(wanted, "message.started", variant, continuing=wanted.continuing)
        if not opened.cancelled():
            opened.set_result(variant)
        try:
            async for _ in events:
                pass
        except SourceFailed as failed:
            log.info("the answer of %s was cut: %s", wanted.message, failed)

    async def _source(
        self, wanted: AnswerRequest, chunks: AsyncIterator[str] | str, opened: "asyncio.Future[int]"
    ) -> AsyncIterator[str]:
        """The text; when its writer has put the pen down, that is told."""
        error: Exception | None = None
        try:
            if isinstance(chunks, str):
                yield chunks
                return
            async for chunk in chunks:
                yield chunk
        except Exception as caught:
            error = caught
            raise
        finally:
            await self._ended(wanted)
            told = error_data(error) if error else None
            self._publish(wanted, "message.text_ended", _number(opened), error=told)
            await close(chunks)

    def _publish(self, wanted: AnswerRequest, kind: str, variant: int, **data: Any) -> None:
        said = {"message": wanted.message, "chat": wanted.chat, "variant": variant, **data}
        self._hub.publish(kind, said, chat=wanted.chat)


def _number(opened: "asyncio.Future[int]") -> int:
    """Which answer it has become; 0 if whoever asked has gone meanwhile."""
    return opened.result() if opened.done() and not opened.cancelled() else 0

"""Streaming turns of one's own: ask, stop, write anew, go on, illustrate a text."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

from fastapi import FastAPI, Request
from pydantic import Field

from limner.errors import MessageBusy
from limner.illustration import Message, MessageState, Role, SessionPolicy
from limner.illustration.rendering.dialect.front_matter import front_matter
from limner.prompts import PromptScanner, should_inject
from limner.prompts import Text as PlainText
from limner.server.api.error_form import Refused
from limner.server.api.fields import Body, ChatId, LongText, MessageId, Model, Text
from limner.server.api.found import message_view, owner_of, the_chat, the_message
from limner.server.api.routing.routes import Routes
from limner.server.api.sessions import Stop, Stopped
from limner.server.preferences import NO_PRESET, Preferences
from limner.server.schemas import MessageView, Schema
from limner.server.services import Services
from limner.server.story import AnswerRequest, conversation

BEGINNING = 4000
"""Characters of a text in which its title is looked for."""
TITLE = 60
"""Characters of the first message that become the title of a conversation without one."""


class Turn(Body):
    """What somebody says, and who is to answer."""

    text: Text
    model: Model | None = Field(None, description="By default the one in the settings.")


class AnswerOptions(Body):
    """Which model is to write, and how."""

    model: Model | None = Field(None, description="By default the one in the settings.")


class FinishedText(Body):
    """A finished text to be illustrated."""

    text: LongText
    scenes: Literal["none", "words", "model", "auto"] = Field(
        "none",
        description="Who finds places for pictures in a text that asks for none: nobody, its own "
        "words, a model, or a model where one is configured.",
    )


class AnswerStarted(Schema):
    """An answer that is being written; the events tell how it goes on."""

    message: str = Field(description="The message's id.")
    variant: int = Field(description="Which of its answers.")
    asked: MessageView | None = Field(None, description="What somebody said, as it was kept.")


class Answers:
    """Has models answer, and texts illustrated; the events tell how that goes.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._library = services.library
        self._store = services.illustrator.store
        self._stops = services.stops

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "answers")
        api.post("/chats/{chat_id}/messages", status_code=202)(self.say)
        api.post("/chats/{chat_id}/answer", status_code=202)(self.answer)
        api.post("/chats/{chat_id}/illustrate", status_code=202)(self.illustrate)
        api.post("/chats/{chat_id}/stop")(self.stop_chat)
        api.post("/messages/{message_id}/stop")(self.stop)
        api.post("/messages/{message_id}/variants", status_code=202)(self.write_anew)
        api.post("/messages/{message_id}/continue", status_code=202)(self.go_on)

    async def say(self, chat_id: ChatId, body: Turn, request: Request) -> AnswerStarted:
        """Say something: it is kept, and a model answers. An unknown conversation is begun."""
        self._services.texts.check()
        async with self._alone(chat_id):
            return await self._said(chat_id, body, request)

    async def _said(self, chat_id: str, body: Turn, request: Request) -> AnswerStarted:
        known = await self._library.chat(chat_id)
        asked = Message(
            id=uuid.uuid4().hex,
            chat_id=chat_id,
            text=body.text,
            state=MessageState.COMPLETE,
            role=Role.USER,
            owner=owner_of(request),
        )
        await self._store.save(asked)
        if known is None or (known.title is None and not known.messages):
            await self._library.rename_chat(chat_id, title_of(body.text))
        begun = await self._answer(chat_id, body.model, request)
        view = await message_view(self._services, asked)
        return begun.model_copy(update={"asked": view})

    async def answer(
        self, chat_id: ChatId, request: Request, body: AnswerOptions | None = None
    ) -> AnswerStarted:
        """Have a model go on with the conversation as it stands, as one more message."""
        self._services.texts.check()
        await the_chat(self._services, chat_id)
        async with self._alone(chat_id):
            return await self._answer(chat_id, body.model if body else None, request)

    async def illustrate(
        self, chat_id: ChatId, body: FinishedText, request: Request
    ) -> AnswerStarted:
        """Have a text illustrated that is there already. An unknown conversation is begun."""
        facts = self._services.facts
        if body.scenes == "model" and not facts.models:
            raise Refused("there is no model that could find places for pictures", field="scenes")
        wanted = AnswerRequest(
            chat=chat_id,
            message=uuid.uuid4().hex,
            owner=owner_of(request),
            prompt_writer=None if body.scenes == "none" else facts.scenes(body.scenes != "words"),
        )
        known = await self._library.chat(chat_id)
        title = front_matter(body.text).title or title_of(without_tags(body.text)) or None
        if known is None:  # it is there when this is answered
            await self._library.create_chat(title, id=chat_id, owner=wanted.owner)
        elif known.title is None and not known.messages:
            await self._library.rename_chat(chat_id, title)
        return await self._begin(wanted, body.text)

    async def stop(self, message_id: MessageId, body: Stop | None = None) -> Stopped:
        """Stop a message: writing and drawing, or one of both; what there is stays."""
        await the_message(self._services, message_id)
        what = Stop.what_of(body)
        return Stopped(stopped=await self._stops.sessions(message=message_id, what=what) > 0)

    async def stop_chat(self, chat_id: ChatId, body: Stop | None = None) -> Stopped:
        """Stop all of a conversation: writing and drawing, or one of both; what there is stays."""
        await the_chat(self._services, chat_id)
        what = Stop.what_of(body)
        return Stopped(stopped=await self._stops.sessions(chat=chat_id, what=what) > 0)

    async def write_anew(
        self, message_id: MessageId, request: Request, body: AnswerOptions | None = None
    ) -> AnswerStarted:
        """Have a model write another answer in this message's place; the old ones stay."""
        message = await self._answered(message_id)
        before = await self._before(message)
        now = await self._services.chat_settings.now(message.chat_id)
        wanted = AnswerRequest(
            chat=message.chat_id,
            message=message_id,
            variant="new",
            pictures=now.illustrate,
            prompt_writer=self._services.prompt_writer(now, message.chat_id),
            context=self._context(before, now),
            owner=message.owner or owner_of(request),
        )
        return await self._begin(wanted, await self._written(before, body, wanted.chat, now))

    async def go_on(
        self, message_id: MessageId, request: Request, body: AnswerOptions | None = None
    ) -> AnswerStarted:
        """Have a model go on with the answer that is shown, where it ended."""
        message = await self._answered(message_id)
        if self._services.illustrator.sessions.current(message_id, message.variant) is not None:
            raise MessageBusy(message_id)
        before = [*await self._before(message), message]
        now = await self._services.chat_settings.now(message.chat_id)
        wanted = AnswerRequest(
            chat=message.chat_id,
            message=message_id,
            variant=message.variant,
            continuing=True,
            pictures=now.illustrate,
            prompt_writer=self._services.prompt_writer(now, message.chat_id),
            context=self._context(before, now),
            owner=message.owner or owner_of(request),
        )
        return await self._begin(wanted, await self._written(before, body, wanted.chat, now))

    async def _answer(self, chat_id: str, model: str | None, request: Request) -> AnswerStarted:
        before = await self._library.messages(chat_id)
        asking = AnswerOptions(model=model)
        now = await self._services.chat_settings.now(chat_id)
        wanted = AnswerRequest(
            chat=chat_id,
            message=uuid.uuid4().hex,
            owner=owner_of(request),
            pictures=now.illustrate,
            prompt_writer=self._services.prompt_writer(now, chat_id),
            context=self._context(before, now),
        )
        return await self._begin(wanted, await self._written(before, asking, chat_id, now))

    async def _begin(
        self, wanted: AnswerRequest, chunks: AsyncIterator[str] | str
    ) -> AnswerStarted:
        variant = await self._services.turns.begin(wanted, chunks)
        return AnswerStarted(message=wanted.message, variant=variant)

    async def _answered(self, message_id: str) -> Message:
        """A message that a model can write again.

        Raises:
            NotFound: It is not there.
            Refused: No model wrote it.
        """
        message = await the_message(self._services, message_id)
        if message.role is not Role.ASSISTANT:
            raise Refused("only what a model said can be written anew or go on")
        self._services.texts.check()
        return message

    async def _before(self, message: Message) -> list[Message]:
        """The conversation up to a message, without it."""
        found = await self._library.messages(message.chat_id)
        ids = [one.id for one in found]
        return found[: ids.index(message.id)] if message.id in ids else found

    def _second_writes(self, now: Preferences) -> bool:
        """Whether another model than that of the text writes the prompts."""
        return self._services.independent or now.prompts == "second"

    def _context(self, before: list[Message], now: Preferences) -> list[Any]:
        """What was said before, for a second model that writes the prompts, if there is one."""
        return conversation(before, tags=False) if self._second_writes(now) else []

    async def _written(
        self, before: list[Message], asking: AnswerOptions | None, chat_id: str, now: Preferences
    ) -> AsyncIterator[str]:
        """What a model says to a conversation; it is asked when the first piece is wanted."""
        preset = (await self._services.presets.book(now.preset)).chosen
        independent = self._second_writes(now)
        told = now.illustrate and now.preset != NO_PRESET
        wanted = should_inject(preset, enabled=told, independent=independent)
        sent: list[Any] = conversation(
            before,
            system_prompt=now.system_prompt,
            instruction=preset.instruction(every_words=now.every_words) if wanted else "",
            depth=now.depth,
            most=now.context_messages,
            tags=not independent,
        )
        if not sent:
            raise Refused(f"the chat {chat_id!r} says nothing yet: there is nothing to answer")
        model = asking.model if asking and asking.model else now.model
        return self._services.texts.stream(sent, model=model)

    @asynccontextmanager
    async def _alone(self, chat_id: str) -> AsyncIterator[None]:
        """Begin an answer, unless the text of another is still on its way, at whichever server.

        Raises:
            limner.errors.MessageBusy: There is one. Pictures on their way are no reason.
        """
        if self._services.illustrator.sessions.policy is SessionPolicy.SINGLE:
            yield
            return
        turns = self._services.turns
        await turns.reserve(chat_id)
        try:
            yield
        except BaseException:
            await turns.release(chat_id)
            raise


def without_tags(text: str) -> str:
    """The beginning of a text as somebody reads it, without tags and signs of headings.

    Examples:
        >>> without_tags('<!--img-prompt="a fox"--># The Fox')
        'The Fox'
    """
    scanner = PromptScanner()
    pieces = scanner.feed(text[:BEGINNING]) + scanner.finish()
    found = (piece.text for piece in pieces if isinstance(piece, PlainText))
    return "".join(found).lstrip("# \n\t")


def title_of(text: str) -> str:
    r"""The beginning of a text, as a title.

    Examples:
        >>> title_of("Tell me a tale!\nA long one.")
        'Tell me a tale!'
    """
    line = next((line for line in text.splitlines() if line.strip()), "").strip()
    clean = "".join(char if char.isprintable() else " " for char in line)
    return clean if len(clean) <= TITLE else f"{clean[: TITLE - 1].rstrip()}…"

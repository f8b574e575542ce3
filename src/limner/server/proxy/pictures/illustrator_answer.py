"""The pictures of one answer, on their way to an illustrator."""

from collections.abc import Callable, Mapping
from typing import Protocol

from limner.illustration import Image, StopWhat
from limner.prompts import PromptTag
from limner.server.proxy.history.target_resolver import TargetResolver
from limner.server.proxy.pictures.answer_scanner import AnswerScanner
from limner.server.proxy.pictures.illustrated_choice import IllustratedChoice
from limner.server.proxy.pictures.picture_sink import AnswerState, PictureTicket


class KnownPictures(Protocol):
    """Knows the pictures that have an address."""

    async def image(self, picture_id: str) -> Image | None:
        """A picture, as soon as it is there; ``None`` if it failed or is unknown."""
        ...

    async def kept(self, picture_id: str) -> None:
        """Wait until a picture's slot is in the store, or cannot come there."""
        ...


class IllustratorAnswer:
    """Takes the pictures of one answer to an illustrator.

    Args:
        pictures: Knows all pictures.
        resolver: Finds its place.
        begin: Begins one more choice.
    """

    def __init__(
        self,
        pictures: KnownPictures,
        resolver: TargetResolver,
        begin: Callable[[], IllustratedChoice],
    ) -> None:
        self._pictures = pictures
        self._resolver = resolver
        self._begin = begin
        self._choices: dict[int, IllustratedChoice] = {}
        self._on_stop: Callable[[], None] = lambda: None
        self._draws = True

    def prepare(self) -> None:
        """Make what will read the answer, while the model is still asked for it."""
        if not self._resolver.continuing:
            self._choice(0).scanner()

    async def recognised(self) -> None:
        """Wait until it is known what the answer goes on from; at once if it begins anew."""
        if self._resolver.continuing:
            await self._resolver.ready()

    async def conversation(self) -> str | None:
        """Wait until the conversation of the answer is known."""
        self._resolver.hurry()
        await self._resolver.ready()
        return self._resolver.chat

    @property
    def unseen(self) -> str:
        """What the client does not have of the text that goes on."""
        return self._resolver.unseen

    def scanner(self, choice: int) -> AnswerScanner:
        """What finds the tags of a choice."""
        return self._choice(choice).scanner()

    def text(
        self, choice: int, chunk: str, tags: Mapping[int, PromptTag], held: int
    ) -> Mapping[int, PictureTicket]:
        """The model wrote this."""
        return (self._choices.get(choice) or self._choice(choice)).text(chunk, tags, held)

    def said(self, choice: int) -> str:
        """All the text of a choice so far."""
        return self._choice(choice).raw

    def named(self, answer_id: str) -> None:
        """The model server calls the answer so."""
        self._resolver.named(answer_id)

    def finished(self, choice: int, state: AnswerState) -> None:
        """No more text comes for this choice."""
        self._choice(choice).finish(state)
        said = any(one.task is not None for one in self._choices.values())
        if state is AnswerState.COMPLETE and not said:
            self._resolver.unanswered()

    def on_stop(self, handler: Callable[[], None]) -> None:
        """Have a function called when somebody stops the answer at this server."""
        self._on_stop = handler

    def _stopped(self) -> None:
        self._on_stop()

    @property
    def in_session(self) -> bool:
        """Whether the illustrator knows of it."""
        return any(choice.in_session for choice in self._choices.values())

    @property
    def chat(self) -> str | None:
        """Its conversation, if it is recognised."""
        return self._resolver.chat

    def stop(self, what: StopWhat) -> None:
        """Draw nothing of what is to come, unless it is the text alone that is to stop."""
        if what is StopWhat.TEXT:
            return
        self._draws = False
        for choice in self._choices.values():
            choice.draws = False

    def show(self, ticket: PictureTicket) -> None:
        """The client is told of this picture."""
        for choice in self._choices.values():
            choice.show(ticket)

    def cancel(self) -> None:
        """Stop every picture that the client was not shown."""
        for choice in self._choices.values():
            choice.cancel()
        if not any(choice.task for choice in self._choices.values()):
            self._resolver.close()

    async def kept(self, ticket: PictureTicket) -> None:
        """Wait until the slot is in the store, or cannot come there."""
        for choice in self._choices.values():
            if (ordinal := choice.promised(ticket)) is not None:
                return await choice.slot_kept(ordinal)
        return await self._pictures.kept(ticket.id)

    def placed(self, ticket: PictureTicket) -> PictureTicket:
        """The picture as a client is told of it."""
        for choice in self._choices.values():
            ticket = choice.placed(ticket)
        return ticket

    async def ready(self, ticket: PictureTicket) -> bool:
        """Wait until the picture is there, or never will be; tells which."""
        for choice in self._choices.values():
            if (ordinal := choice.promised(ticket)) is not None:
                return await choice.image(ordinal) is not None
        return await self._pictures.image(ticket.id) is not None

    def _choice(self, index: int) -> IllustratedChoice:
        known = self._choices.get(index)
        if known is None:
            known = self._choices[index] = self._begin()
            known.on_stop = self._stopped
            if not self._draws:
                known.draws = False
        return known

"""The tools that have something drawn: a text illustrated, or a picture by itself."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress

from limner.composition import Scenes, ScenesMode, scene_writer
from limner.config import Settings
from limner.errors import NotKept, StorageError
from limner.illustration import Illustrator, Message, Scanned, ScannedText, SlotState
from limner.illustration.rendering import markdown_pieces
from limner.illustration.sessions.text.scanned_text import Source
from limner.prompts import find_prompts, format_tag
from limner.server.api.error_form import Refused
from limner.server.mcp.arguments import DrawPicture, IllustrateText
from limner.server.mcp.caller import Caller, chat_to_write
from limner.server.mcp.progress_report import ProgressReport
from limner.server.mcp.results import Answer, DrawnPictures, IllustratedText, Shown, counted
from limner.server.mcp.shown_pictures import ShownPictures
from limner.server.services import Services

MOST = 60
"""Pictures that one text may ask for."""
REPEATED = 20_000
"""Characters of a text that is repeated in the answer, with its pictures in it."""
NOT_KEPT = "The library did not take all of it: {error}"


class Illustrating:
    """Has texts and pictures drawn, as messages of a conversation.

    Whoever cancels the call stops what is not drawn yet; what is drawn stays.

    Args:
        services: What the server works with.
        settings: Say how tags look, and which model finds places for pictures.
        shown: Tells of pictures.
    """

    def __init__(self, services: Services, settings: Settings, shown: ShownPictures) -> None:
        self._illustrator: Illustrator = services.illustrator
        self._chosen = services.settings
        self._library = services.library
        self._settings = settings
        self._shown = shown

    async def illustrate_text(
        self, asked: IllustrateText, caller: Caller, report: ProgressReport
    ) -> Answer:
        """Illustrate a text that is there already.

        Raises:
            NotFound: The conversation is another owner's.
            Refused: The text asks for too many pictures.
            limner.errors.LimnerError: A model that was to find places failed, or the library did.
        """
        notes: list[str] = []
        chat_id = await chat_to_write(self._library, caller, asked.chat)
        text = await self._with_tags(asked, report, notes.append)
        message = await self._drawn(text, chat_id, caller, report, notes.append)
        told = IllustratedText(
            **self._facts(message),
            text=self._markdown(message) if len(message.text) <= REPEATED else None,
            notes=notes,
        )
        return self._answer(message, told, [*notes, *([told.text] if told.text else [])], asked)

    async def draw_picture(
        self, asked: DrawPicture, caller: Caller, report: ProgressReport
    ) -> Answer:
        """Draw a prompt by itself, once or several times.

        Raises:
            NotFound: The conversation is another owner's.
            Refused: There is no such style.
            limner.errors.LimnerError: The library failed.
        """
        notes: list[str] = []
        self._check_style(asked.style)
        chat_id = await chat_to_write(self._library, caller, asked.chat)
        tag = format_tag(asked.prompt, size=asked.size, seed=asked.seed, style=asked.style)
        source = ScannedText(_scanned(tag * asked.count))
        message = await self._drawn(source, chat_id, caller, report, notes.append)
        return self._answer(message, DrawnPictures(**self._facts(message)), notes, asked)

    def _check_style(self, name: str | None) -> None:
        """Make sure that a style is set up: one that is not would silently count for nothing."""
        known = [style.name for style in self._chosen.now.styles]
        if name is not None and name.casefold() not in {one.casefold() for one in known}:
            there = f"there are: {', '.join(known)}" if known else "none is set up"
            raise Refused(f"there is no style {name!r}; {there}", field="style")

    async def _with_tags(
        self, asked: IllustrateText, report: ProgressReport, note: Callable[[str], None]
    ) -> str:
        """The text with what asks for pictures in it, if anybody is to find places for them."""
        patterns = self._settings.patterns
        tags = await asyncio.to_thread(find_prompts, asked.text, patterns)
        if len(tags) > MOST:
            told = f"the text asks for {len(tags)} pictures, and one call may have {MOST}"
            raise Refused(told, field="text")
        if tags or asked.scenes == "none":
            return asked.text
        if patterns is not None:
            note("No places were looked for, as tags have another form here than the usual one.")
            return asked.text
        await report.say("looking for places for pictures")
        scenes = Scenes(mode=ScenesMode(asked.scenes), maximum=asked.pictures)
        return await scene_writer(scenes, self._settings, note).write(asked.text)

    async def _drawn(
        self,
        source: Source,
        chat_id: str,
        caller: Caller,
        report: ProgressReport,
        note: Callable[[str], None],
    ) -> Message:
        """The message, when all of its pictures have ended, as the library has it."""
        message_id = uuid.uuid4().hex
        block = self._illustrator.stream(
            source, message_id=message_id, chat_id=chat_id, owner=caller.owner, on_active="refuse"
        )
        async with block as events, report.about(message_id):
            try:
                async for _ in events:
                    pass
            except NotKept as error:
                note(NOT_KEPT.format(error=error))
            result = events.result
        if result.waiting:
            note("What waits is drawn later: ask for it again with redraw.")
        with suppress(StorageError):
            return await self._illustrator.store.load(message_id) or result.message
        return result.message

    def _facts(self, message: Message) -> dict[str, object]:
        facts = [self._shown.of_slot(slot, message.chat_id) for slot in message.slots]
        return {"message": message.id, "pictures": facts}

    def _markdown(self, message: Message) -> str:
        return "".join(markdown_pieces(message, link=self._shown.link))

    def _answer(
        self,
        message: Message,
        told: DrawnPictures,
        more: list[str],
        asked: IllustrateText | DrawPicture,
    ) -> Answer:
        lines = [one.words() for one in told.pictures]
        return Answer(
            told=told,
            words="\n\n".join([counted(told.pictures), "\n".join(lines), *more]).strip(),
            pictures=tuple(
                Shown(facts=facts, image=slot.image)
                for facts, slot in zip(told.pictures, message.slots, strict=True)
                if slot.image is not None
            ),
            side=asked.image_side,
            failed=bool(told.pictures)
            and not any(slot.state is SlotState.READY for slot in message.slots),
        )


async def _scanned(text: str) -> AsyncGenerator[Scanned, None]:
    """A text that we wrote, with its tags, whatever form those of others have here."""
    yield Scanned(text, dict(enumerate(find_prompts(text))))

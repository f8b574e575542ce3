"""Going on with a text that was edited: what its tags had before, for those that are the same."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from limner.cli.story.drawn_with import DrawnWith, every_one
from limner.cli.story.known_story import KnownStory
from limner.illustration import FormerPictures, Illustrated, Message, MessageState
from limner.illustration.generation.former_pictures import FormerAnswer

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.storage import Library

MOST = 16
"""So many answers before the last are looked through for a picture."""


async def former_answers(
    library: "Library", story: KnownStory, edited: Message, now: DrawnWith | None
) -> list[FormerAnswer]:
    """What a text was before, the newest first, and what of it is drawn otherwise now.

    Args:
        library: Where it is kept.
        story: What is known of it.
        edited: The answer that is shown.
        now: What draws now; ``None``: all is drawn again, whatever it was drawn with.
    """
    others = [one for one in await library.variants(edited.id) if one != edited.variant]
    loaded = [await library.load(edited.id, one) for one in sorted(others, reverse=True)[:MOST]]
    found = []
    for message in (edited, *(one for one in loaded if one is not None)):
        before = story.drawn_with(message.variant)
        changed = every_one(message)
        if before is not None and now is not None:
            changed = now.changed(before, message)
        found.append(FormerAnswer(message=message, changed=changed))
    return found


def former_pictures(answers: Sequence[FormerAnswer], redrawn: Collection[int]) -> FormerPictures:
    """Gives back what tags had in any of these answers.

    Args:
        answers: The newest first.
        redrawn: The ordinals of tags that get another picture.
    """
    newest, *earlier = answers
    return FormerPictures(newest.message, redrawn, changed=newest.changed, earlier=earlier)


async def former_of(
    library: "Library",
    message_id: str,
    formers: Sequence[tuple[int, Collection[int]]],
    *,
    redrawn: Collection[int],
    otherwise: bool,
) -> FormerPictures | None:
    """What a command that was interrupted had to give back; ``None``: its text was new.

    What was given back already is not given twice.

    Args:
        library: Where it is kept.
        message_id: The message that the text became.
        formers: Which of its answers the text was before, the newest first, and the ordinals in
            each of pictures that are drawn otherwise now.
        redrawn: The ordinals of tags that get another picture.
        otherwise: Whether all pictures are drawn otherwise now.
    """
    message = await library.load(message_id)
    answers = []
    for variant, changed in formers:
        before = await library.load(message_id, variant)
        if before is not None:
            told = every_one(before) if otherwise else changed
            answers.append(FormerAnswer(message=before, changed=told))
    if message is None or not answers or answers[0].message.variant == message.variant:
        return None
    former = former_pictures(answers, redrawn)
    for slot in message.in_reading_order():
        if slot.image is not None:
            former.take(slot)
    return former


async def with_former(library: "Library", former: FormerPictures, message: Message) -> Message:
    """A message with all that its tags had before its text was edited; it is kept so.

    Raises:
        limner.errors.StorageError: It cannot be kept.
    """
    slots = tuple(map(former.whole, message.slots))
    changed = [new for new, old in zip(slots, message.slots, strict=True) if new is not old]
    if not changed:
        return message
    await library.save_slots(*changed)
    return replace(message, slots=slots)


def as_shown(former: FormerPictures | None, message: Message) -> Message:
    """A message as it is put before readers: what is still to be drawn shows what it was."""
    if former is None:
        return message
    shown = {slot.id.ordinal: former.shown(slot) for slot in message.in_reading_order()}
    return replace(message, slots=tuple(shown[slot.id.ordinal] for slot in message.slots))


def placed(result: Illustrated) -> bool:
    """Whether somebody could say where pictures belong, of which there may be none."""
    return result.prompt_error is None or bool(result.slots)


def keeps_page(
    former: FormerPictures | None, message: Message, page: Path | None, *, placed: bool = True
) -> bool:
    """Whether the page that a text had is better than this beginning of it.

    Args:
        former: What the text had before.
        message: As much of it as has come.
        page: Where it is written, if to a file.
        placed: Whether somebody could say where its pictures belong.
    """
    if page is None or not page.is_file():
        return False
    whole = message.state is MessageState.COMPLETE and placed
    return former is not None and former.whole_before and not whole

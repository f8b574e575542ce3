"""What a command says at its end, in words."""

from collections.abc import Iterable, Iterator

from limner.backends.images.learning import Learned
from limner.cli.wording import counted
from limner.errors import StorageError
from limner.illustration import Illustrated, Slot


def still_waiting(count: int, *, resume: str | None) -> str:
    """That pictures are neither made nor refused, and what to do.

    Args:
        count: How many.
        resume: The command that has them drawn; ``None``: nothing is kept of them.

    Examples:
        >>> still_waiting(3, resume="limner resume")
        '3 pictures still wait: the server gave no sign of life; `limner resume` has them drawn'
    """
    what = "1 picture still waits" if count == 1 else f"{count} pictures still wait"
    later = "without --no-library they could be drawn later"
    then = f"`{resume}` has them drawn" if resume else later
    return f"{what}: the server gave no sign of life; {then}"


def learnt(learned: Learned) -> Iterator[str]:
    """What a picture server made everybody wait for, and what it was found to bear.

    Examples:
        >>> list(learnt(Learned(refusals=1)))
        ['the server refused 1 time']
    """
    yield from (one.told for one in learned.waited)
    if learned.refusals:
        refused = f"the server refused {counted(learned.refusals, 'time')}"
        yield f"{refused}; it bears {learned.words}" if learned.words else refused
    elif learned.words:
        yield f"the server bears {learned.words}"


def as_before(taken: int, made: int) -> str:
    """How many pictures of a story are those it had, and how many are new.

    Examples:
        >>> as_before(59, 60)
        '59 pictures are as before, 1 is new'
    """
    before = "1 picture is" if taken == 1 else f"{taken} pictures are"
    new = made - taken
    return f"{before} as before, {new} {'is' if new == 1 else 'are'} new"


def unplaced(result: Illustrated, title: str | None) -> str:
    """That the model which was to find places for pictures failed, and what to do.

    Args:
        result: What came of the text all the same.
        title: What the text is called, if it has no heading.

    Examples:
        >>> from limner.illustration import Message
        >>> fox = Message(id="m", text="# The Fox")
        >>> unplaced(Illustrated(message=fox, prompt_error=ValueError("no answer")), None)[:59]
        'no places for pictures were found in “The Fox”: no answer; '
    """
    from limner.illustration.rendering import heading

    called = heading(result.message) or title
    where = f" in “{short(called)}”" if called else ""
    if result.slots:
        return f"not all places for pictures were found{where}: {result.prompt_error}"
    hint = "`--scenes words` finds them without a model"
    return f"no places for pictures were found{where}: {result.prompt_error}; {hint}"


def still_shown(count: int) -> Iterator[str]:
    """That pictures which could not be drawn anew are shown as they were.

    Examples:
        >>> [*still_shown(0)], [*still_shown(1)]
        ([], ['1 picture that could not be drawn anew is shown as it was'])
    """
    if count == 1:
        yield "1 picture that could not be drawn anew is shown as it was"
    elif count:
        yield f"{count} pictures that could not be drawn anew are shown as they were"


def failures(slots: Iterable[Slot]) -> Iterator[str]:
    """Why pictures were not made: each reason once.

    Args:
        slots: Those that failed, but for those that the budget did not allow.
    """
    by_reason: dict[str, list[Slot]] = {}
    for slot in slots:
        reason = slot.failure.reason if slot.failure else "no reason was given"
        by_reason.setdefault(reason, []).append(slot)
    for reason, same in by_reason.items():
        if len(same) == 1:
            one = same[0]
            yield f"picture {one.id.ordinal + 1} ({short(one.prompt)}) failed: {reason}"
        else:
            numbers = ", ".join(str(slot.id.ordinal + 1) for slot in same[:20])
            more = f" and {len(same) - 20} more" if len(same) > 20 else ""
            yield f"pictures {numbers}{more} failed: {reason}"


def nearly(count: int) -> str:
    """What to say of comments that are no picture requests and look like them.

    Examples:
        >>> nearly(1)
        '1 comment looks like a picture request and is none: see docs/tags.md for what is read'
    """
    what = "1 comment looks" if count == 1 else f"{count} comments look"
    kind = "a picture request and is none" if count == 1 else "picture requests and are none"
    return f"{what} like {kind}: see docs/tags.md for what is read"


def short(prompt: str, room: int = 60) -> str:
    """A prompt cut to fit a line.

    Examples:
        >>> short("a fox in the snow", room=8)
        'a fox i…'
    """
    prompt = " ".join(prompt.split())
    return prompt if len(prompt) <= room else prompt[: room - 1] + "…"


def not_kept(pictures: int, error: StorageError) -> str:
    """What the library did not take, and what to do.

    Examples:
        >>> not_kept(2, StorageError("no room", place="here"))
        'not all is kept: the library lacks 2 pictures (no room); the result written has them all'
    """
    what = "1 picture" if pictures == 1 else f"{pictures} pictures"
    lacks = f"lacks {what}" if pictures else "lacks the end"
    return f"not all is kept: the library {lacks} ({error}); the result written has them all"

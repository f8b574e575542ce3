"""Why pictures that a text had are drawn anew: an option is not what it was."""

from collections.abc import Iterator

from limner.cli.story.known_story import KnownStory


def why_anew(count: int, before: KnownStory, now: KnownStory) -> str | None:
    """One line about that; ``None``: nothing is, or not for that.

    Whoever forgets an option on a second run, and means all as it was, can still stop it.

    Args:
        count: How many pictures are drawn otherwise now.
        before: How the text was illustrated before.
        now: How it is.

    Examples:
        >>> from limner.cli.story.looks import Looks
        >>> def story(**looks):
        ...     return KnownStory(chat_id="", message_id="", backend="sketch", width=768,
        ...                       height=512, seed=None, looks=Looks(**looks))
        >>> why_anew(2, story(style="ink"), story())
        '2 pictures are drawn anew: --style was ink, and is not given now'
        >>> why_anew(1, story(), story(negative="rain"))
        '1 picture is drawn anew: --negative was not given, and is rain now'
        >>> why_anew(0, story(style="ink"), story()), why_anew(2, story(), story())
        (None, None)
    """
    changed = [*_changed(before, now)]
    if not count or not changed:
        return None
    what = "1 picture is" if count == 1 else f"{count} pictures are"
    return f"{what} drawn anew: {'; '.join(changed)}"


def _changed(before: KnownStory, now: KnownStory) -> Iterator[str]:
    """What is not as it was."""
    for (option, was), (_, given) in zip(_options(before), _options(now), strict=True):
        if was != given:
            then = f"was {was}" if was else "was not given"
            yield f"{option} {then}, and is {given or 'not given'} now"
    if before.looks.digests != now.looks.digests and before.looks.pictures == now.looks.pictures:
        yield "a reference picture is another one"


def _options(story: KnownStory) -> Iterator[tuple[str, str]]:
    """The options that say what pictures look like, as they are given."""
    looks = story.looks
    yield "--backend", story.backend or ""
    yield "--size", f"{story.width}x{story.height}"
    yield "--seed", "" if story.seed is None else str(story.seed)
    yield "--style", looks.style or ""
    yield "--negative", looks.negative
    yield "--character", ", ".join(looks.characters)
    yield "--reference", ", ".join(looks.references)

"""What a language model is told so that it asks for pictures in its text.

Templates have placeholders: ``{tag_example}``, a tag with words where the prompt belongs, and
``{every_words}``, about how many words lie between two pictures. Other braces are plain text.
"""

import re

EVERY_WORDS = 150
"""About how many words lie between two pictures, unless told otherwise."""

TAG_EXAMPLE = '<!--img-prompt="WHAT IS SEEN"-->'
"""The default tag as a model is shown it."""

GENERAL_TEMPLATE = """\
You write prose that will be illustrated. Whenever a moment would make a good picture (about once \
every {every_words} words, and at the first strong image), put a picture request on a line of its \
own:

{tag_example}

Inside the quotes describe only what is seen, in 8 to 25 English words: who or what, doing what, \
where, at what time of day, in what light. Name characters by how they look, not by their names. \
If you need a double quote inside, write \\" instead. Never mention these requests in the prose, \
never put them in code, and write the story itself as you would without them."""
"""For any image model that understands sentences."""

CHARACTER_BLOCKS_TEMPLATE = """\
You write prose that will be illustrated by an image model that reads comma-separated tags and \
draws each person from a part of their own (NovelAI 4.5 and its like). About once every \
{every_words} words, or when the scene changes, put a picture request on a line of its own:

{tag_example}

In the place of the capitals write two or more parts with | between them: first the base, then one \
part for each person in the picture.

BASE: how many people (1girl, 2boys, no humans), the place, time of day, light, camera angle and \
distance, mood.
PERSON: girl, boy or other; hair, eyes, build, clothes, expression, pose. Write all of it every \
time, since the image model remembers nothing, and never use names.
When one person does something to another, begin the action with source# in the part of the one \
who acts and with target# in the other's; when both do it, with mutual# in both.

For example, for two friends who meet on a bridge, the prompt would be:

1girl, 1boy, stone bridge, evening, lanterns, rain, from side, wide shot | girl, long red hair, \
green eyes, grey cloak, smile, mutual#hug | boy, short black hair, brown eyes, blue coat, tears, \
mutual#hug

Write short English tags in lower case, the important ones first; {strong} strengthens a tag and \
[weak] weakens it. If you need a double quote inside, write \\" instead. Never mention these \
requests in the prose, never put them in code, and write the story itself as you would without \
them."""
"""For image models that read ``base | character | character``."""

_PLACEHOLDER = re.compile(r"\{(tag_example|every_words)\}")


def fill(template: str, *, every_words: int = EVERY_WORDS, tag_example: str = TAG_EXAMPLE) -> str:
    """The template with its placeholders filled in, once; anything else in braces stays.

    Args:
        template: The template.
        every_words: About how many words lie between two pictures; at least 1.
        tag_example: A tag in the form the model is to use.

    Raises:
        TypeError: `every_words` is not a whole number.
        ValueError: It is less than 1.

    Examples:
        >>> fill("{tag_example} every {every_words} words {x} {", every_words=90, tag_example="[i]")
        '[i] every 90 words {x} {'
    """
    if type(every_words) is not int:  # bool is a subclass of int
        raise TypeError(f"every_words must be an int, not {every_words!r}")
    if every_words < 1:
        raise ValueError(f"every_words must be at least 1, not {every_words}")
    values = {"tag_example": tag_example, "every_words": str(every_words)}
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)


META_PROMPT = fill(GENERAL_TEMPLATE)
"""Tells a model the default tag grammar: when to ask for a picture, and how."""

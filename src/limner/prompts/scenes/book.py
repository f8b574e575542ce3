"""What a model is asked about one part of a book, and its answer.

Beside the suggestions of the independent mode (`limner.prompts.independent_messages`) the model
keeps a list of how the characters look, which it is shown again with the next part: so somebody
with a red coat in the first chapter has it in the last.
"""

import re

from limner.prompts.composition.independent import independent_messages
from limner.prompts.composition.suggestion import MOST, Suggestion, parse_suggestions
from limner.prompts.grammar.reasoning import without_reasoning
from limner.prompts.scenes.batch import Batch, Looks

KNOWN = 24
"""Characters whose looks are remembered."""
LONGEST_LOOK = 200
"""Characters of a look that are remembered."""

_LOOKS = """\
Before the blocks write the looks of every character that matters, known or new, one on a line:

---LOOKS---
Name: age, build, hair, face, clothes, in a few English words
---END---

Keep what is known of them unless the text changes it, and describe them so in every TEXT."""

_BLOCK = re.compile(r"^\W*LOOKS\W*$(.*?)^\W*END\W*(?:LOOKS\W*)?$", re.M | re.S | re.I)
_LINE = re.compile(r"^[ \t>*#-]*([^:\n]{1,60}?)\**[ \t]*:\**[ \t]*(\S.*)$", re.M)


def book_messages(
    batch: Batch, looks: Looks, *, every: int, maximum: int = MOST
) -> list[dict[str, str]]:
    """What the model is sent for one part.

    Args:
        batch: The part.
        looks: How the characters look that are known by now.
        every: For how many words there is a picture.
        maximum: How many pictures of this part at most.
    """
    count = min(max(1, round(batch.words / every)), maximum, MOST)
    frequency = (
        "Choose the moments that would make the best pictures: a new place, somebody's first "
        "appearance, a turn of the story, a strong image. About {maximum} of them, spread evenly "
        "over the text, never more, and not two of the same moment."
    )
    context = [{"name": "The story so far", "content": batch.before}] if batch.before else []
    system, user = independent_messages(
        batch.text, context=context, frequency=frequency, maximum=count
    )
    known = "\n".join(f"{name}: {look}" for name, look in looks.items())
    told = f"Known looks:\n<looks>\n{known}\n</looks>\n\n" if known else ""
    return [
        {"role": "system", "content": f"{system['content']}\n\n{_LOOKS}"},
        {"role": "user", "content": f"{told}{user['content']}"},
    ]


def parse_book_answer(
    answer: str, looks: Looks, *, maximum: int = MOST
) -> tuple[list[Suggestion], Looks]:
    r"""The suggestions of an answer, and the looks that are known after it.

    Examples:
        >>> parse_book_answer("---LOOKS---\nAnn: red hair\n---END---", {"Bo": "tall"})
        ([], {'Bo': 'tall', 'Ann': 'red hair'})
    """
    known = dict(looks)
    plain = without_reasoning(answer)
    for block in _BLOCK.finditer(plain):
        for line in _LINE.finditer(block[1]):
            known[line[1].strip()] = line[2].strip()[:LONGEST_LOOK]
    kept = dict(list(known.items())[-KNOWN:])
    return parse_suggestions(_BLOCK.sub("", plain), maximum=maximum), kept

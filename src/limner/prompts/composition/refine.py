"""Having a model change one prompt as a reader wishes, without any of the story."""

import re

from limner.errors import RefineError
from limner.prompts.grammar.open_tag import unescape
from limner.prompts.grammar.reasoning import without_reasoning
from limner.prompts.grammar.tag_writing import format_tag, tag_prompt

_INSTRUCTION = """\
You are a tool that edits prompts for an image model. You get a prompt and a wish. Change in the \
prompt what the wish asks for, keep everything it does not mention, in its place and its words, \
and keep the form: sentences stay sentences, lists of words between commas stay such lists, and a \
| goes on separating the same parts. You tell no story and explain nothing. Answer with exactly \
one line of this form:

<!--img-prompt="THE WHOLE NEW PROMPT"-->

If you need a double quote inside, write \\" instead.

Prompt: 1girl, red coat, forest, night
Wish: make it day, and give her a lantern
Answer: <!--img-prompt="1girl, red coat, lantern, forest, day"-->

Prompt: An old lighthouse in a storm, seen from the sea.
Wish: less rain
Answer: <!--img-prompt="An old lighthouse in light rain, seen from the sea."-->"""

_TAG = re.compile(
    r'(?:<!--\s*+img[-_]prompt|<img[-_]prompt)\s*+=\s*+"((?:[^"\\]|\\.)*+)"'
    r'(?:\s++[\w-]++\s*+=\s*+"(?:[^"\\]|\\.)*+")*+\s*+(?:--|/)?>',
    re.IGNORECASE | re.DOTALL,
)


def refine_messages(
    prompt: str, feedback: str, *, instruction: str = _INSTRUCTION
) -> list[dict[str, str]]:
    r"""What a model is sent to change a prompt: the prompt and the wish, and nothing of the story.

    Args:
        prompt: The prompt as it is.
        feedback: What is to change, in the reader's words.
        instruction: What the model is told to be and to do.

    Raises:
        ValueError: The prompt or the feedback is blank.

    Examples:
        >>> refine_messages("a fox", "make it a hare")[1]["content"]
        'Prompt: <!--img-prompt="a fox"-->\nWish: make it a hare'
    """
    if not prompt.strip() or not feedback.strip():
        raise ValueError("a refinement needs a prompt and some feedback; one of them is blank")
    question = f"Prompt: {format_tag(prompt)}\nWish: {feedback.strip()}"
    return [
        {"role": "system", "content": instruction},
        {"role": "user", "content": question},
    ]


def parse_refined(answer: str) -> str:
    r"""The new prompt in a model's answer: that of its first tag.

    The tag is one of the default form, in any case; a code fence, backticks, words around it and
    further tags are overlooked, and so is what the model thought before.

    Raises:
        RefineError: There is no tag with a prompt in it.

    Examples:
        >>> parse_refined('Sure!\n```html\n<!--IMG-PROMPT="a \\"big\\" hare"-->\n```')
        'a "big" hare'
    """
    for match in _TAG.finditer(without_reasoning(answer)):
        prompt = tag_prompt(unescape(match[1].strip()))
        if prompt:
            return prompt
    raise RefineError(answer)

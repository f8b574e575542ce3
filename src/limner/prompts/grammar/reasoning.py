"""A model's answer without what it thought before it gave it."""

from limner.prompts.grammar.reasoning_mark import USUAL_MARKS, block_end, opening_mark


def without_reasoning(text: str) -> str:
    """The text without its reasoning; what is not closed reaches to the end.

    Unlike in a story, marks count wherever they stand: no answer to limner itself mentions one.

    Examples:
        >>> without_reasoning("<think>Hm.</think> A fox. <THINKING>And")
        ' A fox. '
    """
    made: list[str] = []
    at = 0
    while (found := opening_mark(text, at, USUAL_MARKS)) is not None:
        made.append(text[at : found.start])
        at = block_end(text, found.end, found.mark)
        if at < 0:
            return "".join(made)
    return "".join([*made, text[at:]])

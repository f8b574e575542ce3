"""Where the instruction stands in a prompt that has no messages."""

from enum import StrEnum


class PromptPlace(StrEnum):
    """Where in the text."""

    START = "start"
    """Before all of it."""
    LAST_LINE = "last-line"
    """Before its last line, which as a rule says who speaks next."""
    NONE = "none"
    """Nowhere: whoever writes the prompt asks for pictures there."""

    def put(self, prompt: str, instruction: str) -> str:
        r"""The prompt with the instruction.

        Examples:
            >>> PromptPlace.START.put("Once", "Draw."), PromptPlace.NONE.put("Once", "Draw.")
            ('Draw.\n\nOnce', 'Once')
            >>> PromptPlace.LAST_LINE.put("Ann: Hi\nFox:", "Draw.")
            'Ann: Hi\nDraw.\nFox:'
        """
        if self is PromptPlace.NONE:
            return prompt
        if self is PromptPlace.START:
            return f"{instruction}\n\n{prompt}"
        before, line, last = prompt.rpartition("\n")
        return f"{before}{line}{instruction}\n{last}"

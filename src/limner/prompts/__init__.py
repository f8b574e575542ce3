"""What the text asks for: the tag grammar and its incremental scanner."""

from limner.prompts.tag import PromptTag, Text

__all__ = ["PromptTag", "Text"]

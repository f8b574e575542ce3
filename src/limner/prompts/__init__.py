"""What the text asks for: the tag grammar and its incremental scanner."""

from limner.prompts.meta_prompt import META_PROMPT
from limner.prompts.pattern import PatternProblem
from limner.prompts.scanner import PromptScanner, find_prompts
from limner.prompts.tag import PromptTag, Text

__all__ = ["META_PROMPT", "PatternProblem", "PromptScanner", "PromptTag", "Text", "find_prompts"]

"""What a text asks for: tags, how they are written, and everything that becomes of their words."""

from limner.prompts.character import Character
from limner.prompts.compose import Composed, compose
from limner.prompts.history import (
    forget_pictures,
    prune_history,
    remove_pictures,
    restore_history,
)
from limner.prompts.independent import independent_messages
from limner.prompts.injection import inject, should_inject
from limner.prompts.json_text import strings_in
from limner.prompts.links import PictureLink, find_links
from limner.prompts.meta_prompt import META_PROMPT
from limner.prompts.pattern import PatternProblem
from limner.prompts.pictures import Picture, find_pictures, picture_id, picture_link
from limner.prompts.placement import Inserted, insert_prompts
from limner.prompts.plain_text import plain_text
from limner.prompts.preset import BUILT_IN, Preset
from limner.prompts.preset_book import PresetBook
from limner.prompts.preset_exchange import export_presets, import_presets
from limner.prompts.refine import parse_refined, refine_messages
from limner.prompts.restoring import (
    TagPlace,
    remove_links,
    restore_links,
    restore_text,
    tag_places,
)
from limner.prompts.scanner import PromptScanner, find_prompts
from limner.prompts.style import Style, merge_negatives, merge_parts
from limner.prompts.suggestion import Suggestion, parse_suggestions
from limner.prompts.tag import PromptTag, Text
from limner.prompts.tag_writing import format_tag, rewrite_prompt, tag_prompt

__all__ = [
    "BUILT_IN",
    "META_PROMPT",
    "Character",
    "Composed",
    "Inserted",
    "PatternProblem",
    "Picture",
    "PictureLink",
    "Preset",
    "PresetBook",
    "PromptScanner",
    "PromptTag",
    "Style",
    "Suggestion",
    "TagPlace",
    "Text",
    "compose",
    "export_presets",
    "find_links",
    "find_pictures",
    "find_prompts",
    "forget_pictures",
    "format_tag",
    "import_presets",
    "independent_messages",
    "inject",
    "insert_prompts",
    "merge_negatives",
    "merge_parts",
    "parse_refined",
    "parse_suggestions",
    "picture_id",
    "picture_link",
    "plain_text",
    "prune_history",
    "refine_messages",
    "remove_links",
    "remove_pictures",
    "restore_history",
    "restore_links",
    "restore_text",
    "rewrite_prompt",
    "should_inject",
    "strings_in",
    "tag_places",
    "tag_prompt",
]

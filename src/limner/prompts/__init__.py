"""What a text asks for: tags, how they are written, and everything that becomes of their words."""

from limner.prompts.composition.character import Character
from limner.prompts.composition.compose import Composed, compose
from limner.prompts.composition.independent import independent_messages
from limner.prompts.composition.placement import Inserted, insert_prompts
from limner.prompts.composition.refine import parse_refined, refine_messages
from limner.prompts.composition.style import Style, merge_negatives, merge_parts
from limner.prompts.composition.suggestion import Suggestion, parse_suggestions
from limner.prompts.grammar.pattern import PatternProblem
from limner.prompts.grammar.reasoning_mark import marks_with
from limner.prompts.grammar.scanner import PromptScanner, find_prompts, open_tag
from limner.prompts.grammar.tag import PromptTag, Text
from limner.prompts.grammar.tag_writing import format_tag, rewrite_prompt, tag_prompt
from limner.prompts.history.history import (
    forget_pictures,
    prune_history,
    remove_pictures,
    restore_history,
)
from limner.prompts.history.injection import inject, instruct, should_inject
from limner.prompts.history.json_text import strings_in
from limner.prompts.history.links import PictureLink, find_links
from limner.prompts.history.pictures import (
    PICTURE_ID,
    Picture,
    find_pictures,
    picture_id,
    picture_link,
)
from limner.prompts.history.plain_text import plain_text
from limner.prompts.history.restoring import (
    TagPlace,
    places_of,
    remove_links,
    restore_links,
    restore_text,
    tag_places,
)
from limner.prompts.presets.meta_prompt import META_PROMPT
from limner.prompts.presets.preset import BUILT_IN, Preset
from limner.prompts.presets.preset_book import PresetBook
from limner.prompts.presets.preset_exchange import export_presets, import_presets

__all__ = [
    "BUILT_IN",
    "META_PROMPT",
    "PICTURE_ID",
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
    "instruct",
    "marks_with",
    "merge_negatives",
    "merge_parts",
    "open_tag",
    "parse_refined",
    "parse_suggestions",
    "picture_id",
    "picture_link",
    "places_of",
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

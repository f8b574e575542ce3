"""Places for pictures in a text that asks for none, and what each should show."""

from limner.prompts.scenes.batch import Batch, Looks, batches
from limner.prompts.scenes.book import book_messages, parse_book_answer
from limner.prompts.scenes.passage import Passage, passages
from limner.prompts.scenes.picker import EVERY, MOST, pick
from limner.prompts.scenes.proposal import Proposal, insert_proposals
from limner.prompts.scenes.sight import Eye, Seen

__all__ = [
    "EVERY",
    "MOST",
    "Batch",
    "Eye",
    "Looks",
    "Passage",
    "Proposal",
    "Seen",
    "batches",
    "book_messages",
    "insert_proposals",
    "parse_book_answer",
    "passages",
    "pick",
]

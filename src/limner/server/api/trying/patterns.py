"""Patterns of tags, tried on a sample before they go into the settings."""

import asyncio
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field

from limner.prompts import PromptScanner, PromptTag
from limner.server.api.fields import Body, LongText
from limner.server.api.routing.routes import Routes
from limner.server.schemas import Schema
from limner.server.schemas.schema import ReadableText
from limner.server.services import Services

MOST = 50
Pattern = Annotated[str, Field(max_length=2000)]


class Sample(Body):
    """What is tried on what."""

    patterns: list[Pattern] | None = Field(
        None, max_length=MOST, description="Regular expressions; null: limner's own tags."
    )
    text: LongText


class MatchView(Schema):
    """A request for a picture that was found."""

    start: int = Field(description="In characters from the beginning.")
    end: int
    source: ReadableText
    prompt: ReadableText
    attributes: dict[str, str]


class ProblemView(Schema):
    """A pattern that cannot be used."""

    pattern: ReadableText
    reason: ReadableText


class PatternReport(Schema):
    """What the patterns find."""

    matches: list[MatchView]
    problems: list[ProblemView]
    near_misses: int = Field(description="What looks like a tag of limner's and is none.")


class PatternRoutes:
    """Tries patterns.

    Args:
        services: What the server works with; nothing of it is changed.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, app: FastAPI) -> None:
        """The route."""
        api = Routes(app, "settings")
        api.post("/patterns/check")(self.check_patterns)

    async def check_patterns(self, body: Sample) -> PatternReport:
        """Show what patterns find in a text, and what is wrong with those that cannot be used."""
        return await asyncio.to_thread(_report, body.patterns, body.text)


def _report(patterns: list[str] | None, text: str) -> PatternReport:
    scanner = PromptScanner(patterns)
    pieces = scanner.feed(text) + scanner.finish()
    found = [piece for piece in pieces if isinstance(piece, PromptTag)]
    return PatternReport(
        matches=[
            MatchView(
                start=tag.start,
                end=tag.end,
                source=tag.source,
                prompt=tag.prompt,
                attributes=dict(tag.attributes),
            )
            for tag in found
        ],
        problems=[ProblemView(pattern=one.pattern, reason=one.reason) for one in scanner.problems],
        near_misses=scanner.near_misses,
    )

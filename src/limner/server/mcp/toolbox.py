"""The tools by name: what each is for, what it takes, what it gives, and who does it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from limner.config import Settings
from limner.server.mcp.arguments import (
    Arguments,
    DrawPicture,
    IllustrateText,
    ListPictures,
    Redraw,
)
from limner.server.mcp.caller import Caller
from limner.server.mcp.illustrating import Illustrating
from limner.server.mcp.listing import Listing
from limner.server.mcp.progress_report import ProgressReport
from limner.server.mcp.redrawing import Redrawing
from limner.server.mcp.results import Answer, DrawnPictures, IllustratedText, ListedPictures
from limner.server.mcp.shown_pictures import ShownPictures
from limner.server.schemas import Schema
from limner.server.services import Services

INSTRUCTIONS = """\
limner draws pictures for stories, and keeps them. To illustrate a text, put a comment such as \
<!--img-prompt="a red fox in the snow, ink drawing"--> on a line of its own wherever a picture \
belongs, and call illustrate_text once with all of it; each prompt must say by itself what is to \
be seen. draw_picture draws something by itself. Pictures can take minutes when many are asked \
for: wait, and do not call again. To redraw one, name it as the tools do (MESSAGE/ANSWER/NUMBER).\
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool.

    Attributes:
        name: By which it is called.
        title: What people read.
        about: What a model reads.
        arguments: What it takes.
        result: What it gives.
        run: Does it: takes the arguments, who calls, and whom to tell how it goes on.
        reads: Whether it only reads.
    """

    name: str
    title: str
    about: str
    arguments: type[Arguments]
    result: type[Schema]
    run: Callable[[Any, Caller, ProgressReport], Awaitable[Answer]]
    reads: bool = False


def toolbox(services: Services, settings: Settings, shown: ShownPictures) -> dict[str, Tool]:
    """All tools, by name."""
    illustrating = Illustrating(services, settings, shown)
    redrawing, listing = Redrawing(services, shown), Listing(services, shown)
    tools = [
        Tool(
            name="illustrate_text",
            title="Illustrate a text",
            about="Draws pictures into a text, waits for all of them, and gives the text back as "
            "Markdown with the pictures in their places, with small copies to look at.",
            arguments=IllustrateText,
            result=IllustratedText,
            run=illustrating.illustrate_text,
        ),
        Tool(
            name="draw_picture",
            title="Draw a picture",
            about="Draws one picture, or a few different ones, from a prompt, and waits for them.",
            arguments=DrawPicture,
            result=DrawnPictures,
            run=illustrating.draw_picture,
        ),
        Tool(
            name="redraw",
            title="Draw a picture again",
            about="Draws a picture again, with another prompt or by a wish if one is given, or all "
            "pictures of a message, or those of it that failed.",
            arguments=Redraw,
            result=DrawnPictures,
            run=redrawing.redraw,
        ),
        Tool(
            name="list_pictures",
            title="List pictures",
            about="Lists pictures that are kept, the newest first.",
            arguments=ListPictures,
            result=ListedPictures,
            run=listing.list_pictures,
            reads=True,
        ),
    ]
    return {tool.name: tool for tool in tools}

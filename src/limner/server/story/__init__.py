"""Turns of limner's own page: a model is asked, and what it writes is illustrated.

General layout: `conversation` is pure, from messages to what a model is sent; `TextServers` knows
who writes, where nobody else does the bundled `Storyteller`, which `storyteller_server` offers to
the proxy as well; `TurnRunner` runs the turns, and
`BackgroundTasks` whatever goes on after an answer was given.
"""

from limner.server.story.background_tasks import BackgroundTasks
from limner.server.story.conversation import conversation
from limner.server.story.leases import Leases
from limner.server.story.prompt_spending import PromptSpending, PromptSum
from limner.server.story.second_model import PromptCost, SecondModel
from limner.server.story.storyteller_server import storyteller_server
from limner.server.story.telling.storyteller import NAME, SAMPLE, Storyteller
from limner.server.story.text_servers import (
    ModelList,
    ModelName,
    ModelProblem,
    TextServer,
    TextServers,
)
from limner.server.story.turn_runner import AnswerRequest, TurnRunner

__all__ = [
    "NAME",
    "SAMPLE",
    "AnswerRequest",
    "BackgroundTasks",
    "Leases",
    "ModelList",
    "ModelName",
    "ModelProblem",
    "PromptCost",
    "PromptSpending",
    "PromptSum",
    "SecondModel",
    "Storyteller",
    "TextServer",
    "TextServers",
    "TurnRunner",
    "conversation",
    "storyteller_server",
]

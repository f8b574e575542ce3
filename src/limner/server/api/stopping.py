"""What is to stop, and what was."""

from typing import Literal

from pydantic import Field

from limner.illustration import StopWhat
from limner.server.api.fields import Body
from limner.server.schemas import Schema

STOPPED = "stopped by the reader"
"""Why pictures are missing then."""


class Stop(Body):
    """What is to stop."""

    what: Literal["all", "text", "pictures"] = Field(
        "all",
        description="all; text: what was found is drawn to its end; "
        "pictures: the writing goes on, and draws nothing more.",
    )

    @classmethod
    def what_of(cls, body: "Stop | None") -> StopWhat:
        """What it is; without a body, all."""
        return StopWhat.ALL if body is None else StopWhat(body.what)


class Stopped(Schema):
    """Whether there was anything to stop."""

    stopped: bool


class StoppedAll(Schema):
    """How many sessions were told to stop."""

    stopped: int

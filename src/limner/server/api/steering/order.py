"""The order in which what waits is drawn."""

from typing import Annotated

from fastapi import FastAPI, Request
from pydantic import Field

from limner.scheduling import JobState
from limner.server.api.fields import Body
from limner.server.api.found import only_own
from limner.server.api.routing.routes import Routes
from limner.server.schemas import Schema
from limner.server.services import Services

FIRST = 0
"""The priority before all others."""
JobId = Annotated[str, Field(min_length=1, max_length=500)]


class Order(Body):
    """Which waiting pictures are drawn next."""

    jobs: list[JobId] = Field(
        min_length=1,
        max_length=500,
        description="Ids of the queue's jobs, the next first; all others follow as they stand.",
    )


class Ordered(Schema):
    """What stands before all others now."""

    jobs: list[str] = Field(description="Those that still waited.")


class QueueOrder:
    """Lets people say what is drawn next.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._limiter = services.limiter

    def add_to(self, app: FastAPI) -> None:
        """The route."""
        api = Routes(app, "queue")
        api.post("/queue/order")(self.put_first)

    async def put_first(self, request: Request, body: Order) -> Ordered:
        """Have some of the waiting pictures drawn before all others, in this order.

        Those that are not waiting any more are passed over, and so are those of others.
        """
        own = only_own(request)
        found = []
        for job_id in dict.fromkeys(body.jobs):
            job = self._limiter.job(job_id)
            if job is None or job.state is not JobState.QUEUED:
                continue
            if own is None or job.owner == own:
                found.append(job)
        for job in found:  # whoever stands there already goes behind those of the list
            if job.priority == FIRST:
                job.priority = FIRST + 1
        for job in found:
            job.priority = FIRST
        return Ordered(jobs=[job.id for job in found if job.state is JobState.QUEUED])

"""The queue: what is drawn, what waits, why, and until when."""

from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request
from pydantic import Field

from limner.illustration import Bound, BudgetUse
from limner.illustration.generation.waiting import IN_WORDS, waiting_for
from limner.scheduling import Job, JobState, Limiter
from limner.server.api.error_form import NotFound
from limner.server.api.fields import ID, Body
from limner.server.api.found import only_own, owner_of
from limner.server.api.routing.routes import Routes
from limner.server.events.queue_publisher import OwnTotals
from limner.server.schemas import ProgressView, Schema
from limner.server.schemas.wait import WaitView
from limner.server.services import Services

SHOWN = 100
REASONS = {
    **IN_WORDS,
    "max_concurrent": "as many pictures are drawn as may be at the same time",
    "retry": "it failed and is tried again later",
    "shared": "all who share these limits take turns, and others are before it",
}


class JobView(Schema):
    """One picture that is drawn or waits."""

    id: str
    slot: str | None = Field(description="Its place, MESSAGE/VARIANT/ORDINAL.")
    message: str | None
    chat: str | None
    state: str = Field(description="queued, running or executing.")
    priority: int
    position: int | None = Field(description="How many are before it.")
    eta: float | None = Field(description="Estimated seconds until it begins; null: unknown.")
    reason: str | None = Field(description="Which limit holds it; null: none does.")
    explanation: str | None = Field(description="The same in words.")
    until: float | None = Field(
        description="Before when it cannot begin, in seconds since the epoch; null: it depends."
    )
    attempt: int = Field(description="How often it has begun.")
    waited: float = Field(description="Seconds since it was asked for.")
    running_for: float | None = Field(description="Seconds since it began; null: it has not.")
    owner: str | None


class Totals(Schema):
    """What the queue has done since the server started; for users, what it has done for them."""

    received: int
    succeeded: int
    failed: int
    cancelled: int
    dropped: int
    retried: int
    mean_wait: float = Field(description="Seconds.")
    mean_run: float

    @classmethod
    def of(cls, limiter: Limiter) -> "Totals":
        """The view of what a limiter has done."""
        done = limiter.statistics()
        return cls(
            received=done.received,
            succeeded=done.succeeded,
            failed=done.failed + done.expired + done.timed_out,
            cancelled=done.cancelled,
            dropped=done.dropped,
            retried=done.retried,
            mean_wait=done.wait.mean,
            mean_run=done.run.mean,
        )

    @classmethod
    def own(cls, done: OwnTotals) -> "Totals":
        """The view of what was done for one user."""
        return cls.model_validate(done, from_attributes=True)


class BudgetView(Schema):
    """How much of one bound of the budget is used."""

    scope: str = Field(description="message, hour, day or all.")
    per_owner: bool
    unit: str = Field(description="pictures, seconds, or what is paid with, such as USD.")
    limit: float
    used: float | None = Field(
        description="What was used, and what is reserved for what is drawn now; "
        "null: it bounds each message for itself, and none was named."
    )
    left: float | None = Field(description="How much more there is; null: as for `used`.")
    resets_in: float | None = Field(description="Seconds until some of it is free again.")

    @classmethod
    def of(cls, use: BudgetUse) -> "BudgetView":
        """The view of a bound."""
        return cls(
            scope=use.bound.scope,
            per_owner=use.bound.per_owner,
            unit=use.bound.unit,
            limit=use.bound.limit,
            used=use.used,
            left=use.left,
            resets_in=use.resets_in,
        )

    @classmethod
    def of_each(cls, bound: Bound) -> "BudgetView":
        """The view of a bound that each message has for itself."""
        return cls(
            scope=bound.scope,
            per_owner=False,
            unit=bound.unit,
            limit=bound.limit,
            used=None,
            left=None,
            resets_in=None,
        )


class QueueView(Schema):
    """The queue at this moment."""

    running: int
    waiting: int
    paused: bool
    paused_until: float | None = Field(
        description="Seconds since the epoch; null: until it is resumed, or not at all."
    )
    waiting_for: WaitView | None = Field(
        description="What keeps pictures from being begun but that others are drawn; null: nothing."
    )
    jobs: list[JobView] = Field(description="Those that are drawn, then those that wait.")
    more: int = Field(description="How many are not shown.")
    progress: ProgressView = Field(description="All pictures since none was under way.")
    totals: Totals
    budget: list[BudgetView]


class Pause(Body):
    """How long nothing begins."""

    seconds: float | None = Field(
        None, ge=0, le=31 * 86400, allow_inf_nan=False, description="null: until it is resumed."
    )


class Cancelled(Schema):
    """How many pictures were told to stop."""

    cancelled: int


class Queue:
    """Shows the limiter's queue, and steers it.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._limiter = services.limiter

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "queue")
        api.get("/queue")(self.get_queue)
        api.post("/queue/pause")(self.pause)
        api.post("/queue/resume")(self.resume)
        api.delete("/jobs/{job_id:path}")(self.cancel_job)

    async def get_queue(
        self,
        request: Request,
        limit: Annotated[int, Query(ge=0, le=500, description="Jobs shown at most.")] = SHOWN,
        message: Annotated[
            str | None, Query(pattern=ID, description="Whose own bounds are shown as well.")
        ] = None,
    ) -> QueueView:
        """What is drawn, what waits and why, what was done, and what the budget allows."""
        own = only_own(request)
        if message is not None and own is not None:
            owner = await self._services.library.message_owner(message)
            if owner != own:
                raise NotFound(f"message {message!r}")
        return await self._view(request, limit, message or "")

    async def pause(self, request: Request, body: Pause | None = None) -> QueueView:
        """Let nothing begin for some time, or until it is resumed. What is drawn goes on."""
        self._limiter.pause(body.seconds if body else None)
        return await self._view(request, SHOWN)

    async def resume(self, request: Request) -> QueueView:
        """End every pause."""
        self._limiter.resume()
        return await self._view(request, SHOWN)

    async def cancel_job(
        self, request: Request, job_id: Annotated[str, Path(min_length=1, max_length=500)]
    ) -> Cancelled:
        """Stop one picture, waiting or being drawn; its place can be tried again."""
        number = await self._services.stops.job(job_id, owner=only_own(request))
        if not number:
            raise NotFound(f"job {job_id!r}")
        return Cancelled(cancelled=number)

    async def _view(self, request: Request, limit: int, message: str = "") -> QueueView:
        own = only_own(request)
        illustrator = self._services.illustrator
        report = await illustrator.budget_report(owner_of(request), message)
        each = () if message else illustrator.budget.per_message()
        # What all have used together tells a user what the others do.
        uses = [use for use in report.uses if own is None or _is_own(use)]
        waiting = self._in_order()
        running = [job for job in self._limiter.jobs() if job.state is not JobState.QUEUED]
        jobs = [job for job in (*running, *waiting) if own is None or job.owner == own]
        figures = self._services.own_figures
        counts = {} if own is None else figures.counts(own)
        return QueueView(
            **{**self._services.queue.summary(), **counts},
            jobs=[self._job(job) for job in jobs[:limit]],
            more=max(len(jobs) - limit, 0),
            progress=ProgressView.of(
                illustrator.progress() if own is None else figures.progress(own)
            ),
            totals=Totals.of(self._limiter) if own is None else Totals.own(figures.totals(own)),
            budget=[
                *(BudgetView.of_each(bound) for bound in each),
                *(BudgetView.of(use) for use in uses),
            ],
        )

    def _in_order(self) -> list[Job[Any]]:
        """What waits, in the order in which it will begin; between two attempts comes last."""
        in_turn = self._limiter.in_turn()
        known = {job.id for job in in_turn}
        return [
            *in_turn,
            *(job for job in self._limiter.jobs(JobState.QUEUED) if job.id not in known),
        ]

    def _job(self, job: Job[Any]) -> JobView:
        now = self._limiter.now
        why = self._limiter.explain(job)
        waits = job.state is JobState.QUEUED
        until = why.earliest_start if waits else None
        slot_id = self._services.illustrator.slot_of(job.id)
        message = slot_id.message_id if slot_id else None
        return JobView(
            id=job.id,
            slot=str(slot_id) if slot_id else None,
            message=message,
            chat=self._services.chat_of(message) if message else None,
            state=job.state.value,
            priority=job.priority,
            position=why.position,
            eta=job.eta(),
            reason=why.limit,
            explanation=self._in_words(why.limit, now),
            until=None if until is None or until == float("inf") else self._wall(until, now),
            attempt=job.attempt,
            waited=max(now - job.received_at, 0.0),
            running_for=None if waits or job.started_at is None else now - job.started_at,
            owner=None if job.owner is None else str(job.owner),
        )

    def _in_words(self, limit: str | None, now: float) -> str | None:
        wait = waiting_for(self._limiter) if limit in ("rates", "shared") else None
        if wait is not None and wait.reason != "rates":
            return wait.told(now)  # nobody is sent while a server is away
        return REASONS.get(limit or "", limit)

    def _wall(self, instant: float, now: float) -> float:
        return self._services.clock() + instant - now


def _is_own(use: BudgetUse) -> bool:
    """Whether it is what one owner has used, or one message."""
    return use.bound.per_owner or use.bound.window is None

"""What was spent on pictures, and on prompts for them."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import FastAPI, Query, Request
from pydantic import Field

from limner.illustration import Cost
from limner.server.api.found import only_own
from limner.server.api.routing.routes import Routes
from limner.server.schemas import Schema
from limner.server.services import Services
from limner.server.story import PromptSum
from limner.storage import Spent

DAY = 86400.0


class CostView(Schema):
    """An amount."""

    amount: float
    unit: str = Field(description="seconds of drawing, or what is paid with, such as USD.")

    @classmethod
    def of(cls, cost: Cost) -> "CostView":
        """The view of an amount."""
        return cls(amount=cost.amount, unit=cost.unit)


class SpentView(Schema):
    """What was spent on a day, or for somebody."""

    what: str = Field(description="The day in UTC, such as 2026-11-29, or the owner.")
    pictures: int = Field(description="How many were begun.")
    costs: list[CostView] = Field(description="In each unit; of what is drawn now, as expected.")

    @classmethod
    def of(cls, spent: Spent) -> "SpentView":
        """The view of a line."""
        costs = [CostView.of(cost) for cost in spent.costs]
        return cls(what=spent.what, pictures=spent.pictures, costs=costs)


class PromptsView(Schema):
    """What the prompts of a second model have cost."""

    model: str | None = Field(description="Which; null: the first server's own.")
    texts: int = Field(description="How many texts it was asked about.")
    pictures: int = Field(description="How many pictures it proposed.")
    prompt_tokens: int = Field(description="What it read.")
    completion_tokens: int = Field(description="What it wrote.")
    estimated: bool = Field(description="Whether a part of that is estimated, not counted.")

    @classmethod
    def of(cls, told: PromptSum) -> "PromptsView":
        """The view of a model's sum."""
        return cls(**asdict(told))


class SpendingView(Schema):
    """What was spent; what a budget leaves of it is in the queue."""

    spent: list[SpentView] = Field(description="The last day first, or the owners by name.")
    prompts: list[PromptsView] = Field(
        description="What a second model's prompts have cost since this server began, by model; "
        "of all owners, and therefore told to nobody who sees only what is their own."
    )


class Costs:
    """Tells what was spent.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "costs")
        api.get("/costs")(self.get_costs)

    async def get_costs(
        self,
        request: Request,
        by: Annotated[Literal["day", "owner"], Query(description="What has a line.")] = "day",
        days: Annotated[float, Query(gt=0, le=36500, description="How far back.")] = 30,
    ) -> SpendingView:
        """What was drawn and what it cost, by day or by owner."""
        since, owner = self._services.clock() - days * DAY, only_own(request)
        found = await self._services.library.spending(by=by, since=since, owner=owner)
        sums = self._services.prompt_spending.sums if owner is None else []
        return SpendingView(
            spent=[SpentView.of(one) for one in found],
            prompts=[PromptsView.of(one) for one in sums],
        )

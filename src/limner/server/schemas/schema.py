"""The base of all schemas."""

from pydantic import BaseModel, ConfigDict


class Schema(BaseModel):
    """Base of all JSON answers: frozen, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

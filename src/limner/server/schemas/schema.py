"""What all shapes have in common."""

from pydantic import BaseModel, ConfigDict


class Schema(BaseModel):
    """Something that limner tells: it never changes, and has no other fields than it says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

"""What all pictures wait for."""

from pydantic import Field

from limner.server.schemas.schema import Schema


class WaitView(Schema):
    """Something is waited for."""

    reason: str = Field(
        description="busy or unavailable (the server), picture (one that it refused), "
        "or the name of a limit."
    )
    words: str = Field(description='The same in words, such as "server busy (503)".')
    until: float | None = Field(
        description="Until when, in seconds since the epoch; null: it depends."
    )
    times: int = Field(description="How often in a row it was waited for; 0: that is not counted.")
    told: str = Field(description="All of it in a sentence, as it stands now.")

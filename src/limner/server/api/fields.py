"""Types for the fields of requests."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from limner.prompts import PICTURE_ID

ID = r"^[^\x00-\x20/\\?#%\x7f]{1,200}$"
"""An id: no blanks, and nothing that means something in an address."""
MOST_VARIANTS = 2**31 - 1
PAGE = 50
LONGEST_PAGE = 200

ChatId = Annotated[str, Path(pattern=ID, description="The conversation's id.")]
MessageId = Annotated[str, Path(pattern=ID, description="The message's id.")]
Variant = Annotated[int, Path(ge=0, le=MOST_VARIANTS, description="Which of its answers.")]
Ordinal = Annotated[int, Path(ge=0, le=MOST_VARIANTS, description="Which slot, from 0.")]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="The picture's SHA-256.")]
PicturePath = Annotated[
    str, Path(pattern=rf"^{PICTURE_ID}$", description="What stands in /images/ID.png.")
]
PresetId = Annotated[str, Path(min_length=1, max_length=100)]

Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="How many at most.")]
AfterId = Annotated[
    str | None, Query(pattern=ID, description="The cursor of the page before: go on after it.")
]


def not_blank(text: str) -> str:
    """The text, if it says anything.

    Raises:
        ValueError: It does not.
    """
    if not text.strip():
        raise ValueError("it is blank")
    return text


_TEXT = r"^[^\x00]*$"
NotBlank = AfterValidator(not_blank)

Text = Annotated[str, StringConstraints(min_length=1, max_length=200_000, pattern=_TEXT), NotBlank]
"""What somebody says."""
LongText = Annotated[
    str, StringConstraints(min_length=1, max_length=2_000_000, pattern=_TEXT), NotBlank
]
Prompt = Annotated[str, StringConstraints(min_length=1, max_length=10_000, pattern=_TEXT), NotBlank]
Title = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Model = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=_TEXT)]


class Body(BaseModel):
    """The body of a request: nothing in it is guessed, and nothing unknown passes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


NewId = Annotated[str, Field(pattern=ID)]

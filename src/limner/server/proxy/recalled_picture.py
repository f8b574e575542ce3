"""What is known of a picture that a front-end sends back with the conversation."""

from dataclasses import dataclass

from limner.prompts import TagPlace


@dataclass(frozen=True, slots=True)
class RecalledPicture:
    """What a picture in a request was drawn for.

    Attributes:
        place: The tag it was drawn for, and the white space around it.
        text: The whole text the model wrote, with its tags.
    """

    place: TagPlace
    text: str

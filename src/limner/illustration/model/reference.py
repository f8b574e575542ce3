"""A reference picture: what somebody or something looks like, shown beside the prompt."""

from dataclasses import dataclass, field

ATTRIBUTE = "reference"
"""The attribute of a tag that names reference pictures, separated by commas."""

MOST = 4
"""Reference pictures for one picture."""


def reference_names(attribute: str) -> list[str]:
    """The names in a tag's attribute, each once.

    Examples:
        >>> reference_names("ann.png, last,, ann.png")
        ['ann.png', 'last']
    """
    return list(dict.fromkeys(name for part in attribute.split(",") if (name := part.strip())))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePicture:
    """A reference picture that a request brings along.

    Attributes:
        name: What it was called.
        data: The encoded picture; empty: there is none.
        digest: The SHA-256 of the data, in hexadecimal.
        meant_for: The places (`limner.illustration.capabilities.HasPlaces`) of the servers that may
            see it. What is drawn in this process may always.
        missing: Why there is no picture.
    """

    name: str
    data: bytes = field(default=b"", repr=False, compare=False)
    digest: str = ""
    meant_for: frozenset[str] = frozenset()
    missing: str = ""

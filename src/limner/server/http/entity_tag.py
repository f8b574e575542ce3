"""Whether a client has an answer already, so that it need not be sent (RFC 9110 §13.1.2)."""


def has_already(asked: str | None, tag: str) -> bool:
    """Whether a header ``If-None-Match`` names the answer that would be sent.

    Args:
        asked: The header.
        tag: The answer's ``ETag``, a strong one without a comma in it.

    Examples:
        >>> has_already('"a", W/"b"', '"b"'), has_already("*", '"b"')
        (True, True)
        >>> has_already('"a"', '"b"'), has_already(None, '"b"')
        (False, False)
    """
    known = [entry.strip().removeprefix("W/") for entry in (asked or "").split(",")]
    return tag in known or "*" in known

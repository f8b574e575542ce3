"""What an object store answers, told as one of limner's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from limner.errors import StorageUnavailable

KEYS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"


@contextmanager
def asked(place: str) -> Iterator[None]:
    """Turn what a store says inside into errors of limner.

    Raises:
        FileNotFoundError: There is no such object.
        limner.errors.StorageUnavailable: It does not answer, or does not let limner in.
    """
    from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

    try:
        yield
    except FileNotFoundError as error:
        if "NoSuchBucket" not in str(error):
            raise
        raise _told(place, "there is no such bucket: make it, or name another") from error
    except (PermissionDeniedError, UnauthenticatedError) as error:
        reason = f"its object store does not let limner in: look at {KEYS}, and at what they may do"
        raise _told(place, reason) from error
    except BaseError as error:
        raise _told(place, _reason(str(error))) from error


def _told(place: str, reason: str) -> StorageUnavailable:
    return StorageUnavailable(f"the pictures in {place} cannot be used: {reason}", place=place)


def _reason(said: str) -> str:
    """What is wrong, in a line: obstore writes a whole tree of causes."""
    for sign, reason in _SIGNS:
        if sign in said:
            return reason
    return "its object store says: " + " ".join(said.split())[:200]


_SIGNS = (
    ("NoSuchBucket", "there is no such bucket: make it, or name another"),
    ("InvalidAccessKeyId", f"its object store does not know the key: look at {KEYS}"),
    ("SignatureDoesNotMatch", f"its object store refuses the key: look at {KEYS}"),
    ("169.254.169.254", f"nobody has said with what key: set {KEYS}"),
    ("timed out", "its object store does not answer; look at it and at the network"),
    ("TimedOut", "its object store does not answer; look at it and at the network"),
    ("onnect", "its object store cannot be reached; look at it and at the network"),
    ("error sending request", "its object store cannot be reached; look at it and at the network"),
)

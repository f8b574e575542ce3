"""Colour profiles (ICC.1, ISO 15076-1): whether bytes that claim to be one are one."""

HEADER = 128
"""Bytes before a profile's own table."""

PADDING = 4
"""A profile may be filled up to a multiple of so many bytes."""

_SIGNATURE = slice(36, 40)


def is_profile(data: bytes) -> bool:
    """Whether it is a profile: a header with its signature, and as long as it tells.

    Whatever else is carried in a profile's place, or behind it, is no part of a picture.

    Examples:
        >>> is_profile(b"GIF89a"), is_profile((132).to_bytes(4) + bytes(32) + b"acsp" + bytes(92))
        (False, True)
    """
    length = int.from_bytes(data[:4])
    signed = len(data) > HEADER and data[_SIGNATURE] == b"acsp"
    return signed and HEADER < length <= len(data) < length + PADDING

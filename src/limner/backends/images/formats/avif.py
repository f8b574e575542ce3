"""AVIF (ISO/IEC 23000-22): top-level boxes of the ISO base media file format."""

from limner.backends.images.formats.parts import Malformed, Parts

_EXIF_OR_XMP = (b"Exif", b"mime")


def is_avif(data: bytes) -> bool:
    """Whether a file says of itself that it is an AVIF."""
    return data[4:8] == b"ftyp" and any(
        brand in data[8:64] for brand in (b"avif", b"avis", b"mif1")
    )


def separate(data: bytes) -> Parts:
    """Keep a plain AVIF as it is; one with metadata, or anything unusual, is encoded anew.

    Raises:
        Malformed: It is cut off, or there is no picture in it.
    """
    at, kinds, meta = 0, list[bytes](), b""
    while at < len(data):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if len(kind) < 4 or not 8 <= length <= len(data) - at:
            if {b"meta", b"mdat"} <= set(kinds):  # whole already; what follows is not ours
                kinds.append(b"?")
                break
            raise Malformed("it is cut off")
        kinds.append(kind)
        meta = data[at : at + length] if kind == b"meta" else meta
        at += length
    if not {b"meta", b"mdat"} <= set(kinds):
        raise Malformed("there is no picture in it")
    plain = sorted(kinds) == [b"ftyp", b"mdat", b"meta"]
    plain = plain and not any(kind in meta for kind in _EXIF_OR_XMP)
    return Parts(data=data if plain else None, size=None, animated=b"moov" in kinds)

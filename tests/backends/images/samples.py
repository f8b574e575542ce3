"""What a hostile picture server may send: each is to be refused, or cut down to its picture."""

import base64
import gzip
import io
import json
import random
import struct
import zipfile
import zlib

from PIL import Image as Pillow

from limner.testing.picture_server import huge_picture


def picture(kind: str, *, size: tuple[int, int] = (64, 48), noisy: bool = True) -> bytes:
    """A good picture with enough in it to be cut anywhere."""
    chance = random.Random(7)
    image = Pillow.new("RGB", size)
    if noisy:
        image.putdata([tuple(chance.randbytes(3)) for _ in range(size[0] * size[1])])
    whole = io.BytesIO()
    image.save(whole, kind)
    return whole.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def animation(kind: str) -> bytes:
    """Two frames."""
    whole = io.BytesIO()
    first, second = Pillow.new("RGB", (8, 8), "red"), Pillow.new("RGB", (8, 8), "blue")
    first.save(whole, kind, save_all=True, append_images=[second])
    return whole.getvalue()


def zipped(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return whole.getvalue()


def bad_pictures() -> dict[str, bytes]:
    """Bytes in the place of a picture, by name: none may be taken for one."""
    png, jpeg, webp, avif = (picture(kind) for kind in ("PNG", "JPEG", "WEBP", "AVIF"))
    whole = {"png": png, "jpeg": jpeg, "webp": webp, "avif": avif}
    cut = {
        f"{kind} cut at {share} %": data[: len(data) * share // 100]
        for kind, data in whole.items()
        for share in (1, 10, 50, 90, 99)
    }
    signature, rest = png[:8], png[8:]
    flipped = bytearray(png)
    flipped[len(png) // 2] ^= 0xFF
    lied = bytearray(webp)
    lied[4:8] = (1 << 30).to_bytes(4, "little")
    return cut | {
        "png bomb by header": huge_picture(),
        "png bomb of one line": huge_picture(2_000_000_000),
        "png without a header": signature + rest[25:],
        "png without data": signature + rest[:25] + png_chunk(b"IEND", b""),
        "png with a flipped bit": bytes(flipped),
        "png with an unknown critical chunk": signature + rest[:25] + png_chunk(b"EVIL", b"x"),
        "png whose data is no zlib": signature + rest[:25] + png_chunk(b"IDAT", b"x" * 50)
        + png_chunk(b"IEND", b""),
        "png chunk of 4 GB": signature + b"\xff\xff\xff\xff" + rest[4:],
        "png of no width": signature + png_chunk(b"IHDR", bytes(8) + b"\x08\x02\0\0\0") + rest[25:],
        "jpeg bomb by header": jpeg.replace(
            b"\xff\xc0\0\x11\x08\0\x30\0\x40", b"\xff\xc0\0\x11\x08\xff\xff\xff\xff"
        ),
        "webp that claims a gigabyte": bytes(lied),
        "gif": animation("GIF"),
        "bmp": picture("BMP"),
        "tiff": picture("TIFF"),
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "svg with a declaration": b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b">]><svg/>',
        "html": b"<!doctype html><script>alert(1)</script>",
        "json": b'{"error": "oops"}',
        "zip": zipped({"a.png": png}),
        "gzip": gzip.compress(png),
        "elf": b"\x7fELF" + bytes(200),
        "nothing": b"",
        "blanks": b" " * 1000,
        "zeroes": bytes(1_000_000),
    }  # fmt: skip


def bad_archives() -> dict[str, bytes]:
    """Archives that may not be opened."""
    good = zipped({"image_0.png": picture("PNG")})
    encrypted = bytearray(good)
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        encrypted[good.find(mark) + (6 if mark[2] == 3 else 8)] |= 1
    return {
        "bomb": zipped({"a.png": bytes(30 << 20)}),
        "many files": zipped({f"{n}.png": b"x" for n in range(500)}),
        "no file": zipped({}),
        "only folders": zipped({"a/": b"", "b/": b""}),
        "cut": good[: len(good) // 2],
        "garbage": b"PK\x03\x04" + bytes(100),
        "encrypted": bytes(encrypted),
        "unusual packing": zipped({"a.png": picture("PNG")}, method=zipfile.ZIP_LZMA),
        "no archive": picture("PNG"),
    }


def bad_bodies() -> dict[str, tuple[bytes, str, int | None]]:
    """Whole answers of A1111's txt2img: body, type, false length."""
    good = base64.b64encode(picture("PNG")).decode()
    return {
        "no json": (b"{images: [", "application/json", None),
        "html": (b"<html><title>Login</title></html>", "text/html", None),
        "html that claims json": (b"<html></html>", "application/json", None),
        "images is a text": (json.dumps({"images": good}).encode(), "application/json", None),
        "images holds numbers": (b'{"images": [1]}', "application/json", None),
        "images holds lists": (b'{"images": [[]]}', "application/json", None),
        "images is null": (b'{"images": null}', "application/json", None),
        "a list": (b"[]", "application/json", None),
        "nothing": (b"", "application/json", None),
        "deep json": (b"[" * 200_000, "application/json", None),
        "garbage base64": (b'{"images": ["\\u0000\\u00ff!!"]}', "application/json", None),
        "base64 of svg": (
            json.dumps({"images": [base64.b64encode(b"<svg/>").decode()]}).encode(),
            "application/json", None,
        ),
        "a 4 GB length": (b'{"images": ["', "application/json", 4 << 30),
        "a length too large by one": (b"{}", "application/json", 3),
        "binary": (bytes(range(256)) * 40, "application/octet-stream", None),
        "the picture itself": (picture("PNG"), "image/png", None),
    }  # fmt: skip

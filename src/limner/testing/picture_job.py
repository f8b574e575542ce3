"""A drawing at a fake picture server, and the pictures it makes."""

import asyncio
import base64
import io
import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any, Protocol

from PIL import Image as Pillow

from limner.testing.picture_fault import EmptyAnswer, Fault, GarbageBase64, HugePicture, Sent


class JobContext(Protocol):
    """What a drawing needs to know of its server: the gate, and how many run."""

    gate: asyncio.Event | None
    running: int


@dataclass(slots=True)
class Recorded:
    """A request as it came.

    Attributes:
        method: ``GET``, ``POST``, …
        path: The path with its query.
        headers: The headers, names in lower case.
        data: The body.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    data: bytes

    @property
    def body(self) -> Any:
        """The body as JSON; ``None`` if it is none."""
        try:
            return json.loads(self.data)
        except ValueError:
            return None


def form_fields(request: Recorded) -> dict[str, str]:
    """The fields of a form that was sent, without its files; empty if it was none."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/"):
        return {}
    parts = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + request.data).walk()
    return {
        str(name): bytes(part.get_payload(decode=True) or b"").decode()
        for part in parts
        if (name := part.get_param("name", header="content-disposition"))
        and not part.get_filename()
    }


@dataclass(slots=True)
class FakeJob:
    """One drawing.

    Attributes:
        server: Where.
        request: What was asked.
        fault: What goes wrong with it.
        width: Of its picture.
        height: Of its picture.
        seed: Decides its colour.
        count: How many pictures it makes.
        started: Set when the drawing runs.
        gone: Set when it was stopped before its end: the client went away, or cancelled it.
        ended: Set when it is over, however it ended.
    """

    server: JobContext
    request: Recorded
    fault: Fault | None = None
    width: int = 64
    height: int = 64
    seed: int = 0
    count: int = 1
    started: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def body(self) -> Any:
        """The request's body as JSON."""
        return self.request.body

    def size(self, width: int, height: int, *, seed: int | None = None) -> None:
        """Say what its picture is like."""
        self.width, self.height = int(width), int(height)
        self.seed = 0 if seed is None else int(seed)

    async def work(self) -> None:
        """Draw: wait at the server's gate, or until it is stopped.

        It returns as well when the job was stopped; look at `gone`.
        """
        if self.server.gate is None or self.gone.is_set():
            await asyncio.sleep(0)
            return
        waits = [asyncio.ensure_future(event.wait()) for event in (self.server.gate, self.gone)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def stop(self) -> None:
        """Stop it before its end, as the client asked."""
        if not self.ended.is_set():
            self.gone.set()

    def end(self) -> None:
        """It is over: it counts no more as running."""
        if not self.ended.is_set():
            self.ended.set()
            self.server.running -= 1

    def pictures(self) -> list[bytes]:
        """The pictures, as its fault has them."""
        if isinstance(self.fault, EmptyAnswer):
            return []
        return [self._picture(number) for number in range(self.count)]

    def encoded(self) -> list[str]:
        """The pictures as base64; garbage if that is its fault."""
        if isinstance(self.fault, GarbageBase64):
            return ["%%% this is no base64 %%%"] * self.count
        return [base64.b64encode(picture).decode() for picture in self.pictures()]

    def _picture(self, number: int) -> bytes:
        if isinstance(self.fault, Sent):
            return self.fault.data
        if isinstance(self.fault, HugePicture):
            return huge_picture()
        if isinstance(self.fault, GarbageBase64):
            return b"\0garbage" * 20
        return plain_picture(self.width, self.height, seed=self.seed + number)


def plain_picture(width: int, height: int, *, seed: int = 0, kind: str = "PNG") -> bytes:
    """A picture of one colour, which the seed decides."""
    colour = (seed * 53 % 256, seed * 101 % 256, seed * 197 % 256)
    whole = io.BytesIO()
    Pillow.new("RGB", (width, height), colour).save(whole, kind)
    return whole.getvalue()


def huge_picture(side: int = 100_000) -> bytes:
    """A PNG of a few bytes whose header claims a square of that side."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )

"""The websockets of a fake ComfyUI, with the habits of the real one.

It keeps one socket a client id. A second one with the same id takes the first one's place; and
when the first one closes, the *second* is forgotten with it.
"""

import json
import struct
from typing import Any

from aiohttp import WSMsgType, web


class FakeSockets:
    """Who listens.

    Attributes:
        by_id: The sockets by client id.
        metadata: Clients that understand previews with metadata.
        opened: How many have been opened.
    """

    def __init__(self) -> None:
        self.by_id: dict[str, web.WebSocketResponse] = {}
        self.metadata: set[str] = set()
        self.opened = 0
        self._requests: dict[str, web.Request] = {}

    async def serve(
        self, request: web.Request, first: list[dict[str, Any]]
    ) -> web.WebSocketResponse:
        """Hold a client's socket until it closes.

        Args:
            request: Its request.
            first: Frames to begin with.
        """
        client = request.query.get("clientId") or f"generated{self.opened}"
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.opened += 1
        self.by_id[client], self._requests[client] = socket, request
        try:
            for frame in first:
                await socket.send_json(frame)
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._told(client, socket, message.data)
        finally:
            self.by_id.pop(client, None)  # whichever socket it is by now: the trap
            self.metadata.discard(client)
        return socket

    async def _told(self, client: str, socket: web.WebSocketResponse, text: str) -> None:
        told = json.loads(text)
        if told["type"] == "feature_flags":
            if told["data"].get("supports_preview_metadata"):
                self.metadata.add(client)
            flags = {"supports_preview_metadata": True, "max_upload_size": 104857600}
            await socket.send_json({"type": "feature_flags", "data": flags})

    async def send(self, client: str | None, kind: str, data: dict[str, Any]) -> None:
        """A text frame to one client, if it listens."""
        socket = self.by_id.get(client or "")
        if socket is not None and not socket.closed:
            try:
                await socket.send_json({"type": kind, "data": data})
            except ConnectionError:
                self.by_id.pop(client or "", None)

    async def broadcast(self, kind: str, data: dict[str, Any]) -> None:
        """A text frame to all."""
        for client in list(self.by_id):
            await self.send(client, kind, data)

    async def send_picture(
        self, client: str | None, picture: bytes, *, metadata: dict[str, Any] | None = None
    ) -> None:
        """A binary frame: with metadata to those who understand it."""
        socket = self.by_id.get(client or "")
        if socket is None or socket.closed:
            return
        frame = struct.pack(">II", 1, 2) + picture
        if metadata is not None and client in self.metadata:
            packed = json.dumps(metadata).encode()
            frame = struct.pack(">II", 4, len(packed)) + packed + picture
        try:
            await socket.send_bytes(frame)
        except ConnectionError:
            self.by_id.pop(client or "", None)

    def drop(self, client: str | None) -> None:
        """Break a client's connection, without a close frame."""
        self.by_id.pop(client or "", None)
        request = self._requests.pop(client or "", None)
        if request is not None and request.transport is not None:
            request.transport.abort()

    def drop_all(self) -> None:
        """Break every connection."""
        for client in list(self._requests):
            self.drop(client)

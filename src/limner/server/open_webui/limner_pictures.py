"""
title: Draw again (limner)
author: limner
description: Another picture in the place of one of limner's, of the same prompt or as you wish.
version: {version}
required_open_webui_version: 0.5.0
icon_url: data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCAyNCAyNCIgZmlsbD0ibm9uZSIgc3Ryb2tlPSIjNzc3IiBzdHJva2Utd2lkdGg9IjEuNyIgc3Ryb2tlLWxpbmVjYXA9InJvdW5kIiBzdHJva2UtbGluZWpvaW49InJvdW5kIj48cGF0aCBkPSJNMTMgNEg1YTIgMiAwIDAgMC0yIDJ2MTJhMiAyIDAgMCAwIDIgMmgxNGEyIDIgMCAwIDAgMi0ydi03Ii8+PHBhdGggZD0ibTMgMTcgNS01IDUgNW0tMS41LTEuNTAwIDIuNTAwLTIuNTAwIDcgNiIvPjxwYXRoIGQ9Ik0xOSAzdjZtLTMtM2g2Ii8+PC9zdmc+
"""  # noqa: D205, D212, D415, E501 (Open WebUI reads it line by line)

# An action of Open WebUI, which runs inside of that program: it stands below each answer, asks what
# should be different, has limner draw, and shows the new picture where the old one was.

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from pydantic import BaseModel, Field

PICTURE = re.compile(
    r"(https?://[^\s()<>\"'\]]+?)/images/([0-9a-v]{20}|[0-9a-f]{32}|[0-9a-f]{40})\.png"
    r"(?:\?[^\s()<>\"'\]]*)?"
)
PACE = 0.7
"""Seconds between two questions how far a picture is."""

Emit = Callable[[dict[str, Any]], Awaitable[None]]
Ask = Callable[[dict[str, Any]], Awaitable[Any]]


class Failed(Exception):
    """What could not be done, in words for whoever clicked."""


class Action:
    """What Open WebUI makes of this file."""

    class Valves(BaseModel):
        """What an administrator sets."""

        address: str = Field(
            default="",
            description="Address of limner as Open WebUI reaches it; empty: as in the picture.",
        )
        token: str = Field(default="", description="If limner wants one (limner token add).")
        patience: int = Field(default=600, description="Seconds to wait for a picture.")

    def __init__(self) -> None:
        self.valves = self.Valves()

    async def action(
        self, body: dict[str, Any], __event_emitter__: Emit, __event_call__: Ask
    ) -> dict[str, Any] | None:
        """Draw a picture of the answer again; gives what the answer says then."""
        said = _content(body)
        found = list({one[2]: one for one in PICTURE.finditer(said)}.values())
        try:
            if not found:
                raise Failed("limner drew no picture in this answer.")
            picture = found[0] if len(found) == 1 else await _chosen(found, __event_call__)
            if picture is None:
                return None
            version = await self._drawn(picture, __event_emitter__, __event_call__)
        except Failed as error:
            await __event_emitter__(_done(""))
            await __event_emitter__(
                {"type": "notification", "data": {"type": "error", "content": str(error)}}
            )
            return None
        if version is None:
            return None
        # Another address, or the browser shows what it has.
        shown = f"{picture[1]}/images/{picture[2]}.png?v={version}"
        new = PICTURE.sub(lambda one: shown if one[2] == picture[2] else one[0], said)
        await __event_emitter__(_done("Drawn again"))
        return {"messages": [{"id": body["id"], "content": new}]}

    async def _drawn(self, picture: re.Match[str], emit: Emit, ask: Ask) -> str | None:
        """Have it drawn; gives what tells it from the one before, or nothing if nobody wants it."""
        address = self.valves.address.rstrip("/").removesuffix("/v1") or picture[1]
        token = self.valves.token.strip()
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with aiohttp.ClientSession(headers=headers) as client:
            limner = _Limner(client, address)
            before = await limner.state(picture[2])
            wish = await ask(_question("Draw again", WISH, before["prompt"]))
            if wish is None or wish is False:
                return None
            if str(wish).strip() and not await _refined(limner, before["slot"], str(wish), ask):
                return None
            await limner.post(before["slot"], "regenerate", {"mode": "append"})
            now = await self._ended(limner, picture[2], emit)
        if now["digest"] is None or now["count"] <= before["count"]:
            raise Failed(now["reason"] or "limner drew no other picture.")
        return f"{now['count']}-{now['digest'][:8]}"

    async def _ended(self, limner: "_Limner", picture: str, emit: Emit) -> dict[str, Any]:
        """How a picture stands when nothing is drawn for it any more."""
        said = ""
        try:
            async with asyncio.timeout(self.valves.patience):
                while (now := await limner.state(picture))["pending"]:
                    words = "Drawing…" if now["state"] == "drawing" else "Waiting…"
                    if words != said:
                        await emit(_status(words))
                    said = words
                    await asyncio.sleep(PACE)
        except TimeoutError:
            raise Failed("limner still draws it; load this page again later.") from None
        return now


WISH = "What should be different? Leave it empty for another picture of the same prompt."


class _Limner:
    """limner's API, as far as it is needed."""

    def __init__(self, client: aiohttp.ClientSession, address: str) -> None:
        self._client = client
        self._address = address

    async def state(self, picture: str) -> dict[str, Any]:
        """How a picture stands."""
        told = await self._ask("GET", f"pictures/states?ids={picture}")
        if picture not in told["pictures"]:
            raise Failed("limner does not know this picture any more.")
        state: dict[str, Any] = told["pictures"][picture]
        return state

    async def post(self, slot: str, what: str, body: dict[str, Any]) -> dict[str, Any]:
        """Do something with a picture."""
        return await self._ask("POST", f"slots/{slot}/{what}", body)

    async def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        url = f"{self._address}/api/{path}"
        try:
            async with self._client.request(method, url, json=body) as answer:
                said: dict[str, Any] = await answer.json()
                if answer.status < 300:
                    return said
        except (aiohttp.ClientError, ValueError, TimeoutError):
            where = f"limner does not answer at {self._address}"
            raise Failed(f"{where}: see the address in this function's valves.") from None
        if answer.status == 401:
            raise Failed(
                "limner wants a token, and not this one: see the setting token of this function."
            )
        raise Failed(str(said.get("error", {}).get("message", f"HTTP {answer.status}")))


async def _refined(limner: _Limner, slot: str, wish: str, ask: Ask) -> bool:
    """Have the prompt changed as wished; it stays so only if that is to be drawn."""
    told = await limner.post(slot, "refine", {"feedback": wish.strip()})
    wanted = False
    try:
        wanted = bool(await ask(_confirmation("Draw this?", told["prompt"])))
    finally:  # also if the dialog was left alone until it ended by itself
        if not wanted:
            (parent,) = (v["parent"] for v in told["versions"] if v["number"] == told["version"])
            await limner.post(slot, "restore", {"version": parent})
    return wanted


async def _chosen(found: list[re.Match[str]], ask: Ask) -> re.Match[str] | None:
    """Which of several pictures is meant."""
    which = await ask(_question("Draw again", f"Which picture? 1 to {len(found)}", "1"))
    if which is None or which is False:
        return None
    number = str(which).strip() or "1"
    if not number.isdecimal() or not 1 <= int(number) <= len(found):
        raise Failed(f"There is no picture {number}: they are 1 to {len(found)}.")
    return found[int(number) - 1]


def _content(body: dict[str, Any]) -> str:
    """What the answer says below which somebody clicked."""
    for message in body.get("messages", ()):
        if message.get("id") == body.get("id"):
            return str(message.get("content") or "")
    return ""


def _question(title: str, message: str, placeholder: str) -> dict[str, Any]:
    data = {"title": title, "message": message, "placeholder": placeholder}
    return {"type": "input", "data": data}


def _confirmation(title: str, message: str) -> dict[str, Any]:
    return {"type": "confirmation", "data": {"title": title, "message": message}}


def _status(told: str) -> dict[str, Any]:
    return {"type": "status", "data": {"description": told, "done": False}}


def _done(told: str) -> dict[str, Any]:
    return {"type": "status", "data": {"description": told, "done": True, "hidden": not told}}

"""A browser's ``<img>`` as the server sees it, and the frames that it is shown."""

import contextlib
import io
import re
from collections.abc import AsyncIterator

import aiohttp
import PIL.Image
from tests.server.served import Served

BROWSER = {
    "Accept": "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
    "Sec-Fetch-Dest": "image",
    "Sec-Fetch-Mode": "no-cors",
    "Sec-Fetch-Site": "cross-site",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}


async def told(server: Served) -> list[str]:
    """Have a story told; the paths of its pictures."""
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Go."}]}
    url = server.address + "/v1/chat/completions"
    async with server.client.post(url, json=body) as answer:
        assert answer.status == 200
        return re.findall(r"\((?:http://[^/)]+)(/images/\w+\.png)\)", await answer.text())


class Img:
    """One ``<img>``.

    Attributes:
        answer: What the server answers.
    """

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer
        self._mark = b"--" + answer.headers["Content-Type"].partition("boundary=")[2].encode()
        self._begun = False

    async def frame(self) -> bytes:
        """The next frame it shows."""
        if not self._begun:
            self._begun = True
            await self.answer.content.readuntil(self._mark)
        part = await self.answer.content.readuntil(b"\r\n" + self._mark)
        head, _, data = part.removesuffix(b"\r\n" + self._mark).partition(b"\r\n\r\n")
        assert head == b"\r\nContent-Type: image/png"
        return data

    async def last(self) -> bytes:
        """The last frame, when the answer has ended."""
        data = await self.frame()
        while not self.answer.content.at_eof():
            if await self.answer.content.read(4) == b"--\r\n":
                assert await self.answer.content.read() == b""
                break
            data = await self.frame()
        return data


@contextlib.asynccontextmanager
async def shown(
    server: Served, path: str, headers: dict[str, str] | None = None
) -> AsyncIterator[Img]:
    """A picture in a browser, for the time of the block."""
    url = server.address + path
    async with server.client.get(url, headers=headers or BROWSER, read_bufsize=1 << 22) as answer:
        assert answer.status == 200
        assert answer.content_type == "multipart/x-mixed-replace"
        yield Img(answer)


def size(data: bytes) -> tuple[int, int]:
    """The size of a picture."""
    with PIL.Image.open(io.BytesIO(data)) as opened:
        return opened.size

"""A story in a file of whatever kind, made into text: the page illustrates it then."""

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Query, Request

from limner.backends.manuscripts import Manuscript
from limner.errors import SourceError
from limner.server.api.error_form import Refused
from limner.server.api.routing.routes import Routes
from limner.server.schemas import Schema

LARGEST = 2_000_000
"""Characters of a text that can be illustrated."""


class ManuscriptView(Schema):
    """What a file says."""

    text: str


class Manuscripts:
    """Reads stories out of files; nothing is kept of them."""

    def add_to(self, app: FastAPI) -> None:
        """The route."""
        api = Routes(app, "answers")
        api.post(
            "/manuscripts",
            openapi_extra={"requestBody": {"required": True, "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            }}},
        )(self.read)  # fmt: skip

    async def read(
        self,
        request: Request,
        name: Annotated[
            str, Query(max_length=200, description="The file's name, whose ending may tell a kind.")
        ] = "",
    ) -> ManuscriptView:
        """The story in a file as Markdown: plain text, HTML, EPUB, Word, or an export of a chat."""
        data = await request.body()
        ending = Path(name.replace("\0", "")).suffix
        safe = ending if ending[1:].isalnum() and ending.isascii() and len(ending) < 10 else ""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"story{safe}"
            file.write_bytes(data)
            manuscript = Manuscript(files=(str(file),))
            try:
                text = "".join([piece async for piece in manuscript.pieces(lambda _: None)])
            except SourceError as error:
                shown = name or "the file"
                raise Refused(str(error).replace(str(file), shown), field="name") from error
        if len(text) > LARGEST:
            raise Refused(f"a text may have {LARGEST} characters; this one has {len(text)}")
        return ManuscriptView(text=text)

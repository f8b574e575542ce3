"""The instructions by which models ask for pictures."""

from typing import Annotated, Literal

import msgspec
from fastapi import FastAPI, Query, Response
from pydantic import Field, StringConstraints

from limner.prompts import Preset, PresetBook, export_presets, import_presets
from limner.prompts.presets.preset import LONGEST_NAME, LONGEST_TEMPLATE, Writer
from limner.prompts.presets.preset_book import MOST_PRESETS
from limner.server.api.error_form import NotFound
from limner.server.api.fields import Body, PresetId
from limner.server.api.routing.routes import Routes
from limner.server.schemas import Schema
from limner.server.schemas.schema import ReadableText
from limner.server.services import Services

Name = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_NAME, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Template = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_TEMPLATE, pattern=r"^[^\x00]*$")
]


class PresetView(Schema):
    """One instruction."""

    id: str
    name: ReadableText
    template: ReadableText = Field(
        description="With {tag_example} and {every_words} to be filled in."
    )
    built_in: bool = Field(description="Whether it is limner's own and cannot be changed.")
    shows_a_tag: bool = Field(description="If not, models will not ask for any picture.")
    prompts: Writer | None = Field(
        description="Who writes prompts where it is chosen; null: as the settings say. A second "
        "model is told nothing of the template."
    )


class PresetList(Schema):
    """All instructions."""

    presets: list[PresetView]
    chosen: str = Field(description="The id of the one in use; the settings choose it.")


class NewPreset(Body):
    """An instruction to keep."""

    name: Name
    template: Template
    prompts: Writer | None = None
    overwrite: bool = Field(False, description="Whether one's own of that name is replaced.")


class PresetChange(Body):
    """Another name, another text or another writer of prompts for one of one's own."""

    name: Name | None = None
    template: Template | None = None
    prompts: Writer | None = Field(None, description="null, where it is said: as the settings say.")


class FileEntry(Body):
    """One instruction of a file."""

    id: Name
    name: Name
    template: Template
    prompts: Writer | None = None


class PresetFile(Body):
    """What the export gives."""

    format: Literal["limner-presets"]
    version: Literal[1]
    presets: list[FileEntry] = Field(max_length=MOST_PRESETS)


class Presets:
    """Keeps the instructions.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._shelf = services.presets

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "presets")
        api.get("/presets")(self.list_presets)
        api.post("/presets", status_code=201)(self.add_preset)
        api.get("/presets/export", response_class=Response)(self.export)
        api.post("/presets/import")(self.import_file)
        api.get("/presets/{preset_id}")(self.get_preset)
        api.patch("/presets/{preset_id}")(self.change_preset)
        api.delete("/presets/{preset_id}", status_code=204)(self.delete_preset)

    async def list_presets(self) -> PresetList:
        """All instructions, limner's own first."""
        return self._list(await self._shelf.book(self._services.settings.now.preset))

    async def get_preset(self, preset_id: PresetId) -> PresetView:
        """One instruction."""
        return view(known(await self._shelf.book(), preset_id))

    async def add_preset(self, body: NewPreset) -> PresetView:
        """Keep an instruction under a name."""
        book = await self._shelf.change(
            lambda book: book.add(
                body.name, body.template, overwrite=body.overwrite, prompts=body.prompts
            )
        )
        self._changed()
        return view(book.chosen)

    async def change_preset(self, preset_id: PresetId, body: PresetChange) -> PresetView:
        """Give one's own another name, text or writer of prompts; its id stays."""

        def change(book: PresetBook) -> PresetBook:
            known(book, preset_id)
            if body.name is not None:
                book = book.rename(preset_id, body.name)
            if body.template is not None:
                book = book.replace(preset_id, body.template)
            if "prompts" in body.model_fields_set:
                book = book.written_by(preset_id, body.prompts)
            return book

        book = await self._shelf.change(change)
        self._changed()
        return view(known(book, preset_id))

    async def delete_preset(self, preset_id: PresetId) -> None:
        """Forget one of one's own; if it was in use, the general one now is."""

        def change(book: PresetBook) -> PresetBook:
            known(book, preset_id)
            return book.delete(preset_id)

        await self._shelf.change(change)
        self._changed()

    async def export(self) -> Response:
        """One's own instructions as a file."""
        file = export_presets(await self._shelf.book())
        headers = {"Content-Disposition": 'attachment; filename="limner-presets.json"'}
        return Response(file, media_type="application/json", headers=headers)

    async def import_file(
        self,
        body: PresetFile,
        overwrite: Annotated[bool, Query(description="Replace those of the same name.")] = False,
    ) -> PresetList:
        """Take over the instructions of a file: all of them, or none."""
        data = msgspec.json.encode(body.model_dump(exclude_none=True))
        book = await self._shelf.change(
            lambda book: import_presets(book, data, overwrite=overwrite)
        )
        self._changed()
        return self._list(book.choose(self._services.settings.now.preset))

    def _list(self, book: PresetBook) -> PresetList:
        return PresetList(presets=[view(preset) for preset in book], chosen=book.chosen.id)

    def _changed(self) -> None:
        self._services.hub.publish("presets", {})


def view(preset: Preset) -> PresetView:
    """An instruction as programs see it."""
    return PresetView(
        id=preset.id,
        name=preset.name,
        template=preset.template,
        built_in=preset.built_in,
        shows_a_tag=preset.shows_a_tag(),
        prompts=preset.prompts,
    )


def known(book: PresetBook, preset_id: str) -> Preset:
    """The instruction with this id.

    Raises:
        NotFound: There is none.
    """
    for preset in book:
        if preset.id == preset_id:
            return preset
    raise NotFound(f"preset {preset_id!r}")

"""Settings and presets."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from limner.storage.database.statement import Statement
from limner.storage.database.tables import presets, settings
from limner.storage.repositories.records import PresetRecord
from limner.storage.repositories.repository import Repository
from limner.storage.repositories.writing import insert_or_leave

PROBE = "probe"
"""Under which it is kept when a library was last found to be writable."""

_ONE_SETTING = select(settings.c.value).where(settings.c.name == bindparam("wanted"))
_SETTING = Statement(_ONE_SETTING)
_SETTING_TO_CHANGE = Statement(_ONE_SETTING.with_for_update())


class PreferenceRepository(Repository):
    """Keeps what people have chosen."""

    async def setting(self, name: str, default: Any = None) -> Any:
        """What was kept under a name; the default if there is nothing."""
        row = await self._glance(
            lambda connection: _SETTING.row(connection, wanted=name), single=True
        )
        return default if row is None else row[0]

    async def set_setting(self, name: str, value: Any) -> None:
        """Keep a JSON value under a name."""
        await self._put(settings, {"name": name}, {"value": value})

    async def first_setting(self, name: str, value: Any) -> Any:
        """Keep a JSON value under a name, unless there is one; gives what is kept then.

        Of several who do so at once all are given the same.
        """
        kept = await self.setting(name)
        if kept is not None:
            return kept
        return await self.change_setting(name, lambda kept: value if kept is None else kept)

    async def change_setting(self, name: str, change: Callable[[Any], Any]) -> Any:
        """Put what a function makes of a JSON value in its place; nobody else changes it meanwhile.

        Args:
            name: Under which it is kept.
            change: Is given what is kept, ``None`` if nothing is. It may be called again. What it
                raises leaves all as it was.

        Returns:
            What is kept then.
        """

        def work(connection: Connection) -> Any:
            while True:
                row = _SETTING_TO_CHANGE.row(connection, wanted=name)
                value = change(None if row is None else row[0])
                if row is not None:
                    where = settings.c.name == name
                    connection.execute(update(settings).where(where).values(value=value))
                    return value
                new = insert_or_leave(connection, settings).values(name=name, value=value)
                if connection.execute(new).rowcount == 1:  # else somebody was quicker
                    return value

        return await self._write(work)

    async def delete_setting(self, name: str) -> bool:
        """Forget what was kept under a name; tells whether there was something."""
        gone = delete(settings).where(settings.c.name == name)
        return await self._write(lambda connection: connection.execute(gone).rowcount == 1)

    async def settings(self) -> dict[str, Any]:
        """All that is kept, by name."""
        query = select(settings.c.name, settings.c.value).order_by(settings.c.name)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return {row[0]: row[1] for row in rows}

    async def probe(self) -> None:
        """Write something small, into the database and beside the pictures: it can be written.

        Raises:
            StorageError: It cannot, and why.
        """
        await self.set_setting(PROBE, self._clock())
        with self._told():
            await asyncio.to_thread(self._files.probe)

    async def presets(self) -> list[PresetRecord]:
        """The presets people have made, in the order they were made."""
        query = select(
            presets.c.id, presets.c.name, presets.c.template, presets.c.attributes
        ).order_by(presets.c.key)
        rows = await self._read(lambda connection: connection.execute(query).mappings().all())
        return [PresetRecord(**row) for row in rows]

    async def save_preset(
        self,
        id: str,  # noqa: A002 - the field's own name
        name: str,
        template: str,
        *,
        attributes: Mapping[str, object] | None = None,
    ) -> None:
        """Keep a preset, in the place of the one with this id if there is one."""
        values = {
            "name": name,
            "template": template,
            "attributes": dict(attributes or {}),
            "updated_at": self._clock(),
        }
        await self._put(presets, {"id": id}, values)

    async def delete_preset(self, id: str) -> bool:  # noqa: A002 - the field's own name
        """Forget a preset; tells whether there was one."""
        gone = delete(presets).where(presets.c.id == id)
        return await self._write(lambda connection: connection.execute(gone).rowcount == 1)

    async def _put(self, table: Table, key: dict[str, str], values: dict[str, Any]) -> None:
        ((column, name),) = key.items()

        def work(connection: Connection) -> None:
            change = update(table).where(table.c[column] == name)
            if connection.execute(change.values(values)).rowcount == 0:
                connection.execute(insert(table), {**key, **values})

        await self._write(work)

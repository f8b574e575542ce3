"""How the pictures of a page stand, in few bytes."""

from pathlib import Path

import pytest
from tests.server.api.running import illustrated, running

from limner.server.proxy.picture_id import PictureId

pytestmark = pytest.mark.real_time


async def test_pictures_tell_how_they_stand(tmp_path: Path) -> None:
    """Those that nobody knows are left out, and each takes a few hundred bytes."""
    async with running(tmp_path) as api:
        message = await illustrated(api)
        name = PictureId(message, 0, 0).written()
        nobody = "0" * 20
        told = (await api.ask("GET", f"/pictures/states?ids={name},{nobody},{name}"))["pictures"]
        assert list(told) == [name]
        slot = await api.ask("GET", f"/slots/{message}/0/0")
        picture = slot["alternatives"][0]["picture"]
        assert told[name]["slot"] == slot["id"]
        assert told[name]["digest"] == picture["digest"]
        assert (told[name]["width"], told[name]["height"]) == (picture["width"], picture["height"])
        assert (told[name]["state"], told[name]["count"], told[name]["selected"]) == ("ready", 1, 0)
        assert len(str(told[name])) < 600


@pytest.mark.parametrize("ids", ["", "UPPER", "a,,b", ",".join(["0" * 20] * 201)])
async def test_what_is_no_list_of_ids_is_refused(tmp_path: Path, ids: str) -> None:
    """And so are too many."""
    async with running(tmp_path) as api:
        await api.ask("GET", f"/pictures/states?ids={ids}", status=422)

"""The order of all pictures, and pictures as files."""

import io
import zipfile
from pathlib import Path

import PIL.Image
import pytest
from tests.server.api.running import Api, illustrated, running

from limner.server.api.taking.inscribed import inscribed, words_of

pytestmark = pytest.mark.real_time


async def test_the_index_tells_the_order_of_all_pictures_at_once(tmp_path: Path) -> None:
    """By the messages they are in, of all chats or one, by words; its numbers lead to the rest."""
    async with running(tmp_path) as api:
        first = await illustrated(api, '<!--img-prompt="a fox"--> <!--img-prompt="an owl"-->')
        second = await illustrated(api, '<!--img-prompt="a Fox at sea"-->', chat="other")
        told = await api.ask("GET", "/pictures/index")
        assert told["count"] == 3
        assert [(group["message"], group["chat"]) for group in told["groups"]] == [
            (second, "other"),
            (first, "tale"),
        ]
        numbers = [number for group in told["groups"] for number in group["numbers"]]
        page = await api.ask("GET", f"/pictures?after={numbers[0]}&limit=1")
        assert page["pictures"][0]["number"] == numbers[1]
        assert (await api.ask("GET", "/pictures/index?chat=tale"))["count"] == 2
        found = await api.ask("GET", "/pictures/index?prompt=FOX")
        assert [len(group["numbers"]) for group in found["groups"]] == [1, 1]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("lossless", [False, True])
def test_prompt_and_seed_stand_in_the_file_and_no_pixel_changes(kind: str, lossless: bool) -> None:
    """Where programs that know pictures look for them."""
    out = io.BytesIO()
    picture = PIL.Image.radial_gradient("L").convert("RGB").resize((37, 21))
    picture.save(out, kind, **({"lossless": lossless} if kind == "WEBP" else {}))
    words = words_of("a fox, 狐 & <owl>", seed=7, width=37, height=21)
    written = inscribed(out.getvalue(), f"image/{kind.lower()}", words)
    with PIL.Image.open(io.BytesIO(written)) as seen, PIL.Image.open(out) as before:
        seen.load()
        assert seen.size == (37, 21)
        assert seen.convert("RGB").tobytes() == before.convert("RGB").tobytes()
        said = {
            "PNG": lambda: seen.info["parameters"],
            "JPEG": lambda: seen.info["comment"].decode(),
            "WEBP": lambda: seen.info["xmp"].decode().replace("&lt;", "<").replace("&gt;", ">"),
        }[kind]()
    assert "a fox, 狐 &" in said
    assert "Seed: 7, Size: 37x21" in said


def test_a_picture_that_cannot_hold_words_stays_as_it_is() -> None:
    """Also one that only says that it is of a kind that could."""
    for kind in ("image/png", "image/jpeg", "image/webp", "image/svg+xml"):
        assert inscribed(b"RIFF....WEBP", kind, "a fox") == b"RIFF....WEBP"


async def entries(api: Api) -> list[dict[str, str]]:
    """What an archive of all pictures asks for."""
    page = await api.ask("GET", "/pictures")
    return [
        {"digest": one["picture"]["digest"], "prompt": one["prompt"]} for one in page["pictures"]
    ]


async def test_pictures_are_saved_under_their_prompts_one_or_many(tmp_path: Path) -> None:
    """Attachments, whose names are safe; what is not there is left out."""
    async with running(tmp_path) as api:
        message = await illustrated(api, '<!--img-prompt="a fox / ../x"-->')
        url = f"{api.address}/api/slots/{message}/0/0/file"
        async with api.client.get(url) as answer:
            assert answer.headers["Content-Disposition"] == 'attachment; filename="a-fox-x.png"'
            data = await answer.read()
        with PIL.Image.open(io.BytesIO(data)) as seen:
            assert seen.info["parameters"].startswith("a fox / ../x\n")
        async with api.client.get(f"{url}?described=false") as answer:
            assert b"parameters" not in await answer.read()
        await api.fails("GET", f"/slots/{message}/0/0/file?alternative=1", status=404)
        wanted = [*await entries(api), {"digest": "0" * 64, "prompt": "nobody"}]
        archive = f"{api.address}/api/pictures/archive"
        async with api.client.post(archive, json={"pictures": wanted}) as answer:
            assert answer.content_type == "application/zip"
            data = await answer.read()
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            assert opened.testzip() is None
            assert opened.namelist() == ["001-a-fox-x.png"]
        await api.fails("POST", "/pictures/archive", {"pictures": wanted[1:]}, status=404)

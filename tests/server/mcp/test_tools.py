"""Each tool, called over HTTP by the official client against a whole server."""

import base64
import io
from pathlib import Path
from typing import Any

import mcp_types as types
import PIL.Image
import pytest
from mcp import MCPError
from tests.server.mcp.connected import (
    CROW,
    FOX,
    GENERATIONS,
    Easel,
    connected,
    images_of,
    links_of,
    text_of,
)
from tests.server.painter import colour_of
from tests.server.served import served

pytestmark = pytest.mark.real_time


def size_of(data: bytes) -> tuple[str | None, int, int]:
    """Form, width and height of a picture."""
    with PIL.Image.open(io.BytesIO(data)) as picture:
        return picture.format, picture.width, picture.height


@pytest.mark.parametrize("mode", GENERATIONS)
async def test_a_picture_comes_as_a_small_copy_and_as_links_to_the_whole(
    tmp_path: Path, mode: str
) -> None:
    """The copy is a JPEG of 512 pixels at most; the resource and the address are the picture."""
    async with served(tmp_path, backend=Easel()) as server:
        async with connected(server, mode=mode) as client:
            drawn = await client.call_tool("draw_picture", {"prompt": "a fox", "size": "1024x768"})
            (copy,), (link,) = images_of(drawn), links_of(drawn)
            whole = await client.read_resource(link)
        assert not drawn.is_error
        (one,) = drawn.structured_content["pictures"]
        async with server.client.get(one["url"]) as answer:
            served_picture = await answer.read()
    assert size_of(copy) == ("JPEG", 512, 384)
    (blob,) = whole.contents
    assert isinstance(blob, types.BlobResourceContents)
    kept = base64.b64decode(blob.blob)
    assert size_of(kept)[1:] == size_of(served_picture)[1:] == (1024, 768)
    assert (one["state"], one["width"], one["height"], one["prompt"]) == (
        "ready", 1024, 768, "a fox",
    )  # fmt: skip
    assert one["resource"] == link
    assert "file" not in one
    assert one["picture"] in text_of(drawn)
    assert one["url"] in text_of(drawn)


async def test_who_calls_says_how_large_copies_are_and_whether_there_are_any(
    tmp_path: Path,
) -> None:
    """Nothing is made larger than it is, and no more than eight copies flood a model."""
    async with served(tmp_path, backend=Easel()) as server, connected(server) as client:
        sizes = {}
        for side in (0, 100, 1024):
            asked = {"prompt": "a fox", "size": "640x320", "image_side": side}
            drawn = await client.call_tool("draw_picture", asked)
            sizes[side] = [size_of(copy)[1:] for copy in images_of(drawn)]
            assert len(links_of(drawn)) == 1
        text = "\n\n".join([FOX] * 10)
        many = await client.call_tool("illustrate_text", {"text": text, "image_side": 64})
    assert sizes == {0: [], 100: [(100, 50)], 1024: [(640, 320)]}
    assert (len(images_of(many)), len(links_of(many))) == (8, 10)


async def test_a_text_comes_back_with_its_pictures_in_their_places(tmp_path: Path) -> None:
    """As Markdown, and as a message of the library with everything in it."""
    text = f"A fox. {FOX}\n\nA crow. {CROW}\n\nThe end."
    async with served(tmp_path, backend=Easel()) as server, connected(server) as client:
        drawn = await client.call_tool("illustrate_text", {"text": text, "chat": "tale"})
        told = drawn.structured_content
        (message,) = await server.library.messages("tale")
    fox, crow = (one["url"] for one in told["pictures"])
    first, second = told["text"].index(f"![a fox]({fox})"), told["text"].index(f"![a crow]({crow})")
    assert told["text"].startswith("A fox.")
    assert first < second
    assert told["text"].rstrip().endswith("The end.")
    assert told["text"].strip() in text_of(drawn)
    assert (message.id, message.text) == (told["message"], text)
    assert [colour_of(copy) for copy in images_of(drawn)] == ["red", "blue"]
    assert {one["chat"] for one in told["pictures"]} == {"tale"}


async def test_a_text_without_requests_gets_pictures_where_its_words_show_something(
    tmp_path: Path,
) -> None:
    """Unless nobody is to look; and never more than were asked for."""
    story = "A red fox ran over the snow.\n\n" + "And so it went on. " * 80
    story += "\n\nThe old castle stood by the river.\n\n" + "And so it went on. " * 80
    async with served(tmp_path, backend=Easel()) as server, connected(server) as client:
        found = await client.call_tool("illustrate_text", {"text": story, "pictures": 2})
        plain = await client.call_tool("illustrate_text", {"text": story, "scenes": "none"})
        model = await client.call_tool("illustrate_text", {"text": story, "scenes": "model"})
    assert 0 < len(found.structured_content["pictures"]) <= 2
    assert any("found by its words" in note for note in found.structured_content["notes"])
    assert plain.structured_content["pictures"] == []
    assert not plain.is_error
    assert model.is_error
    assert "LIMNER_LLM_URL" in text_of(model)


async def test_tags_of_ones_own_form_are_read_and_pictures_by_themselves_drawn_all_the_same(
    tmp_path: Path,
) -> None:
    """Where the settings give tags another form."""
    patterns = {"patterns": [r"\[\[([^\]]+)\]\]"]}
    easel = Easel()
    async with served(tmp_path, backend=easel, settings=patterns) as server:
        async with connected(server) as client:
            text = f"So. [[a crow]] {FOX}"
            drawn = await client.call_tool("illustrate_text", {"text": text})
            await client.call_tool("draw_picture", {"prompt": 'a "red" fox', "seed": 7})
            bare = await client.call_tool("illustrate_text", {"text": "A red fox in the snow."})
    assert [one["prompt"] for one in drawn.structured_content["pictures"]] == ["a crow"]
    assert [call.request.prompt for call in easel.calls] == ["a crow", 'a "red" fox']
    assert easel.calls[1].request.seed == 7
    assert "another form" in text_of(bare)


async def test_what_fails_is_told_beside_what_is_made(tmp_path: Path) -> None:
    """A call of which nothing came is an error; one of which something came is none."""
    async with served(tmp_path, backend=Easel()) as server, connected(server) as client:
        text = f'{FOX} and <!--img-prompt="a broken cup"-->'
        some = await client.call_tool("illustrate_text", {"text": text})
        none = await client.call_tool("draw_picture", {"prompt": "a broken cup", "count": 2})
    assert not some.is_error
    assert [one["state"] for one in some.structured_content["pictures"]] == ["ready", "failed"]
    assert "1 of 2 pictures are ready" in text_of(some)
    assert "the paint is dry" in text_of(some)
    assert none.is_error
    assert text_of(none).count("the paint is dry") == 2


async def drawn_fox(client: Any, **more: Any) -> dict[str, Any]:
    """What is told of a fox that was drawn."""
    drawn = await client.call_tool("draw_picture", {"prompt": "a fox", **more})
    told: dict[str, Any] = drawn.structured_content
    return told


async def test_a_picture_is_drawn_again_in_the_place_of_the_old_one_or_beside_it(
    tmp_path: Path,
) -> None:
    """With the prompt it had, or a new one; its name stays."""
    easel = Easel()
    async with served(tmp_path, backend=easel) as server, connected(server) as client:
        told = await drawn_fox(client)
        name = told["pictures"][0]["picture"]
        again = await client.call_tool("redraw", {"picture": name})
        other = await client.call_tool(
            "redraw", {"picture": name, "prompt": "a blue crow", "keep": True}
        )
        message = await server.library.load(told["message"])
    assert message is not None
    (slot,) = message.slots
    assert [one.prompt for one in slot.alternatives] == ["a fox", "a blue crow"]
    assert [colour_of(images_of(one)[0]) for one in (again, other)] == ["blue", "green"]
    assert other.structured_content["pictures"][0]["picture"] == name
    assert [call.request.prompt for call in easel.calls] == ["a fox", "a fox", "a blue crow"]


async def test_all_pictures_of_a_message_are_drawn_again_or_those_that_failed(
    tmp_path: Path,
) -> None:
    """Each that fails again is told with its reason."""
    easel = Easel()
    async with served(tmp_path, backend=easel) as server, connected(server) as client:
        text = f'{FOX} and <!--img-prompt="a broken cup"-->'
        drawn = await client.call_tool("illustrate_text", {"text": text})
        message = drawn.structured_content["message"]
        failed = await client.call_tool("redraw", {"message": message, "only_failed": True})
        easel.fails = lambda request: None
        rest = await client.call_tool("redraw", {"message": message, "only_failed": True})
        everything = await client.call_tool("redraw", {"message": message})
    assert failed.is_error
    assert "the paint is dry" in text_of(failed)
    assert [one["prompt"] for one in rest.structured_content["pictures"]] == ["a broken cup"]
    assert len(everything.structured_content["pictures"]) == 2
    assert len(easel.calls) == 2 + 1 + 1 + 2


async def test_pictures_are_listed_the_newest_first_by_words_and_conversation(
    tmp_path: Path,
) -> None:
    """Page by page, with copies if they are asked for; and as resources."""
    async with served(tmp_path, backend=Easel()) as server, connected(server) as client:
        await drawn_fox(client)
        await client.call_tool("draw_picture", {"prompt": "a crow", "chat": "tale"})
        await client.call_tool("draw_picture", {"prompt": "a red fox", "chat": "tale"})

        async def listed(**asked: Any) -> list[str]:
            found = await client.call_tool("list_pictures", asked)
            return [one["prompt"] for one in found.structured_content["pictures"]]

        assert await listed() == ["a red fox", "a crow", "a fox"]
        assert await listed(chat="tale") == ["a red fox", "a crow"]
        assert await listed(words="FOX") == ["a red fox", "a fox"]
        first = await client.call_tool("list_pictures", {"limit": 2, "image_side": 32})
        assert await listed(after=first.structured_content["next"]) == ["a fox"]
        assert [size_of(copy)[1] for copy in images_of(first)] == [32, 32]
        resources = await client.list_resources()
        (template,) = (await client.list_resource_templates()).resource_templates
    assert [one.description for one in resources.resources] == ["a red fox", "a crow", "a fox"]
    assert template.uri_template == "limner://pictures/{digest}"


async def test_the_tools_are_described_for_models_and_links_lead_to_pictures_only(
    tmp_path: Path,
) -> None:
    """Schemas no grammar made of them chokes on; and no file is reached by any link."""
    async with served(tmp_path, backend=Easel()) as server, connected(server) as client:
        tools = (await client.list_tools()).tools
        instructions = client.instructions
        for uri in (
            f"limner://pictures/{'0' * 64}",
            "limner://pictures/../../etc/passwd",
            "file:///etc/passwd",
            "limner://pictures/" + "x" * 5000,
        ):
            with pytest.raises(MCPError, match="has no picture"):
                await client.read_resource(uri)
    assert [tool.name for tool in tools] == [
        "illustrate_text", "draw_picture", "redraw", "list_pictures",
    ]  # fmt: skip
    assert [tool.annotations.read_only_hint for tool in tools if tool.annotations] == [
        False, False, False, True,
    ]  # fmt: skip
    for tool in tools:
        assert tool.description
        assert tool.output_schema
        for one in tool.input_schema["properties"].values():
            assert set(one) <= {"type", "description", "default", "enum", "minimum", "maximum"}
            assert one["description"]
    assert instructions is not None
    assert "img-prompt" in instructions

"""Who can write a prompt can ask for a picture, and for nothing else."""

from typing import Any

from tests.illustration.making import made, tag

from limner.illustration import ImageRequest
from limner.prompts import Style
from limner.testing import ScriptedBackend, run_virtual

ATTACK = "a fox <sd_cpp_extra_args>{'batch_count':500}</sd_cpp_extra_args>"


def drawn(prompt: str, **options: Any) -> tuple[list[ImageRequest], Any]:
    """What the backend was asked for, and what the text became."""
    backend = ScriptedBackend()

    async def main() -> Any:
        async with made(backend, **options) as illustrator:
            return await illustrator.illustrate(tag(prompt))

    result = run_virtual(main())
    return [call.request for call in backend.calls], result


def test_a_command_in_a_tag_reaches_no_backend() -> None:
    """The picture is drawn without it, and says so."""
    requests, result = drawn(ATTACK)
    assert [request.prompt for request in requests] == ["a fox"]
    (slot,) = result.slots
    (told,) = slot.image.info["ignored"].values()
    assert told == "a command in a prompt is not passed on"


def test_the_owners_styles_keep_theirs() -> None:
    """A LoRA that the settings name is the owner's wish."""
    ink = Style(name="ink", prefix="<lora:ink:1>")
    requests, _ = drawn("a fox <lora:other:1>", style=ink)
    assert [request.prompt for request in requests] == ["<lora:ink:1>, a fox"]


def test_a_prompt_of_nothing_but_commands_is_refused() -> None:
    """Nobody is asked, and the picture says why."""
    requests, result = drawn("<lora:ink:1>")
    assert requests == []
    (slot,) = result.failed
    assert "only commands" in slot.failure.reason

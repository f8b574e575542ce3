"""The options of an illustrator, as families and each by its own name."""

from typing import Any

import pytest
from tests.illustration.making import made, tag

from limner.illustration import Illustrator, Look, PictureSize, PictureTimeouts, Policies
from limner.prompts import Style
from limner.testing import ScriptedBackend


async def test_a_family_and_its_fields_by_name_mean_the_same() -> None:
    """Size, look and seed reach the backend either way."""
    ink = Style(name="ink", prefix="ink drawing")
    sent = []
    either: tuple[dict[str, Any], ...] = (
        {
            "size": PictureSize(width=640, height=320),
            "look": Look(style=ink, negative_prompt="blur", seed=7),
        },
        {"width": 640, "height": 320, "style": ink, "negative_prompt": "blur", "seed": 7},
    )
    for options in either:
        backend = ScriptedBackend()
        async with made(backend, **options) as illustrator:
            await illustrator.illustrate(tag("a fox"), message_id="m")
        (call,) = backend.calls
        sent.append(call.request)
    assert sent[0] == sent[1]
    assert (sent[0].width, sent[0].height, sent[0].prompt) == (640, 320, "ink drawing, a fox")


async def test_a_field_by_name_goes_before_its_family() -> None:
    """The rest of the family stays."""
    backend = ScriptedBackend()
    size = PictureSize(width=640, height=320)
    async with made(backend, size=size, height=512, policies=Policies(policy="single")) as one:
        await one.illustrate(tag("a fox"))
        assert one.sessions.policy.value == "single"
    assert (backend.calls[0].request.width, backend.calls[0].request.height) == (640, 512)


@pytest.mark.parametrize(
    ("options", "error", "named"),
    [
        ({"widht": 640}, TypeError, "widht"),
        ({"size": PictureSize(width=7)}, ValueError, "width"),
        ({"timeouts": PictureTimeouts(settle_timeout=-1)}, ValueError, "settle_timeout"),
        ({"policies": Policies(insert_mode="later")}, ValueError, "later"),
        ({"policies": Policies(while_writing="later")}, ValueError, "later"),
        ({"policies": Policies(policy="later")}, ValueError, "later"),
    ],
)
def test_what_makes_no_sense_is_told_at_once(
    options: dict[str, Any], error: type[Exception], named: str
) -> None:
    """With the name of the option or the value, as for any function."""
    with pytest.raises(error, match=named):
        Illustrator(backend=ScriptedBackend(), **options)

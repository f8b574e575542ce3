"""Names of picture files."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.illustration.rendering.pages import illustrated, tag

from limner.illustration import Image, Slot
from limner.illustration.rendering import picture_name


def slot(prompt: str, media_type: str = "image/webp") -> Slot:
    """A slot with a picture drawn from this prompt."""
    (first,) = illustrated(tag("x")).slots
    image = Image(data=b"x", media_type=media_type, width=64, height=64)
    drawn = replace(first.alternatives[0], image=image, prompt=prompt)
    return replace(first, alternatives=(drawn,))


@pytest.mark.parametrize(
    ("prompt", "media_type", "name"),
    [
        ("A fox in the snow", "image/webp", "01-a-fox-in-the-snow.webp"),
        ("The fox's house; café", "image/jpeg", "01-the-foxs-house-cafe.jpg"),
        ("../../etc/passwd", "image/png", "01-etc-passwd.png"),
        ("狐", "image/avif", "01-picture.avif"),
        ("con", "image/tiff", "01-con.img"),
        ("x" * 60, "image/png", f"01-{'x' * 40}.png"),
        (
            "a small house at the edge of a snowy forest at dawn",
            "image/png",
            "01-a-small-house-at-the-edge-of-a-snowy.png",
        ),
    ],
)
def test_a_picture_is_named_after_its_prompt(prompt: str, media_type: str, name: str) -> None:
    """Its ordinal, some words of the prompt, and an ending that fits what it is."""
    assert picture_name(slot(prompt, media_type)) == name


@given(st.text(), st.text())
def test_every_file_system_takes_the_name(prompt: str, media_type: str) -> None:
    """Whatever the prompt and the backend say."""
    name = picture_name(slot(prompt, media_type))
    assert name.isascii()
    assert len(name) <= 60
    assert not set(name) & set('/\\:*?"<>|\0 ')
    assert name == name.lower()


def test_equal_prompts_get_different_names() -> None:
    """Two equal tags give two files."""
    names = [picture_name(slot) for slot in illustrated(tag("a fox") * 2).slots]
    assert names == ["01-a-fox.png", "02-a-fox.png"]

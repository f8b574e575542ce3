"""Options of backends: from text, checked, and partly open to tags."""

from dataclasses import dataclass
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from limner.backends.images.a1111.backend import A1111Backend
from limner.backends.images.a1111.options import A1111Options
from limner.backends.options import described, option, overridden, read_options, told
from limner.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """One of each type."""

    name: str = option("", help="a text", per_picture=True)
    count: Annotated[int, Meta(ge=1, le=9)] = option(3, help="a number", per_picture=True)
    share: float | None = option(None, help="a share or nothing")
    wanted: bool = option(False, help="yes or no")
    way: Literal["", "left", "right"] = option("", help="one of")
    parts: tuple[str, ...] = option((), help="several")


def test_every_type_is_read_from_text() -> None:
    """Numbers, yes and no, choices, lists with commas, nothing."""
    given = {"name": " fox ", "count": "7", "share": "0.5", "wanted": "true", "way": "left",
             "parts": "a, b,,c"}  # fmt: skip
    expected = Options(
        name="fox", count=7, share=0.5, wanted=True, way="left", parts=("a", "b", "c")
    )
    assert read_options(Options, given, backend="test") == expected
    assert read_options(Options, {"share": ""}, backend="test").share is None


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("count", "many", "cannot be 'many'"),
        ("count", "0", ">= 1"),
        ("count", "10", "<= 9"),
        ("share", "half", "cannot be 'half'"),
        ("wanted", "perhaps", "cannot be 'perhaps'"),
        ("way", "up", "cannot be 'up'"),
        ("cuont", "3", "did you mean 'count'"),
        ("zzz", "3", "There are: name, count, share, wanted, way, parts"),
    ],
)
def test_a_mistake_of_the_owner_is_an_error(name: str, value: str, said: str) -> None:
    """It names the option, what is wrong, and what there is."""
    with pytest.raises(ConfigError, match=said) as caught:
        read_options(Options, {name: value}, backend="test")
    assert repr(name) in str(caught.value)


def test_a_tag_sets_what_is_open_to_it_and_nothing_else() -> None:
    """What it may not or cannot set is left out, with the reason; foreign names are not told."""
    base = Options(count=2)
    options, ignored = overridden(
        base, {"count": "5", "wanted": "true", "mood": "dark", "seed": "1", "name": "x"}
    )
    assert options == Options(count=5, name="x")
    assert ignored == {"wanted": "cannot be set by a tag"}
    options, ignored = overridden(base, {"count": "99"})
    assert options is not base
    assert options == base
    assert "<= 9" in ignored["count"]


@given(st.dictionaries(st.sampled_from(["count", "name", "way", "x"]), st.text(max_size=20)))
def test_no_tag_can_make_it_fail(attributes: dict[str, str]) -> None:
    """Whatever a model writes into a tag, the options stay within their bounds."""
    options, _ = overridden(Options(), attributes)
    assert 1 <= options.count <= 9
    assert options.way == ""


def test_identities_tell_what_changes_a_picture() -> None:
    """Another option, another identity; the same, the same; a key changes nothing."""
    one = A1111Backend("http://host", key="me:first-key", options=A1111Options(steps=30))
    same = A1111Backend("http://host/", key="me:other-key", options=A1111Options(steps=30))
    other = A1111Backend("http://host", options=A1111Options(steps=31))
    assert one.identity == same.identity != other.identity
    assert told(one.options) == {"steps": 30}
    assert {name for name, text, _ in described(A1111Options) if not text} == set()

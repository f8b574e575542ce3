"""Descriptions: what they may say, and what is told where they are wrong."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.backends.images.described import DescribedBackend, Description
from limner.backends.images.described.json_path import at, check_path
from limner.backends.images.described.template import fill, fill_path
from limner.errors import ConfigError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@given(answer=JSON, path=st.sampled_from(["a.0.b", "*.*", "[a=b].c", "0", "a", "x.*.[k=]"]))
def test_whatever_an_answer_is_a_path_leads_somewhere_or_nowhere(answer: Any, path: str) -> None:
    """It is hostile, and reading it cannot fail."""
    at(answer, path)


@given(text=st.text(max_size=12), inside=st.text(max_size=12))
def test_what_is_put_in_is_data(text: str, inside: str) -> None:
    """It is not read for marks again, and keeps its place in the structure."""
    filled = fill({"a": "%prompt%", "b": ["x %prompt%"]}, {"prompt": f"%seed%{text}", "seed": 7})
    assert filled == {"a": f"%seed%{text}", "b": [f"x %seed%{text}"]}
    place = fill_path("/v1/%id%/x", {"id": inside})
    assert place.startswith("/v1/")
    assert place.endswith("/x")
    assert place.count("/") == 3
    assert "?" not in place
    assert "#" not in place


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = 3", "expected `str`"),
        ("nme", "no TOML"),
        ('name="x"\n[draw]\npath="/"\nbdy={}', "unknown field `bdy`"),
        ('name="x"\n[draw]\npath="/"\nbody={p="%promt%"}', "%promt% is nothing"),
        ('name="x"\n[draw]\npath="/"\n[picture]\nat=["a..b"]', "no path of an answer"),
        ('name="x"\n[draw]\npath="/"\n[poll]\ndone=["d"]', "poll needs url or path"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, words: str, tmp_path: Path) -> None:
    """Before anything is drawn."""
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"mine\.toml") as caught:
        Description.read(str(file))
    assert words in str(caught.value)


def test_an_unknown_service_is_told_with_those_there_are() -> None:
    """And a file that is not there."""
    with pytest.raises(ConfigError, match="replicate"):
        Description.read("falai")
    with pytest.raises(ConfigError, match="cannot read"):
        Description.read("/nowhere/mine.toml")


def test_an_address_of_ones_own_is_asked_for() -> None:
    """An endpoint, an account: nobody else knows it."""
    with pytest.raises(ConfigError, match="in the place of ENDPOINT"):
        DescribedBackend(Description.read("runpod"))
    made = DescribedBackend(Description.read("runpod"), "https://api.runpod.ai/v2/abc123")
    assert repr(made) == "DescribedBackend('https://api.runpod.ai/v2/abc123')"


@pytest.mark.parametrize("path", ["", "a..b", ".a", "a.", "[x]", "a[b=c", "a b."])
def test_what_is_no_path_is_none(path: str) -> None:
    """So that a slip is told before anything is drawn."""
    assert not check_path(path)

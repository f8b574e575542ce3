"""The drawings: every one can be rendered, and everything taken from others is named."""

import gzip
import io
import json
import tomllib
from importlib import resources
from pathlib import Path

import pytest
import resvg_py
from PIL import Image

from limner.backends.images.sketch import art
from limner.backends.images.sketch.lexicon.noun import nouns
from limner.errors import LimnerError

ROOT = Path(__file__).parents[4]
FOLDER = resources.files("limner.backends.images.sketch.art")
SIZE = 64
SQUARE = {"brick", "door", "envelope", "framed-picture", "joker", "love-letter", "newspaper"}
"""Drawings of things that really fill their box."""


def rendered(art_id: str) -> Image.Image:
    """A drawing as a painter sees it."""
    source = art.svg(art_id)
    box = source.split('viewBox="')[1].split('"')[0].split()
    scale = SIZE / max(float(box[2]), float(box[3]))
    size = [max(1, round(float(side) * scale)) for side in box[2:]]
    png = bytes(resvg_py.svg_to_bytes(svg_string=source, width=size[0], height=size[1]))
    return Image.open(io.BytesIO(png)).convert("RGBA")


def test_every_drawing_renders_and_shows_something() -> None:
    """Each drawing gives an image in which a fair part is opaque and a part is not."""
    empty, full = [], []
    for art_id in sorted(art.ids()):
        alpha = rendered(art_id).getchannel("A")
        opaque = sum(alpha.histogram()[200:]) / (alpha.width * alpha.height)
        if opaque < 0.1:
            empty.append(art_id)
        if opaque > 0.97:
            full.append(art_id)
    assert empty == []
    assert set(full) <= SQUARE, "a drawing that fills its box has a background baked in"


@pytest.mark.parametrize("art_id", ["fox", "dragon", "tall-ship", "king", "cupcake"])
def test_a_drawing_reaches_all_four_edges_of_its_view_box(art_id: str) -> None:
    """What stands has its feet at the lower edge: the view box is the painted part."""
    alpha = rendered(art_id).getchannel("A")
    assert alpha.getbbox() is not None
    left, top, right, bottom = alpha.getbbox() or (0, 0, 0, 0)
    assert max(left, top, alpha.width - right, alpha.height - bottom) <= 1


def test_every_noun_has_a_drawing_and_every_drawing_a_noun() -> None:
    """The nouns and the art file name the same drawings: nothing lacks, nothing is ballast."""
    aloft = {noun.row.aloft for noun in nouns() if noun.row.aloft is not None}
    aloft = {noun.row.aloft for noun in nouns() if noun.row.aloft is not None}
    laid = {name for noun in nouns() for name in noun.row.laid or ()}
    assert {noun.art for noun in nouns()} | aloft | laid == art.ids()


def test_every_drawing_says_which_way_it_looks() -> None:
    """`facing` knows three answers, and all three occur."""
    assert {art.facing(art_id) for art_id in art.ids()} == {"left", "right", "front"}


@pytest.mark.parametrize("ask", [art.svg, art.facing])
def test_an_unknown_id_is_refused_by_name(ask: object) -> None:
    """An id without a drawing raises an error of limner's own that names it."""
    assert callable(ask)
    with pytest.raises(art.UnknownArt, match="no-such-thing") as refused:
        ask("no-such-thing")
    assert isinstance(refused.value, LimnerError)
    assert isinstance(refused.value, LookupError)


def test_the_art_file_stays_small() -> None:
    """All drawings together weigh less than two megabytes in the wheel."""
    assert len((FOLDER / "art.json.gz").read_bytes()) < 2_000_000


def test_the_licence_and_the_notice_name_every_set_that_is_used() -> None:
    """Whoever gets the drawings gets the licence of the set they are from, and its name."""
    used = {"noto"} if art.ids() & set(noto_names()) else set()
    for name in used:
        licence = (FOLDER / f"LICENSE.{name}.txt").read_text(encoding="utf-8")
        assert "Apache License" in licence
        assert "Version 2.0" in licence
        assert "TERMS AND CONDITIONS" in licence
        notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
        assert f"@iconify-json/{name}" in notice
        assert "googlefonts/noto-emoji" in notice
        assert f"LICENSE.{name}.txt" in notice


def noto_names() -> list[str]:
    """The emoji that are taken from Noto as they are."""
    listed = tomllib.loads((ROOT / "tools/art/noto.toml").read_text(encoding="utf-8"))
    return [name for names in listed.values() for name in names.split()]


def test_every_drawing_comes_from_the_list_or_from_our_own_folder() -> None:
    """The art file holds what its sources say, no more and no less."""
    own = {file.stem for file in (ROOT / "tools/art").glob("*.svg")}
    assert set(noto_names()) | own == art.ids()
    assert not own & set(noto_names()), "a drawing has two sources"


def test_no_drawing_loads_or_runs_anything() -> None:
    """The SVG of a drawing names no address, no script and no image outside itself."""
    text = gzip.decompress((FOLDER / "art.json.gz").read_bytes()).decode()
    for body in (drawing["body"] for drawing in json.loads(text).values()):
        for forbidden in ("<script", "<image", "<foreignObject", "http:", "https:", "data:"):
            assert forbidden not in body

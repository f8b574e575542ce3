"""Composition: who stands where, how large, and looking which way."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share

from limner.backends.images.sketch.painter.layout.artwork import Artwork
from limner.backends.images.sketch.painter.layout.composition import MOST, compose
from limner.backends.images.sketch.painter.layout.stage import Placement, Stage
from limner.backends.images.sketch.painter.surface.frame import Frame
from limner.backends.images.sketch.painter.surface.palette import tones
from limner.backends.images.sketch.scene import (
    Place,
    Scene,
    Season,
    Stance,
    Subject,
    Time,
    Weather,
)


def staged(
    *subjects: Subject,
    place: Place = Place.MEADOW,
    size: tuple[int, int] = (768, 512),
    seed: str = "1",
    ratio: float = 1.0,
) -> Stage:
    """A planned picture whose drawings all look to the left."""
    scene = Scene(
        place=place,
        time=Time.DAY,
        weather=Weather.CLEAR,
        season=Season.SUMMER,
        subjects=subjects,
        mood=None,
        moon=False,
        stars=False,
        lights=False,
    )
    art = {
        s.art: Artwork(s.art, "left", (0.0, 0.0, 1.0, 1.0), ratio, (0.5, 0.5, 0.5))
        for s in subjects
    }
    light = tones(scene.time, scene.weather)
    return compose(scene, Frame(*size), light, seed, art)


def thing(
    height: float, stance: Stance = Stance.GROUND, *, count: int = 1, art: str = "a"
) -> Subject:
    """A subject of that height."""
    return Subject(art=art, name=art, stance=stance, height=height, count=count)


def of(stage: Stage, art: str) -> Placement:
    """The placement of a drawing."""
    return next(p for p in stage.placements if p.subject.art == art)


def test_a_castle_is_drawn_larger_and_farther_than_a_fox() -> None:
    """Size follows the real height, and large things stand far back."""
    stage = staged(thing(0.6, art="fox"), thing(40, art="castle"))
    fox, castle = of(stage, "fox"), of(stage, "castle")
    assert castle.height > 1.7 * fox.height
    assert castle.foot < fox.foot
    assert castle.depth > fox.depth


def test_two_figures_look_at_each_other() -> None:
    """Of two in the front row the left one is turned round, if drawings look to the left."""
    stage = staged(thing(1.7, art="a"), thing(1.7, art="b"))
    left, right = sorted(stage.placements, key=lambda p: p.x)
    assert (left.flip, right.flip) == (True, False)


def test_one_alone_looks_into_the_picture() -> None:
    """A single figure looks towards the wider side."""
    for seed in "123456":
        (alone,) = staged(thing(1.7), seed=seed).placements
        assert alone.flip == (alone.x < 75)


def test_birds_fly_and_planets_hang_above_the_horizon() -> None:
    """What flies or hangs in the sky has nothing to do with the ground."""
    stage = staged(thing(0.3, Stance.AIR, art="bird"), thing(9e6, Stance.SKY, art="planet"))
    assert all(p.foot < stage.horizon for p in stage.placements)


def test_what_floats_gets_water() -> None:
    """A boat in a meadow makes the meadow a lake."""
    assert staged(thing(2, Stance.WATER), place=Place.MEADOW).scene.place is Place.LAKE
    assert staged(thing(2), place=Place.MEADOW).scene.place is Place.MEADOW


def test_small_things_in_a_room_lie_on_the_table() -> None:
    """A book indoors stands where the table's top is."""
    stage = staged(
        thing(0.2, Stance.TABLE, art="book"), thing(1.7, art="man"), place=Place.INTERIOR
    )
    assert stage.table is not None
    assert of(stage, "book").foot == stage.table.top
    assert of(stage, "man").foot > stage.table.top


SUBJECTS = st.lists(
    st.builds(
        Subject,
        art=st.sampled_from("abcdefgh"),
        name=st.just("x"),
        stance=st.sampled_from(Stance),
        height=st.floats(0.001, 1e9),
        count=st.integers(1, 40),
    ),
    max_size=9,
)


@settings(max_examples=share(150), deadline=None)
@given(
    SUBJECTS,
    st.sampled_from(Place),
    st.integers(64, 2048),
    st.integers(64, 2048),
    st.floats(0.2, 5),
)
def test_everything_is_inside_the_frame_and_not_too_much(
    subjects: list[Subject], place: Place, width: int, height: int, ratio: float
) -> None:
    """At most so many things are drawn, each from side to side within the picture."""
    stage = staged(*subjects, place=place, size=(width, height), ratio=ratio)
    assert len(stage.placements) <= MOST
    for p in stage.placements:
        left, _, right, bottom = p.box
        assert left > -1
        assert right < stage.across + 1
        assert 0 < bottom <= stage.down + 1


@given(st.integers(0, 400), st.integers(2, 4))
def test_neighbours_in_the_front_row_do_not_overlap(seed: int, count: int) -> None:
    """Figures side by side keep clear of each other."""
    stage = staged(*(thing(1.7, art=a) for a in "abcd"[:count]), seed=str(seed))
    for one, other in combinations(stage.placements, 2):
        assert abs(one.x - other.x) >= (one.width + other.width) / 2


def test_a_boat_floats_farther_off_than_the_bank_somebody_stands_on() -> None:
    """With somebody on the near bank, what floats is out on the water behind."""
    stage = staged(
        thing(1.2, Stance.WATER, art="boat"), thing(1.7, art="man"), place=Place.LAKE, seed="3"
    )
    assert of(stage, "boat").foot < of(stage, "man").foot - 5


def test_one_small_animal_in_a_room_sits_at_the_window() -> None:
    """A cat alone indoors is put on the sill, a man is not."""
    cat, man = staged(thing(0.3), place=Place.INTERIOR), staged(thing(1.7), place=Place.INTERIOR)
    assert cat.sill
    assert cat.table is not None
    assert cat.placements[0].foot == cat.table.top
    assert not man.sill

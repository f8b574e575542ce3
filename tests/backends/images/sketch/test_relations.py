"""How things stand to each other, how near the viewer is, and what a place is."""

import pytest

from limner.backends.images.sketch.lexicon import read
from limner.backends.images.sketch.look import Pose
from limner.backends.images.sketch.painter.layout.composition import compose
from limner.backends.images.sketch.painter.layout.stage import Placement, Stage
from limner.backends.images.sketch.painter.picture import artworks
from limner.backends.images.sketch.painter.surface.frame import Frame
from limner.backends.images.sketch.painter.surface.palette import tones
from limner.backends.images.sketch.scene import Bond, Place, Room, Shot, Time


def bonds(prompt: str) -> list[tuple[str, Bond, str]]:
    """Who stands how to whom."""
    subjects = read(prompt).subjects
    return [(s.name, s.relation.bond, subjects[s.relation.to].name) for s in subjects if s.relation]


def planned(prompt: str, seed: str = "1") -> Stage:
    """The plan of a picture."""
    scene = read(prompt)
    light = tones(scene.time, scene.weather)
    return compose(scene, Frame(768, 512), light, seed, artworks(scene))


def of(stage: Stage, name: str) -> Placement:
    """The placement of a subject."""
    return next(p for p in stage.placements if p.subject.name == name)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a panda riding a bicycle", [("panda", Bond.RIDES, "bicycle")]),
        (
            "a woman with short hair and a jacket on a motorcycle",
            [("woman", Bond.RIDES, "motorcycle")],
        ),
        ("a cat sleeping on a sofa", [("cat", Bond.ON, "sofa")]),
        ("a train crossing a stone bridge", [("train", Bond.ON, "bridge")]),
        ("a detective under a street lamp", [("detective", Bond.UNDER, "street lamp")]),
        ("a mouse behind a cheese", [("mouse", Bond.BEHIND, "cheese")]),
        ("a boy in front of a tent", [("tent", Bond.BEHIND, "boy")]),
        ("a boy holding a balloon", [("balloon", Bond.HOLDS, "boy")]),
        ("a frog wearing a crown", [("crown", Bond.WEARS, "frog")]),
        ("a kitten in a basket", [("cat", Bond.IN, "basket")]),
        ("a cat under the table", [("cat", Bond.UNDER, "table")]),
        ("a king at a table", [("king", Bond.AT, "table")]),
        ("a rabbit jumping over a fence", [("rabbit", Bond.OVER, "fence")]),
        ("a dragon flying over a castle", []),
        ("a tiny house on the back of a giant turtle", [("house", Bond.ON, "turtle")]),
        ("a nurse holding a baby", [("baby", Bond.HOLDS, "nurse")]),
        ("a basket of apples", [("apple", Bond.IN, "basket")]),
        ("a girl in a tower with a candle in her hand", [("candle", Bond.HOLDS, "girl")]),
        ("children around a campfire", [("child", Bond.AROUND, "campfire")]),
        ("two old men playing chess", [("old man", Bond.AROUND, "chess")]),
        ("a fox and a rabbit", []),
        ("a fox, a rabbit on a hill", []),
    ],
)
def test_relations_are_read(prompt: str, expected: list[tuple[str, Bond, str]]) -> None:
    """The words between two things say how they stand to each other."""
    assert bonds(prompt) == expected


@pytest.mark.parametrize("seed", "1234")
def test_a_rider_sits_on_the_mount(seed: str) -> None:
    """Above its legs, within its breadth, and smaller than the page."""
    stage = planned("an astronaut riding a horse", seed)
    rider, horse = of(stage, "astronaut"), of(stage, "horse")
    assert rider.carried
    assert horse.box[0] < rider.x < horse.box[2]
    assert rider.foot < horse.foot
    assert rider.box[1] >= 0


def test_what_is_held_is_at_the_hand_and_what_is_worn_on_the_head() -> None:
    """Neither stands on the ground beside."""
    stage = planned("a waitress serving coffee")
    cup, waitress = of(stage, "coffee"), of(stage, "waitress")
    assert waitress.box[1] < cup.foot < waitress.foot - 0.3 * waitress.height
    stage = planned("a fox wearing a crown")
    crown, fox = of(stage, "crown"), of(stage, "fox")
    assert abs(crown.x - fox.x) < fox.width / 2
    assert crown.foot < fox.foot - 0.6 * fox.height


def test_lovers_under_a_tree_have_it_over_them() -> None:
    """The tree is taller and right behind them."""
    stage = planned("Elara kisses Rowan under a cherry tree")
    tree = next(p for p in stage.placements if not p.subject.looks)
    lovers = [p for p in stage.placements if p.subject.looks]
    assert all(tree.height > p.height for p in lovers)
    assert any(tree.box[0] - 4 < p.x < tree.box[2] + 4 for p in lovers)


def test_who_is_under_a_table_is_between_its_legs() -> None:
    """On the floor, and no window sill."""
    stage = planned("a cat under the table")
    table, cat = of(stage, "table"), of(stage, "cat")
    assert not stage.sill
    assert table.box[0] < cat.box[0] < cat.box[2] < table.box[2]
    assert table.box[1] < cat.box[1]
    assert abs(table.foot - cat.foot) < 2


def test_people_sit_behind_a_table_side_by_side() -> None:
    """It hides their legs, and is as long as they need."""
    stage = planned("three men at a table")
    table, men = of(stage, "table"), [p for p in stage.placements if p.subject.looks]
    assert len(men) == 3
    assert all(p.hidden > 0.2 and p.box[1] < table.box[1] for p in men)
    assert all(table.box[0] < p.x < table.box[2] for p in men)


def test_what_people_are_around_is_between_them() -> None:
    """Half of them on either side, and at a game they sit."""
    stage = planned("two old men playing chess in the park")
    board, men = of(stage, "chess"), [p for p in stage.placements if p.subject.looks]
    assert min(p.x for p in men) < board.x < max(p.x for p in men)
    assert {p.subject.looks[0].pose for p in men} == {Pose.SIT}


def test_a_giant_is_larger_and_a_tiny_one_smaller() -> None:
    """The words of size count."""
    plain = of(planned("a knight and a spider"), "spider").height
    assert of(planned("a knight and a giant spider"), "spider").height > 1.8 * plain
    assert of(planned("a knight and a tiny spider"), "spider").height <= plain


@pytest.mark.parametrize(
    ("words", "shot"),
    [
        ("portrait of a woman", Shot.CLOSE),
        ("close-up of a fox", Shot.CLOSE),
        ("close-up, a fox", Shot.CLOSE),
        ("medium shot, a knight", Shot.HALF),
        ("wide shot of a fox", Shot.WIDE),
        ("a fox seen from above", Shot.ABOVE),
        ("low angle, a knight", Shot.BELOW),
        ("a fox", Shot.USUAL),
    ],
)
def test_framing_words_are_read(words: str, shot: Shot) -> None:
    """Each word for a distance or an angle."""
    assert read(words).shot is shot


def test_framing_changes_the_size_on_the_page() -> None:
    """Close is larger than usual, wide is smaller; a portrait shows the head large."""
    close, usual, wide = (
        of(planned(f"{words} a fox"), "fox").height for words in ("close-up of", "", "wide shot of")
    )
    assert close > 1.5 * usual > 1.5 * 1.2 * wide
    woman = of(planned("portrait of a woman"), "woman")
    assert woman.height > 120
    assert woman.box[1] > -woman.height * 0.1


def test_from_above_there_is_more_ground_and_from_below_more_sky() -> None:
    """The horizon moves."""
    above, usual, below = (
        planned(f"a fox in a meadow{words}").horizon
        for words in (", from above", "", ", from below")
    )
    assert above < usual - 10
    assert below > usual + 5


@pytest.mark.parametrize(
    ("prompt", "room"),
    [
        ("a cat in a cafe", Room.CAFE),
        ("a wizard in his tower", Room.TOWER),
        ("the king in the great hall", Room.HALL),
        ("a ghost in a library", Room.LIBRARY),
        ("a couple at a masked ball", Room.BALLROOM),
        ("a boy in his bedroom", Room.BEDROOM),
        ("a dwarf in a tavern", Room.TAVERN),
        ("a nun in a church", Room.CHURCH),
        ("a cat in a room", Room.PARLOUR),
    ],
)
def test_places_are_entered(prompt: str, room: Room) -> None:
    """Who is in a building is in a room of that kind, and the building is no thing in it."""
    scene = read(prompt)
    assert scene.place is Place.INTERIOR
    assert scene.room is room
    assert len(scene.subjects) == 1


def test_what_is_seen_from_a_place_makes_it() -> None:
    """A waterfall in the mountains, a ship's deck without the ship, ruins, a fire indoors."""
    assert read("a waterfall in the mountains with a rainbow").place is Place.WATERFALL
    deck = read("a pirate on the deck of a ship")
    assert (deck.place, [s.name for s in deck.subjects]) == (Place.DECK, ["pirate"])
    assert read("soldiers in a ruined city").ruined
    assert read("an old woman by the fire").hearth
    assert read("parrots in the jungle").trees == "palm"
    assert read("a tiger behind tall grass").hidden
    assert read("a family picnic under an oak tree").place is Place.MEADOW


def test_a_mother_may_be_an_animal() -> None:
    """Of ducklings it is a duck; of nobody it is a woman."""
    assert [s.name for s in read("ducklings following their mother").subjects][-1] == "duck"
    assert [s.name for s in read("her mother").subjects] == ["woman"]


def test_moods_change_the_hour_and_the_air() -> None:
    """No battle by a sunny lake; a feeling alone gets somebody who feels it."""
    battle = read("a bloody battlefield, crows")
    assert battle.mood == "battle"
    assert battle.time is not Time.DAY
    assert read("a detective, film noir").time is Time.NIGHT
    assert read("a dragon over a burning village").burning
    feeling = read("an abstract feeling of loss and hope").subjects
    assert [s.looks[0].away for s in feeling] == [True]


def test_occasions_dress_people_and_lay_the_ground() -> None:
    """Masks at a ball, a planet under who has landed, a city under water, a bird on a shoulder."""
    ball = read("a woman dancing with a man at a masked ball").subjects
    assert all("mask" in s.looks[0].extras for s in ball)
    landing = read("a spaceship landing on a red planet")
    assert ([s.name for s in landing.subjects], landing.soil) == (["rocket"], "red")
    assert read("an underwater city with mermaids").sunken
    assert bonds("a pirate with a parrot on his shoulder") == [("parrot", Bond.ON, "pirate")]
    bird, pirate = (
        of(planned("a pirate with a parrot on his shoulder"), name) for name in ("parrot", "pirate")
    )
    assert pirate.box[1] < bird.foot < pirate.foot - 0.6 * pirate.height

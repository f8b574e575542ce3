"""People: what they wear, how they look, what they do, and who is one without a noun."""

import io

import numpy as np
import pytest
import resvg_py
from PIL import Image

from limner.backends.images.sketch.lexicon import read
from limner.backends.images.sketch.lexicon.noun import nouns
from limner.backends.images.sketch.look import Age, Look, Pose
from limner.backends.images.sketch.painter.people.cuts import CUTS
from limner.backends.images.sketch.painter.people.dyes import CLOTH, EYES, HAIR
from limner.backends.images.sketch.painter.people.hats import HATS
from limner.backends.images.sketch.painter.people.person import person
from limner.backends.images.sketch.painter.people.props import PROPS


def look(prompt: str, which: int = 0) -> Look:
    """How somebody of a prompt looks."""
    people = [s for s in read(prompt).subjects if s.looks]
    return people[which].looks[0]


def names(prompt: str) -> list[str]:
    """The subjects of a prompt."""
    return [subject.name for subject in read(prompt).subjects]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a girl in a yellow coat", {"garment": "coat", "colour": "yellow"}),
        ("a woman wearing a long red dress", {"garment": "gown", "colour": "red"}),
        ("a man with a blue hat", {"hat": "fedora", "hat_colour": "blue"}),
        ("an old man with a pointed blue hat", {"hat": "pointed", "age": Age.OLD}),
        ("a boy in a red cap and a green sweater", {"hat": "cap", "garment": "sweater"}),
        ("a woman in a black dress and red shoes", {"garment": "dress", "colour": "black"}),
        ("1girl, silver hair, elf ears, holding staff", {"hair": "silver", "held": "staff"}),
        ("a woman with red hair and green eyes", {"hair": "red", "eyes": "green"}),
        ("a blonde woman with a ponytail", {"hair": "gold", "cut": "ponytail"}),
        ("a man with a long white beard", {"beard": "long", "hair": "white"}),
        ("a man in a black suit and a red tie", {"garment": "suit", "colour": "black"}),
        ("a witch with green skin", {"skin": "8fb36b"}),
        ("a woman in a leather jacket", {"garment": "jacket", "colour": "brown"}),
        ("a man holding a sword", {"held": "sword", "pose": Pose.HOLD}),
        ("a wizard reading a book", {"held": "book", "pose": Pose.READ}),
        ("a knight kneeling", {"pose": Pose.KNEEL, "garment": "armour"}),
        ("a queen sitting on her throne", {"pose": Pose.SIT, "hat": "crown"}),
        ("a violinist on a stage", {"held": "violin", "pose": Pose.PLAY}),
        ("a girl playing the flute", {"held": "flute", "pose": Pose.PLAY}),
        ("an old woman knitting by the fire", {"held": "needles"}),
        ("a blacksmith in his workshop", {"held": "hammer"}),
        ("a boy digging in the garden", {"held": "shovel"}),
        ("a crying boy", {"mood": "sad"}),
        ("a boy crying in the rain", {"mood": "sad"}),
        ("a girl in a white dress on a beach", {"colour": "white"}),
    ],
)
def test_what_is_said_of_somebody_is_drawn_on_that_person(
    prompt: str, expected: dict[str, object]
) -> None:
    """Clothes, hair, eyes, beards, hats, things in hand and poses."""
    found = look(prompt)
    assert {name: getattr(found, name) for name in expected} == expected
    assert len([s for s in read(prompt).subjects if s.looks]) == 1


def test_clothes_that_nobody_wears_are_things() -> None:
    """A coat on a chair, a hat for sale, a sword on a battlefield."""
    assert names("a coat on a chair") == ["coat", "chair"]
    assert names("a man selling hats") == ["man", "hat"]
    assert names("a broken sword on a battlefield") == ["sword"]
    assert names("a girl in a yellow coat") == ["girl"]


def test_names_and_pronouns_are_people() -> None:
    """Somebody acts, though no noun says who."""
    assert names("Elara kisses Rowan under the stars") == ["woman", "man"]
    assert names("she walks through the forest") == ["woman"]
    assert names("Mira handed him the letter") == ["woman", "man"]
    assert names("the wizard lifts his staff and he smiles") == ["wizard"]
    assert names("a castle in Gondor") == ["castle"]
    assert names("Ethereal Forest Of Light At Dawn") == []


def test_somebody_with_a_name_looks_alike_in_every_picture() -> None:
    """What nothing says is chosen by the name."""
    one, two = look("Elara sits in a cafe"), look("a storm, and Elara is on the shore")
    assert (one.hair, one.skin, one.colour) == (two.hair, two.skin, two.colour)


def test_several_are_not_all_alike() -> None:
    """Copies of one noun have looks of their own."""
    (children,) = read("four children").subjects
    assert len(set(children.looks)) > 1


def test_two_who_kiss_or_dance_do_so_both() -> None:
    """The partner does the same."""
    assert look("Anna kisses Peter", 1).pose is Pose.EMBRACE
    assert look("a woman dancing with a man", 1).pose is Pose.DANCE


def painted(drawn: Look) -> Image.Image:
    """The drawing of a person on a transparent sheet."""
    png = bytes(resvg_py.svg_to_bytes(svg_string=person(drawn).svg, height=160))
    return Image.open(io.BytesIO(png)).convert("RGBA")


def shown(drawn: Look, colour: str) -> bool:
    """Whether something of that colour is in the drawing."""
    pixels = np.asarray(painted(drawn), dtype=np.int32)
    wanted = np.array([int(colour[k : k + 2], 16) for k in (0, 2, 4)])
    near = np.abs(pixels[..., :3] - wanted).max(axis=2) < 6
    return bool((near & (pixels[..., 3] > 200)).sum() > 4)


@pytest.mark.parametrize("garment", sorted(CUTS))
def test_every_garment_can_be_drawn_in_its_colour(garment: str) -> None:
    """The colour of the prompt is the colour on the page."""
    assert shown(Look(garment=garment, colour="turquoise"), CLOTH["turquoise"])


@pytest.mark.parametrize("held", sorted(PROPS))
def test_everything_held_is_drawn_within_the_sheet(held: str) -> None:
    """More is seen than an empty hand, and nothing of it is cut off."""
    for pose in (Pose.HOLD, Pose.REACH, Pose.PLAY, Pose.READ):
        sheet = painted(Look(pose=pose, held=held))
        box = sheet.getbbox()
        assert box is not None
        assert min(box[0], box[1]) > 0
        assert box[2] < sheet.width
        assert sheet.tobytes() != painted(Look(pose=pose)).tobytes()


@pytest.mark.parametrize("pose", list(Pose))
@pytest.mark.parametrize("age", list(Age))
def test_every_pose_keeps_to_its_sheet(pose: Pose, age: Age) -> None:
    """Nobody is cut off at the edge of the drawing, and all stand on its lower edge."""
    for woman in (False, True):
        sheet = painted(Look(woman=woman, age=age, pose=pose, hat="pointed"))
        box = sheet.getbbox()
        assert box is not None
        assert box[0] > 0
        assert box[1] > 0
        assert box[2] < sheet.width


def test_hair_and_eyes_have_the_colours_of_their_words() -> None:
    """Hair by all its words, eyes up close."""
    assert all(shown(Look(hair=word, cut="short"), HAIR[word]) for word in HAIR)
    assert all(len(code) == 6 for code in EYES.values())


def test_the_tables_speak_of_what_can_be_drawn() -> None:
    """Every look of the table has a garment, a hat and a colour that exist."""
    for noun in nouns():
        if noun.look is None:
            continue
        found = look(f"a {noun.name}") if read(f"a {noun.name}").subjects else Look()
        assert found.garment in CUTS, noun.name
        assert found.hat in HATS or not found.hat, noun.name
        assert found.colour in CLOTH, noun.name
        assert found.held in PROPS or not found.held, noun.name

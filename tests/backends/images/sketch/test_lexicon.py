"""What prompts say: places, hours, weathers and subjects, and the traps of English."""

import pytest

from limner.backends.images.sketch.lexicon import read
from limner.backends.images.sketch.scene import Place, Scene, Season, Stance, Time, Weather

Shown = list[str]

PROMPTS: list[tuple[str, Shown, dict[str, object]]] = [
    # Nouns, places, hours
    ("a fox in the snowy forest", ["fox"], {"place": Place.FOREST, "season": Season.WINTER}),
    (
        "two foxes and a hedgehog under a tree in autumn",
        ["2 fox", "hedgehog", "tree"],
        {"season": Season.AUTUMN},
    ),
    (
        "a sailing ship in a storm at night",
        ["ship"],
        {"place": Place.SEA, "time": Time.NIGHT, "weather": Weather.STORM},
    ),
    ("a fat orange cat sleeping under a table", ["cat", "table"], {"place": Place.INTERIOR}),
    ("a boy feeding ducks at a pond", ["boy", "3 duck"], {"place": Place.LAKE}),
    ("the king ducks under the beam", ["king"], {}),
    ("a violinist on a street corner", ["violinist"], {"place": Place.CITY}),
    ("a camel in the dunes at noon", ["camel"], {"place": Place.DESERT, "time": Time.DAY}),
    ("penguins on the ice", ["3 penguin"], {"place": Place.SNOWFIELD, "season": Season.WINTER}),
    (
        "a hot air balloon over mountains at sunrise",
        ["hot air balloon"],
        {"place": Place.MOUNTAINS, "time": Time.DAWN},
    ),
    (
        "polar bear on an iceberg under northern lights",
        ["polar bear"],
        {"place": Place.SNOWFIELD, "time": Time.NIGHT},
    ),
    (
        "misty morning, deer in a clearing",
        ["deer"],
        {"place": Place.FOREST, "weather": Weather.FOG, "time": Time.DAWN},
    ),
    (
        "a harbour with fishing boats at golden hour",
        ["3 boat"],
        {"place": Place.SHORE, "time": Time.SUNSET},
    ),
    ("a cobbled street in the rain, neon signs", [], {"weather": Weather.RAIN, "lights": True}),
    (
        "a herd of elephants at a river at sunset",
        ["5 elephant"],
        {"place": Place.RIVER, "time": Time.SUNSET},
    ),
    (
        "a thunderstorm over the sea, lighthouse",
        ["lighthouse"],
        {"place": Place.SHORE, "weather": Weather.STORM, "lights": True},
    ),
    (
        "a boy flying a kite on a windy hill",
        ["boy", "kite"],
        {"place": Place.MEADOW, "weather": Weather.WIND},
    ),
    ("coral reef, tropical fish", ["tropical fish"], {"place": Place.UNDERWATER}),
    (
        "an astronaut riding a horse on the moon",
        ["astronaut", "horse"],
        {"place": Place.SPACE, "time": Time.NIGHT},
    ),
    ("a castle in the clouds", ["castle"], {"place": Place.SKY}),
    ("a dragon sleeping in a cave", ["dragon"], {"place": Place.CAVE}),
    (
        "cherry blossoms along a river",
        ["cherry blossom tree"],
        {"place": Place.RIVER, "season": Season.SPRING},
    ),
    (
        "wolves howling at the moon on a snowy mountain",
        ["3 wolf"],
        {"place": Place.MOUNTAINS, "moon": True, "time": Time.NIGHT},
    ),
    ("they watch the stars", ["2 couple"], {"stars": True, "time": Time.NIGHT}),
    ("fireworks above the city", ["fireworks"], {"place": Place.CITY, "lights": True}),
    # What a subject suggests when no place is named
    ("a ship", ["ship"], {"place": Place.SEA}),
    ("a camel", ["camel"], {"place": Place.DESERT}),
    ("a bookshelf", ["bookshelf"], {"place": Place.INTERIOR}),
    ("a ringed planet", ["planet"], {"place": Place.SPACE}),
    ("jellyfish", ["jellyfish"], {"place": Place.UNDERWATER}),
    ("a snowman", ["snowman"], {"season": Season.WINTER}),
    ("the old man and the sea", ["old man"], {"place": Place.SHORE}),
    ("a shark in the sea", ["shark"], {"place": Place.UNDERWATER}),
    # Inside and outside
    (
        "An old wizard reading a book by candlelight in his tower room",
        ["wizard"],
        {"place": Place.INTERIOR, "lights": True, "time": Time.NIGHT},
    ),
    (
        "rain outside, a cat on a windowsill",
        ["cat"],
        {"place": Place.INTERIOR, "weather": Weather.RAIN},
    ),
    ("a girl looks through the window at the mountains", ["girl"], {"place": Place.INTERIOR}),
    ("a cabin in the woods", ["cabin"], {"place": Place.FOREST}),
    ("inside a cozy cabin, a dog", ["dog"], {"place": Place.INTERIOR, "mood": "cosy"}),
    ("an old woman in a cottage", ["old woman"], {"place": Place.INTERIOR}),
    ("an old woman in a cottage in the forest", ["old woman", "cottage"], {"place": Place.FOREST}),
    ("outside the library a dog waits in the street", ["dog"], {"place": Place.CITY}),
    ("a king in the throne room", ["king"], {"place": Place.INTERIOR}),
    ("mice in the kitchen stealing cheese", ["3 mouse", "cheese"], {"place": Place.INTERIOR}),
    ("a mountain lake", [], {"place": Place.LAKE}),
    ("in a forest village", [], {"place": Place.VILLAGE}),
    ("in a desert town at the foot of mountains", [], {"place": Place.CITY}),
    ("mountains, a library", [], {"place": Place.INTERIOR}),
    ("the road from the forest to the city", [], {"place": Place.FOREST}),
    ("eyes like the sea, a girl in a meadow", ["girl"], {"place": Place.MEADOW}),
    # Snow and rain
    ("snow", [], {"place": Place.SNOWFIELD, "season": Season.WINTER, "weather": Weather.SNOW}),
    ("snow on the village", [], {"place": Place.VILLAGE, "season": Season.WINTER}),
    ("a rainbow over a meadow after the rain", ["rainbow"], {"place": Place.MEADOW}),
    ("snow-white rabbit in a meadow", ["rabbit"], {"place": Place.MEADOW}),
    # Verbs and adjectives that look like nouns
    ("waiting above the clouds", [], {"place": Place.SKY}),
    ("the sun rose over the hills", [], {"place": Place.MEADOW, "time": Time.DAWN}),
    ("he rose from the sand", ["man"], {}),
    ("a red rose", ["rose"], {}),
    ("to bear the weight of the world", [], {}),
    ("she bears a gift", ["woman", "gift"], {}),
    ("a bear in the river", ["bear"], {"place": Place.RIVER}),
    ("time flies like an arrow", [], {}),
    ("a fly in a cottage in the forest", ["fly", "cottage"], {"place": Place.FOREST}),
    ("watch the waves", [], {"place": Place.SEA}),
    ("a watch on his wrist", ["watch"], {}),
    ("he saw the sea", ["man"], {"place": Place.SHORE}),
    ("a saw and a hammer", ["saw", "hammer"], {}),
    ("ring the bell", ["bell"], {}),
    ("a gold ring", ["gold ring"], {}),
    ("swallow the medicine", [], {}),
    ("a swallow over the barn", ["swallow", "barn"], {}),
    ("an orange cat", ["cat"], {}),
    ("an orange", ["orange"], {}),
    ("a giant mushroom in the forest", ["mushroom"], {"place": Place.FOREST}),
    ("a giant sleeps under a tree", ["giant", "tree"], {}),
    ("park the car", ["car"], {}),
    ("a dog in the park", ["dog"], {"place": Place.MEADOW}),
    ("a crane in the lake", ["white stork"], {"place": Place.LAKE}),
    ("the seal on the beach", ["seal"], {"place": Place.SHORE}),
    ("he did well", ["man"], {}),
    ("a well in the village square", ["well"], {"place": Place.VILLAGE}),
    ("a flying witch on a windy night", ["flying witch"], {"time": Time.NIGHT}),
    ("the train to the coast", ["train"], {"place": Place.SHORE}),
    ("to train a dog", ["dog"], {}),
    ("a girl who loves to fish", ["girl"], {}),
    ("geese on a lake", ["3 goose"], {"place": Place.LAKE}),
    ("light filled the room", [], {"place": Place.INTERIOR}),
    ("the fall of the empire", [], {}),
    ("a path in the fall", [], {"season": Season.AUTUMN}),
    ("she leaves", ["woman"], {}),
    ("an empty space", [], {}),
    ("a pale stranger left", ["person"], {}),
    # What is not there
    ("a meadow without a horse", [], {"place": Place.MEADOW}),
    ("no dragon, just a knight", ["knight"], {}),
    ("a city empty of people", [], {"place": Place.CITY}),
    ("a dog, not a cat", ["dog"], {}),
    ("neither fox nor wolf", [], {}),
    ("a boat without a sail or a captain", ["boat"], {}),
    # Owners, colours, counts
    ("the wizard's tower at dusk", ["tower", "wizard"], {"time": Time.SUNSET}),
    ("the dragon's tail", ["dragon"], {}),
    ("a red dragon over a castle", ["red dragon", "castle"], {}),
    ("a red fox", ["fox"], {}),
    ("black and white cat", ["cat"], {}),
    (
        "a crimson umbrella and a big blue boat",
        ["red umbrella", "blue boat"],
        {"place": Place.LAKE},
    ),
    ("three ships", ["3 ship"], {}),
    ("a pair of swans", ["2 swan"], {"place": Place.LAKE}),
    ("a flock of birds over the lake", ["5 bird"], {"place": Place.LAKE}),
    ("7 ravens", ["5 crow"], {}),
    ("thousands of sunflowers", ["5 sunflower"], {}),
    # The style of prompts for other programs
    (
        "1girl, solo, night sky, castle, wide shot, masterpiece, 8k",
        ["girl", "castle"],
        {"time": Time.NIGHT, "stars": True},
    ),
    ("2boys, 1other, beach", ["2 boy", "person"], {"place": Place.SHORE}),
    (
        "(castle:1.3), <lora:dragon_style:0.8>, starry_sky",
        ["castle"],
        {"time": Time.NIGHT, "stars": True},
    ),
    (
        "a watercolor painting of a small boat on a lake in the mountains, highly detailed",
        ["boat"],
        {"place": Place.LAKE},
    ),
    ("in the style of Van Gogh, a field with crows", ["3 crow"], {"place": Place.MEADOW}),
    ("children's book illustration, a bear, bird's eye view", ["bear"], {}),
    # Other languages and other things
    ("ein kleiner Fuchs im verschneiten Wald", ["fox"], {"place": Place.FOREST}),
    ("", [], {}),
    ("!!! ??? 12345678901234567890", [], {}),
]


def shown(scene: Scene) -> Shown:
    """The subjects in short: "2 red dragon"."""
    return [
        " ".join([*([str(s.count)] if s.count > 1 else []), *([s.tint] if s.tint else []), s.name])
        for s in scene.subjects
    ]


@pytest.mark.parametrize(("prompt", "subjects", "setting"), PROMPTS, ids=[p[0] for p in PROMPTS])
def test_a_prompt_is_read_as_it_is_meant(
    prompt: str, subjects: Shown, setting: dict[str, object]
) -> None:
    """Subjects, counts, colours and the setting follow the words and nothing else."""
    scene = read(prompt)
    assert shown(scene) == subjects
    assert {name: getattr(scene, name) for name in setting} == setting


@pytest.mark.parametrize(
    ("prompt", "stance"),
    [
        ("a dragon on a hill", Stance.GROUND),
        ("a dragon flies to the castle", Stance.AIR),
        ("a dragon over the castle", Stance.AIR),
        ("a flying dragon", Stance.AIR),
        ("a fairy sitting on a mushroom", Stance.GROUND),
        ("a flock of birds", Stance.AIR),
        ("geese on a lake", Stance.WATER),
        ("geese flying over a lake", Stance.AIR),
        ("a sleeping swan on a lake", Stance.WATER),
        ("a duck on a lake", Stance.WATER),
        ("a duck in the village", Stance.GROUND),
        ("a mermaid under the sea", Stance.SWIMS),
        ("a whale under the sea", Stance.SWIMS),
        ("a ship in the desert", Stance.GROUND),
        ("a ship in space", Stance.AIR),
        ("a fish in the kitchen", Stance.TABLE),
        ("a rose in a room", Stance.TABLE),
        ("a mirror in a room", Stance.WALL),
        ("a mirror in the forest", Stance.GROUND),
    ],
)
def test_a_thing_stands_the_way_it_can_where_it_is(prompt: str, stance: Stance) -> None:
    """Creatures fly when the words say so, ships do not float on dry land."""
    assert read(prompt).subjects[0].stance is stance


def test_the_most_important_five_are_kept() -> None:
    """When a prompt names too much, people and animals stay, in the order of the prompt."""
    scene = read("a cup, a key, a clock, a lamp, a coin, a book, a fox and a wizard with a hen")
    assert shown(scene) == ["coffee", "key", "fox", "wizard", "chicken"]


def test_a_thing_named_twice_is_one_thing() -> None:
    """Naming again adds what is said, not another figure."""
    assert shown(read("a dragon. The green dragon, a red dragon!")) == ["red dragon"]


def test_scenery_gives_way_to_subjects() -> None:
    """Trees around a fox are part of the forest, a tree alone is a subject."""
    assert shown(read("a fox among tall trees")) == ["fox"]
    assert shown(read("tall trees")) == ["2 tree"]


def test_different_prompts_without_a_scene_get_different_good_scenes() -> None:
    """What no word decides is varied, and never gloomy."""
    scenes = [
        read(f"a girl named {name}") for name in ("Ada", "Bo", "Cy", "Di", "Ed", "Flo", "Gus")
    ]
    assert len({(b.place, b.time, b.season) for b in scenes}) >= 5
    assert {b.weather for b in scenes} <= {Weather.CLEAR, Weather.CLOUDY}
    assert {b.time for b in scenes} <= {Time.DAY, Time.DAWN, Time.SUNSET}


def test_what_flies_is_drawn_with_its_wings_spread() -> None:
    """A bird on a branch and a bird in the air are two drawings."""
    assert read("a crow on a fence").subjects[0].art == "black-bird"
    assert read("a crow flies over a fence").subjects[0].art == "crow-flying"


@pytest.mark.parametrize(
    ("prompt", "place", "subjects"),
    [
        ("a pirate ship at anchor in a bay", Place.SHORE, ["pirate ship"]),
        ("an astronaut floating above the earth", Place.SPACE, ["astronaut", "planet earth"]),
        ("a doctor in a white coat in a hospital corridor", Place.INTERIOR, ["doctor"]),
        ("a wedding in a village church", Place.INTERIOR, ["bride"]),
    ],
)
def test_a_building_one_is_in_and_a_turn_of_speech_are_no_things(
    prompt: str, place: Place, subjects: list[str]
) -> None:
    """No anchor lies on the sand, and no hospital stands in its own corridor."""
    scene = read(prompt)
    assert scene.place is place
    assert [subject.name for subject in scene.subjects] == subjects

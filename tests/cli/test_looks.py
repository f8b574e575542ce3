"""How pictures look: styles by name, characters, sizes by name; and attributes that say nothing."""

import io
from pathlib import Path

import pytest
from PIL import Image as Pillow
from tests.cli.conftest import Command

from limner.backends.images.sketch.lexicon.sight import see
from limner.illustration import ImageRequest
from limner.prompts.composition.style_presets import PRESETS
from limner.testing import ScriptedBackend

STORY = '# Tale\n\nA. <!--img-prompt="Ann rides"-->\n\nB. <!--img-prompt="an owl" style="ink"-->\n'


@pytest.fixture
def drawn(limner: Command, tmp_path: Path, scripted: ScriptedBackend) -> "Drawn":
    """Illustrates a story and gives what was asked of the backend."""
    return Drawn(limner, tmp_path, scripted)


class Drawn:
    """Runs the command."""

    def __init__(self, limner: Command, folder: Path, backend: ScriptedBackend) -> None:
        self._limner = limner
        self._folder = folder
        self._backend = backend
        self.err = ""

    def __call__(self, *more: str, text: str = STORY, code: int = 0) -> list[ImageRequest]:
        """What was asked of the backend, in the order of the text."""
        (self._folder / "story.md").write_text(text)
        self._backend.calls.clear()
        ran = self._limner("illustrate", "story.md", "--backend", "scripted", *more)
        self.err = ran.err
        assert ran.code == code, ran.err
        return sorted((call.request for call in self._backend.calls), key=lambda r: r.prompt)


def test_a_style_by_name_is_in_every_prompt_and_a_tag_can_name_another(drawn: Drawn) -> None:
    """With what pictures in it should not show; the prompts that are kept stay as they are."""
    owl, ann = sorted(drawn("--style", "Watercolour", "--negative", "rain"), key=_prompt)
    assert ann.prompt.startswith("watercolour illustration, ")
    assert ann.prompt.endswith(", Ann rides")
    assert "rain" in ann.negative_prompt
    assert "photo" in ann.negative_prompt
    assert owl.prompt.startswith("pen and ink illustration, ")


def _prompt(request: ImageRequest) -> str:
    return request.prompt


def test_characters_from_options_and_files(drawn: Drawn, tmp_path: Path) -> None:
    """Wherever they occur, and nowhere else."""
    (tmp_path / "cast.txt").write_text("# the cast\n- Bo, an owl: grey feathers\n")
    ann, owl = drawn("--character", "Ann: red hair", "--character", "cast.txt")
    assert ann.prompt == "Ann rides, red hair"
    assert owl.prompt.endswith("an owl, grey feathers")


@pytest.fixture
def ann(tmp_path: Path) -> Path:
    """A picture of somebody, in a folder of its own."""
    path = tmp_path / "faces" / "ann 1.png"
    path.parent.mkdir()
    Pillow.new("RGB", (80, 60), "red").save(path)
    return path


def test_pictures_to_draw_after_by_option_and_with_characters(
    drawn: Drawn, tmp_path: Path, ann: Path
) -> None:
    """One for all, and those of whoever occurs; in a file of looks they stand beside it."""
    (ann.parent / "cast.txt").write_text("Ann: red hair @ann 1.png\n")
    Pillow.new("RGB", (90, 60), "blue").save(tmp_path / "mood.png")
    rides, owl = drawn("--character", "faces/cast.txt", "--reference", "mood.png")
    assert rides.prompt == "Ann rides, red hair"
    assert rides.attributes["reference"] == "ann 1.png, mood.png"
    assert [(one.name, one.missing) for one in rides.references] == [
        ("ann 1.png", ""),
        ("mood.png", ""),
    ]
    with Pillow.open(io.BytesIO(rides.references[0].data)) as shown:
        assert (shown.size, shown.getpixel((1, 1))) == ((80, 60), (255, 0, 0))
    assert owl.attributes["reference"] == "mood.png"
    told = "limner: reference pictures: what draws has no place for reference pictures"
    assert drawn.err.count(told) == 1


def test_somebody_may_be_a_picture_alone_and_another_one_is_drawn_anew(
    drawn: Drawn, limner: Command, scripted: ScriptedBackend, ann: Path
) -> None:
    """Only where they occur; what is drawn by hand later is drawn after it, too."""
    said = ("--character", "Ann: @faces/ann 1.png")
    assert [len(r.references) for r in drawn(*said)] == [1, 0]
    assert drawn(*said) == []
    Pillow.new("RGB", (80, 60), "green").save(ann)
    assert [r.prompt for r in drawn(*said)] == ["Ann rides"]
    scripted.calls.clear()
    assert limner("redraw", "story.md", "1").code == 0
    assert [one.name for one in scripted.calls[0].request.references] == ["ann 1.png"]


@pytest.mark.parametrize(
    ("option", "named", "told"),
    [
        ("--reference", "gone.png", "gone.png is no picture to draw after: no such file"),
        ("--reference", "story.md", "story.md is no picture to draw after"),
        ("--character", "Ann: @gone.png", "gone.png is no picture to draw after: no such file"),
    ],
)
def test_a_picture_that_cannot_be_used_is_one_clear_line(
    limner: Command, tmp_path: Path, option: str, named: str, told: str
) -> None:
    """Before anything is drawn."""
    (tmp_path / "story.md").write_text(STORY)
    ran = limner("illustrate", "story.md", option, named)
    assert (ran.code, len(ran.err.strip().splitlines())) == (2, 1)
    assert told in ran.err


def test_words_of_ones_own_from_a_file(drawn: Drawn, tmp_path: Path) -> None:
    """As a style."""
    (tmp_path / "style.txt").write_text("stained glass\n# no\nbold lines\n")
    assert "stained glass, bold lines, Ann rides" in {
        r.prompt for r in drawn("--style", "style.txt")
    }


def test_other_looks_are_drawn_anew_where_they_concern_a_picture(drawn: Drawn) -> None:
    """And no other; what is drawn later by hand has them as well."""
    assert len(drawn()) == 2
    assert [r.prompt for r in drawn("--character", "Ann: red hair")] == ["Ann rides, red hair"]
    assert drawn("--character", "Ann: red hair") == []
    assert len(drawn("--style", "oil")) == 1  # the owl names a style of its own


def test_what_is_drawn_by_hand_has_the_looks_of_the_story(
    drawn: Drawn, limner: Command, scripted: ScriptedBackend
) -> None:
    """They are kept with it."""
    drawn("--character", "Ann: red hair")
    scripted.calls.clear()
    assert limner("redraw", "story.md", "1", "--backend", "scripted").code == 0
    assert [call.request.prompt for call in scripted.calls] == ["Ann rides, red hair"]


def test_sizes_have_names(drawn: Drawn) -> None:
    """For the command and for tags."""
    text = 'A. <!--img-prompt="a"--> <!--img-prompt="b" size="portrait"-->\n'
    one, two = drawn("--size", "wide", text=text)
    assert (one.width, one.height) == (832, 448)
    assert (two.width, two.height) == (512, 768)


def test_attributes_that_say_nothing_are_told_once_with_their_line(drawn: Drawn) -> None:
    """Unknown ones, and values that make no sense."""
    text = (
        'A.\n\n<!--img-prompt="a" mood="calm"--> <!--img-prompt="b" mood="calm"-->\n\n'
        '<!--img-prompt="c" size="huge" seed="x" style="ink, mud" shot="wide"-->\n'
    )
    drawn(text=text)
    told = [line for line in drawn.err.splitlines() if line.startswith("limner: line")]
    assert len(told) == 4
    assert told[0].startswith('limner: line 3, and 1 times more: mood="calm" is no attribute')
    assert told[1] == 'limner: line 5: size="huge" is no size such as 512x768 or portrait'
    assert told[2] == 'limner: line 5: seed="x" is no whole number'
    assert told[3] == 'limner: line 5: style="mud" is no style: see `limner presets`'


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--character", "Ann"), "is not 'NAME: LOOKS', nor a file"),
        (("--character", "Ann: (red"), "bracket"),
        (("--style", "a | b"), "brackets"),
        (("--size", "huge"), "one of portrait"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_drawn(
    drawn: Drawn, options: tuple[str, str], said: str
) -> None:
    """In one line."""
    assert drawn(*options, code=2) == []
    assert said in drawn.err
    assert drawn.err.count("\n") == 1


def test_every_preset_is_listed_and_names_nothing_that_could_be_drawn(limner: Command) -> None:
    """So `sketch`, which draws what it reads, draws what the prompt says."""
    listed = limner("presets")
    assert [line.split()[0] for line in listed.out.splitlines()] == [one.name for one in PRESETS]
    for style in PRESETS:
        seen = see(style.prefix)
        assert (seen.beings, seen.things, seen.place) == ((), (), None), style.name

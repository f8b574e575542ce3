"""A process that is killed at any instant loses no text and no finished picture.

Each test kills real processes with SIGKILL while they illustrate into a real library, lets others
recover what they left, and looks into the library after each death.
"""

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from limner.prompts import find_prompts

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]

KILLS = 25
"""How many processes each test kills: 200 in all, of which `make test` has 50."""

LONGEST = 0.1
"""Seconds after which a process is killed at the latest."""


def story(number: int, chance: random.Random) -> str:
    """A text of twelve tags, one of which is never drawn."""
    refused = chance.randrange(12)
    paragraphs = []
    for tag in range(12):
        word = "refused" if tag == refused else "fox"
        words = "and the snow fell " * chance.randint(0, 8)
        paragraphs.append(f'{words}<!--img-prompt="{word} {tag} of tale {number}"-->')
    return "\n\n".join([*paragraphs, "The end."])


class Mortals:
    """Processes that live and die on order."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.recovery.life"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def order(self, **order: Any) -> Any:
        """Have something done."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        """End the process they come from."""
        self._process.communicate(timeout=30)


@pytest.fixture(scope="module")
def mortals() -> Iterator[Mortals]:
    """One process for all tests, which has imported everything."""
    made = Mortals()
    yield made
    made.end()


def logged(library: Any, what: str) -> Counter[str]:
    """How often each prompt was started, finished, refused or told to be ready by then."""
    return Counter(line.removeprefix(what) for line in library["log"] if line.startswith(what))


class Witness:
    """Remembers what was kept, and holds every later state of the library to it."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._ready: dict[tuple[str, int], str] = {}
        self._shown: set[tuple[str, int]] = set()
        self._failed: set[tuple[str, int]] = set()
        self._begun: dict[tuple[str, int], int] = {}

    def sees(self, library: Any) -> None:
        """The library as a process finds it that has just opened it."""
        assert library["unsound"] == []
        assert library["orphans"] == []
        assert library["odd"] == []
        for key in self._ready:
            assert key[0] in library["messages"]
        begun = logged(library, "start ")
        for name, message in library["messages"].items():
            self._sees_text(name, message)
            for ordinal, slot in enumerate(message["slots"]):
                self._sees_slot((name, ordinal), slot, begun)
        pictured = {
            slot["prompt"]
            for message in library["messages"].values()
            for slot in message["slots"]
            if slot["pictures"]
        }
        lost = set(logged(library, "ready ")) - pictured
        assert lost == set(), "these were told to be ready, and are lost"

    def _sees_text(self, name: str, message: Any) -> None:
        source = self.texts[name]
        assert source.startswith(message["text"])
        if message["state"] == "complete":
            assert message["text"] == source
        tags = [tag.prompt for tag in find_prompts(message["text"])]
        assert [slot["prompt"] for slot in message["slots"]] == tags[: len(message["slots"])]

    def _sees_slot(self, key: tuple[str, int], slot: Any, begun: Counter[str]) -> None:
        count = begun[slot["prompt"]]
        if key in self._ready or key in self._failed:
            assert count == self._begun[key], f"{key} was drawn again"
        if key in self._ready:
            assert slot["pictures"] == [self._ready[key]], f"{key} lost its picture"
        if key in self._shown:
            assert slot["state"] == "ready", f"{key} shows its picture no more"
        if key in self._failed:
            assert slot["state"] == "failed"
        if slot["pictures"]:
            # In batch mode it is kept, but not shown before all others are made.
            (self._ready[key],) = slot["pictures"]
            self._begun[key] = count
        if slot["state"] == "ready":
            assert slot["selected"] == 0
            self._shown.add(key)
        elif slot["state"] == "failed":
            assert slot["pictures"] == []
            self._failed.add(key)
            self._begun[key] = count

    def sees_the_end(self, library: Any, name: str) -> None:
        """The message is finished: every slot in one state, nothing left to do."""
        message = library["messages"][name]
        assert library["unfinished"] == []
        assert message["state"] in ("complete", "cut")
        assert len(message["slots"]) == len(find_prompts(message["text"]))
        for slot in message["slots"]:
            assert slot["state"] == ("failed" if "refused" in slot["prompt"] else "ready")
            assert slot["pending"] == 0


@pytest.mark.parametrize("insert", ["live", "batch"])
@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(n, marks=pytest.mark.proof) for n in (1, 2, 3))]
)
def test_nothing_is_lost_whenever_a_process_is_killed(
    mortals: Mortals, tmp_path: Path, seed: int, insert: str
) -> None:
    """Twenty-five deaths: text, pictures, slots, files and database are whole after each."""
    chance = random.Random(f"{seed}{insert}")
    witness = Witness()
    kills = number = 0
    while kills < KILLS:
        number += 1
        name, text = f"tale{number}", story(number, chance)
        witness.texts[name] = text
        order = {
            "place": str(tmp_path / "kept"),
            "log": str(tmp_path / "log"),
            "message": name,
            "text": text,
        }
        finished = False
        while not finished:
            # Some die while they are still opening the library, most at work, few of old age.
            wait = chance.uniform(0, LONGEST) if kills < KILLS else None
            life = mortals.order(
                do="live", **order, insert=insert, seconds=0.006, seed=chance.randrange(10**6),
                young=chance.random() < 0.2, kill_after=wait,
            )  # fmt: skip
            assert life["code"] in (0, -9), life
            seen = life["seen"] or mortals.order(do="look", **order)["seen"]
            witness.sees(seen)
            kills += life["killed"]
            finished = not life["killed"]
        witness.sees_the_end(mortals.order(do="look", **order)["seen"], name)
    assert kills == KILLS

"""Break the core in small ways, one at a time, and see whether a test notices.

Each room of the core is copied into ``.mutants``, so that nothing here is ever touched. cosmic-ray
lists all it could change there; a sample of that, the same for the same seed, is tried with the
room's tests. What survives is a rule that no test of the room holds, or means nothing::

    make mutate                          # 200 changes, about ten minutes on two cores
    make mutate ARGS='--seed 7 --count 40 --room limits'

The score is the share that was noticed. It depends on the seed: compare equal ones.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.plugins import get_operator, operator_names
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkItem

ROOT = Path(__file__).parents[1]
PLACE = ROOT / ".mutants"
COPIED = ("src", "tests", "docs", "pyproject.toml", "README.md")

POINTLESS = re.compile(
    r"core/(ReplaceBinaryOperator_(?!Add_Sub|Sub_Add|Mul_Div|Div_Mul|Mod_Mul|FloorDiv_Mul)"
    r"|ReplaceUnaryOperator_\w+_Invert)"
)
"""Changes that say nothing: ``|`` in a type is no operator, and ``+`` is not meant as ``<<``."""

CONFIG = """
[cosmic-ray]
module-path = {modules!r}
timeout = 60.0
excluded-modules = []
test-command = {command!r}

[cosmic-ray.distributor]
name = "local"
"""


def _files(folder: str, names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}.py" for name in names.split())


@dataclass(frozen=True, slots=True)
class Room:
    """A part of the core with the tests that hold it.

    Attributes:
        name: What it is called.
        modules: Its files, below ``src/limner``.
        tests: Their tests, the quickest first, below ``tests``.
    """

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def place(self) -> Path:
        """Its copy of the project."""
        return PLACE / self.name

    @property
    def session(self) -> Path:
        """What cosmic-ray knows of it."""
        return self.place / "session.sqlite"


ROOMS = (
    Room(
        "limits",
        _files("scheduling/limits", "admission rate reservoir retry"),
        _files(
            "scheduling",
            "test_limiter test_weights test_cool_down test_loops test_retry_order test_group"
            " test_attacks test_clocks test_calendar",
        ),
    ),
    Room(
        "grammar",
        _files("prompts/grammar", "scanner open_tag default_grammar verbatim"),
        _files("prompts", "test_scanner test_tags_page test_tag_writing test_against_reference"),
    ),
    Room(
        "illustration",
        (
            *_files("illustration/model", "prompt_tree pending slot"),
            *_files("illustration/generation", "retry_policy single_flight"),
            *_files("illustration/sessions", "draft_message prompt_queue"),
        ),
        _files(
            "illustration",
            "test_single_flight test_operations test_variants test_session test_recovery"
            " test_regressions test_busy_servers test_corners",
        ),
    ),
    Room(
        "protocol",
        _files("server/proxy/protocol", "rewriter event_splitter"),
        _files("server/proxy", "test_event_splitter test_rewriter test_hold"),
    ),
)


def prepare(room: Room, count: int, seed: int) -> None:
    """Copy the project, list what can be changed, and leave a sample of it to be tried."""
    shutil.rmtree(room.place, ignore_errors=True)
    room.place.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, room.place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, room.place)
    tests = " ".join(f"tests/{test}" for test in room.tests)
    command = f"{sys.executable} -m pytest -x -q -p no:cacheprovider -n 0 {tests}"
    modules = [f"src/limner/{module}" for module in room.modules]
    config = room.place / "mutate.toml"
    config.write_text(CONFIG.format(modules=modules, command=command))
    print(f"{room.name}: do its tests hold without a change?", flush=True)
    run(room, *command.split()[1:])
    with use_db(str(room.session), WorkDB.Mode.create) as database:
        database.add_work_items(
            WorkItem.single(f"{room.name}-{number}", change)
            for number, change in enumerate(sample(room, count, seed))
        )


def sample(room: Room, count: int, seed: int) -> list[MutationSpec]:
    """One change each at so many places; the same for the same seed."""
    places: dict[tuple[object, ...], list[MutationSpec]] = {}
    for module in room.modules:
        for change in changes(room.place / "src/limner" / module):
            places.setdefault((module, change.start_pos), []).append(change)
    chance = random.Random(seed)
    chosen = chance.sample(sorted(places), min(count, len(places)))
    return [chance.choice(places[place]) for place in chosen]


def changes(file: Path) -> Iterator[MutationSpec]:
    """All changes that could be made to a file and might mean something."""
    nodes = list(ast_nodes(get_ast_from_path(file)))
    for name in sorted(operator_names()):
        operator = get_operator(name)
        if POINTLESS.match(name) or operator.arguments():
            continue
        found = (where for node in nodes for where in operator().mutation_positions(node))
        for occurrence, (start, end) in enumerate(found):
            yield MutationSpec(
                module_path=file,
                operator_name=name,
                occurrence=occurrence,
                start_pos=start,
                end_pos=end,
            )


def run(room: Room, *arguments: str) -> None:
    """Run Python in a room's copy; the room's files are those that are imported."""
    path = os.pathsep.join(filter(None, (str(room.place / "src"), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=room.place,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{room.name}: {' '.join(arguments)}\n{done.stdout}{done.stderr}")


def tried(room: Room) -> tuple[int, list[str]]:
    """Try a room's sample; tells how many changes there were, and those that survived."""
    run(room, "-m", "cosmic_ray.cli", "exec", str(room.place / "mutate.toml"), str(room.session))
    count, survived = 0, []
    with use_db(str(room.session), WorkDB.Mode.open) as database:
        for job_id, result in database.results:
            count += 1
            if result.test_outcome is TestOutcome.SURVIVED:
                survived.append(result.diff or job_id)
    return count, sorted(survived)


def shown(diff: str) -> str:
    """A change in three lines: the file, what was there, what was there instead."""
    name = re.search(r"^--- \S*?src/limner/(\S+)", diff, re.MULTILINE)
    line = re.search(r"^@@ -(\d+)", diff, re.MULTILINE)
    changed = [one for one in diff.splitlines() if re.match(r"[-+](?![-+])", one)]
    place = f"{name[1]}:{line[1]}" if name and line else "?"
    return "\n    ".join([place, *changed])


def main() -> None:
    """Try the rooms, two at a time, and tell what survived."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="which sample")
    parser.add_argument("--count", type=int, default=200, help="how many changes, over all rooms")
    parser.add_argument("--room", action="append", choices=[room.name for room in ROOMS])
    asked = parser.parse_args()
    rooms = [room for room in ROOMS if asked.room is None or room.name in asked.room]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda room: prepare(room, asked.count // len(rooms), asked.seed), rooms))
        results = list(threads.map(tried, rooms))
    for room, (count, survived) in zip(rooms, results, strict=True):
        print(f"\n{room.name}: {count - len(survived)} of {count} were noticed")
        for diff in survived:
            print(f"  {shown(diff)}")
    whole = sum(count for count, _ in results)
    noticed = whole - sum(len(survived) for _, survived in results)
    print(f"\nseed {asked.seed}: {noticed} of {whole} were noticed ({noticed / max(whole, 1):.0%})")


if __name__ == "__main__":
    main()

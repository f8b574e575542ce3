"""Run it with the program's folder: ``python -m tests.frontends.extension FOLDER SHOTS [ROW…]``."""

import asyncio
import sys
import tempfile
import traceback
from pathlib import Path

from tests.frontends.checking import Checks
from tests.frontends.extension import chats, looks, pictures, scenarios
from tests.frontends.extension.world import world
from tests.frontends.sillytavern_page import command

ROWS = (
    pictures.grow,
    pictures.alternatives,
    pictures.prompts,
    pictures.look,
    pictures.fail,
    pictures.wait,
    scenarios.many_pictures,
    scenarios.regenerated_while_streaming,
    scenarios.regenerated_ten_times,
    scenarios.another_chat_while_streaming,
    scenarios.switched_off_while_streaming,
    scenarios.network_lost_while_drawing,
    scenarios.model_breaks_off,
    scenarios.hostile,
    scenarios.told,
    scenarios.tabs,
    chats.group,
    chats.branch,
    chats.edited,
    looks.phone,
    looks.themes,
    looks.chinese,
    looks.token,
    looks.switched_off,
    looks.without_limner,
)

QUICK = (
    pictures.grow,
    pictures.alternatives,
    pictures.fail,
    scenarios.model_breaks_off,
    scenarios.told,
)
"""What is looked at with every test."""


async def main(folder: Path, shots: Path, *only: str, quick: bool = False) -> int:
    """Run the programs and look, at some rows or at all; the exit status."""
    checks, loop = Checks(), asyncio.get_running_loop()
    begun = loop.time()
    with tempfile.TemporaryDirectory() as temporary:
        async with world(folder, Path(temporary), checks, shots) as all_of_it:
            try:
                await asyncio.wait_for(pictures.let_in(all_of_it), 120)
                await command(all_of_it.page, "/go Seraphina")
                rows = [row for row in ROWS if row.__name__ in only] if only else ROWS
                for row in QUICK if quick else rows:
                    await asyncio.wait_for(row(all_of_it), 300)
                    print(f"      {row.__name__}: {loop.time() - begun:.0f} s", flush=True)
            except Exception as error:
                traceback.print_exc()
                await all_of_it.shot("stuck")
                checks.holds("everything was seen", False, error)
    return min(1, checks.failed)


if __name__ == "__main__":
    given, kept = (Path(argument).absolute() for argument in sys.argv[1:3])
    kept.mkdir(parents=True, exist_ok=True)
    rows = [name for name in sys.argv[3:] if not name.startswith("-")]
    sys.exit(asyncio.run(main(given, kept, *rows, quick="--quick" in sys.argv)))

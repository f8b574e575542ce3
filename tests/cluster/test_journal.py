"""Hubs with one journal on a real Valkey, whatever becomes of that and of the lines to it."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.cluster.line import Line
from tests.cluster.valkey import Valkey
from tests.server.test_health import asked
from tests.waiting import pause, until

from limner.cluster import ValkeyJournal
from limner.server.events import SharedHub, Subscription, WireEvent
from limner.server.health import Readiness, Ready
from limner.server.metrics import ServerMetrics

pytestmark = pytest.mark.real_time

Join = Callable[..., Any]


@pytest.fixture
def name() -> str:
    """What the journal is called, which no other test has."""
    return uuid.uuid4().hex


@asynccontextmanager
async def hub_at(
    url: str, name: str, *, most: int = 10_000, silence: float = 2.0
) -> AsyncIterator[SharedHub]:
    """A hub, as of one more server."""
    async with ValkeyJournal(url, name=name, most=most, timeout=silence) as journal:
        hub = await SharedHub(journal, costly=frozenset({"message.blocks"})).begin()
        yield hub
        hub.close()


class Reading:
    """What a reader has got."""

    def __init__(self, reader: Subscription) -> None:
        self._reader = reader
        self.events: list[WireEvent] = []

    def said(self, kind: str = "thing") -> list[int]:
        """The numbers it was told."""
        self.events += self._reader.take()
        return [event.data["number"] for event in self.events if event.kind == kind]

    def kinds(self) -> list[str]:
        """What it was told."""
        self.events += self._reader.take()
        return [event.kind for event in self.events]

    async def until(self, *numbers: int) -> None:
        """Wait until it has been told these."""
        await until(lambda: set(numbers) <= set(self.said()))


async def test_all_hubs_have_the_same_events_in_one_order(valkey: Valkey, name: str) -> None:
    """Whoever publishes, and a hub that comes later knows what came before."""
    async with hub_at(valkey.url, name) as one, hub_at(valkey.url, name) as two:
        readers = [Reading(hub.subscribe()) for hub in (one, two)]
        for number in range(60):
            (one, two)[number % 2].publish("thing", {"number": number})
            await pause(0.001 * (number % 3), because="some come together, others do not")
        for reader in readers:
            await reader.until(*range(60))
        ids = [[event.id for event in reader.events[1:]] for reader in readers]
        assert ids[0] == ids[1]
        assert readers[0].said() == readers[1].said()
        async with hub_at(valkey.url, name) as late:
            resumed = Reading(late.subscribe(after=ids[0][9]))
            assert resumed.kinds()[0] == "hello"
            assert resumed.said() == readers[0].said()[10:]
            at_the_end = Reading(late.subscribe(after=ids[0][-1]))
            assert at_the_end.kinds() == ["hello"]


async def test_pieces_of_a_text_are_written_as_one(valkey: Valkey, name: str) -> None:
    """So that a quick model costs as much as a slow one."""
    async with hub_at(valkey.url, name) as one, hub_at(valkey.url, name) as two:
        reader = Reading(two.subscribe())
        for word in ("Once", "upon", "a", "time"):
            one.publish("message.text", {"message": "m", "variant": 0, "text": word})
        await until(lambda: "message.text" in reader.kinds())
        texts = [event.data["text"] for event in reader.events if event.kind == "message.text"]
        assert texts == ["Onceuponatime"]


@pytest.mark.parametrize("keeping", [True, False])
async def test_a_server_that_was_restarted_is_a_new_journal(
    make_valkey: Callable[..., Valkey], name: str, *, keeping: bool
) -> None:
    """Readers load anew, ids of before resume nothing, and all goes on at every hub."""
    valkey = make_valkey()
    async with hub_at(valkey.url, name) as one, hub_at(valkey.url, name) as two:
        first, second = Reading(one.subscribe()), Reading(two.subscribe())
        one.publish("thing", {"number": 1})
        await first.until(1)
        await second.until(1)
        seen = first.events[-1].id
        await asyncio.to_thread(valkey.restart, keeping=keeping)
        await until(lambda: "reset" in first.kinds() and "reset" in second.kinds())
        number = 2

        async def heard() -> bool:
            nonlocal number
            one.publish("thing", {"number": number})
            number += 1
            return bool(set(second.said()) - {1})

        await until(heard, every=0.05)
        assert Reading(two.subscribe(after=seen)).kinds() == ["reset"]
        assert Reading(one.subscribe(after=seen)).kinds() == ["reset"]
        assert first.events[-1].id != seen


async def test_a_hub_that_is_cut_off_serves_its_own_readers(valkey: Valkey, name: str) -> None:
    """When the line is back all readers of all hubs are told to load anew: nothing is skipped."""
    async with Line(str(valkey.folder), valkey.url).running() as line:
        async with (
            hub_at(valkey.url, name) as there,
            hub_at(line.url, name, silence=0.3) as here,
        ):
            mine, theirs = Reading(here.subscribe()), Reading(there.subscribe())
            here.publish("thing", {"number": 1})
            await mine.until(1)
            await theirs.until(1)
            line.cut()
            here.publish("thing", {"number": 2})
            await mine.until(2)
            assert 2 not in theirs.said()
            line.heal()
            await until(lambda: "reset" in theirs.kinds() and "reset" in mine.kinds())
            here.publish("thing", {"number": 3})
            await theirs.until(3)
            await mine.until(3)


async def test_a_journal_that_dies_is_noticed_without_a_question(valkey: Valkey, name: str) -> None:
    """And that it is back: whoever looks after the server is told by what it says of itself."""
    async with Line(str(valkey.folder), valkey.url).running() as line:
        async with hub_at(line.url, name, silence=0.3) as hub:
            ready = Ready(
                Readiness(), lambda: asyncio.sleep(0), others=lambda: hub.trouble, ordered=True
            )
            figures = ServerMetrics(Readiness(), hub)
            for broken in (False, True, False):
                if broken:
                    line.cut()
                elif hub.trouble is not None:
                    line.heal()
                await until(lambda broken=broken: (hub.trouble is not None) is broken)  # type: ignore[misc]
                status, told = await asked(ready)
                assert (status, told["status"]) == (200, "degraded" if broken else "ready")
                assert ("no picture is begun" in told.get("pictures", "")) is broken
                unheard = {one.name: one.samples[0].value for one in figures.collect()}
                assert unheard["limner_others_unheard"] == broken


async def test_a_hub_that_was_away_too_long_knows_that_it_missed_something(
    valkey: Valkey, name: str
) -> None:
    """More came meanwhile than the server keeps."""
    async with Line(str(valkey.folder), valkey.url).running() as line:
        async with (
            hub_at(valkey.url, name, most=10) as there,
            hub_at(line.url, name, most=10, silence=0.3) as here,
        ):
            reader = Reading(here.subscribe())
            there.publish("thing", {"number": 0})
            await reader.until(0)
            line.cut()
            reading = Reading(there.subscribe())
            for number in range(1, 400):
                there.publish("thing", {"number": number})
            await reading.until(399)
            line.heal()
            await until(lambda: "reset" in reader.kinds())
            there.publish("thing", {"number": 400})
            await reader.until(400)


async def test_an_id_that_was_seen_elsewhere_is_waited_for(valkey: Valkey, name: str) -> None:
    """A reader that changes servers is often quicker than the journal."""
    async with Line(str(valkey.folder), valkey.url).running() as line:
        async with hub_at(valkey.url, name) as there, hub_at(line.url, name, silence=5) as here:
            reading = Reading(there.subscribe())
            line.cut()
            there.publish("thing", {"number": 1})
            await reading.until(1)
            seen = str(reading.events[-1].id)
            reached = asyncio.create_task(here.reach(seen))
            asyncio.get_running_loop().call_later(0.1, line.heal)
            await reached
            assert Reading(here.subscribe(after=seen)).kinds() == ["hello"]


async def test_what_is_costly_is_made_while_a_reader_anywhere_wants_it(
    valkey: Valkey, name: str
) -> None:
    """Blocks of a text are rendered where it is written, for readers of other servers too."""
    async with hub_at(valkey.url, name) as one, hub_at(valkey.url, name) as two:
        assert not one.wants("message.blocks")
        two.subscribe()
        await until(lambda: one.wants("message.blocks"))


async def test_what_servers_say_to_one_another_reaches_no_reader(valkey: Valkey, name: str) -> None:
    """And not the one who says it."""
    heard: list[tuple[str, Any]] = []
    async with hub_at(valkey.url, name) as one, hub_at(valkey.url, name) as two:
        one.on_others("stop", lambda said: heard.append(("one", said["number"])))
        two.on_others("stop", lambda said: heard.append(("two", said["number"])))
        readers = [
            Reading(hub.subscribe(without=frozenset({"message.blocks"}))) for hub in (one, two)
        ]
        one.tell_others("stop", {"number": 1})
        one.publish("thing", {"number": 2})
        for reader in readers:
            await reader.until(2)
            assert reader.kinds() == ["hello", "thing"]
        assert heard == [("two", 1)]
